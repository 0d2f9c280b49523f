/** The example flows of the service nodes, as a person imports them, against the simulated bay. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { IedServer } from '../../src/server/ied-server.js';
import type { IedServerOptions } from '../../src/server/options.js';
import {
  helper,
  message,
  node,
  nodeModule,
  nodes,
  startBay,
  startRed,
  stopRed,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const SERVICES = ['report', 'control', 'write', 'settings', 'file', 'log'];
const TYPES = [
  ...SERVICES.map((name) => nodeModule(`../../../nodes/iec61850-${name}/iec61850-${name}.js`)),
  ...[nodes.ied, nodes.read, nodes.catch, nodes.status],
  nodeModule('@node-red/nodes/core/common/20-inject.js'),
  nodeModule('@node-red/nodes/core/function/10-function.js'),
];

interface Told extends NodeMessage {
  outcome?: string;
  reason?: string;
}

describe('the example flows against the simulated bay', () => {
  let server: IedServer;
  let folder: string;
  let failures: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-example-'));
    failures = [];
    await startRed();
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Imports an example, allows its nodes what they are off for, and waits until each of them has said `ready`. */
  async function load(name: string, options: IedServerOptions, ready: RegExp): Promise<void> {
    const started = await startBay(options);
    ({ server } = started);
    const file = readFileSync(path.join(EXAMPLES, `iec61850-${name}.json`), 'utf8');
    const flow: Properties[] = (JSON.parse(file) as Properties[])
      .filter(({ type }) => type !== 'comment')
      .map((one) => ({
        ...one,
        ...(one.type === 'debug' && { type: 'helper' }),
        ...(one.allowed === false && { allowed: true }),
        ...(one.type === 'iec61850-ied' && { port: String(started.port) }),
        ...(one.folder === 'records' && { folder: path.join(folder, 'records') }),
      }));
    const tab = flow.find(({ type }) => type === 'tab') as { id: string };
    const services = flow.filter(({ type }) => /^iec61850-(?!ied)/.test(type as string)).map(({ id }) => id as string);
    const more = [
      { id: 'watcher', z: tab.id, x: 0, y: 0, type: 'status', scope: services, wires: [['statuses']] },
      { id: 'statuses', z: tab.id, x: 0, y: 0, type: 'helper' },
    ];
    await helper.load(TYPES as never, [...flow, ...more] as never);
    for (const { id, type, name: called } of flow as { id: string; type: string; name?: string }[])
      if (type === 'helper' && /fail|error|went wrong|not/i.test(`${id} ${called ?? ''}`))
        node(id).on('input', (msg: NodeMessage) => failures.push((msg as Caught).error.message));
    const waiting = new Set(services);
    while (waiting.size > 0) {
      const { status } = await message<Status & { status: { source?: { id: string } } }>('statuses', (told) =>
        ready.test(told.status.text),
      );
      waiting.delete((status as { source?: { id: string } }).source?.id ?? '');
    }
  }

  /** Presses the button of an inject node and gives what comes out at a debug node. */
  async function press(button: string, at: string, fits?: (msg: Told) => boolean): Promise<Told> {
    const came = message<Told>(at, fits);
    node(button).receive({});
    return came;
  }

  it('report: events, by report else by polling, and acknowledged ones', async () => {
    await load('report', {}, /armed|rpt · /);
    const msg = await press('report-ask', 'report-show-events');
    assert.equal((msg as { iec61850?: { source?: string } }).iec61850?.source, 'report');
    const opened = message('report-show-events', ({ payload }) => payload === 1);
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.stVal[ST]', value: 'off' }]);
    await opened;
    assert.deepEqual(failures, []);
  });

  it('control: a breaker with confirmation, a set point and a mode', async () => {
    await load('control', { operate: 'simulate' }, /^ready$/);
    const asked = await press('control-close', 'control-audit');
    assert.equal((asked.payload as { event: string }).event, 'waiting');
    const closed = await press('control-confirm', 'control-done');
    assert.deepEqual([closed.outcome, closed.payload], ['done', 'close']);
    const set = await press('control-low', 'control-setpoint-end');
    assert.equal(set.outcome, 'done', set.reason);
    const mode = await press('control-test', 'control-mode-end');
    assert.equal(mode.outcome, 'done', mode.reason);
  });

  it('write: points, a substitution, and a data set of its own', async () => {
    await load('write', { writable: ['DC', 'CF', 'SV'] }, /^(ready|connected)$/);
    const buttons = ['name', 'several', 'open', 'release', 'members', 'values', 'read-set', 'delete-set'];
    for (const button of buttons) await Promise.race([press(`write-${button}`, 'write-done'), failed('write-errors')]);
    assert.deepEqual(failures, []);
    assert.equal(server.read('BAY1CTRL/GGIO1.SPCSO2.d[DC]').value, 'Feeder 2');
  });

  it('settings: state, values of another group, its activation and an edit', async () => {
    await load('settings', { writable: ['SG', 'SE'] }, /^ready$/);
    for (const button of ['ask', 'show', 'season', 'change'])
      await Promise.race([press(`settings-${button}`, 'settings-shown'), failed('settings-failed')]);
    assert.deepEqual(failures, []);
  });

  it('file: directory, a record into a folder, chunks, and a file given', async () => {
    const store = path.join(folder, 'store');
    for (const one of ['COMTRADE', 'SETTINGS']) mkdirSync(path.join(store, one), { recursive: true });
    mkdirSync(path.join(folder, 'records'));
    for (const end of ['cfg', 'dat']) writeFileSync(path.join(store, 'COMTRADE', `rec1.${end}`), end);
    await load('file', { files: { folder: store, writable: true } }, /^ready$/);
    await Promise.race([press('file-list', 'file-files'), failed('file-error')]);
    await Promise.race([press('file-want', 'file-saved'), failed('file-error')]);
    await Promise.race([press('file-chunks', 'file-chunk'), failed('file-error')]);
    await Promise.race([press('file-text', 'file-given'), failed('file-error')]);
    assert.deepEqual(failures, []);
    assert.equal(readFileSync(path.join(folder, 'records', 'rec1.dat'), 'utf8'), 'dat');
    assert.equal(readFileSync(path.join(store, 'SETTINGS', 'feeder.txt'), 'utf8'), 'feeder = 1');
  });

  it('log: its list, and the last hour as a table', async () => {
    await load('log', {}, /^ready$/);
    const { payload } = await press('log-ask', 'log-shown');
    assert.deepEqual((payload as { logs: string[] }).logs, ['BAY1CTRL/LLN0.EventLog']);
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.stVal[ST]', value: 'off' }]);
    const table = await press('log-hour', 'log-shown');
    assert.equal((table.payload as object[]).length, 1);
  });

  async function failed(at: string): Promise<never> {
    const { error } = await message<Caught>(at);
    throw new Error(error.message);
  }
});
