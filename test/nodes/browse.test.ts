import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { IedServer } from '../../src/server/ied-server.js';
import type { Tag } from '../../src/model/tag.js';
import type { BrowseProgress } from '../../nodes/shared/browse-jobs.js';
import type { Probed } from '../../nodes/shared/point-source.js';
import { freePort } from '../support/free-port.js';
import {
  BAY_IN_PACKAGE,
  PLACE,
  helper,
  message,
  nodes,
  startBay,
  startRed,
  stopRed,
  watchers,
  type Properties,
  type Status,
} from './support/red.js';

interface Failure {
  code: string;
  message: string;
  hint: string;
}

describe('browse before any deploy', () => {
  let server: IedServer;
  let port: number;

  beforeEach(async () => {
    ({ server, port } = await startBay());
    await startRed();
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
  });

  const load = (flow: Properties[] = [], credentials: Properties = {}): Promise<void> =>
    helper.load(
      [nodes.ied, nodes.read, nodes.sclImport, nodes.catch, nodes.status],
      flow as never,
      credentials as never,
    );

  async function call<T>(method: 'get' | 'post' | 'delete', path: string, body?: unknown, status = 200): Promise<T> {
    const request = helper.request()[method](`/iec61850/${path}`);
    const response = await (body === undefined ? request : request.send(body as object));
    assert.equal(response.status, status, JSON.stringify(response.body));
    return response.body as T;
  }
  const live = (form: Properties = {}, rest: Properties = {}): Properties => ({
    source: 'live',
    form: { name: 'BAY1', host: '127.0.0.1', port, timeout: '1000', ...form },
    password: { state: 'none' },
    ...rest,
  });
  async function browse(body: Properties): Promise<BrowseProgress> {
    let progress = await call<BrowseProgress>('post', 'browse', body);
    while (progress.state === 'running') {
      await wait(10);
      progress = await call<BrowseProgress>('get', `browse/${progress.id}`);
    }
    return progress;
  }

  it('finds the points of an IED that is only a form, and leaves no connection behind', async () => {
    await load();
    const { id, state, summary } = await browse(live());
    assert.equal(state, 'done');
    assert.equal(summary?.ied, 'BAY1');
    assert.equal(summary?.via, 'connection');
    assert.ok((summary?.recommended ?? 0) > 50);
    const { rows } = await call<{ rows: { tag: Tag }[] }>('get', `browse/${id}/points?text=breaker&recommended=1`);
    assert.ok(rows.some(({ tag }) => tag.reference === 'BAY1CTRL/XCBR1.Pos' && tag.fc === 'ST'));
    while (server.connections > 0) await once(server, 'clientDisconnected');
  });

  it('opens the tree level by level', async () => {
    await load();
    const { id } = await browse(live());
    const rows = async (
      path: string,
    ): Promise<
      {
        path: string;
        name: string;
        branch: boolean;
        tag?: Tag;
        fc?: string;
        description?: string;
        recommended?: boolean;
        reasonKey?: string;
      }[]
    > => (await call<{ rows: never[] }>('get', `browse/${id}/rows?path=${encodeURIComponent(path)}`)).rows;
    assert.deepEqual((await rows('')).map(({ name }) => name).sort(), ['BAY1CTRL', 'BAY1MEAS', 'BAY1PROT']);
    assert.ok((await rows('BAY1CTRL')).some(({ name }) => name === 'XCBR1'));
    const position = (await rows('BAY1CTRL/XCBR1')).find(({ name }) => name === 'Pos');
    assert.equal(position?.tag?.tag, 'CTRL.XCBR1.Pos');
    assert.equal(position?.recommended, true);
    assert.notEqual(position?.reasonKey ?? '', '');
    assert.equal((await rows('BAY1CTRL')).find(({ name }) => name === 'XCBR1')?.description, 'circuit breaker');
    const value = (await rows('BAY1CTRL/XCBR1.Pos')).find(({ name }) => name === 'stVal');
    assert.equal(value?.path, 'BAY1CTRL/XCBR1.Pos.stVal[ST]');
    assert.equal(value?.tag?.tag, 'CTRL.XCBR1.Pos.stVal');
    const failure = await call<Failure>('get', `browse/${id}/rows?path=NO/SUCH`, undefined, 400);
    assert.equal(failure.code, 'IEC61850_ARGUMENT');
  });

  it('probes ticked points, and tells of each why not', async () => {
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 2, timestamp: '2026-03-01T12:00:00.123Z' }]);
    await load();
    const { id } = await browse(live());
    const tags = [
      { tag: '0', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' },
      { tag: 'BAY1CTRL/XCBR9.Pos[ST]', reference: 'BAY1CTRL/XCBR9.Pos', fc: 'ST' },
    ];
    const { results } = await call<{ results: Probed[] }>('post', `browse/${id}/probe`, { tags });
    assert.equal(results[0]?.value?.text, 'Closed');
    assert.equal(results[0]?.value?.timestamp, '2026-03-01T12:00:00.123Z');
    assert.equal(results[1]?.value, undefined);
    assert.match(results[1]?.error?.message ?? '', /XCBR9/);
    assert.notEqual(results[1]?.error?.hint, '');
    const many = Array.from({ length: 501 }, (_, i) => ({ ...tags[0], tag: String(i) }));
    assert.match((await call<Failure>('post', `browse/${id}/probe`, { tags: many }, 400)).message, /500/);
  });

  it('gives chosen points the unit that only the live IED knows', async () => {
    await load();
    const { id } = await browse(live());
    const { tags } = await call<{ tags: Tag[] }>('post', `browse/${id}/complete`, {
      tags: [{ tag: '0', reference: 'BAY1MEAS/MMXU1.TotW', fc: 'MX' }],
    });
    assert.equal(tags[0]?.unit, 'MW');
  });

  it('names points by a template, without a name that is taken', async () => {
    await load();
    const { id } = await browse(live());
    const tags = ['XCBR1', 'XSWI1'].map((ln, i) => ({ tag: String(i), reference: `BAY1CTRL/${ln}.Pos`, fc: 'ST' }));
    const names = async (template: string, taken: string[] = []): Promise<string[]> =>
      (await call<{ tags: Tag[] }>('post', `browse/${id}/names`, { tags, template, taken })).tags.map(({ tag }) => tag);
    assert.deepEqual(await names('{ied}/{ln}.{do}'), ['BAY1/XCBR1.Pos', 'BAY1/XSWI1.Pos']);
    assert.deepEqual(await names('{do}', ['Pos']), ['Pos_2', 'Pos_3']);
    assert.match(
      (await call<Failure>('post', `browse/${id}/names`, { tags, template: '{nope}' }, 400)).message,
      /nope/,
    );
  });

  it('takes ${NAME} on the unsaved form, from the process and from the global environment', async () => {
    await load([{ id: 'g', type: 'global-config', env: [{ name: 'TEST_BAY_HOST', value: '127.0.0.1', type: 'str' }] }]);
    process.env.TEST_BAY_PORT = String(port);
    try {
      assert.equal((await browse(live({ host: '${TEST_BAY_HOST}', port: '${TEST_BAY_PORT}' }))).state, 'done');
    } finally {
      delete process.env.TEST_BAY_PORT;
    }
    const failure = await call<Failure>('post', 'browse', live({ host: '${TEST_NOT_SET}' }), 400);
    assert.match(failure.message, /Address uses \$\{TEST_NOT_SET\}/);
  });

  it('reads an SCL file in place of the IED', async () => {
    await load();
    const { id, summary } = await browse({ source: 'scl', sclFile: BAY_IN_PACKAGE, ied: 'BAY1' });
    assert.equal(summary?.via, 'scl');
    assert.equal(summary?.canProbe, false);
    await call<Failure>('post', `browse/${id}/probe`, { tags: ['BAY1CTRL/XCBR1.Pos[ST]'] }, 400);
  });

  it('says what is wrong with an address, and what to do', async () => {
    await server.close();
    await load();
    const { state, error } = await browse(live());
    assert.equal(state, 'failed');
    assert.equal(error?.code, 'IEC61850_CONNECTION');
    assert.notEqual(error?.hint, '');
  });

  it('tries the standby address when the first one does not answer', async () => {
    await load();
    const closed = await freePort();
    assert.equal((await browse(live({ port: closed, host2: '127.0.0.1', port2: port }))).state, 'done');
  });

  it('tests a connection from its form', async () => {
    await load();
    const test = await call<{ via: string; identity: string; maxPduSize: number }>(
      'post',
      'test',
      live({ maxPduSize: '32000' }),
    );
    assert.equal(test.via, 'connection');
    assert.match(test.identity, /Simulated bay/);
    assert.equal(test.maxPduSize, 32000);
  });

  describe('of a deployed IED', () => {
    const deployed = (ied: Properties = {}): Properties[] => [
      ...watchers(['read']),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: String(port),
        timeout: '1000',
        ...ied,
      },
      { id: 'read', ...PLACE, type: 'iec61850-read', version: 1, ied: 'ied', tags: [], mode: 'demand' },
    ];
    const online = (): Promise<Status> => message<Status>('statuses', ({ status }) => status.fill === 'green');

    it('uses the association that runs, for few client slots', async () => {
      await load(deployed());
      await online();
      const { id, summary } = await browse(live({}, { node: 'ied' }));
      assert.equal(summary?.via, 'association');
      assert.equal(server.connections, 1);
      const { results } = await call<{ results: Probed[] }>('post', `browse/${id}/probe`, {
        tags: ['BAY1CTRL/XCBR1.Pos[ST]'],
      });
      assert.equal(results[0]?.value?.ied, 'BAY1');
    });

    it('opens one of its own when the form says something else', async () => {
      await load(deployed());
      await online();
      assert.equal((await browse(live({ maxPduSize: 8000 }, { node: 'ied' }))).summary?.via, 'connection');
    });

    it('never sends a stored password to another address', async () => {
      await server.close();
      ({ server } = await startBay({ port, password: 'secret' }));
      await load(deployed(), { ied: { password: 'secret' } });
      await online();
      const heard: Buffer[] = [];
      const spy = createServer((socket) =>
        socket.on('data', (octets) => heard.push(octets)).on('error', () => undefined),
      );
      spy.listen(0, '127.0.0.1');
      await once(spy, 'listening');
      const elsewhere = (spy.address() as AddressInfo).port;
      const stored = { node: 'ied', password: { state: 'stored' } };
      for (const form of [{ port: elsewhere }, { host: 'localhost' }, { host2: '127.0.0.1', port2: elsewhere }]) {
        const failure = await call<Failure>('post', 'browse', live(form, stored), 400);
        assert.match(failure.message, /stored password/);
      }
      assert.equal(heard.length, 0);
      spy.close();
      // The same address with another time limit is still the same IED.
      assert.equal((await browse(live({ timeout: '900' }, stored))).state, 'done');
      assert.equal((await browse(live({ timeout: '900' }, { node: 'ied' }))).state, 'failed');
    });
  });

  describe('bounds', () => {
    it('ends a browse of an IED that accepts and never answers, within its time limit', async () => {
      const hung = await hungServer();
      await load();
      const { state, error } = await browse(live({ port: hung.port, timeout: '200' }));
      assert.equal(state, 'failed');
      assert.equal(error?.code, 'IEC61850_TIMEOUT');
      await hung.close();
    });

    it('cancels a browse that runs', async () => {
      const hung = await hungServer();
      await load();
      const { id } = await call<BrowseProgress>('post', 'browse', live({ port: hung.port, timeout: '60000' }));
      await call('delete', `browse/${id}`);
      assert.match((await call<Failure>('get', `browse/${id}`, undefined, 400)).hint, /Browse again/);
      await hung.close();
    });

    it('keeps a few results, and forgets the one that was not used for longest', async () => {
      await load();
      const ids: string[] = [];
      for (let i = 0; i < 7; i++) ids.push((await browse({ source: 'scl', sclFile: BAY_IN_PACKAGE, ied: 'BAY1' })).id);
      await call('get', `browse/${ids[0]}`, undefined, 400);
      await call('get', `browse/${ids[6]}`);
    });

    it('refuses bodies that are no JSON object, unknown sources and overlong fields', async () => {
      await load();
      const text = await helper
        .request()
        .post('/iec61850/browse')
        .set('content-type', 'text/plain')
        .send('{"source":"live"}');
      assert.equal(text.status, 400);
      await call('post', 'browse', { source: 'other' }, 400);
      await call('post', 'browse', live({ host: 'x'.repeat(2000) }), 400);
      await call('post', 'browse', live({ host: { toString: 'x' } }), 400);
      await call('post', 'browse', { source: 'scl', sclFile: '../../etc/passwd', ied: 'X' });
    });
  });
});

async function hungServer(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
