/** Buffered reports of the server (UCA group sBr): what is kept while nobody takes it, and how a client goes on. */
import assert from 'node:assert/strict';
import { OptBits, reportModel, useReports, valueOf, type BlockClient, type TestReport } from './report-fixture.js';

const IND1 = 'TESTLD1/GGIO1.Ind1[ST]';
const CNT1 = 'TESTLD1/GGIO1.Cnt1[ST]';
const TEMPORARILY_UNAVAILABLE = 2;
const ACCESS_DENIED = 3;
const VALUE_INVALID = 11;
const NO_ENTRY = '0000000000000000';

/** Brings a control block to where many reports would have brought it. */
function setSqNum({ loopback, item }: BlockClient, number: number): void {
  const { parts } = loopback.core as unknown as { parts: { blocks?: { reference: string; sqNum: number }[] }[] };
  const block = parts.flatMap(({ blocks = [] }) => blocks).find(({ reference }) => reference === item);
  if (block) block.sqNum = number;
}

const values = (reports: readonly TestReport[]): unknown[] => reports.map((report) => valueOf(report.values[0]));

describe('Buffered reports', () => {
  const server = useReports();

  it('events are kept while nobody takes them, and come in order', () => {
    const client = server.at('brcb01');
    for (let i = 1; i <= 5; i++) server.update(CNT1, i);
    client.set('RptEna', true);
    const reports = client.take();
    assert.deepEqual(values(reports), [1, 2, 3, 4, 5]);
    assert.deepEqual(
      reports.map(({ sqNum }) => sqNum),
      [0, 1, 2, 3, 4],
    );
    assert.ok(reports.every(({ bufOvfl }) => bufOvfl === false));
    assert.equal(
      reports[0]?.optFlds,
      OptBits(['seqNum', 'timeStamp', 'reasonCode', 'dataSet', 'bufOvfl', 'entryID', 'configRef']),
    );
    const ids = reports.map(({ entryId }) => entryId);
    assert.ok(ids.every((id, i) => i === 0 || String(ids[i - 1]) < String(id)));
    assert.equal(new Set(ids).size, 5);
  });

  it('TimeOfEntry is when it happened, not when it was sent', () => {
    const client = server.at('brcb01');
    const then = Date.now();
    server.update(CNT1, 1);
    client.take(60_000);
    client.set('RptEna', true);
    assert.equal(client.take()[0]?.time, then);
  });

  it('a client goes on after the last EntryID that it saw', () => {
    const first = server.at('brcb01');
    first.set('RptEna', true);
    for (let i = 1; i <= 4; i++) server.update(CNT1, i);
    const [, second] = first.take();
    first.loopback.connection.disconnected(0);
    for (let i = 5; i <= 6; i++) server.update(CNT1, i);
    const again = server.at('brcb01');
    assert.equal(again.set('EntryID', second?.entryId), undefined);
    again.set('RptEna', true);
    assert.deepEqual(values(again.take()), [3, 4, 5, 6]);
  });

  it('without an EntryID, and with one of zeros, everything is replayed', () => {
    const client = server.at('brcb01');
    for (let i = 1; i <= 3; i++) server.update(CNT1, i);
    client.set('RptEna', true);
    assert.equal(client.take().length, 3);
    client.set('RptEna', false);
    client.set('RptEna', true);
    assert.deepEqual(values(client.take()), [1, 2, 3]);
    client.set('RptEna', false);
    assert.equal(client.set('EntryID', NO_ENTRY), undefined);
    client.set('RptEna', true);
    assert.deepEqual(values(client.take()), [1, 2, 3]);
  });

  it('an EntryID that the server does not know is refused', () => {
    const client = server.at('brcb01');
    server.update(CNT1, 1);
    for (const id of ['ffffffffffffffff', '0000000000000001', 'ff']) {
      assert.equal(client.set('EntryID', id), VALUE_INVALID, id);
    }
  });

  it('EntryID and TimeOfEntry show the newest entry, and the last one sent while enabled', () => {
    const client = server.at('brcb01');
    assert.equal(client.get('EntryID'), NO_ENTRY);
    server.update(CNT1, 1);
    server.update(CNT1, 2);
    const newest = client.get('EntryID');
    client.set('RptEna', true);
    const [first, second] = client.take();
    assert.equal(second?.entryId, newest);
    assert.notEqual(first?.entryId, newest);
    assert.equal(client.get('EntryID'), newest);
    assert.equal(client.get('SqNum'), 2);
  });

  it('PurgeBuf discards all, and its entries are known no more', () => {
    const client = server.at('brcb01');
    server.update(CNT1, 1);
    const id = client.get('EntryID');
    assert.equal(client.set('PurgeBuf', true), undefined);
    assert.equal(client.get('PurgeBuf'), false);
    assert.equal(client.get('EntryID'), NO_ENTRY);
    assert.equal(client.set('EntryID', id), VALUE_INVALID);
    client.set('RptEna', true);
    assert.deepEqual(client.take(), []);
    assert.equal(client.set('PurgeBuf', true), TEMPORARILY_UNAVAILABLE);
  });

  it('another RptID, DatSet, BufTm, TrgOps or IntgPd purges the buffer, the same one does not', () => {
    const changes = { RptID: 'x', DatSet: 'TESTLD1/LLN0$Values', BufTm: 10, TrgOps: '010001', IntgPd: 5000 };
    let count = 0;
    for (const [attribute, value] of Object.entries(changes)) {
      const client = server.at('brcb02');
      client.set('DatSet', 'TESTLD1/LLN0$Whole');
      client.set('BufTm', 0);
      server.update(CNT1, ++count);
      client.take();
      assert.equal(client.set(attribute, client.get(attribute)), undefined);
      assert.notEqual(client.get('EntryID'), NO_ENTRY, attribute);
      assert.equal(client.set('OptFlds', OptBits(['seqNum', 'entryID'])), undefined);
      assert.notEqual(client.get('EntryID'), NO_ENTRY, 'OptFlds');
      assert.equal(client.set(attribute, value), undefined);
      assert.equal(client.get('EntryID'), NO_ENTRY, attribute);
    }
  });

  it('what there is no room for is lost from the oldest on, and BufOvfl says so once', () => {
    const client = server.at('brcb01', { iedModel: reportModel(), reportBufferSize: 4096 });
    for (let i = 1; i <= 100; i++) server.update(CNT1, i);
    client.set('RptEna', true);
    const reports = client.take();
    assert.ok(reports.length > 5 && reports.length < 30, String(reports.length));
    assert.equal(valueOf(reports.at(-1)?.values[0]), 100);
    assert.deepEqual(
      reports.map(({ bufOvfl }) => bufOvfl),
      reports.map((_, i) => i === 0),
    );
    const first = reports[0]?.entryId as string;
    client.set('RptEna', false);
    for (let i = 101; i <= 200; i++) server.update(CNT1, i);
    assert.equal(client.set('EntryID', first), VALUE_INVALID);
  });

  it('entries that were sent may go without an overflow', () => {
    const client = server.at('brcb01', { iedModel: reportModel(), reportBufferSize: 4096 });
    client.set('RptEna', true);
    for (let i = 1; i <= 200; i++) {
      server.update(CNT1, i);
      assert.deepEqual(
        client.take().map(({ bufOvfl }) => bufOvfl),
        [false],
      );
    }
  });

  it('no report of an interrogation or a scan is lost between the events', () => {
    const client = server.at('brcb01');
    client.set('IntgPd', 1000);
    client.set('RptEna', true);
    server.update(CNT1, 1);
    client.set('GI', true);
    server.update(CNT1, 2);
    assert.deepEqual(
      client.take(1000).map(({ inclusion }) => inclusion),
      ['0100', '1111', '0100', '1111'],
    );
  });

  it('of scans that nobody took only the newest is kept', () => {
    const client = server.at('brcb01');
    client.set('IntgPd', 1000);
    client.take(5000);
    client.set('RptEna', true);
    assert.deepEqual(
      client.take().map(({ inclusion }) => inclusion),
      ['1111'],
    );
  });

  it('SqNum has 16 bits', () => {
    const client = server.at('brcb01');
    client.set('RptEna', true);
    setSqNum(client, 65_534);
    for (let i = 1; i <= 3; i++) server.update(CNT1, i);
    assert.deepEqual(
      client.take().map(({ sqNum }) => sqNum),
      [65_534, 65_535, 0],
    );
  });

  it('ResvTms reserves it, and keeps it for so many seconds for a client that is gone', () => {
    const first = server.at('brcb01');
    const second = server.at('brcb01', { address: '10.0.0.2' });
    assert.equal(first.set('ResvTms', 20), undefined);
    assert.equal(second.get('Owner'), '7f000001');
    assert.equal(second.set('ResvTms', 5), TEMPORARILY_UNAVAILABLE);
    assert.equal(second.set('RptEna', true), TEMPORARILY_UNAVAILABLE);
    first.loopback.connection.disconnected(0);
    second.take(19_999);
    assert.equal(second.set('RptEna', true), TEMPORARILY_UNAVAILABLE);
    assert.equal(second.get('ResvTms'), 20);
    second.take(1);
    assert.deepEqual([second.get('ResvTms'), second.get('Owner')], [0, '']);
    assert.equal(second.set('RptEna', true), undefined);
    assert.equal(second.get('Owner'), '0a000002');
  });

  it('a client that comes back within ResvTms finds it as it left it', () => {
    const first = server.at('brcb01');
    const other = server.at('brcb01', { address: '10.0.0.2' });
    first.set('ResvTms', 20);
    first.loopback.connection.disconnected(0);
    other.take(10_000);
    const again = server.at('brcb01');
    assert.equal(again.set('RptEna', true), undefined);
    other.take(60_000);
    assert.equal(other.set('RptEna', false), TEMPORARILY_UNAVAILABLE);
    assert.equal(other.get('RptEna'), true);
  });

  it('ResvTms 0 gives it back, a negative one is refused', () => {
    const first = server.at('brcb01');
    const second = server.at('brcb01', { address: 'fe80::1:2' });
    assert.equal(first.set('ResvTms', -1), VALUE_INVALID);
    first.set('ResvTms', 20);
    assert.equal(first.set('ResvTms', 0), undefined);
    assert.equal(second.set('ResvTms', 7), undefined);
    assert.equal(second.get('Owner'), 'fe800000000000000000000000010002');
  });

  it('enabling without ResvTms reserves for a while after the client is gone, and not after it took leave', () => {
    const first = server.at('brcb01');
    const second = server.at('brcb01', { address: '10.0.0.2' });
    first.set('RptEna', true);
    assert.ok((second.get('ResvTms') as number) > 0);
    first.set('RptEna', false);
    assert.equal(second.get('ResvTms'), 0);
    first.set('RptEna', true);
    first.loopback.connection.disconnected(0);
    assert.equal(second.get('RptEna'), false);
    assert.equal(second.set('RptEna', true), TEMPORARILY_UNAVAILABLE);
    second.take(10_000);
    assert.equal(second.set('RptEna', true), undefined);
  });

  it('in Edition 1 it is free as soon as its client is gone', () => {
    const first = server.at('brcb01', { iedModel: reportModel({ edition: '1' }) });
    const second = server.at('brcb01', { address: '10.0.0.2' });
    first.set('RptEna', true);
    assert.equal(second.set('RptEna', true), TEMPORARILY_UNAVAILABLE);
    first.loopback.connection.disconnected(0);
    assert.equal(second.set('RptEna', true), undefined);
  });

  it('a block that the file gives to a client is that client’s alone', () => {
    const iedModel = reportModel({}, [
      { name: 'brcbOwned01', buffered: true, dataSet: 'Whole', client: { ied: 'SCADA', address: '10.0.0.2' } },
    ]);
    const other = server.at('brcbOwned01', { iedModel, address: '10.0.0.3' });
    const owner = server.at('brcbOwned01', { address: '10.0.0.2' });
    assert.deepEqual([other.get('ResvTms'), other.get('Owner')], [-1, '0a000002']);
    assert.equal(other.set('RptEna', true), TEMPORARILY_UNAVAILABLE);
    assert.equal(owner.set('ResvTms', 5), ACCESS_DENIED);
    assert.equal(owner.set('RptEna', true), undefined);
    owner.set('RptEna', false);
    assert.equal(owner.get('ResvTms'), -1);
    const desk = server.at('brcbOwned01');
    assert.equal(desk.set('RptEna', true), undefined, 'the same machine');
  });

  it('a data set of the association is no ground for a buffer', () => {
    const client = server.at('brcb01');
    assert.equal(client.set('DatSet', '@mine'), VALUE_INVALID);
  });

  it('an association that ends while reports wait leaves them in the buffer', () => {
    const first = server.at('brcb01');
    first.set('RptEna', true);
    first.loopback.backlog = 2 << 20;
    for (let i = 1; i <= 5; i++) server.update(IND1, i % 2 === 1);
    assert.deepEqual(first.take(), []);
    first.loopback.connection.disconnected(0);
    const again = server.at('brcb01');
    again.set('RptEna', true);
    assert.equal(again.take().length, 5);
  });

  it('a client that is slow gets all of them later, in order', () => {
    const client = server.at('brcb01');
    client.set('RptEna', true);
    client.loopback.backlog = 2 << 20;
    for (let i = 1; i <= 500; i++) server.update(CNT1, i);
    assert.deepEqual(client.take(1000), []);
    client.loopback.backlog = 0;
    assert.deepEqual(
      values(client.take(10)),
      Array.from({ length: 500 }, (_, i) => i + 1),
    );
  });
});
