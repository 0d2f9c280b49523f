import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import sinon from 'sinon';
import { ListenError } from '../../../src/errors.js';
import { parseAllowList } from '../../../src/gateway/modbus/allow-list.js';
import { listenError } from '../../../src/gateway/modbus/listen-error.js';
import { FrameSplitter } from '../../../src/gateway/modbus/mbap.js';
import { ModbusGateway } from '../../../src/gateway/modbus/modbus-gateway.js';
import { blockMap, exceptionOf, GATEWAY_OPTIONS, GatewayFixture, row, tagValue } from './support.js';

const MAP = blockMap(row('x'), row('trip', { area: 'discrete', type: 'Bool' }));
const READ = '0001 0000 0006 01 03 0000 0002';
const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
/** A reset is as good as an end. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });

describe('The Modbus TCP server', () => {
  let fixture: GatewayFixture;
  const start = async (options: Parameters<typeof GatewayFixture.start>[1] = {}): Promise<GatewayFixture> => {
    fixture = await GatewayFixture.start(MAP, options);
    fixture.gateway.update(tagValue('x', 'Float32', 1));
    fixture.gateway.update(tagValue('trip', 'Boolean', true));
    return fixture;
  };
  afterEach(() => fixture.stop());

  it('takes no more clients than its limit, and takes one again when another has gone', async () => {
    await start({ maxConnections: 2 });
    const first = await fixture.socket();
    await fixture.socket();
    const refused = once(fixture.gateway, 'refused');
    const third = await fixture.socket();
    assert.equal((await refused)[0], 'limit');
    await closed(third);
    const changed = once(fixture.gateway, 'change');
    first.destroy();
    await changed;
    const fourth = await fixture.socket();
    assert.match(await fixture.exchange(fourth, READ), /3f800000$/);
  });

  it('closes a client that says nothing for the idle time', async () => {
    await start({ idleMs: 50 });
    const refused = once(fixture.gateway, 'refused');
    const socket = await fixture.socket();
    socket.resume();
    assert.equal((await refused)[0], 'idle');
    await closed(socket);
  });

  it('takes only allowed clients when there is a list', async () => {
    await start({ allow: parseAllowList('10.0.0.0/8, 192.168.7.7') });
    const refused = once(fixture.gateway, 'refused');
    await closed(await fixture.socket());
    assert.equal((await refused)[0], 'not-allowed');
    await fixture.stop();
    await start({ allow: parseAllowList('127.0.0.0/8') });
    assert.match(await fixture.exchange(await fixture.socket(), READ), /3f800000$/);
  });

  it('answers requests that come octet by octet, and many that come at once, in order', async () => {
    await start();
    const socket = await fixture.socket();
    for (const octet of hex(READ)) socket.write(Uint8Array.of(octet));
    const [whole] = (await once(socket, 'data')) as [Buffer];
    assert.equal(whole.toString('hex'), '000100000007010304' + '3f800000');

    const frames = [
      '000a 0000 0006 01 03 0000 0002',
      '000b 0000 0006 01 03 0000 0000',
      '000c 0000 0006 09 03 0000 0002',
      '000d 0000 0006 01 02 0000 0001',
    ];
    socket.write(Buffer.concat(frames.map(hex)));
    let answer = '';
    while (answer.length < 2 * (13 + 9 + 9 + 10))
      answer += ((await once(socket, 'data')) as [Buffer])[0].toString('hex');
    assert.equal(
      answer,
      ['000a000000070103043f800000', '000b00000003018303', '000c0000000309830b', '000d0000000401020101'].join(''),
    );
  });

  it('ends a connection that does not speak Modbus TCP: wrong protocol id, lengths that lie', async () => {
    await start();
    const frames = [
      '0001 0001 0006 01 03 0000 0002',
      '0001 0000 0000 01 03 0000 0002',
      '0001 0000 0001 01',
      '0001 0000 00ff 01 03',
      '0001 0000 ffff 01 03',
      Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex'),
    ];
    for (const frame of frames) {
      const refused = once(fixture.gateway, 'refused');
      const socket = await fixture.socket();
      socket.write(hex(frame));
      assert.equal((await refused)[0], 'malformed', frame);
      await closed(socket);
    }
    assert.match(await fixture.exchange(await fixture.socket(), READ), /3f800000$/);
  });

  it('survives random octets and mutated requests', async () => {
    await start({ writable: true, maxConnections: 200 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (octets) => {
        const victim = connect(fixture.port, '127.0.0.1');
        victim.on('error', () => undefined);
        victim.resume();
        await once(victim, 'connect');
        victim.write(octets);
        victim.end(hex('0009 0000 0006 01 03 0000 0002'));
        await closed(victim);
      }),
      { numRuns: 100 },
    );
    assert.match(await fixture.exchange(await fixture.socket(), READ), /3f800000$/);
  });

  it('drops a client that asks and never reads its answers', async () => {
    await start();
    const refused = once(fixture.gateway, 'refused');
    const socket = await fixture.socket();
    socket.pause();
    const request = hex('0001 0000 0006 01 03 0000 007d');
    const many = Buffer.concat(Array.from({ length: 2000 }, () => request));
    const timer = setInterval(() => socket.write(many), 5);
    const [why] = (await refused) as [string];
    clearInterval(timer);
    assert.equal(why, 'backlog');
  });

  it('closes within two seconds, whatever its clients do', async () => {
    await start();
    const sockets = [await fixture.socket(), await fixture.socket()];
    sockets[0]?.write(hex('0001 0000 00fd 01'));
    await fixture.gateway.close();
    await Promise.all(sockets.map(closed));
    await assert.rejects(fixture.socket());
  });
});

describe('Cutting frames', () => {
  it('never throws and keeps less than one frame, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
        const splitter = new FrameSplitter();
        for (const chunk of chunks) {
          const frames = splitter.push(Buffer.from(chunk));
          if (!frames) return;
          for (const frame of frames) assert.equal(frame.length, 6 + frame.readUInt16BE(4));
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('A port that cannot be opened', () => {
  let clock: sinon.SinonFakeTimers | undefined;
  const blockers: Server[] = [];
  const gateways: ModbusGateway[] = [];
  const gatewayOn = (port: number, owner = 'second'): ModbusGateway => {
    const gateway = new ModbusGateway(MAP, { ...GATEWAY_OPTIONS, port, owner });
    gateways.push(gateway);
    return gateway;
  };
  afterEach(async () => {
    clock?.restore();
    clock = undefined;
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    for (const server of blockers.splice(0)) server.close();
  });

  it('is told with the other node that has it', async () => {
    const first = gatewayOn(0, 'HMI south');
    first.start();
    const [port] = (await once(first, 'listening')) as [number];
    const second = gatewayOn(port);
    second.start();
    const [error] = (await once(second, 'problem')) as [ListenError];
    assert.ok(error instanceof ListenError);
    assert.equal(error.code, 'IEC61850_LISTEN');
    assert.match(error.message, new RegExp(`Port ${port} .* in use by the node "HMI south"`));
  });

  it('is tried again, told once, and opened when it is free', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    blockers.push(blocker);
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const gateway = gatewayOn(port);
    const problems: unknown[] = [];
    gateway.on('problem', (error) => problems.push(error));
    gateway.start();
    await once(gateway, 'change');
    assert.match((problems[0] as ListenError).message, /another program/);
    const again = once(gateway, 'change');
    clock.tick(1000);
    await again;
    assert.equal(problems.length, 1);
    assert.equal(gateway.state().listening, false);
    blocker.close();
    const listening = once(gateway, 'listening');
    clock.tick(2000);
    assert.deepEqual(await listening, [port]);
    assert.equal(gateway.state().problem, undefined);
  });

  it('names what to do when a right or an address is missing', () => {
    const error = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });
    assert.match(listenError(error('EACCES'), '0.0.0.0', 502).hint, /above 1023.*setcap/);
    assert.match(listenError(error('EADDRNOTAVAIL'), '10.9.9.9', 502).message, /no address 10\.9\.9\.9/);
    assert.match(listenError(error('ENOTFOUND'), 'hmi', 502).message, /name hmi/);
    assert.match(listenError(error('EADDRINUSE'), '0.0.0.0', 1).message, /another program/);
    assert.match(listenError(error('EWHAT'), '::1', 502).message, /\[::1\]:502/);
  });

  it('gives its port back when it is closed while it is still opening it', async () => {
    const gateway = gatewayOn(0);
    gateway.start();
    await gateway.close();
    assert.equal(gateway.state().listening, false);
  });
});

describe('Allowed clients', () => {
  it('are addresses and networks; anything else is named', () => {
    const list = parseAllowList('10.0.0.5; 192.168.1.0/24\nfd00::/8');
    assert.equal(list?.check('10.0.0.5'), true);
    assert.equal(list?.check('192.168.1.77'), true);
    assert.equal(list?.check('192.168.2.1'), false);
    assert.equal(list?.check('fd12::1', 'ipv6'), true);
    assert.equal(parseAllowList(' , '), undefined);
    for (const text of ['hmi', '10.0.0.300', '10.0.0.0/33', '10.0.0.0/', '1.2.3.4/8/8', 'fd00::/129']) {
      assert.throws(() => parseAllowList(text), new RegExp(text.replace(/[.]/g, '\\.')), text);
    }
  });
});

describe('Tags that the map does not know', () => {
  it('are counted and remembered by name', async () => {
    const fixture = await GatewayFixture.start(MAP);
    try {
      assert.equal(fixture.gateway.update(tagValue('new', 'Float32', 1)), false);
      fixture.gateway.update(tagValue('new', 'Float32', 2));
      assert.equal(fixture.gateway.state().unknown, 1);
      assert.equal(fixture.gateway.unknownTags()[0]?.tag, 'new');
      const master = await fixture.master();
      assert.equal(await exceptionOf(master.readHoldingRegisters(0, 2)), 0x0b);
    } finally {
      await fixture.stop();
    }
  });

  it('get addresses by themselves when the node is set so, and what was there keeps address and value', async () => {
    const fixture = await GatewayFixture.start(MAP, { autoAssign: true });
    try {
      fixture.gateway.update(tagValue('x', 'Float32', 1));
      fixture.gateway.update(tagValue('x', 'Float32', 9, { status: 'disconnected' }));
      fixture.gateway.update(tagValue('trip', 'Boolean', true));
      fixture.gateway.update(tagValue('trip', 'Boolean', false, { status: 'stale' }));
      const assigned = once(fixture.gateway, 'assigned');
      fixture.gateway.update(tagValue('new', 'Float32', 2));
      fixture.gateway.update(tagValue('name', 'VisibleString', 'a'));
      await assigned;
      const master = await fixture.master();
      assert.deepEqual((await master.readHoldingRegisters(2, 2)).data, [0x4000, 0]);
      assert.deepEqual((await master.readHoldingRegisters(0, 2)).data, [0x7fc0, 0]);
      assert.equal((await master.readDiscreteInputs(0, 1)).data[0], true);
      assert.equal(fixture.gateway.state().unknown, 1);
    } finally {
      await fixture.stop();
    }
  });
});
