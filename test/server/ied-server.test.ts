import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { ArgumentError, ConnectionError, Iec61850Error, ListenError, SclError } from '../../src/errors.js';
import { encodeServiceRequest } from '../../src/mms/services.js';
import { AllowedAddresses } from '../../src/server/allowed-addresses.js';
import { IedServer, type IedServerOptions } from '../../src/server/index.js';
import { listenError } from '../../src/server/listen-error.js';
import { testModel } from './fixture.js';
import { dataPacket, nameOf } from './loopback.js';
import { TcpClient } from './tcp-client.js';
import { tlv } from '../../src/mms/wire.js';

const BAY = path.resolve(__dirname, '../../examples/scl/bay.cid');

describe('IedServer', () => {
  const servers: IedServer[] = [];
  const sockets: Socket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function listening(options: IedServerOptions = {}): Promise<{ server: IedServer; port: number }> {
    const server = IedServer.fromModel(testModel(), { port: 0, ...options });
    servers.push(server);
    const { port } = await server.listen();
    return { server, port };
  }

  function rawSocket(port: number): Socket {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    return socket;
  }

  it('serves an SCL file by its path and by its document', async () => {
    const server = await IedServer.fromScl(BAY, { port: 0 });
    servers.push(server);
    assert.deepEqual([server.model.name, server.problems], ['BAY1', []]);
    const { port } = await server.listen();
    const client = await TcpClient.open(port);
    server.update([{ reference: 'BAY1MEAS/MMXU1.TotW.mag.f[MX]', value: 12.5 }]);
    const response = await client.read('BAY1MEAS/MMXU1$MX$TotW$mag$f');
    assert.deepEqual(response.service === 'read' && response.results, [
      { success: true, data: { type: 'float', value: 12.5, width: 32 } },
    ]);
    await client.close();
  });

  it('names IEDs and access points that a file does not have', async () => {
    await assert.rejects(
      IedServer.fromScl(BAY, { ied: 'BAY2' }),
      (error: unknown) => error instanceof SclError && error.code === 'SCL_UNKNOWN_IED',
    );
    await assert.rejects(IedServer.fromScl(BAY, { accessPoint: 'AP9' }), SclError);
    await assert.rejects(IedServer.fromScl('<SCL/>'), SclError);
  });

  it('refuses options that cannot be', () => {
    const wrong: IedServerOptions[] = [
      { port: 70000 },
      { port: 1.5 },
      { maxClients: 0 },
      { maxPduSize: 100 },
      { maxOutstanding: 1000 },
    ];
    wrong.push(
      { password: '' },
      { password: 'x'.repeat(300) },
      { allowedAddresses: ['nowhere'] },
      { associationTimeout: 0 },
    );
    for (const options of wrong) {
      assert.throws(() => IedServer.fromModel(testModel(), options), ArgumentError, JSON.stringify(options));
    }
  });

  it('tells who comes and goes', async () => {
    const { server, port } = await listening();
    const connected = once(server, 'clientConnected');
    const client = await TcpClient.open(port);
    const [who] = (await connected) as [{ address: string; port: number }];
    assert.deepEqual([who.address, who.port, server.connections], ['127.0.0.1', client.socket.localPort, 1]);
    const disconnected = once(server, 'clientDisconnected');
    await client.close();
    assert.deepEqual(await disconnected, [who, undefined]);
    assert.equal(server.connections, 0);
  });

  it('tells of a client that is cut off', async () => {
    const { server, port } = await listening();
    const client = await TcpClient.open(port);
    const disconnected = once(server, 'clientDisconnected');
    client.socket.resetAndDestroy();
    const [, error] = (await disconnected) as [unknown, unknown];
    assert.ok(error instanceof ConnectionError);
  });

  it('tells what a client writes; a listener that throws hurts nobody else', async () => {
    const { server, port } = await listening({ writable: ['DC'] });
    const written = once(server, 'written');
    server.on('written', () => {
      throw new Error('of the listener');
    });
    const failed = once(server, 'error');
    const client = await TcpClient.open(port);
    const response = await client.request({
      service: 'write',
      access: { list: [{ name: nameOf('TESTLD1/GGIO1$DC$Ind1$d') }] },
      data: [{ type: 'visible-string', value: 'gate' }],
    });
    assert.deepEqual(response, { service: 'write', results: [{ success: true }] });
    const [event] = (await written) as [{ reference: string; value: unknown }];
    assert.deepEqual([event.reference, event.value], ['TESTLD1/GGIO1.Ind1.d[DC]', 'gate']);
    assert.equal(((await failed) as [Error])[0].message, 'of the listener');
    await client.close();
  });

  it('closes connections beyond maxClients at once, and serves the next one when there is room', async () => {
    const { server, port } = await listening({ maxClients: 2 });
    const clients = [await TcpClient.open(port), await TcpClient.open(port)];
    const refused = once(server, 'clientRefused');
    await assert.rejects(TcpClient.open(port), Iec61850Error);
    assert.match(((await refused) as [unknown, string])[1], /2 clients are connected/);
    const gone = once(server, 'clientDisconnected');
    await clients[0]?.close();
    await gone;
    await (await TcpClient.open(port)).close();
    await clients[1]?.close();
  });

  it('takes only the addresses that may connect', async () => {
    const { server, port } = await listening({ allowedAddresses: ['10.0.0.0/8', '192.168.1.5'] });
    const refused = once(server, 'clientRefused');
    await assert.rejects(TcpClient.open(port), Iec61850Error);
    assert.match(((await refused) as [unknown, string])[1], /not among those/);
  });

  it('asks for the password, and tells of those who do not know it', async () => {
    const { server, port } = await listening({ password: 'geheim' });
    const refused = once(server, 'clientRefused');
    await assert.rejects(TcpClient.open(port, 'falsch'), /wrong password/);
    assert.match(((await refused) as [unknown, string])[1], /wrong password/);
    await (await TcpClient.open(port, 'geheim')).close();
  });

  it('closes the connection of a client that does not associate in time', async () => {
    const { server, port } = await listening({ associationTimeout: 20 });
    const refused = once(server, 'clientRefused');
    const socket = rawSocket(port);
    await once(socket, 'close');
    assert.match(((await refused) as [unknown, string])[1], /did not associate within 20 ms/);
  });

  it('closes the connection of one that talks something else', async () => {
    const { port } = await listening();
    const socket = rawSocket(port);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    await (await TcpClient.open(port)).close();
  });

  it('drops a client that asks and does not read, and serves the others', async () => {
    const { server, port } = await listening();
    const client = await TcpClient.open(port);
    const other = await TcpClient.open(port);
    const disconnected = once(server, 'clientDisconnected');
    client.socket.pause();
    const list = Array.from({ length: 1000 }, () => ({ name: nameOf('TESTLD2/MMXU1$MX$TotW') }));
    const service = encodeServiceRequest({ service: 'read', specificationWithResult: false, access: { list } });
    const packet = dataPacket(tlv(0xa0, Buffer.of(2, 1, 5), service));
    const drain = (): void => {
      while (!client.socket.destroyed && client.socket.write(packet));
    };
    client.socket.on('drain', drain);
    drain();
    const [, error] = (await disconnected) as [unknown, Error];
    assert.match(error.message, /does not read/);
    client.socket.destroy();
    await other.read('TESTLD1/XCBR1');
    await other.close();
  });

  it('answers many requests that come in one piece', async () => {
    const { port } = await listening();
    const client = await TcpClient.open(port);
    const answers = await Promise.all(Array.from({ length: 500 }, () => client.read('TESTLD1/XCBR1$ST$Pos')));
    assert.equal(answers.length, 500);
    await client.close();
  });

  it('serves many clients at once', async () => {
    const { server, port } = await listening();
    const clients = await Promise.all(Array.from({ length: 50 }, () => TcpClient.open(port)));
    assert.equal(server.connections, 50);
    await Promise.all(clients.map((client) => client.read('TESTLD1', 'TESTLD1/XCBR1$ST$Pos')));
    await Promise.all(clients.map((client) => client.close()));
  });

  it('closes with clients that sit, talk and do not go, frees its port and listens again', async () => {
    const { server, port } = await listening();
    const client = await TcpClient.open(port);
    const silent = rawSocket(port);
    await once(silent, 'connect');
    const gone = [once(client.socket, 'close'), once(silent, 'close')];
    client.socket.resume();
    silent.resume();
    await server.close();
    await server.close();
    await Promise.all(gone);
    assert.equal(server.connections, 0);
    await assert.rejects(TcpClient.open(port), ConnectionError);
    const again = await server.listen();
    await (await TcpClient.open(again.port)).close();
  });

  it('closes while it is only about to listen', async () => {
    const server = IedServer.fromModel(testModel(), { port: 0, host: 'localhost' });
    const opening = server.listen();
    await server.close();
    const { port } = await opening;
    await assert.rejects(TcpClient.open(port), ConnectionError);
  });

  it('leaves nothing behind after 100 clients and 20 restarts', async () => {
    const server = IedServer.fromModel(testModel(), { port: 0 });
    servers.push(server);
    // mocha starts its own timer when the test has given its promise back.
    await new Promise(setImmediate);
    const before = process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
    for (let i = 0; i < 20; i++) {
      const { port } = await server.listen();
      const clients = await Promise.all(Array.from({ length: 5 }, () => TcpClient.open(port)));
      if (i % 2 === 0) await Promise.all(clients.map((client) => client.close()));
      await server.close();
      await Promise.all(clients.map(({ socket }) => (socket.destroyed ? Promise.resolve([]) : once(socket, 'close'))));
    }
    const after = process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
    assert.ok(after <= before, `${before} sockets and timers before, ${after} after`);
    assert.deepEqual([server.connections, server.listenerCount('error')], [0, 0]);
  });

  it('does not listen twice', async () => {
    const { server } = await listening();
    await assert.rejects(server.listen(), ConnectionError);
  });

  it('says that its port is in use, and listens when it is free', async () => {
    const blocker = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const server = IedServer.fromModel(testModel(), { port });
    servers.push(server);
    await assert.rejects(
      server.listen(),
      (error: unknown) => error instanceof ListenError && error.message.includes(`:${port}`) && error.hint !== '',
    );
    blocker.close();
    await once(blocker, 'close');
    await server.listen();
  });

  it('says that it does not have an address', async () => {
    const server = IedServer.fromModel(testModel(), { port: 0, host: '203.0.113.7' });
    await assert.rejects(
      server.listen(),
      (error: unknown) => error instanceof ListenError && /does not have the address/.test(error.message),
    );
  });

  it('says what to do about a port without permission', () => {
    const error = listenError(Object.assign(new Error('listen EACCES'), { code: 'EACCES' }), '0.0.0.0', 102);
    assert.match(error.message, /0\.0\.0\.0:102/);
    assert.match(error.hint, /10102/);
  });
});

describe('allowed addresses', () => {
  it('are addresses and subnets of both families', () => {
    const allowed = new AllowedAddresses(['192.168.1.10', '10.0.0.0/8', 'fe80::/10', '::1']);
    for (const address of ['192.168.1.10', '::ffff:192.168.1.10', '10.255.0.1', 'fe80::1', '::1'])
      assert.ok(allowed.has(address), address);
    for (const address of ['192.168.1.11', '11.0.0.1', 'fd00::1', '', 'x']) assert.ok(!allowed.has(address), address);
    assert.ok(new AllowedAddresses([]).has('203.0.113.1'));
    for (const wrong of ['', '10.0.0.0/33', '10.0.0/8', 'host', '10.0.0.1/x', '1.2.3.4/-1']) {
      assert.throws(() => new AllowedAddresses([wrong]), ArgumentError, wrong);
    }
  });
});
