import assert from 'node:assert/strict';
import { registerMonitorRoutes } from '../../nodes/shared/monitor/monitor-routes.js';
import type { LogEntry } from '../../nodes/shared/monitor/log-ring.js';
import type { Overview } from '../../nodes/shared/monitor/overview.js';
import type { SupportRecord } from '../../nodes/shared/monitor/support-record.js';
import type { TagTable, ValueCells } from '../../nodes/shared/monitor/value-index.js';
import type { IedServer } from '../../src/server/ied-server.js';
import {
  helper,
  message,
  node,
  nodes,
  PLACE,
  startBay,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
} from './support/red.js';

const PASSWORD = 'not-to-be-seen';
const POSITION = { tag: 'CTRL.XCBR1.Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' };
const WRONG = { tag: 'wrong', reference: 'BAY1CTRL/XCBR9.Pos', fc: 'ST' };

describe('what the sidebar asks', () => {
  let server: IedServer;
  let port: number;

  beforeEach(async () => {
    ({ server, port } = await startBay({ password: PASSWORD }));
    await startRed();
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
  });

  const flow = (tags: Properties[]): Properties[] => [
    ...watchers(['read']),
    {
      id: 'ied',
      type: 'iec61850-ied',
      version: 1,
      name: 'BAY1',
      host: '127.0.0.1',
      port: String(port),
      timeout: '8000',
    },
    {
      id: 'read',
      ...PLACE,
      type: 'iec61850-read',
      version: 1,
      name: 'Read the bay',
      ied: 'ied',
      tags,
      mode: 'poll',
      interval: '100',
      onChange: true,
      initial: true,
      output: 'single',
      wires: [['out']],
    },
    { id: 'out', ...PLACE, type: 'helper' },
  ];
  const load = (tags: Properties[]): Promise<void> =>
    helper.load(
      [registerMonitorRoutes as never, nodes.ied, nodes.read, nodes.catch, nodes.status],
      flow(tags) as never,
      { ied: { password: PASSWORD } } as never,
    );
  async function get<T>(path: string): Promise<T> {
    const response = await helper.request().get(`/iec61850/monitor/${path}`);
    assert.equal(response.status, 200, response.text);
    return response.body as T;
  }
  async function post<T>(path: string, body: object, status = 200): Promise<T> {
    const response = await helper.request().post(`/iec61850/monitor/${path}`).send(body);
    assert.equal(response.status, status, response.text);
    return response.body as T;
  }

  it('every IED with its association, times, tags and nodes', async () => {
    await load([POSITION]);
    await message('out');
    const { ieds } = await get<Overview>('overview');
    const [ied] = ieds;
    assert.equal(ieds.length, 1);
    assert.equal(ied?.ied, 'BAY1');
    assert.equal(ied?.state, 'online');
    assert.deepEqual(ied?.address, { host: '127.0.0.1', port });
    assert.ok((ied?.association?.maxPduSize ?? 0) >= 512);
    assert.equal(ied?.association?.authentication, 'password');
    const [user] = ied?.users ?? [];
    assert.equal(user?.name, 'Read the bay');
    assert.equal(user?.tags.live, 1);
    assert.equal(user?.polls[0]?.interval, 100);
  });

  it('values of the rows that it shows, and none when the table is another one', async () => {
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 2, timestamp: '2026-03-01T12:00:00.123Z' }]);
    await load([POSITION, WRONG]);
    await message('out', ({ topic }) => topic === 'BAY1/CTRL.XCBR1.Pos');
    const { revision, tables } = await get<{ revision: string; tables: TagTable[] }>('tags');
    assert.deepEqual(tables[0]?.rows[0], ['CTRL.XCBR1.Pos', 'BAY1CTRL/XCBR1.Pos[ST]', 'BAY1']);
    const { values } = await post<{ values: ValueCells[] }>('values', { revision, ranges: [[0, 2]] });
    assert.deepEqual(values[0]?.slice(0, 6), ['live', 'Closed', '2026-03-01T12:00:00.123Z', 'good', 'Dbpos', 2]);
    assert.equal(values[1]?.[0], 'error');
    const other = await post<{ revision: string; values?: unknown }>('values', { revision: 'old', ranges: [[0, 1]] });
    assert.equal(other.revision, revision);
    assert.equal(other.values, undefined);
    await post('values', { revision, ranges: [['a', {}]] }, 400);
  });

  it('what nodes have logged, also errors that a Catch node took', async () => {
    await load([WRONG]);
    await message<Caught>('caught');
    const { entries, newest } = await get<{ entries: LogEntry[]; newest: number }>('log?after=0');
    assert.equal(entries.at(-1)?.sequence, newest);
    const error = entries.findLast(({ level, id }) => level === 'error' && id === 'read');
    assert.match(error?.text ?? '', /wrong/);
    assert.equal(error?.source, 'Read the bay');
    const none = await get<{ entries: LogEntry[] }>(`log?after=${newest + 1000}`);
    assert.deepEqual(none.entries, []);
  });

  it('a record of it all, without a secret', async () => {
    await load([POSITION]);
    await message('out');
    const file = await post<{ name: string; text: string }>('export', { form: 'json' });
    assert.match(file.name, /^iec61850-\d{14}\.json$/);
    const record = JSON.parse(file.text) as SupportRecord;
    assert.equal(record.header.package.name, '@substation/node-red-iec61850');
    assert.match(record.header.flows.sha256, /^[0-9a-f]{64}$/);
    assert.equal(record.connections.ieds[0]?.ied, 'BAY1');
    assert.equal(record.values[0]?.tag, 'CTRL.XCBR1.Pos');
    assert.doesNotMatch(file.text, new RegExp(PASSWORD));
    for (const form of ['values', 'connections', 'activity', 'log']) {
      const { name, text } = await post<{ name: string; text: string }>('export', { form });
      assert.ok(name.endsWith(`-${form}.csv`));
      assert.ok(text.includes(','));
    }
    const report = await post<{ text: string }>('export', { form: 'report', project: 'Substation | 1' });
    assert.match(report.text, /\| Project \| Substation \\\| 1 \|/);
    assert.match(report.text, /\| CON-01 .*BAY1 online at 127\.0\.0\.1/);
    await post('export', { form: 'secrets' }, 400);
  });

  it('nothing of nodes that are gone', async () => {
    await load([POSITION]);
    await message('out');
    await helper.clearFlows();
    assert.equal(node('read'), null);
    const { ieds, modbus, mqtt } = await get<Overview>('overview');
    assert.deepEqual([ieds, modbus, mqtt], [[], [], []]);
    const { tables } = await get<{ tables: TagTable[] }>('tags');
    assert.deepEqual(tables, []);
  });
});
