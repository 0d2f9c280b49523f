import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { ArgumentError } from '../../src/errors.js';
import { IedServer } from '../../src/server/ied-server.js';
import { ServerHost, type HostState, type ServerLease } from '../../nodes/shared/server-host.js';
import { servingText } from '../../nodes/iec61850-server-out/status-text.js';
import { BAY } from './support/red.js';

describe('the server that nodes share', () => {
  const errors: Error[] = [];
  const log = { log: () => undefined, warn: () => undefined, error: (error: Error) => void errors.push(error) };
  let host: ServerHost;
  let waiting: Array<() => void> = [];

  const changed = (): void => waiting.splice(0).forEach((wake) => wake());
  const state = async (wanted: HostState): Promise<void> => {
    while (host.state !== wanted) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
  };
  const open = (port: number) => (): Promise<IedServer> => IedServer.fromScl(BAY, { ied: 'BAY1', port });
  const busyPort = async (): Promise<{ other: Server; port: number }> => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    return { other, port: (other.address() as AddressInfo).port };
  };
  const update = (lease: ServerLease): Promise<unknown> =>
    lease.update([{ reference: 'BAY1MEAS/MMXU1.TotW[MX]', value: 1 }]);

  beforeEach(() => {
    errors.length = 0;
    waiting = [];
  });
  afterEach(() => host.close());

  it('reports a port in use once, tries again, and listens when it is free', async () => {
    const { other, port } = await busyPort();
    host = new ServerHost(open(port), log, [1]);
    const lease = host.acquire(changed);
    await state('retrying');
    await update(lease);
    for (let tries = 0; tries < 3; tries++) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? '', /port is in use\. Another server has it/);
    other.close();
    await state('listening');
    assert.equal(host.address?.port, port);
  });

  it('closes while it tries again, and leaves the port alone', async () => {
    const { other, port } = await busyPort();
    host = new ServerHost(open(port), log, [1]);
    host.acquire(changed);
    await state('retrying');
    await host.close();
    const closed = once(other, 'close');
    other.close();
    await closed;
    assert.equal(host.state, 'closed');
    assert.throws(() => host.acquire(changed), ArgumentError);
  });

  it('closes while the file is read', async () => {
    let finish = (_server: IedServer): void => undefined;
    const opening = new Promise<IedServer>((resolve) => {
      finish = resolve;
    });
    host = new ServerHost(() => opening, log);
    const lease = host.acquire(changed);
    const late = update(lease);
    await Promise.resolve();
    const closing = host.close();
    const server = await open(0)();
    finish(server);
    await Promise.all([closing, late]);
    assert.equal(server.connections, 0);
    assert.equal(host.state, 'closed');
  });

  it('tells whoever sends values why it could not be opened', async () => {
    host = new ServerHost(() => Promise.reject(new ArgumentError('no such file', 'Give another.')), log);
    const lease = host.acquire(changed);
    await assert.rejects(update(lease), /no such file/);
    await state('failed');
    assert.match(errors[0]?.message ?? '', /no such file\. Give another\./);
  });

  it('stays open for the next user of a partial deploy', async () => {
    host = new ServerHost(open(0), log);
    const first = host.acquire(changed);
    await state('listening');
    const port = host.address?.port;
    first.release();
    first.release();
    const second = host.acquire(changed);
    await update(second);
    assert.equal(host.address?.port, port);
    assert.equal(host.state, 'listening');
  });

  it('is described in under 20 characters, whatever the figures are', () => {
    assert.equal(servingText(2, 1), '2 values · 1 client');
    assert.equal(servingText(12, 3), '12 val · 3 clients');
    for (const values of [0, 1, 99, 9999, 123_456]) {
      for (const clients of [0, 1, 10, 100, 10_000]) assert.ok(servingText(values, clients).length < 20);
    }
  });
});
