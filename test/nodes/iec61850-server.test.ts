import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { IedClient } from '../../src/client/index.js';
import type { HostState } from '../../nodes/shared/server-host.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import { qualityFromBits } from '../../src/model/quality.js';
import type { TagValue } from '../../src/model/tag-value.js';
import {
  BAY_IN_PACKAGE,
  PLACE,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const SERVER = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const SERVER_OUT = nodeModule('../../../nodes/iec61850-server-out/iec61850-server-out.js');

const POWER = 'BAY1MEAS/MMXU1.TotW[MX]';
const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';

describe('iec61850-server and iec61850-server-out', () => {
  const clients: IedClient[] = [];

  beforeEach(() => startRed());
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await stopRed();
  });

  const flow = (server: Properties = {}, out: Properties = {}): Properties[] => [
    ...watchers(['out']),
    { id: 'server', type: 'iec61850-server', version: 1, sclFile: BAY_IN_PACKAGE, port: '0', ...server },
    { id: 'out', ...PLACE, type: 'iec61850-server-out', version: 1, server: 'server', ...out },
  ];
  const load = async (flows: Properties[], credentials: Properties = {}): Promise<void> => {
    await helper.load([SERVER, SERVER_OUT, nodes.catch, nodes.status], flows as never, credentials as never);
  };
  const status = (wanted: RegExp): Promise<Status> =>
    message<Status>('statuses', ({ status: { text } }) => wanted.test(text));
  const caught = (): Promise<Caught> => message<Caught>('caught');
  const send = (properties: Properties): void => node('out').receive(properties as never);
  const port = (): number => (node('server') as ServerNode).host.address?.port ?? 0;
  const connect = async (options: { password?: string } = {}): Promise<IedClient> => {
    const client = new IedClient({ host: '127.0.0.1', port: port(), timeout: 2000, ...options });
    clients.push(client);
    await client.connect();
    return client;
  };
  /** Waits for a state of the server, as one more user of it. */
  const state = async (wanted: HostState): Promise<void> => {
    const { host } = node('server') as ServerNode;
    let release = (): void => undefined;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (host.state === wanted) resolve();
      };
      ({ release } = host.acquire(look));
      look();
    });
    release();
  };
  /** Loads the flow and waits until the server listens. */
  const start = async (...parts: Parameters<typeof flow>): Promise<void> => {
    await load(flow(...parts));
    await state('listening');
  };
  /** Sends a message and waits until the server has its values. */
  const set = async (properties: Properties): Promise<void> => {
    const done = once(node('out') as never, 'input');
    send(properties);
    await done;
    await new Promise(setImmediate);
  };
  const read = async (...references: string[]): Promise<TagValue[]> => (await connect()).read(references);

  it('serves a value for msg.topic, with quality and time filled in', async () => {
    await start();
    await set({ topic: POWER, payload: 12.5 });
    const [value] = await read(POWER);
    assert.equal(value?.value, 12.5);
    assert.equal(value.quality?.text, 'good');
    assert.ok(Math.abs(Date.parse(value.timestamp ?? '') - Date.now()) < 60_000);
  });

  it('keeps what clients wrote over a restart, if its user says so', async () => {
    const reference = 'BAY1MEAS/MMXU1.TotW.db[CF]';
    for (const [keep, kept] of [
      [false, false],
      [true, true],
    ]) {
      await start({ writable: 'CF', keep });
      const [before] = await read(reference);
      await (await connect()).write(reference, 4321);
      await Promise.all(clients.splice(0).map((client) => client.close()));
      await helper.unload();
      await start({ writable: 'CF', keep });
      const [after] = await read(reference);
      assert.equal(after?.value, kept ? 4321 : before?.value);
      await Promise.all(clients.splice(0).map((client) => client.close()));
      await helper.unload();
    }
  });

  it('serves a value for the reference of the node, whatever the topic is', async () => {
    await start({}, { reference: POSITION });
    await set({
      topic: 'door/open',
      payload: 'Closed',
      quality: 'questionable (oldData)',
      timestamp: '2026-01-02T03:04:05.678Z',
    });
    const [value] = await read(POSITION);
    assert.equal(value?.value, 2);
    assert.equal(value.quality?.text, 'questionable (oldData)');
    assert.equal(value.timestamp, '2026-01-02T03:04:05.678Z');
  });

  it('takes an object by reference and an array of values with quality and time', async () => {
    await start();
    await set({ payload: { [POWER]: 1, [POSITION]: true } });
    assert.deepEqual(
      (await read(POWER, POSITION)).map(({ value }) => value),
      [1, 2],
    );
    await set({
      payload: [
        { reference: POWER, value: 2, quality: 'invalid', timestamp: 0 },
        { reference: POSITION, value: 'Open' },
      ],
    });
    const [power, position] = await read(POWER, POSITION);
    assert.equal(power?.quality?.validity, 'invalid');
    assert.equal(power?.timestamp, '1970-01-01T00:00:00.000Z');
    assert.equal(position?.value, 1);
  });

  it('serves tag values again with the quality and time of their source, never with its own', async () => {
    await start();
    const source: TagValue = {
      ied: 'BAY1',
      tag: 'power',
      reference: 'BAY1MEAS/MMXU1.TotW',
      fc: 'MX',
      type: 'Float32',
      value: 3.5,
      text: '3.5 MW',
      quality: qualityFromBits(3 | (1 << 8)),
      timestamp: '2020-02-03T04:05:06.789Z',
      timeQuality: { leapSecondsKnown: true, clockFailure: false, clockNotSynchronized: true, accuracy: 10 },
      received: '2020-02-03T04:05:07.000Z',
      status: 'live',
      source: 'poll',
      sequence: 1,
    };
    await set({ topic: 'BAY1/power', payload: 3.5, iec61850: source });
    const [live] = await read(POWER);
    assert.deepEqual(
      [live?.value, live?.quality, live?.timestamp, live?.timeQuality],
      [source.value, source.quality, source.timestamp, source.timeQuality],
    );

    await set({ iec61850: { power: { ...source, status: 'disconnected', quality: qualityFromBits(0) } } });
    const [gone] = await read(POWER);
    assert.equal(gone?.quality?.text, 'invalid (oldData)');
    assert.equal(gone?.timestamp, source.timestamp);

    await set({ iec61850: [{ ...source, value: null, quality: null, timestamp: null }] });
    const [none] = await read(POWER);
    assert.notEqual(none?.quality?.validity, 'good');
    assert.equal(none?.value, 3.5);
  });

  it('puts one tag value of any source under the reference of the node', async () => {
    await start({}, { reference: 'BAY1MEAS/MMXU1.TotVAr[MX]' });
    const tag = {
      ied: 'X',
      tag: 't',
      reference: 'XMEAS/MMXU9.TotVAr',
      fc: 'MX',
      value: 7,
      status: 'live',
      quality: null,
    };
    await set({ iec61850: tag });
    const [value] = await read('BAY1MEAS/MMXU1.TotVAr[MX]');
    assert.equal(value?.value, 7);
    assert.notEqual(value?.quality?.validity, 'good', 'a source without quality is not good');
    const error = caught();
    send({ iec61850: [tag, tag] });
    assert.match((await error).error.message, /one reference, and the message 2 tag values/);
  });

  it('names wrong references and sets the others', async () => {
    await start();
    const error = caught();
    send({ payload: { 'BAY1CTRL/XCBR9.Pos[ST]': true, [POWER]: 5, [POSITION]: 'sideways', 'BAY1/': 1 } });
    const { error: told } = await error;
    assert.match(told.message, /3 failures/);
    for (const name of ['XCBR9', 'sideways', '"BAY1/"']) assert.ok(told.message.includes(name), name);
    assert.equal((await read(POWER))[0]?.value, 5);
  });

  it('changes nothing when a part is wrong, where that is chosen', async () => {
    await start({}, { allOrNothing: true });
    await set({ payload: { [POWER]: 1 } });
    const error = caught();
    send({ payload: { [POWER]: 5, 'BAY1CTRL/XCBR9.Pos[ST]': true } });
    await error;
    assert.equal((await read(POWER))[0]?.value, 1);
  });

  it('says what is missing in a message', async () => {
    await start();
    const wrong: Array<[Properties, RegExp]> = [
      [{ payload: 1 }, /names no reference/],
      [{ topic: POWER }, /no msg\.payload/],
      [{ payload: { a: 1 } }, /names no reference/],
      [{ topic: POWER, payload: [] }, /./],
      [{ payload: [{ reference: POWER, value: 1 }, 5] }, /\[1\] has no reference/],
      [{ topic: POWER, payload: 'much' }, /much/],
      [{ topic: POWER, payload: 1, quality: 'excellent' }, /excellent/],
    ];
    for (const [properties, why] of wrong) {
      const error = caught();
      send(properties);
      assert.match((await error).error.message, why);
    }
  });

  it('shows how many values it serves, and to how many clients', async () => {
    await start();
    await set({ payload: { [POWER]: 1, [POSITION]: true } });
    const connected = status(/^2 values · 1 client$/);
    const client = await connect();
    await connected;
    const left = status(/^2 val · 0 clients$/);
    await client.close();
    await left;
  });

  it('takes values while it reads the file', async () => {
    await load(flow());
    send({ topic: POWER, payload: 42 });
    await state('listening');
    assert.equal((await read(POWER))[0]?.value, 42);
  });

  it('says of its clock what its user chose', async () => {
    for (const [clock, wanted] of [
      ['', [false, false, 31]],
      ['synchronized', [true, false, 10]],
      ['unsynchronized', [false, true, 31]],
      ['host', undefined],
    ] as const) {
      await start({ clock });
      await set({ topic: POWER, payload: 1 });
      const { timeQuality } = (await read(POWER))[0] ?? {};
      const { leapSecondsKnown, clockNotSynchronized, accuracy } = timeQuality ?? {};
      if (wanted) assert.deepEqual([leapSecondsKnown, clockNotSynchronized, accuracy], wanted, clock);
      else assert.equal(leapSecondsKnown, !clockNotSynchronized, 'of the host: synchronised, or not');
      await Promise.all(clients.splice(0).map((client) => client.close()));
      await helper.unload();
    }
  });

  it('asks clients for the password of its credentials', async () => {
    await load(flow(), { server: { password: 'open sesame' } });
    await state('listening');
    await assert.rejects(connect());
    await (await connect({ password: 'open sesame' })).read([POWER]);
  });

  it('lets only allowed addresses in', async () => {
    await start({ allowedAddresses: '10.0.0.0/8, 192.168.1.20' });
    await assert.rejects(connect());
  });

  it('takes file, IED and port from environment variables', async () => {
    Object.assign(process.env, { TEST_SCL: BAY_IN_PACKAGE, TEST_IED: 'BAY1', TEST_PORT: '0' });
    await start({ sclFile: '${TEST_SCL}', sclIed: '${TEST_IED}', port: '${TEST_PORT}' });
    for (const name of ['TEST_SCL', 'TEST_IED', 'TEST_PORT']) Reflect.deleteProperty(process.env, name);
    await (await connect()).read([POWER]);
  });

  it('says that its port is in use, tries again, and has the values that came meanwhile', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const busy = (other.address() as AddressInfo).port;
    await load(flow({ port: String(busy) }));
    await state('retrying');
    assert.match(
      (node('server') as ServerNode).host.error?.message ?? '',
      new RegExp(`127\\.0\\.0\\.1:${busy}.*port is in use`),
    );
    send({ topic: POWER, payload: 9 });
    const closed = once(other, 'close');
    other.close();
    await closed;
    await state('listening');
    assert.equal((await read(POWER))[0]?.value, 9);
  });

  it('says what is wrong with its file or fields, to whoever sends values', async () => {
    const wrong: Array<[Properties, RegExp]> = [
      [{ sclFile: 'no-such-file.cid' }, /no-such-file\.cid/],
      [{ sclFile: '' }, /no SCL file/],
      [{ sclIed: 'BAY9' }, /BAY9/],
      [{ port: '102x' }, /port "102x"/],
      [{ host: '${NOT_SET_ANYWHERE}' }, /NOT_SET_ANYWHERE/],
    ];
    for (const [server, why] of wrong) {
      await load(flow(server));
      await state('failed');
      const answer = caught();
      send({ topic: POWER, payload: 1 });
      assert.match((await answer).error.message, why);
      await helper.unload();
    }
  });

  it('explains itself when it has no server', async () => {
    await load(flow({}, { server: 'gone' }));
    const error = caught();
    send({ topic: POWER, payload: 1 });
    assert.match((await error).error.message, /no server/);
  });

  it('does not listen while no node uses it', async () => {
    await load(flow().slice(0, -1));
    assert.equal((node('server') as ServerNode).host.state, 'closed');
  });

  it('leaves no socket, timer or listener behind when it is deployed thirty times', async () => {
    const round = async (): Promise<void> => {
      await start();
      const client = await connect();
      await client.read([POWER]);
      await helper.unload();
      await client.close();
    };
    await round();
    const before = process.getActiveResourcesInfo().sort().join();
    for (let i = 0; i < 30; i++) await round();
    assert.equal(process.getActiveResourcesInfo().sort().join(), before);
  }).timeout(60_000);

  it('serves the files of a folder below the user directory, which clients change only where that is ticked', async () => {
    const { userDir } = (helper as unknown as { settings(): { userDir: string } }).settings();
    await mkdir(path.join(userDir, 'served'));
    await writeFile(path.join(userDir, 'served', 'a.cfg'), 'cfg');
    for (const filesWritable of [false, true]) {
      await start({ filesFolder: 'served', filesWritable });
      const client = await connect();
      assert.equal((await client.files.get('a.cfg')).data.toString(), 'cfg');
      const changed = client.files.rename('a.cfg', 'b.cfg');
      if (filesWritable) await changed;
      else await assert.rejects(changed, { code: 'IEC61850_SERVICE_FILE_ACCESS_DENIED' });
      await helper.unload();
    }
    await start();
    await assert.rejects((await connect()).files.directory(), { code: 'IEC61850_REJECT' });
  });
});
