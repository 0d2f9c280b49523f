/** Reports of our server as foreign clients and our own take them (UCA groups sRp, sBr), and as tshark dissects them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedSession, ReportHub, type Report, type ReportLease, type SubscribeOptions } from '../../src/client/index.js';
import { OptFld, type OptionalField } from '../../src/client/reports/control-block-bits.js';
import { IedServer, loadScl } from '../../src/index.js';
import { BAY_CID } from './fixtures.js';
import { needPeer, startReportClient, type Peer, type PeerValue } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints } from './tshark.js';

const CSWI1 = 'BAY1CTRL/CSWI1.Pos[ST]';
const ALM1 = 'BAY1CTRL/GGIO1.Alm1[ST]';
const NO_ENTRY = '0000000000000000';

/** A report as the foreign clients tell it. */
interface PeerReport {
  rptId: string;
  sqNum: number | null;
  dataSet: string | null;
  confRev: number | null;
  bufOvfl: boolean | null;
  entryId: string | null;
  more?: boolean | null;
  members: { index?: number; reference?: string; reason: number | string | string[]; value: PeerValue[] }[];
}

async function served(): Promise<{ server: IedServer; port: number }> {
  const server = await IedServer.fromScl(await loadScl(BAY_CID), { port: 0 });
  const { port } = await server.listen();
  return { server, port };
}

/** OptFlds as libiec61850 and iec61850-rs count them: the first field has the lowest bit. */
const optFlds = (...fields: OptionalField[]): number =>
  fields.reduce((sum, field) => sum | (1 << (OptFld[field] - 1)), 0);

describe('Reports of our server and a libiec61850 client', function () {
  this.timeout(60_000);
  const GENERAL_INTERROGATION = 16;
  const BUFFERED = 'BAY1CTRL/LLN0.BR.brcbPositions01';
  const UNBUFFERED = 'BAY1CTRL/LLN0.RP.urcbAlarms01';
  const MEASUREMENTS = 'BAY1MEAS/LLN0.RP.urcbMeasurements01';
  let server: IedServer;
  let port: number;
  const peers: Peer[] = [];

  before(function () {
    needPeer(this, 'libiec61850');
  });
  beforeEach(async () => ({ server, port } = await served()));
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.stop();
    await server.close();
  });

  async function client(pduSize?: number): Promise<Peer> {
    const peer = await startReportClient('libiec61850', { port, ...(pduSize !== undefined && { pduSize }) });
    peers.push(peer);
    return peer;
  }
  const write = (peer: Peer, reference: string, values: Record<string, unknown>, single = false): Promise<unknown> =>
    peer.call('writeRcb', { reference, values, single });
  const reports = (peer: Peer, count: number, seconds = 10): Promise<PeerReport[]> =>
    peer.call<PeerReport[]>('reports', { count, seconds });

  it('sRp: general interrogation brings all members', async () => {
    server.update([{ reference: ALM1, value: true }]);
    const peer = await client();
    await peer.call('install', { reference: UNBUFFERED });
    await write(peer, UNBUFFERED, { resv: true });
    await write(peer, UNBUFFERED, { rptEna: true });
    await peer.call('gi', { reference: UNBUFFERED });
    const [report] = await reports(peer, 1);
    assert.deepEqual(
      [report?.rptId, report?.sqNum, report?.dataSet, report?.confRev],
      ['BAY1CTRL/LLN0$RP$urcbAlarms', 0, 'BAY1CTRL/LLN0$dsAlarms', 1],
    );
    assert.equal(report?.members.length, 11);
    assert.ok(report.members.every(({ reason }) => reason === GENERAL_INTERROGATION));
    assert.deepEqual(report.members[0]?.value.slice(0, 2), [true, { bits: '0000000000000' }]);
  });

  it('sRp: changes with their reason, gathered by BufTm; integrity scans', async () => {
    const peer = await client();
    await peer.call('install', { reference: UNBUFFERED });
    await write(peer, UNBUFFERED, { bufTm: 50, intgPd: 1000, trgOps: 1 | 2 | 8, rptEna: true });
    server.update([{ reference: ALM1, value: true }]);
    server.update([{ reference: 'BAY1CTRL/GGIO1.Ind8[ST]', value: true }]);
    const [change, scan] = await reports(peer, 2);
    assert.deepEqual(
      change?.members.map(({ index, value }) => [index, value[0]]),
      [
        [0, true],
        [10, true],
      ],
    );
    assert.equal(scan?.members.length, 11);
    assert.equal(scan.members[0]?.reason, 8);
  });

  it('sRp: every optional field', async () => {
    const peer = await client();
    await peer.call('install', { reference: UNBUFFERED });
    const fields: OptionalField[] = ['seqNum', 'timeStamp', 'reasonCode', 'dataSet', 'dataRef', 'configRef'];
    for (const set of [[], fields, ...fields.map((field) => [field])]) {
      await write(peer, UNBUFFERED, { optFlds: optFlds(...set), rptEna: true });
      await peer.call('gi', { reference: UNBUFFERED });
      const [report] = await reports(peer, 1);
      const has = (field: OptionalField): boolean => set.includes(field);
      assert.equal(report?.sqNum !== null, has('seqNum'), set.join());
      assert.equal(report?.dataSet !== null, has('dataSet'));
      assert.equal(report?.confRev !== null, has('configRef'));
      if (has('dataRef')) assert.equal(report?.members[0]?.reference, 'BAY1CTRL/GGIO1$ST$Alm1');
      await write(peer, UNBUFFERED, { rptEna: false });
    }
  });

  it('sRp: a report that is larger than the PDU comes in segments', async () => {
    const peer = await client(550);
    await peer.call('install', { reference: MEASUREMENTS });
    await write(peer, MEASUREMENTS, { optFlds: optFlds('seqNum', 'dataRef', 'reasonCode'), rptEna: true });
    await peer.call('gi', { reference: MEASUREMENTS });
    const segments = await reports(peer, 2);
    assert.ok(segments.length >= 2);
    assert.deepEqual(
      segments.map(({ more }) => more),
      segments.map((_, i) => i < segments.length - 1),
    );
    assert.ok(segments.every(({ sqNum }) => sqNum === 0));
  });

  it('sRp: a control block that another client has is temporarily unavailable', async () => {
    const first = await client();
    const second = await client();
    await write(first, UNBUFFERED, { resv: true });
    await assert.rejects(write(second, UNBUFFERED, { rptEna: true }), /temporarily-unavailable/);
    await write(first, UNBUFFERED, { resv: false });
    await write(second, UNBUFFERED, { rptEna: true });
    await assert.rejects(write(second, UNBUFFERED, { bufTm: 5 }), /temporarily-unavailable/);
  });

  it('sRp: another data set counts the configuration revision up; one that does not exist is refused', async () => {
    const peer = await client();
    await write(peer, UNBUFFERED, { datSet: 'BAY1CTRL/LLN0$dsGoose' });
    const block = await peer.call<{ datSet: string; confRev: number }>('rcb', { reference: UNBUFFERED });
    assert.deepEqual([block.datSet, block.confRev], ['BAY1CTRL/LLN0$dsGoose', 2]);
    await assert.rejects(write(peer, UNBUFFERED, { datSet: 'BAY1CTRL/LLN0$nope' }), /object-value-invalid/);
  });

  it('sBr: events while nobody was there, and those after an EntryID', async () => {
    const move = (value: string): unknown => server.update([{ reference: CSWI1, value }]);
    const first = await client();
    await first.call('install', { reference: BUFFERED });
    // One after the other: an open and a close of one switch are two events, whatever BufTm says.
    for (const value of ['on', 'off', 'on']) move(value);
    await write(first, BUFFERED, { resvTms: 5 });
    await write(first, BUFFERED, { rptEna: true });
    const before = await reports(first, 3);
    assert.deepEqual(
      before.map(({ members }) => members[0]?.value[2]),
      [{ bits: '10' }, { bits: '01' }, { bits: '10' }],
    );
    await first.kill();
    move('off');
    const again = await client();
    await again.call('install', { reference: BUFFERED });
    await write(again, BUFFERED, { entryId: before[1]?.entryId });
    await write(again, BUFFERED, { rptEna: true });
    const after = await reports(again, 2);
    assert.deepEqual(
      after.map(({ members, entryId }) => [members[0]?.value[2], entryId === before[2]?.entryId]),
      [
        [{ bits: '10' }, true],
        [{ bits: '01' }, false],
      ],
    );
  });

  it('sBr: PurgeBuf, and EntryIDs that are not known', async () => {
    const peer = await client();
    server.update([{ reference: CSWI1, value: 'on' }]);
    server.update([{ reference: CSWI1, value: 'off' }]);
    const entryId = async (): Promise<unknown> =>
      (await peer.call<{ entryId: string }>('rcb', { reference: BUFFERED })).entryId;
    const known = await entryId();
    assert.notEqual(known, NO_ENTRY);
    await write(peer, BUFFERED, { purgeBuf: true });
    assert.equal(await entryId(), NO_ENTRY);
    await assert.rejects(write(peer, BUFFERED, { entryId: known }), /object-value-invalid/);
    await assert.rejects(write(peer, BUFFERED, { entryId: 'ffffffffffffffff' }), /object-value-invalid/);
  });

  it('sBr: reserved for a while after its client has died', async () => {
    const first = await client();
    await write(first, BUFFERED, { resvTms: 30 });
    const second = await client();
    const block = await second.call<{ resvTms: number; owner: string }>('rcb', { reference: BUFFERED });
    assert.deepEqual([block.resvTms, block.owner], [30, '7f000001']);
    await assert.rejects(write(second, BUFFERED, { rptEna: true }), /temporarily-unavailable/);
  });
});

describe('Reports of our server and an iec61850-rs client', function () {
  this.timeout(60_000);
  let server: IedServer;
  let peer: Peer;

  before(async function () {
    needPeer(this, 'rust');
    const { port, ...rest } = await served();
    ({ server } = rest);
    peer = await startReportClient('rust', { port });
  });
  after(async () => {
    await peer?.stop();
    await server?.close();
  });
  const reports = (count: number): Promise<PeerReport[]> => peer.call<PeerReport[]>('reports', { count, seconds: 10 });

  for (const [group, reference, update, count] of [
    ['sRp', 'BAY1CTRL/LLN0.RP.urcbAlarms01', { reference: ALM1, value: true }, 11],
    ['sBr', 'BAY1CTRL/LLN0.BR.brcbPositions01', { reference: CSWI1, value: 'on' }, 6],
  ] as const) {
    it(`${group}: interrogation and a change`, async () => {
      await peer.call('install', { reference });
      await peer.call('writeRcb', { reference, values: { rptEna: true } });
      await peer.call('gi', { reference });
      const [all] = await reports(1);
      assert.equal(all?.members.length, count);
      assert.deepEqual(all.members[0]?.reason, ['general_interrogation']);
      server.update([update]);
      const [change] = await reports(1);
      // Its members are those of all reports so far; what has changed stands first here.
      assert.match(String(change?.members[0]?.reason), /quality_change/);
      assert.equal(change?.sqNum, 1);
      assert.equal(typeof change?.entryId, group === 'sBr' ? 'string' : 'object');
      await peer.call('writeRcb', { reference, values: { rptEna: false } });
    });
  }
});

describe('Reports of our server and an OpenIEC61850 client', function () {
  this.timeout(60_000);
  let server: IedServer;
  let port: number;
  let peer: Peer;

  before(async function () {
    needPeer(this, 'java');
    ({ server, port } = await served());
    peer = await startReportClient('java', { port });
    await peer.call('model');
  });
  after(async () => {
    await peer?.stop();
    await server?.close();
  });
  // The Java client starts a thread for each report: they reach its listener in any order.
  const reports = async (count: number): Promise<PeerReport[]> =>
    (await peer.call<PeerReport[]>('reports', { count })).sort((a, b) => (a.sqNum ?? 0) - (b.sqNum ?? 0));

  it('sRp: reserve, enable, interrogate, change, disable', async () => {
    const reference = 'BAY1CTRL/LLN0.urcbAlarms01';
    await peer.call('enable', { reference });
    await peer.call('gi', { reference });
    const [all] = await reports(1);
    assert.equal(all?.members.length, 11);
    server.update([{ reference: ALM1, value: true }]);
    const [change] = await reports(1);
    assert.deepEqual(
      change?.members.map(({ reference: name, reason }) => [name, reason]),
      [['BAY1CTRL/GGIO1.Alm1[ST]', 'data-change quality-change']],
    );
    await peer.call('disable', { reference });
  });

  it('sBr: what was buffered, and what comes after an EntryID', async () => {
    const reference = 'BAY1CTRL/LLN0.brcbPositions01';
    for (const value of ['on', 'off', 'on']) server.update([{ reference: CSWI1, value }]);
    await peer.call('enable', { reference });
    const before = await reports(3);
    await peer.call('disable', { reference });
    await peer.call('resume', { reference, entryId: before[0]?.entryId });
    await peer.call('enable', { reference });
    const after = await reports(2);
    assert.deepEqual(
      after.map(({ entryId }) => entryId),
      before.slice(1).map(({ entryId }) => entryId),
    );
    await assert.rejects(peer.call('enable', { reference: 'BAY1CTRL/LLN0.brcbPositions01' }), /service error/);
  });
});

describe('Reports of our server and our client, dissected by tshark', function () {
  this.timeout(60_000);
  let server: IedServer;
  let recorder: Recorder;
  let port: number;
  let folder: string;
  const cleanups: (() => Promise<unknown>)[] = [];

  before(async function () {
    needPeer(this, 'tshark');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-server-reports-'));
    const { port: serverPort, ...rest } = await served();
    ({ server } = rest);
    recorder = new Recorder();
    port = await recorder.listen(serverPort);
  });
  after(async () => {
    await recorder?.close();
    await server?.close();
    if (folder) rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function subscribe(
    reference: string,
    more: Partial<SubscribeOptions> = {},
    maxPduSize = 65_000,
  ): Promise<{ lease: ReportLease; first: Report }> {
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], maxPduSize });
    cleanups.push(() => session.close());
    session.start();
    const lease = ReportHub.of(session).subscribe({ reference, ...more });
    cleanups.push(() => lease.release());
    const [first] = (await once(lease.consumer, 'report')) as [Report];
    return { lease, first };
  }

  it('sRp, sBr: every set of optional fields, whole and in segments', async () => {
    const fields = Object.keys(OptFld) as OptionalField[];
    for (const reference of ['BAY1MEAS/LLN0.urcbMeasurements01[RP]', 'BAY1MEAS/LLN0.brcbEnergy01[BR]']) {
      for (const maxPduSize of [65_000, 700]) {
        for (const optionalFields of [[], fields, ...fields.map((field) => [field])]) {
          const { lease, first } = await subscribe(reference, { optionalFields }, maxPduSize);
          assert.ok(first.values.length > 0);
          assert.equal(first.sqNum !== undefined, optionalFields.includes('seqNum'), optionalFields.join());
          assert.deepEqual(lease.status.counters.missed, 0);
          for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
        }
      }
    }
  });

  it('sRp: interrogation and changes as tag values', async () => {
    const { lease, first } = await subscribe('BAY1CTRL/LLN0.urcbAlarms02[RP]', { bufferTime: 0 });
    assert.equal(first.values.length, 11);
    const came = once(lease.consumer, 'report') as Promise<[Report]>;
    server.update([{ reference: ALM1, value: true, timestamp: '2026-01-02T03:04:05.678Z' }]);
    const [{ values }] = await came;
    assert.deepEqual(
      values.map(({ tag, value, quality, timestamp, reason }) => [tag, value, quality?.text, timestamp, reason]),
      [['BAY1CTRL.GGIO1.Alm1', true, 'good', '2026-01-02T03:04:05.678Z', ['data-change', 'quality-change']]],
    );
  });

  it('nothing of it is malformed', () => {
    const file = path.join(folder, 'reports.pcapng');
    recorder.write(file);
    assert.deepEqual(complaints(file), []);
  });
});
