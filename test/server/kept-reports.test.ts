/** Buffers of reports that are kept on disk over a restart of the server. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ArgumentError } from '../../src/errors.js';
import { REPORT_COMMIT_MS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { Loopback } from './loopback.js';
import { BlockClient, parseReport, reportModel, valueOf, type TestReport } from './report-fixture.js';

const CNT1 = 'TESTLD1/GGIO1.Cnt1[ST]';
const NO_ENTRY = '0000000000000000';

describe('Buffered reports on disk', () => {
  let dataDir: string;
  const running: Loopback[] = [];

  beforeEach(() => (dataDir = mkdtempSync(path.join(tmpdir(), 'iec61850-kept-reports-'))));
  afterEach(async () => {
    for (const { core } of running.splice(0)) await core.stop();
    rmSync(dataDir, { recursive: true });
  });

  async function start(iedModel: IedModel = reportModel(), reportBufferSize?: number): Promise<Loopback> {
    const loopback = new Loopback({
      iedModel,
      dataDir,
      keepReportBuffers: true,
      ...(reportBufferSize !== undefined && { reportBufferSize }),
    });
    running.push(loopback);
    await loopback.core.prepare();
    loopback.core.start();
    loopback.connect();
    return loopback;
  }

  async function restart(iedModel?: IedModel, reportBufferSize?: number): Promise<Loopback> {
    const loopback = running.pop() as Loopback;
    loopback.connection.disconnected(0);
    await loopback.core.stop();
    return start(iedModel, reportBufferSize);
  }

  const update = ({ core }: Loopback, value: number): void =>
    void core.update([{ reference: CNT1, value }], Date.now());

  async function take(client: BlockClient, count: number): Promise<TestReport[]> {
    const { loopback } = client;
    for (const end = Date.now() + 2000; loopback.reports.length < count && Date.now() < end;) {
      await pause(REPORT_COMMIT_MS);
      loopback.settle();
    }
    return loopback.reports.splice(0).map(parseReport);
  }

  const values = (reports: readonly TestReport[]): unknown[] => reports.map((report) => valueOf(report.values[0]));

  it('a client goes on after the last EntryID that it saw', async () => {
    const first = await start();
    for (let i = 1; i <= 4; i++) update(first, i);
    const before = new BlockClient(first, 'brcb01');
    before.set('RptEna', true);
    const reports = await take(before, 4);
    update(first, 5);
    const client = new BlockClient(await restart(), 'brcb01');
    update(client.loopback, 6);
    assert.equal(client.set('EntryID', reports[1]?.entryId), undefined);
    client.set('RptEna', true);
    const after = await take(client, 4);
    assert.deepEqual(values(after), [3, 4, 5, 6]);
    assert.deepEqual(
      after.map(({ entryId, time }) => [entryId, time]).slice(0, 2),
      reports.map(({ entryId, time }) => [entryId, time]).slice(2),
    );
    const ids = [...reports, ...after].map(({ entryId }) => entryId as string);
    assert.equal(new Set(ids).size, 6);
  });

  it('what came before it listens stands behind what was kept', async () => {
    update(await start(), 1);
    const old = running.pop() as Loopback;
    await old.core.stop();
    const loopback = new Loopback({ iedModel: reportModel(), dataDir, keepReportBuffers: true });
    running.push(loopback);
    update(loopback, 2);
    await loopback.core.prepare();
    loopback.core.start();
    loopback.connect();
    const client = new BlockClient(loopback, 'brcb01');
    client.set('RptEna', true);
    assert.deepEqual(values(await take(client, 2)), [1, 2]);
  });

  it('the configuration that a client made is that of the buffer', async () => {
    const client = new BlockClient(await start(), 'brcb01');
    client.set('TrgOps', '010001');
    client.set('DatSet', 'TESTLD1/LLN0$Many');
    client.set('RptID', 'mine');
    update(client.loopback, 7);
    const again = new BlockClient(await restart(), 'brcb01');
    assert.deepEqual(
      ['TrgOps', 'DatSet', 'RptID', 'ConfRev'].map((attribute) => again.get(attribute)),
      ['010001', 'TESTLD1/LLN0$Many', 'mine', 4],
    );
    again.set('RptEna', true);
    const [report] = await take(again, 1);
    assert.deepEqual([report?.rptId, valueOf(report?.values[0])], ['mine', 7]);
  });

  it('a data set that a client made is there before the buffer of its reports', async () => {
    const client = new BlockClient(await start(), 'brcb01');
    client.loopback.request({
      service: 'defineNamedVariableList',
      name: { scope: 'domain', domain: 'TESTLD1', item: 'LLN0$own' },
      variables: [{ name: { scope: 'domain', domain: 'TESTLD1', item: 'GGIO1$ST$Cnt1' } }],
    });
    assert.equal(client.set('DatSet', 'TESTLD1/LLN0$own'), undefined);
    update(client.loopback, 7);
    const again = new BlockClient(await restart(), 'brcb01');
    again.set('RptEna', true);
    const [report] = await take(again, 1);
    assert.deepEqual([report?.inclusion, valueOf(report?.values[0])], ['1', 7]);
  });

  it('another file brings another configuration, and entries of the old one are forgotten', async () => {
    const client = new BlockClient(await start(), 'brcb01');
    update(client.loopback, 1);
    const last = client.get('EntryID') as string;
    const changed = reportModel();
    const [block] =
      changed.logicalDevices[0]?.logicalNodes[0]?.reportControlBlocks.filter(({ buffered }) => buffered) ?? [];
    if (block) block.bufferTime = 3;
    const again = new BlockClient(await restart(changed), 'brcb01');
    assert.equal(again.get('EntryID'), NO_ENTRY);
    assert.equal(again.set('EntryID', last), 11);
    update(again.loopback, 2);
    await pause(20);
    assert.ok((again.get('EntryID') as string) > last, 'EntryIDs go on');
  });

  it('what was purged stays away, what was dropped is known as an overflow', async () => {
    const first = new BlockClient(await start(reportModel(), 4096), 'brcb01');
    for (let i = 1; i <= 100; i++) update(first.loopback, i);
    const again = new BlockClient(await restart(reportModel(), 4096), 'brcb01');
    again.set('RptEna', true);
    const reports = await take(again, 5);
    assert.equal(reports[0]?.bufOvfl, true);
    assert.equal(valueOf(reports.at(-1)?.values[0]), 100);
    again.set('RptEna', false);
    again.set('PurgeBuf', true);
    const third = new BlockClient(await restart(reportModel(), 4096), 'brcb01');
    assert.equal(third.get('EntryID'), NO_ENTRY);
    assert.equal(third.set('EntryID', reports[0]?.entryId), 11);
  });

  it('a server that is closed and listens again goes on', async () => {
    const loopback = await start();
    update(loopback, 1);
    loopback.connection.disconnected(0);
    await loopback.core.stop();
    update(loopback, 2);
    await loopback.core.prepare();
    loopback.core.start();
    update(loopback, 3);
    const client = new BlockClient(await restart(), 'brcb01');
    client.set('RptEna', true);
    assert.deepEqual(values(await take(client, 3)), [1, 2, 3]);
  });

  it('needs a folder', () => {
    assert.throws(() => new Loopback({ keepReportBuffers: true }), ArgumentError);
  });
});
