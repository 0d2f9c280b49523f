/** Logs of foreign servers, by our client (UCA group cLog). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, LogFollower, ResumeFile, type LogQuery } from '../../src/client/index.js';
import { BAY_CID } from './fixtures.js';
import { needPeer, ROOT, startDriver, type Peer } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints, fieldValues } from './tshark.js';

const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'settings.cfg');
const LN = 'SETTPROT/LLN0';
const EVENTS = `${LN}.EventLog`;
const OTHER = `${LN}.OtherLog`;
const FIRST_MS = Date.UTC(2026, 0, 1);

/** Numbers of libiec61850's entries, little-endian as it writes them. */
const numbers = ({ entries }: LogQuery): number[] =>
  entries.map(({ entryId }) => Buffer.from(entryId ?? '', 'hex').readUInt32LE(0));
const up = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** `count` entries, one a second, of one truth value. */
const seconds = (from: number, count: number): unknown[] =>
  up(from, from + count - 1).map((i) => [FIRST_MS + i * 1000, [['SETTPROT/GGIO1$ST$Ind1$stVal', '830101', 2]]]);

describe('Logs of a libiec61850 server', function () {
  this.timeout(60_000);
  let server: Peer;
  let client: IedClient;
  let folder: string;

  before(function () {
    needPeer(this, 'libiec61850');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-logs-'));
  });
  beforeEach(async () => {
    server = await startDriver('libiec61850_settings_server.py', '--model', MODEL);
    client = await open(server.port);
  });
  afterEach(async () => {
    await client?.close();
    await server?.stop();
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  async function open(port: number): Promise<IedClient> {
    const one = new IedClient({ host: '127.0.0.1', port, name: 'SETT' });
    await one.connect();
    return one;
  }
  const update = (reference: string, kind: string, value: unknown): Promise<unknown> =>
    server.call('update', { values: [[`SETTPROT/GGIO1.${reference}`, kind, value]] });

  it('cLog1: logs and their control blocks', async () => {
    const { logs, controlBlocks } = await client.logs.list();
    assert.deepEqual(logs, [EVENTS, OTHER]);
    assert.deepEqual(
      controlBlocks.map(({ reference, log, enabled, dataSet, triggerOptions, oldest }) => [
        reference,
        log,
        enabled,
        dataSet,
        triggerOptions,
        oldest,
      ]),
      [
        [`${EVENTS}[LG]`, EVENTS, true, `${LN}.Events`, ['dchg', 'qchg'], null],
        [`${OTHER}[LG]`, OTHER, false, `${LN}.Events`, ['dchg', 'qchg'], null],
      ],
    );
  });

  it('cLog2: changes of values are logged, and come with value, quality, reasons and their time', async () => {
    const before = Date.now() - 1000;
    await update('Ind1.stVal', 'boolean', true);
    await update('IntIn1.stVal', 'integer', 5);
    await update('AnIn1.mag.f', 'float32', 5.5);
    await update('Ind1.q', 'bit-string', '0100000000000');
    const { entries, complete } = await client.logs.queryByTime(EVENTS, { from: before });
    assert.equal(complete, true);
    assert.deepEqual(
      entries.map(({ values }) => values.map(({ tag, value, quality, reason }) => [tag, value, quality?.text, reason])),
      [
        [['SETTPROT.GGIO1.Ind1', true, 'good', ['data-change']]],
        [['SETTPROT.GGIO1.IntIn1.stVal', 5, undefined, ['data-change']]],
        [['SETTPROT.GGIO1.AnIn1', 5.5, 'good', ['data-change']]],
        [['SETTPROT.GGIO1.Ind1', true, 'invalid', ['quality-change']]],
      ],
    );
    for (const { entryTime } of entries) assert.ok(Math.abs(Date.parse(entryTime ?? '') - Date.now()) < 60_000);
    const [block] = await client.logs.controlBlocksOf(EVENTS);
    assert.deepEqual([block?.oldest?.entryId, block?.newest?.entryId], [entries[0]?.entryId, entries.at(-1)?.entryId]);
  });

  it('cLog3: by time over many pages, with both ends, and after an entry', async () => {
    await server.call('log', { log: 'OtherLog', entries: seconds(0, 2500) });
    const all = await client.logs.queryByTime(OTHER, { maxEntries: 10_000 });
    assert.deepEqual([numbers(all), all.complete], [up(1, 2500), true]);
    const span = await client.logs.queryByTime(OTHER, { from: FIRST_MS + 10_000, to: FIRST_MS + 20_000 });
    assert.deepEqual(numbers(span), up(11, 21));
    assert.ok(span.last);
    const rest = await client.logs.queryAfter(OTHER, span.last, { maxEntries: 5 });
    assert.deepEqual([numbers(rest), rest.complete], [up(22, 26), false]);
  });

  it('cLog3N: a log that there is not; entries of types that the model does not have', async () => {
    await assert.rejects(client.logs.queryByTime(`${LN}.NoLog`), /SETTPROT\/LLN0\.NoLog: /);
    const odd = [
      ['SETTPROT/GGIO1$ST$Ind1', '8a0161', 4],
      ['SETTPROT/GGIO9$ST$Ind1', '850107', 8],
      ['nonsense', '830100', 64],
      ['SETTPROT/GGIO1$ST$IntIn1$stVal', '9f0101ff', 2],
    ];
    await server.call('log', { log: 'OtherLog', entries: [[FIRST_MS, odd]] });
    const [entry] = (await client.logs.queryByTime(OTHER)).entries;
    assert.deepEqual(
      entry?.values.map(({ reference, value, reason }) => [reference, value, reason]),
      [
        ['SETTPROT/GGIO1.Ind1', 'a', ['quality-change']],
        ['SETTPROT/GGIO9.Ind1', 7, ['data-update']],
        ['SETTPROT/nonsense', false, ['application-trigger']],
        ['SETTPROT/GGIO1.IntIn1.stVal', 'ff', ['data-change']],
      ],
    );
  });

  it('cLog4: a control block is disabled, configured and enabled; a data set that there is not is refused', async () => {
    const block = `${EVENTS}[LG]`;
    assert.equal((await client.logs.configure(block, { enabled: false })).enabled, false);
    await update('Ind1.stVal', 'boolean', true);
    assert.deepEqual((await client.logs.queryByTime(EVENTS)).entries, []);
    const state = await client.logs.configure(block, { enabled: true, triggerOptions: ['qchg'] });
    assert.deepEqual([state.enabled, state.triggerOptions], [true, ['qchg']]);
    await update('Ind1.stVal', 'boolean', false);
    await update('Ind1.q', 'bit-string', '0100000000000');
    const { entries } = await client.logs.queryByTime(EVENTS);
    assert.deepEqual(
      entries.map(({ values }) => values[0]?.reason),
      [['quality-change']],
    );
    await assert.rejects(client.logs.configure(block, { dataSet: `${LN}.Nope` }), /DatSet was refused/);
    assert.equal((await client.logs.status(block)).enabled, true);
  });

  it('cLog5: follows on over a lost connection and a restart, each entry once, and says when entries are gone', async () => {
    const store = (): ResumeFile => new ResumeFile(path.join(folder, 'points.json'));
    const first = store();
    const follower = new LogFollower(client.logs, OTHER, { store: first, maxEntries: 40 });
    const got: number[] = [];
    const take = async (from: LogFollower): Promise<boolean> => {
      const found = await from.next();
      got.push(...numbers(found));
      from.delivered(found);
      return found.gap;
    };
    await server.call('log', { log: 'OtherLog', entries: seconds(0, 100) });
    await take(follower);
    await client.close();
    await client.connect();
    await take(follower);
    await first.flush();
    const restarted = new LogFollower(client.logs, OTHER, { store: store(), maxEntries: 40 });
    assert.equal(await take(restarted), false);
    assert.deepEqual(got, up(1, 100));
    await server.call('log', { log: 'OtherLog', entries: seconds(100, 20) });
    await server.call('forget', { log: 'OtherLog', keep: 5 });
    assert.equal(await take(restarted), true);
    assert.deepEqual(got.slice(100), up(116, 120));
    assert.equal(await take(restarted), false);
  });

  it('a session of it all has no malformed packet, and tshark reads the same entries', async function () {
    needPeer(this, 'tshark');
    const recorder = new Recorder();
    try {
      await server.call('log', { log: 'OtherLog', entries: seconds(0, 5) });
      const one = await open(await recorder.listen(server.port));
      await one.logs.list();
      const { entries } = await one.logs.queryByTime(OTHER, { from: FIRST_MS, to: FIRST_MS + 60_000 });
      assert.equal(entries.length, 5);
      await one.logs.queryAfter(OTHER, { entryId: '0300000000000000', entryTime: entries[2]?.entryTime ?? null });
      await one.logs.configure(`${OTHER}[LG]`, { enabled: true, triggerOptions: ['dchg'] });
      await assert.rejects(one.logs.queryByTime(`${LN}.NoLog`));
      await one.close();
      const file = path.join(folder, 'session.pcapng');
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
      const read = fieldValues(file, ['mms.entryIdentifier', 'mms.variableTag'], 'from server');
      assert.deepEqual(
        read['mms.entryIdentifier']?.map((id) => id.replace(/:/g, '')),
        [...entries, ...entries.slice(3)].map(({ entryId }) => entryId),
      );
      assert.equal(read['mms.variableTag']?.filter((tag) => tag === 'SETTPROT/GGIO1$ST$Ind1$stVal').length, 7);
    } finally {
      await recorder.close();
    }
  });
});

describe('Logs of the Rust server, which names a log by its control block', function () {
  this.timeout(60_000);
  const log = 'BAY1CTRL/LLN0$LG$lcbEvents';
  let server: Peer;
  let client: IedClient;

  before(async function () {
    needPeer(this, 'rust');
    server = await startDriver('rust_settings_server.py', '--model', BAY_CID, '--ied', 'BAY1');
    client = new IedClient({ host: '127.0.0.1', port: server.port, name: 'BAY1' });
    await client.connect();
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  it('cLog1: a control block whose type it does not show is read attribute by attribute', async () => {
    const state = await client.logs.status('BAY1CTRL/LLN0.lcbEvents[LG]');
    assert.deepEqual([state.enabled, state.triggerOptions, state.oldest], [true, ['dchg'], null]);
  });

  it('cLog3: by time, and after an entry', async () => {
    const entries = [
      [FIRST_MS, 'BAY1CTRL/XCBR1$ST$Pos$stVal', true],
      [FIRST_MS + 1000, 'BAY1MEAS/MMXU1$MX$TotW$mag$f', 12.5],
      [FIRST_MS + 2000, 'BAY1CTRL/GGIO1$ST$Ind1$stVal', false],
    ];
    assert.deepEqual(await server.call('log', { entries }), [1, 2, 3]);
    const all = await client.logs.queryByTime(log);
    assert.deepEqual(
      all.entries.map(({ entryId, entryTime, values }) => [entryId, entryTime, values[0]?.reference, values[0]?.value]),
      [
        ['0000000000000001', '2026-01-01T00:00:00.000Z', 'BAY1CTRL/XCBR1.Pos.stVal', true],
        ['0000000000000002', '2026-01-01T00:00:01.000Z', 'BAY1MEAS/MMXU1.TotW.mag.f', 12.5],
        ['0000000000000003', '2026-01-01T00:00:02.000Z', 'BAY1CTRL/GGIO1.Ind1.stVal', false],
      ],
    );
    const [first] = all.entries;
    assert.ok(first);
    const rest = await client.logs.queryAfter(log, first);
    assert.deepEqual(
      rest.entries.map(({ entryId }) => entryId),
      ['0000000000000002', '0000000000000003'],
    );
    const span = await client.logs.queryByTime(log, { to: FIRST_MS + 1000 });
    assert.equal(span.entries.length, 2);
  });
});
