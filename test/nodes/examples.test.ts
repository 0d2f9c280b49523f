/** The example flows of the service nodes, as a person imports them and unedited, against the simulated bay of the demo. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { IedServer } from '../../src/server/ied-server.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import { demoBay, imported, loadFlow, types } from './support/demo-bay.js';
import { message, node, startRed, stopRed, userDirectory, type Caught, type Status } from './support/red.js';

const SERVICES = ['read', 'report', 'control', 'write', 'settings', 'file', 'log'].map((name) => `iec61850-${name}`);
const TYPES = types(SERVICES, ['common/25-catch']);

interface Told extends NodeMessage {
  outcome?: string;
  reason?: string;
}

describe('the example flows against the simulated bay of the demo', function () {
  this.timeout(60_000);
  let server: IedServer;
  let failures: string[] = [];

  beforeEach(async () => {
    failures = [];
    await startRed();
  });
  afterEach(stopRed);

  /** Imports an example beside the bay, and waits until each of its nodes has said that it is ready. */
  async function load(name: string, ready: RegExp): Promise<void> {
    const bay = await demoBay();
    const flow = imported(name, bay.port);
    const tab = flow.find(({ type }) => type === 'tab') as { id: string };
    const services = flow.filter(({ type }) => SERVICES.includes(type as string)).map(({ id }) => id as string);
    const more = [
      { id: 'watcher', z: tab.id, x: 0, y: 0, type: 'status', scope: services, wires: [['statuses']] },
      { id: 'statuses', z: tab.id, x: 0, y: 0, type: 'helper' },
    ];
    await loadFlow(TYPES, [...bay.flow, ...flow, ...more]);
    for (const { id, type, name: called } of flow as { id: string; type: string; name?: string }[])
      if (type === 'helper' && /fail|error|went wrong|not/i.test(`${id} ${called ?? ''}`))
        node(id).on('input', (msg: NodeMessage) => {
          const text = (msg as Caught).error.message;
          // Bay and client start together here; the client comes again.
          if (!/refuses the TCP connection/.test(text)) failures.push(text);
        });
    const waiting = new Set(services);
    while (waiting.size > 0) {
      const { status } = await message<Status & { status: { source?: { id: string } } }>('statuses', (told) =>
        ready.test(told.status.text),
      );
      waiting.delete((status as { source?: { id: string } }).source?.id ?? '');
    }
    const { host } = node('bay1-server') as ServerNode;
    const lease = host.acquire(() => undefined);
    server = await lease.server();
    lease.release();
  }

  /** Presses the button of an inject node and gives what comes out at a debug node. */
  async function press(button: string, at: string, fits?: (msg: Told) => boolean): Promise<Told> {
    const came = message<Told>(at, fits);
    node(button).receive({});
    return came;
  }
  /** Presses a button of the demo. */
  const demo = (button: string): void => node(`button-${button}`).receive({});

  it('read: all in one message, and the points of a message as a table', async () => {
    await load('iec61850-read', /tags|connected|ready/);
    const { payload } = await press('read-now', 'read-show-all');
    assert.ok(Object.keys(payload as object).length > 1);
    assert.ok(Array.isArray((await press('read-these', 'read-show-table')).payload));
    assert.deepEqual(failures, []);
  });

  it('report: events, by report else by polling, and acknowledged ones', async () => {
    await load('iec61850-report', /armed|rpt · /);
    const msg = await press('report-ask', 'report-show-events');
    assert.equal((msg as { iec61850?: { source?: string } }).iec61850?.source, 'report');
    const opened = message('report-show-events', ({ payload }) => payload === 1);
    demo('switching');
    await opened;
    assert.deepEqual(failures, []);
  });

  it('control: a breaker with confirmation that travels, a set point and a mode', async () => {
    await load('iec61850-control', /^ready$/);
    const travelled: unknown[] = [];
    server.on('controlled', () => travelled.push(server.read('BAY1CTRL/XCBR1.Pos[ST]').value));
    for (const command of ['open', 'close']) {
      const asked = await press(`control-${command}`, 'control-audit', ({ payload }) => is(payload, 'waiting'));
      assert.equal((asked.payload as { event: string }).event, 'waiting');
      const done = await Promise.race([
        press('control-confirm', 'control-done'),
        message<Told>('control-refused').then(({ reason }) => Promise.reject(new Error(reason))),
      ]);
      assert.deepEqual([done.outcome, done.payload], ['done', command]);
    }
    assert.equal(server.read('BAY1CTRL/XCBR1.Pos[ST]').value, 2);
    assert.ok(travelled.length >= 2);
    const set = await press('control-low', 'control-setpoint-end');
    assert.equal(set.outcome, 'done', set.reason);
    const mode = await press('control-test', 'control-mode-end');
    assert.equal(mode.outcome, 'done', mode.reason);
  });

  it('write: points, a substitution, and a data set of its own', async () => {
    await load('iec61850-write', /^(ready|connected)$/);
    const buttons = ['name', 'several', 'open', 'release', 'members', 'values', 'read-set', 'delete-set'];
    for (const button of buttons) await Promise.race([press(`write-${button}`, 'write-done'), failed('write-errors')]);
    assert.deepEqual(failures, []);
    assert.equal(server.read('BAY1CTRL/GGIO1.SPCSO2.d[DC]').value, 'Feeder 2');
  });

  it('settings: state, values of another group, its activation and an edit', async () => {
    await load('iec61850-settings', /^ready$/);
    for (const button of ['ask', 'show', 'season', 'change'])
      await Promise.race([press(`settings-${button}`, 'settings-shown'), failed('settings-failed')]);
    assert.deepEqual(failures, []);
  });

  it('file: directory, a record of the bay into a folder, chunks, and a file given', async () => {
    await load('iec61850-file', /^ready$/);
    for (;;) {
      const more = once(server, 'access');
      if ((await listed()).some(({ path: name }) => name === 'COMTRADE/rec1.cfg')) break;
      await more;
    }
    await Promise.race([press('file-want', 'file-saved'), failed('file-error')]);
    await Promise.race([press('file-chunks', 'file-chunk'), failed('file-error')]);
    await Promise.race([press('file-text', 'file-given'), failed('file-error')]);
    assert.deepEqual(failures, []);
    assert.match(readFileSync(path.join(userDirectory(), 'records', 'rec1.cfg'), 'latin1'), /^110 kV line bay 1,BAY1,/);
    const given = path.join(userDirectory(), 'iec61850', 'bay1-files', 'SETTINGS', 'feeder.txt');
    assert.equal(readFileSync(given, 'utf8'), 'feeder = 1');
  });

  it('log: its list, and the last hour as a table', async () => {
    await load('iec61850-log', /^(ready|idle|\d+ entr.*)$/);
    const { payload } = await press('log-ask', 'log-shown');
    assert.deepEqual((payload as { logs: string[] }).logs, ['BAY1CTRL/LLN0.EventLog']);
    const table = await press('log-hour', 'log-shown');
    assert.ok((table.payload as object[]).length > 0);
  });

  const is = (payload: unknown, event: string): boolean => (payload as { event?: string } | undefined)?.event === event;

  async function listed(): Promise<{ path: string }[]> {
    const { payload } = await Promise.race([press('file-list', 'file-files'), failed('file-error')]);
    return payload as { path: string }[];
  }

  async function failed(at: string): Promise<never> {
    const { error } = await message<Caught>(at);
    throw new Error(error.message);
  }
});
