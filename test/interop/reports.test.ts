/** Reports of the foreign servers, taken by our client (UCA groups cRp, cBr, cDs): GI, changes, integrity, resume, overflow. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  IedSession,
  ReportHub,
  ResumeFile,
  type Report,
  type ReportLease,
  type SubscribeOptions,
} from '../../src/client/index.js';
import { OptFld, type OptionalField } from '../../src/client/reports/control-block-bits.js';
import { ReportsFirst } from '../../src/gateway/reports/index.js';
import type { Iec61850Error } from '../../src/errors.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { BAY_CID } from './fixtures.js';
import { needPeer, ROOT, startPeerServer, type Peer } from './peers/index.js';

const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'reports.cfg');
const LN = 'RPTSCTRL/LLN0';

describe('Our reports from a libiec61850 server', function () {
  this.timeout(60_000);
  let server: Peer;
  let folder: string;
  const cleanups: (() => Promise<unknown>)[] = [];

  before(async function () {
    needPeer(this, 'libiec61850');
    server = await startPeerServer('libiec61850', { model: MODEL });
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-reports-'));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  after(async () => {
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  function open(): IedSession {
    const session = new IedSession({ name: 'RPTS', endpoints: [{ host: '127.0.0.1', port: server.port }] });
    cleanups.push(() => session.close());
    session.start();
    return session;
  }

  function subscribe(session: IedSession, name: string, more: Partial<SubscribeOptions> = {}): ReportLease {
    const lease = ReportHub.of(session).subscribe({ reference: `${LN}.${name}`, ...more });
    cleanups.push(() => lease.release());
    return lease;
  }

  /** The next report that is wanted; many may come at once. */
  function report(lease: ReportLease, wanted: (report: Report) => boolean = () => true): Promise<Report> {
    return new Promise((resolve) => {
      const listener = (found: Report): void => {
        if (!wanted(found)) return;
        lease.consumer.off('report', listener);
        resolve(found);
      };
      lease.consumer.on('report', listener);
    });
  }

  const reason =
    (text: string) =>
    ({ values }: Report): boolean =>
      values.some((value) => value.reason?.includes(text));

  const setNumber = (value: number): Promise<unknown> =>
    server.call('update', { values: [['RPTSCTRL/GGIO1.IntIn1.stVal', 'integer', value]] });

  it('cRp: interrogation at start brings every member with value, quality and time', async () => {
    const { values, dataSet, sqNum, confRev } = await report(subscribe(open(), 'urcbWhole01[RP]'));
    assert.equal(dataSet, `${LN}$Whole`);
    assert.deepEqual([sqNum, confRev], [0, 1]);
    assert.deepEqual(
      values.map(({ tag, type, quality, reason: reasons }) => [tag, type, quality?.text, reasons]),
      [
        ['RPTSCTRL.XCBR1.Pos', 'Dbpos', 'good', ['general-interrogation']],
        ['RPTSCTRL.GGIO1.Ind1', 'Boolean', 'good', ['general-interrogation']],
        ['RPTSCTRL.GGIO1.IntIn1', 'Int32', 'good', ['general-interrogation']],
        ['RPTSCTRL.GGIO1.AnIn1', 'Float32', 'good', ['general-interrogation']],
      ],
    );
  });

  it('cRp: changes of value and quality, each alone, with their reasons', async () => {
    const lease = subscribe(open(), 'urcbWhole01[RP]');
    await report(lease);
    const changed = report(lease);
    await setNumber(4711);
    const { values } = await changed;
    assert.deepEqual(
      values.map(({ tag, value, reason: reasons }) => [tag, value, reasons]),
      [['RPTSCTRL.GGIO1.IntIn1', 4711, ['data-change']]],
    );
    const requalified = report(lease);
    await server.call('update', { values: [['RPTSCTRL/XCBR1.Pos.q', 'bit-string', '0100000000000']] });
    const [position] = (await requalified).values;
    assert.deepEqual([position?.quality?.validity, position?.reason], ['invalid', ['quality-change']]);
    await server.call('update', { values: [['RPTSCTRL/XCBR1.Pos.q', 'bit-string', '0000000000000']] });
  });

  it('cRp: members of values without quality and time', async () => {
    const { values } = await report(subscribe(open(), 'urcbLeaves01[RP]'));
    assert.deepEqual(
      values.map(({ tag, quality, entryTime }) => [tag, quality?.text, typeof entryTime]),
      [
        ['RPTSCTRL.XCBR1.Pos.stVal', 'good', 'string'],
        ['RPTSCTRL.GGIO1.Ind1.stVal', undefined, 'string'],
      ],
    );
  });

  it('cRp: every set of optional fields is decoded by the report’s own OptFlds', async () => {
    const fields = (Object.keys(OptFld) as OptionalField[]).filter((field) => field !== 'segmentation');
    const sets: OptionalField[][] = [[], fields, ...fields.map((field) => [field])];
    for (const optionalFields of sets) {
      const session = open();
      const lease = subscribe(session, 'brcbWhole02[BR]', { optionalFields });
      const { values, sqNum, entryId, confRev } = await report(lease, ({ values: all }) => all.length === 4);
      assert.equal(values.length, 4, optionalFields.join());
      const has = (field: OptionalField): boolean => optionalFields.includes(field);
      assert.equal(sqNum !== undefined, has('seqNum'));
      assert.equal(entryId !== undefined, has('entryID'));
      assert.equal(confRev !== undefined, has('configRef'));
      assert.equal(values[0]?.entryTime !== undefined, has('timeStamp'));
      assert.equal(values[0]?.reason !== undefined, has('reasonCode'));
      await lease.release();
      await session.close();
    }
  });

  it('cRp: integrity reports come at their period', async () => {
    const lease = subscribe(open(), 'urcbMany01[RP]', { integrityPeriod: 200, interrogate: false });
    const { values } = await report(lease, reason('integrity'));
    assert.equal(values.length, 40);
    await report(lease, reason('integrity'));
    assert.equal(lease.status.counters.missed, 0);
  });

  it('cRp: reports that are larger than the PDU come in segments, and are joined', async () => {
    const session = new IedSession({
      name: 'RPTS',
      endpoints: [{ host: '127.0.0.1', port: server.port }],
      maxPduSize: 1700,
    });
    cleanups.push(() => session.close());
    session.start();
    const optionalFields: OptionalField[] = ['seqNum', 'dataRef', 'reasonCode'];
    const { values } = await report(subscribe(session, 'urcbMany01[RP]', { optionalFields }));
    assert.deepEqual(
      values.map(({ tag }) => tag),
      Array.from({ length: 40 }, (_, i) => `RPTSCTRL.GGIO1.AnIn${i + 1}`),
    );
  });

  it('cRp: interrogation on demand', async () => {
    const lease = subscribe(open(), 'urcbWhole01[RP]', { interrogate: false });
    while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
    const came = report(lease, reason('general-interrogation'));
    await lease.interrogate();
    assert.equal((await came).values.length, 4);
  });

  it('cRp: a control block that another client holds says so, and by whom', async () => {
    const first = subscribe(open(), 'urcbWhole02[RP]');
    await report(first);
    const second = subscribe(open(), 'urcbWhole02[RP]');
    while (second.status.phase !== 'reserved') await once(second.consumer, 'state');
    assert.equal(second.status.error?.code, 'IEC61850_RESERVED');
    assert.equal(first.status.phase, 'armed');
  });

  it('cBr: buffered events resume after a cut, with none lost and in order', async () => {
    const store = new ResumeFile(path.join(folder, 'resume.json'));
    const numbers: number[] = [];
    const collect = ({ values }: Report): void => {
      for (const { tag, value, reason: reasons } of values)
        if (tag.endsWith('IntIn1') && reasons?.includes('data-change') && value !== 4711) numbers.push(value as number);
    };
    const session = open();
    const lease = subscribe(session, 'brcbWhole01[BR]', { store });
    lease.consumer.on('report', collect);
    await report(lease);
    for (let i = 1001; i <= 1010; i++) await setNumber(i);
    while (numbers.at(-1) !== 1010) await report(lease);
    // A client that is gone without a word, while events go on.
    await store.flush();
    await session.close();
    for (let i = 1011; i <= 1030; i++) await setNumber(i);
    const again = subscribe(open(), 'brcbWhole01[BR]', { store: new ResumeFile(path.join(folder, 'resume.json')) });
    const warnings: Iec61850Error[] = [];
    again.consumer.on('warning', (error) => warnings.push(error));
    again.consumer.on('report', collect);
    while (numbers.at(-1) !== 1030) await report(again);
    assert.deepEqual(
      [...new Set(numbers)],
      Array.from({ length: 30 }, (_, i) => 1001 + i),
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      [],
    );
  });

  it('cBr: an unknown EntryID is refused, and means a possible gap', async () => {
    const store = new ResumeFile(path.join(folder, 'unknown.json'));
    store.save(`RPTS ${LN}.brcbWhole01[BR]`, 'ffffffffffffffff');
    const lease = subscribe(open(), 'brcbWhole01[BR]', { store });
    const [warning] = (await once(lease.consumer, 'warning')) as [Iec61850Error];
    assert.equal(warning.code, 'IEC61850_REPORT_GAP');
    while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
  });

  it('cBr: what the buffer lost is said, and what it holds comes', async () => {
    const file = path.join(folder, 'overflow.json');
    const store = new ResumeFile(file);
    const session = open();
    const lease = subscribe(session, 'brcbWhole02[BR]', { store });
    await report(lease, reason('general-interrogation'));
    await store.flush();
    await session.close();
    // More than the 64 kB that the server keeps.
    for (let i = 1; i <= 1200; i++) await setNumber(20_000 + i);
    const again = subscribe(open(), 'brcbWhole02[BR]', { store: new ResumeFile(file) });
    const codes: string[] = [];
    again.consumer.on('warning', ({ code }) => codes.push(code));
    await report(again, ({ values }) => values.some(({ value }) => value === 21_200));
    assert.ok(codes.includes('IEC61850_REPORT_GAP') || codes.includes('IEC61850_BUFFER_OVERFLOW'), codes.join());
    assert.equal(again.status.counters.missed, 0);
  });

  it('cDs: reports first takes free control blocks for the ticked tags, and polls the rest', async () => {
    const tags = ['XCBR1.Pos[ST]', 'GGIO1.AnIn7[MX]', 'LLN0.Beh[ST]'].map((text) => {
      const [reference, fc] = text.slice(0, -1).split('[') as [string, 'ST' | 'MX'];
      return { tag: reference, reference: `RPTSCTRL/${reference}`, fc };
    });
    const reports = new ReportsFirst(open(), { tags, interval: 100 });
    cleanups.push(() => reports.close());
    reports.start();
    while (reports.coverage.reported !== 2) await once(reports, 'coverage');
    assert.deepEqual(reports.coverage, { reported: 2, polled: 1, armed: 2, waiting: 0 });
    while (reports.snapshot().filter(({ source }) => source === 'report').length < 2) await once(reports, 'values');
    assert.deepEqual(
      reports.snapshot().map(({ tag, source }) => [tag, source]),
      [
        ['XCBR1.Pos', 'report'],
        ['GGIO1.AnIn7', 'report'],
        ['LLN0.Beh', 'poll'],
      ],
    );
  });
});

describe('Our reports from a java server', function () {
  this.timeout(60_000);
  let server: Peer;
  let session: IedSession;

  before(async function () {
    needPeer(this, 'java');
    server = await startPeerServer('java', { model: BAY_CID });
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port: server.port }] });
    session.start();
  });
  after(async () => {
    await session?.close();
    await server?.stop();
  });

  it('cRp: an unbuffered control block reports an interrogation and a change', async () => {
    const lease = ReportHub.of(session).subscribe({ reference: 'BAY1CTRL/LLN0.urcbAlarms01[RP]' });
    const reports: Report[] = [];
    lease.consumer.on('report', (report) => reports.push(report));
    while (reports.length === 0) await once(lease.consumer, 'report');
    assert.equal(reports[0]?.values.length, 11);
    assert.ok(reports[0]?.values.every(({ reason }) => reason?.includes('general-interrogation')));
    await server.call('update', { values: [['BAY1CTRL/GGIO1.Alm1.stVal', 'ST', true]] });
    const changed = (): TagValue | undefined =>
      reports.flatMap(({ values }) => values).find(({ reason }) => reason?.includes('data-change'));
    while (!changed()) await once(lease.consumer, 'report');
    assert.deepEqual([changed()?.tag, changed()?.value], ['BAY1CTRL.GGIO1.Alm1', true]);
    assert.equal(lease.status.counters.missed, 0);
    await lease.release();
  });
});
