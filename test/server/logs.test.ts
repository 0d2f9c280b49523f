/** Logs (IEC 61850-7-2 §17.3), by the UCA test group sLog. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sinon from 'sinon';
import { ServiceError } from '../../src/errors.js';
import { binaryTimeToMs, msToBinaryTime } from '../../src/model/timestamp.js';
import type { MmsData } from '../../src/mms/data.js';
import { ObjectClass, type JournalEntry, type ServiceRequest } from '../../src/mms/services.js';
import { AccessError } from '../../src/server/selection.js';
import { Loopback, nameOf, type LoopbackOptions } from './loopback.js';
import { settingsModel } from './settings-model.js';

type Query = Omit<Extract<ServiceRequest, { service: 'readJournal' }>, 'service' | 'journal'>;

const LCB = 'RELAYPROT/LLN0$LG$lcb1';
const JOURNAL = nameOf('RELAYPROT/LLN0$EventLog');
const IND = 'RELAYPROT/GGIO1.Ind1';
const TRUE: MmsData = { type: 'boolean', value: true };
const FALSE: MmsData = { type: 'boolean', value: false };
const START = Date.parse('2026-03-01T12:00:00.000Z');

const open = (options: LoopbackOptions = {}): Loopback =>
  Loopback.open({ iedModel: settingsModel(), writable: ['SG', 'SE'], ...options });
const query = (client: Loopback, what: Query = {}): { entries: JournalEntry[]; moreFollows: boolean } =>
  client.request({ service: 'readJournal', journal: JOURNAL, ...what });
const at = (ms: number): { time: { ms: number; days: number } } => ({ time: msToBinaryTime(ms) });
const text = (value: string): MmsData => ({ type: 'visible-string', value });
const plain = (data: MmsData | number): unknown => (typeof data === 'object' && 'value' in data ? data.value : data);

function flat(entry: JournalEntry | undefined): unknown[] {
  return (entry?.variables ?? []).map(({ tag, data }) => [tag, 'bits' in data ? data.bits : plain(data)]);
}

const times = (entries: readonly JournalEntry[]): number[] =>
  entries.map(({ time }) => binaryTimeToMs(time.ms, time.days ?? 0) - START);

describe('A log of the server', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: START, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => clock.restore());

  /** One event each `step` ms, of Ind1. */
  function events(client: Loopback, count: number, step = 1000): void {
    for (let i = 0; i < count; i++) {
      const { errors } = client.core.update([{ reference: IND, value: i % 2 === 0 }], Date.now());
      assert.deepEqual(errors, []);
      clock.tick(step);
    }
  }

  it('is listed as a journal, and its control block shows what it is set to (sLog1)', () => {
    const client = open();
    assert.deepEqual(client.names('RELAYPROT', ObjectClass.journal).names, ['LLN0$EventLog']);
    assert.deepEqual(
      ['LogEna', 'LogRef', 'DatSet'].map((name) => plain(client.value(`${LCB}$${name}`))),
      [true, 'RELAYPROT/LLN0$EventLog', 'RELAYPROT/LLN0$dsLog'],
    );
    assert.deepEqual(client.core.problems.list, []);
  });

  it('takes down changes of its data set with their reasons, several of one transaction in one entry (sLog2)', () => {
    const client = open();
    client.core.update(
      [
        { reference: IND, value: true, quality: 'invalid' },
        { reference: 'RELAYPROT/GGIO1.AnIn1.mag.f[MX]', value: 4.5 },
      ],
      Date.now(),
    );
    client.core.update([{ reference: IND, value: true, quality: 'invalid' }], Date.now());
    const { entries, moreFollows } = query(client);
    assert.equal(moreFollows, false);
    assert.equal(entries.length, 1);
    const [entry] = entries;
    assert.equal(entry?.entryId?.length, 8);
    assert.deepEqual(times(entries), [0]);
    assert.deepEqual(
      flat(entry).map((row) => (row as unknown[])[0]),
      ['RELAYPROT/GGIO1$ST$Ind1', 'ReasonCode', 'RELAYPROT/GGIO1$MX$AnIn1$mag$f', 'ReasonCode'],
    );
    assert.deepEqual(flat(entry)[1], ['ReasonCode', '0110000']);
    assert.deepEqual(flat(entry)[2], ['RELAYPROT/GGIO1$MX$AnIn1$mag$f', 4.5]);
    assert.deepEqual(flat(entry)[3], ['ReasonCode', '0100000']);
  });

  it('takes down the settings that another active group brings', () => {
    const client = open();
    client.write('RELAYPROT/LLN0$SP$SGCB$ActSG', { type: 'unsigned', value: 2 });
    assert.deepEqual(flat(query(client).entries[0]), [
      ['RELAYPROT/PTOC1$SG$StrVal$setMag$f', 2.5],
      ['ReasonCode', '0100000'],
    ]);
  });

  it('takes down only what its trigger options say', () => {
    const client = open();
    client.write(`${LCB}$LogEna`, FALSE);
    assert.equal(client.write(`${LCB}$TrgOps`, { type: 'bit-string', bits: '001000' }), undefined);
    assert.equal(client.write(`${LCB}$LogEna`, TRUE), undefined);
    events(client, 4);
    assert.equal(query(client).entries.length, 0);
    client.core.update([{ reference: IND, value: false, quality: 'invalid' }], Date.now());
    assert.equal(query(client).entries.length, 1);
  });

  it('gives entries of a time (sLog3)', () => {
    const client = open();
    events(client, 10);
    assert.deepEqual(
      times(query(client, { start: at(START + 3000) }).entries),
      [3000, 4000, 5000, 6000, 7000, 8000, 9000],
    );
    assert.deepEqual(
      times(query(client, { start: at(START + 2500), stop: at(START + 5000) }).entries),
      [3000, 4000, 5000],
    );
    assert.deepEqual(times(query(client, { stop: at(START + 1000) }).entries), [0, 1000]);
    assert.deepEqual(times(query(client, { start: at(START), stop: { entries: 2 } }).entries), [0, 1000]);
    assert.deepEqual(query(client, { start: at(START + 99_000) }), {
      service: 'readJournal',
      entries: [],
      moreFollows: false,
    });
  });

  it('gives entries after an entry (sLog4), and from one on', () => {
    const client = open();
    events(client, 6);
    const all = query(client).entries;
    const third = all[2]?.entryId as Buffer;
    assert.deepEqual(
      times(query(client, { after: { ...at(START + 2000), entry: third } }).entries),
      [3000, 4000, 5000],
    );
    assert.deepEqual(times(query(client, { start: { entry: third } }).entries), [2000, 3000, 4000, 5000]);
    const last = all[5]?.entryId as Buffer;
    assert.deepEqual(query(client, { after: { ...at(START), entry: last } }).entries, []);
    // One that this server never gave: the time says where to go on.
    const foreign = { ...at(START + 4000), entry: Buffer.from('abc') };
    assert.deepEqual(times(query(client, { after: foreign }).entries), [4000, 5000]);
    const later = { ...at(START + 4000), entry: Buffer.from('001fffffffffffff', 'hex') };
    assert.deepEqual(times(query(client, { after: later }).entries), [4000, 5000]);
  });

  it('gives those variables alone that are asked for', () => {
    const client = open();
    events(client, 1);
    const { entries } = query(client, { variables: ['RELAYPROT/GGIO1$ST$Ind1'] });
    assert.deepEqual(
      entries[0]?.variables?.map(({ tag }) => tag),
      ['RELAYPROT/GGIO1$ST$Ind1'],
    );
  });

  it('gives pages that fit the negotiated PDU, every entry once and in order', () => {
    const client = open({ offer: { maxPduSize: 1000 } });
    events(client, 100);
    const seen: number[] = [];
    let more = true;
    let after: Query['after'];
    for (let pages = 0; more; pages++) {
      assert.ok(pages < 100);
      const page = query(client, { start: at(START), ...(after && { after }) });
      assert.ok(page.entries.length > 0 && page.entries.length < 12);
      seen.push(...times(page.entries));
      const last = page.entries.at(-1) as JournalEntry;
      after = { time: last.time as { ms: number; days: number }, entry: last.entryId as Buffer };
      more = page.moreFollows;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, i) => i * 1000),
    );
  });

  it('that does not exist is answered with an error (sLogN1)', () => {
    const client = open();
    for (const name of ['RELAYPROT/LLN0$Other', 'NOPE/LLN0$EventLog']) {
      assert.throws(
        () => client.request({ service: 'readJournal', journal: nameOf(name) }),
        (error) => error instanceof ServiceError && error.errorName === 'object-non-existent',
      );
    }
    assert.throws(
      () => client.request({ service: 'readJournal', journal: { scope: 'vmd', item: 'EventLog' } }),
      ServiceError,
    );
  });

  it('keeps the newest entries when it is full', () => {
    const client = open({ logSize: 100 });
    events(client, 250);
    const { entries } = query(client);
    assert.ok(entries.length > 90 && entries.length <= 100, String(entries.length));
    assert.equal(times(entries).at(-1), 249_000);
  });

  it('tells its oldest and newest entry in its control block', () => {
    const client = open();
    const none = client.value(`${LCB}$NewEntr`) as { octets: Buffer };
    assert.deepEqual(none.octets, Buffer.alloc(8));
    events(client, 3);
    const { entries } = query(client);
    assert.deepEqual((client.value(`${LCB}$OldEntr`) as { octets: Buffer }).octets, entries[0]?.entryId);
    assert.deepEqual((client.value(`${LCB}$NewEntr`) as { octets: Buffer }).octets, entries[2]?.entryId);
    const time = client.value(`${LCB}$NewEntrTm`) as { ms: number; days: number };
    assert.equal(binaryTimeToMs(time.ms, time.days), START + 2000);
  });

  it('is configured while it is not enabled, and refuses what it cannot do (sLogN2)', () => {
    const client = open();
    const { temporarilyUnavailable, objectValueInvalid, objectAccessDenied } = AccessError;
    assert.equal(client.write(`${LCB}$DatSet`, text('')), temporarilyUnavailable);
    assert.equal(client.write(`${LCB}$NewEntr`, { type: 'octet-string', octets: Buffer.alloc(8) }), objectAccessDenied);
    assert.equal(client.write(`${LCB}$LogEna`, FALSE), undefined);
    events(client, 2);
    assert.equal(query(client).entries.length, 0);
    assert.equal(client.write(`${LCB}$DatSet`, text('RELAYPROT/LLN0$nope')), objectValueInvalid);
    assert.equal(client.write(`${LCB}$LogRef`, text('RELAYPROT/LLN0$nope')), objectValueInvalid);
    assert.equal(client.write(`${LCB}$DatSet`, text('')), undefined);
    assert.equal(client.write(`${LCB}$LogEna`, TRUE), objectValueInvalid);
    assert.equal(client.write(`${LCB}$DatSet`, text('RELAYPROT/LLN0$dsLog')), undefined);
    assert.equal(client.write(`${LCB}$LogEna`, TRUE), undefined);
    events(client, 1);
    assert.equal(query(client).entries.length, 1);
  });

  it('takes down all members at each integrity period', () => {
    const client = open();
    client.core.start();
    client.write(`${LCB}$LogEna`, FALSE);
    client.write(`${LCB}$TrgOps`, { type: 'bit-string', bits: '000010' });
    client.write(`${LCB}$IntgPd`, { type: 'unsigned', value: 500 });
    client.write(`${LCB}$LogEna`, TRUE);
    clock.tick(1600);
    const { entries } = query(client);
    assert.deepEqual(times(entries), [500, 1000, 1500]);
    assert.equal(entries[0]?.variables?.length, 6);
    assert.deepEqual(flat(entries[0])[1], ['ReasonCode', '0000100']);
    client.write(`${LCB}$LogEna`, FALSE);
    clock.tick(5000);
    assert.equal(query(client).entries.length, 3);
  });

  it('has entries that rise when the clock is set back', () => {
    const client = open();
    events(client, 3);
    clock.setSystemTime(START - 3_600_000);
    client.core.update([{ reference: IND, value: false }], Date.now());
    const { entries } = query(client);
    assert.deepEqual(times(entries), [0, 1000, 2000, -3_600_000]);
    const ids = entries.map(({ entryId }) => (entryId as Buffer).readBigUInt64BE());
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  it('that a control block names and the model does not have is a problem, and the block stays off', () => {
    const model = settingsModel();
    const lln0 = model.logicalDevices[0]?.logicalNodes[0];
    if (lln0) lln0.logs = [];
    const client = open({ iedModel: model });
    assert.equal(plain(client.value(`${LCB}$LogEna`)), false);
    assert.match(client.core.problems.list[0]?.message ?? '', /cannot log/);
    assert.equal(client.write(`${LCB}$LogEna`, TRUE), AccessError.objectValueInvalid);
  });

  it('does not stop a client that reads it while entries are dropped', () => {
    const client = open({ logSize: 10, offer: { maxPduSize: 600 } });
    events(client, 10);
    const first = query(client);
    assert.equal(first.moreFollows, true);
    const last = first.entries.at(-1) as JournalEntry;
    events(client, 100);
    const rest = query(client, {
      after: { time: last.time as { ms: number; days: number }, entry: last.entryId as Buffer },
    });
    assert.ok((times(rest.entries)[0] as number) >= 100_000);
  });

  describe('on disk', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'iec61850-log-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    async function started(): Promise<Loopback> {
      const client = new Loopback({ iedModel: settingsModel(), dataDir: folder, writable: ['SG'] });
      await client.core.prepare();
      client.connect();
      return client;
    }

    it('survives a restart, with its numbering and with what clients set its control block to', async () => {
      const first = await started();
      events(first, 5);
      const { entries } = query(first);
      first.write(`${LCB}$LogEna`, FALSE);
      first.write(`${LCB}$IntgPd`, { type: 'unsigned', value: 7000 });
      await first.core.stop();
      const again = await started();
      assert.deepEqual(query(again).entries, entries);
      assert.equal(plain(again.value(`${LCB}$IntgPd`)), 7000);
      events(again, 1);
      assert.equal(query(again).entries.length, 5);
      again.write(`${LCB}$LogEna`, TRUE);
      events(again, 2);
      assert.equal(query(again).entries.length, 6);
      await again.core.stop();
    });
  });
});
