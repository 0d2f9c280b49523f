import assert from 'node:assert/strict';
import type { TagRows } from '../../nodes/shared/monitor/tag-rows.js';
import { findings } from '../../nodes/shared/monitor/findings.js';
import { LogRing } from '../../nodes/shared/monitor/log-ring.js';
import { registerMonitorRoutes } from '../../nodes/shared/monitor/monitor-routes.js';
import { Monitor, watched } from '../../nodes/shared/monitor/registry.js';
import { RequestTimes } from '../../nodes/shared/monitor/request-times.js';
import { SessionHistory } from '../../nodes/shared/monitor/session-history.js';
import type { SupportRecord } from '../../nodes/shared/monitor/support-record.js';
import { LastValues } from '../../nodes/shared/monitor/tag-rows.js';
import { cell, readMatrix, validationReport } from '../../nodes/shared/monitor/validation-report.js';
import { tagRevision, tagTables, valueCells } from '../../nodes/shared/monitor/value-index.js';
import { diagnostics } from '../../src/diagnostics.js';
import { ConnectionError } from '../../src/errors.js';
import { tagValue } from '../gateway/modbus/support.js';

const note = (ring: LogRing, text: string): void => ring.note({ level: 'info', source: 'a', kind: 'b', text });

describe('the log of the sidebar', () => {
  it('keeps the newest entries and gives those that were not seen', () => {
    const ring = new LogRing(3);
    for (const text of ['1', '2', '3', '4', '5']) note(ring, text);
    const texts = (after: number): string =>
      ring
        .after(after)
        .map(({ text }) => text)
        .join('');
    assert.equal(texts(0), '345');
    assert.equal(texts(3), '45');
    assert.equal(texts(5), '');
    assert.equal(ring.newest, 5);
  });

  it('cuts a text that is too long', () => {
    const ring = new LogRing();
    note(ring, 'x'.repeat(100_000));
    assert.ok((ring.after(0)[0]?.text.length ?? 0) < 3000);
  });
});

describe('the values of the sidebar', () => {
  const reader = { id: 'n', type: 'iec61850-read', name: 'Read', kind: 'read' as const };
  const filled = (count: number): LastValues => {
    const rows = new LastValues();
    rows.note(Array.from({ length: count }, (_, i) => tagValue(`t${i}`, 'Int32', i, { ied: i < 2 ? 'A' : 'B' })));
    return rows;
  };

  it('are rows of all nodes, fetched by their numbers', () => {
    const monitor = new Monitor();
    monitor.add('tags', { ...reader, rows: filled(3) });
    monitor.add('tags', { ...reader, id: 'm', rows: filled(2) });
    const tables = tagTables(monitor);
    assert.deepEqual(
      tables.map(({ id, rows }) => [id, rows.map(([tag, , ied]) => [tag, ied])]),
      [
        [
          'n',
          [
            ['t0', 'A'],
            ['t1', undefined],
            ['t2', 'B'],
          ],
        ],
        [
          'm',
          [
            ['t0', 'A'],
            ['t1', undefined],
          ],
        ],
      ],
    );
    const sorted = valueCells(monitor, [[1, 4]]).map((cells) => cells?.[5]);
    assert.deepEqual(sorted, [1, 2, 0]);
    assert.throws(() => valueCells(monitor, [[4, 1]]), /range of rows/);
    assert.throws(() => valueCells(monitor, [[0, 1e9]]), /More than/);
  });

  it('are others for the editor when a tag or a node came or went, and not when a value changed', () => {
    const monitor = new Monitor();
    const rows = filled(2);
    const leave = monitor.add('tags', { ...reader, rows });
    const first = tagRevision(monitor);
    rows.note([tagValue('t0', 'Int32', 7, { ied: 'A' })]);
    assert.equal(tagRevision(monitor), first);
    rows.note([tagValue('new', 'Int32', 7, { ied: 'A' })]);
    const second = tagRevision(monitor);
    assert.notEqual(second, first);
    leave();
    assert.notEqual(tagRevision(monitor), second);
    assert.deepEqual(tagTables(monitor), []);
  });

  it('are no more than a bound', () => {
    const rows = new LastValues(2);
    rows.note([1, 2, 3].map((value) => tagValue(`t${value}`, 'Int32', value)));
    assert.equal(rows.size, 2);
  });

  it('say waiting of a tag without a value, and never make one up', () => {
    const monitor = new Monitor();
    const rows: TagRows = {
      size: 1,
      revision: 0,
      identity: () => ({ ied: 'A', tag: 't', reference: 'LD/LN.DO', fc: 'ST' }),
      value: () => undefined,
      counts: () => ({ live: 0, stale: 0, disconnected: 0, error: 0, waiting: 1, bad: 0 }),
    };
    monitor.add('tags', { ...reader, rows });
    assert.deepEqual(valueCells(monitor, [[0, 1]]), [null]);
  });
});

describe('the routes of the sidebar', () => {
  it('ask for the permission to read, all of them', () => {
    const asked: string[] = [];
    const route = (): void => undefined;
    registerMonitorRoutes({
      httpAdmin: { get: route, post: route },
      auth: { needsPermission: (permission: string) => asked.push(permission) },
    } as never);
    assert.ok(asked.length >= 5);
    assert.deepEqual(new Set(asked), new Set(['iec61850.read']));
  });
});

describe('a node of a subflow', () => {
  it('is shown where its template stands', () => {
    const node = { id: 'instance', type: 'iec61850-read', name: '', _alias: 'template' };
    assert.deepEqual(watched(node as never), {
      id: 'instance',
      type: 'iec61850-read',
      name: 'iec61850-read',
      place: 'template',
    });
  });
});

describe('round-trip times', () => {
  it('are measured only while somebody asks', () => {
    const times = new RequestTimes();
    const tell = (duration: number): void =>
      diagnostics.request.publish({ ied: 'A', service: 'read', duration, outcome: 'ok' });
    tell(1000);
    assert.equal(times.running, false);
    times.touch();
    tell(10);
    diagnostics.request.publish({ ied: 'A', service: 'read', duration: 20, outcome: 'error' });
    assert.deepEqual(times.of('A'), { last: 20, mean: 11, max: 20, requests: 2, errors: 1 });
    times.stop();
    tell(1000);
    assert.equal(times.of('A')?.requests, 2);
  });
});

describe('the history of a session', () => {
  it('has one outage however often it is tried, and keeps the last error', () => {
    const history = new SessionHistory();
    history.note({ state: 'online', endpoint: { host: 'h', port: 102 } });
    history.note({ state: 'offline', error: new ConnectionError('gone', 'Look at the cable.'), retryIn: 1000 });
    const { since } = history;
    history.note({ state: 'connecting', endpoint: { host: 'h', port: 102 } });
    assert.equal(history.state, 'offline');
    assert.equal(history.since, since);
    history.note({ state: 'online' });
    assert.equal(history.connects, 2);
    assert.equal(history.lastError?.hint, 'Look at the cable.');
    assert.equal(history.retryAt, undefined);
  });
});

const EMPTY: SupportRecord = {
  header: {
    format: 'iec61850-record',
    formatVersion: 1,
    created: '2026-03-01T12:00:00.000Z',
    package: { name: 'p', version: '1.2.3' },
    nodeRed: '4.1.0',
    node: 'v20',
    platform: 'linux x64',
    uptime: 60,
    memory: 1 << 20,
    flows: { nodes: 0, sha256: 'abc' },
  },
  connections: { ieds: [], servers: [] },
  reports: [],
  values: [],
  modbus: [],
  mqtt: [],
  bus: [],
  log: [],
};
const DETAILS = { project: 'P', site: '', tester: '', remarks: '' };

describe('the validation report', () => {
  it('has every row of the matrix, and says n/a to what is not used', async () => {
    const matrix = await readMatrix();
    assert.ok(matrix.length > 30);
    const report = await validationReport(EMPTY, DETAILS);
    for (const { id } of matrix) assert.ok(report.includes(`| ${id} |`), id);
    assert.match(report, /\| MOD-01 .*\| n\/a \|/);
    assert.doesNotMatch(report, /\| pass \|/);
  });

  it('finds nothing to say to rows that the matrix does not have', async () => {
    const ids = new Set((await readMatrix()).map(({ id }) => id));
    assert.deepEqual(
      [...findings(EMPTY).keys()].filter((id) => !ids.has(id)),
      [],
    );
  });

  it('lets no text of a device break its tables', async () => {
    const text = 'a | b\n# <img src=x> `c`';
    const record = {
      ...EMPTY,
      log: [{ sequence: 1, level: 'error' as const, source: text, kind: '', text, time: '' }],
    };
    const report = await validationReport(record, { ...DETAILS, project: text });
    assert.ok(report.includes(cell(text)));
    assert.doesNotMatch(report, /(?<!\\)<img/);
    assert.equal(cell('a|b'), 'a\\|b');
  });
});
