import assert from 'node:assert/strict';
import { once } from 'node:events';
import sinon from 'sinon';
import { IedSession } from '../../../src/client/index.js';
import { ReportsFirst, type Coverage, type ReportsFirstOptions } from '../../../src/gateway/reports/index.js';
import type { Tag } from '../../../src/model/tag.js';
import type { ServiceRequest } from '../../../src/mms/services.js';
import type { TagValue } from '../../../src/model/tag-value.js';
import { mv, mvType, sps } from '../../support/fake-ied.js';
import { FakeControlBlock, type FakeControlBlockOptions } from '../../client/reports/fake-control-block.js';
import { reportPdu } from '../../client/reports/report-octets.js';

const TAGS: Tag[] = [
  { tag: 'Ind1', reference: 'LD/GGIO1.Ind1', fc: 'ST' },
  { tag: 'Ind2', reference: 'LD/GGIO1.Ind2', fc: 'ST' },
  { tag: 'AnIn1', reference: 'LD/GGIO1.AnIn1', fc: 'MX' },
];

describe('reports first, polling for the rest', () => {
  const cleanups: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    sinon.restore();
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function open(
    options: FakeControlBlockOptions = {},
    more: Partial<ReportsFirstOptions> = {},
  ): Promise<{ block: FakeControlBlock; reports: ReportsFirst }> {
    const block = new FakeControlBlock({
      variables: { 'LD/GGIO1$MX$AnIn1': { type: mvType, data: mv(1.5) } },
      ...options,
    });
    await block.ied.listen();
    cleanups.push(() => block.ied.close());
    const session = new IedSession({
      name: 'BAY',
      endpoints: [{ host: '127.0.0.1', port: block.ied.port }],
      timeout: 1000,
    });
    cleanups.push(() => session.close());
    const reports = new ReportsFirst(session, { tags: TAGS, interval: 50, ...more });
    cleanups.push(() => reports.close());
    session.start();
    return { block, reports };
  }

  async function coverage(reports: ReportsFirst, reported: number): Promise<Coverage> {
    while (reports.coverage.reported !== reported) await once(reports, 'coverage');
    return reports.coverage;
  }

  function value(reports: ReportsFirst, wanted: (value: TagValue) => boolean): Promise<TagValue> {
    return new Promise((resolve) => {
      reports.on('values', (values) => {
        const found = values.find(wanted);
        if (found) resolve(found);
      });
    });
  }

  const report = (sqNum: number, on: boolean): Buffer =>
    reportPdu({ rptId: 'events', sqNum, entryId: `0${sqNum}`, inclusion: '10', values: [sps(on)] });

  it('takes the data set that holds the tags and polls only what no report brings', async () => {
    const { block, reports } = await open();
    const polled = value(reports, ({ tag, source }) => tag === 'AnIn1' && source === 'poll');
    reports.start();
    assert.deepEqual(await coverage(reports, 2), { reported: 2, polled: 1, armed: 1, waiting: 0 });
    assert.equal((await polled).value, 1.5);
    const reported = value(reports, ({ tag, source }) => tag === 'Ind1' && source === 'report');
    block.ied.sendUnconfirmed(report(0, false));
    assert.equal((await reported).value, false);
    const before = block.ied.requests.length;
    const reads = (): unknown[] => block.ied.requests.slice(before).filter(({ service }) => service === 'read');
    while (reads().length < 2) await new Promise(setImmediate);
    assert.ok(!JSON.stringify(reads()).includes('Ind1'));
  });

  it('polls all of them while the control block is reserved', async () => {
    const { reports } = await open({ attributes: { RptEna: { type: 'boolean', value: true } } });
    const polled = value(reports, ({ tag, source }) => tag === 'Ind1' && source === 'poll');
    reports.start();
    assert.equal((await polled).status, 'live');
    assert.equal(reports.coverage.polled, 3);
  });

  it('polls again what a control block brought that fails, with sequences that go on', async () => {
    const { block, reports } = await open();
    reports.start();
    await coverage(reports, 2);
    const first = value(reports, ({ tag, source }) => tag === 'Ind1' && source === 'report');
    block.ied.sendUnconfirmed(report(0, false));
    const { sequence } = await first;
    const polledAgain = value(
      reports,
      ({ tag, source, status }) => tag === 'Ind1' && source === 'poll' && status === 'live',
    );
    block.ied.sendUnconfirmed(
      reportPdu({ rptId: 'events', sqNum: 1, confRev: 9, inclusion: '10', values: [sps(true)] }),
    );
    const again = await polledAgain;
    assert.equal(again.value, true);
    assert.ok(again.sequence > sequence);
  });

  it('an IED that makes no data sets is not asked on and on, and everything is polled', async () => {
    const { block, reports } = await open({ members: ['GGIO1$ST$Ind3'] }, { makeDataSets: { scope: 'persistent' } });
    const warned = once(reports, 'warning');
    reports.start();
    const [warning] = (await warned) as [Error];
    assert.match(warning.message, /no data set can be made.*polled/);
    const defined = (): ServiceRequest[] =>
      block.ied.requests.filter(({ service }) => service === 'defineNamedVariableList');
    const asked = defined().length;
    assert.ok(asked <= 5, `${asked} requests`);
    while (reports.snapshot().length < TAGS.length) await once(reports, 'values');
    assert.deepEqual([...new Set(reports.snapshot().map(({ source }) => source))], ['poll']);
    assert.equal(defined().length, asked);
    assert.deepEqual(reports.coverage, { reported: 0, polled: 3, armed: 0, waiting: 0 });
  });

  it('a buffered control block gets no data set that goes with the association', async () => {
    const { block, reports } = await open({ members: ['GGIO1$ST$Ind3'] }, { makeDataSets: { scope: 'association' } });
    reports.start();
    await value(reports, ({ tag, source }) => tag === 'AnIn1' && source === 'poll');
    assert.ok(!block.ied.requests.some(({ service }) => service === 'defineNamedVariableList'));
  });

  it('a lost connection leaves the last values, which say so', async () => {
    const { block, reports } = await open();
    reports.start();
    await coverage(reports, 2);
    const live = value(reports, ({ tag }) => tag === 'Ind1');
    block.ied.sendUnconfirmed(report(0, true));
    await live;
    const gone = value(reports, ({ tag, status }) => tag === 'Ind1' && status === 'disconnected');
    block.ied.cut();
    assert.equal((await gone).value, true);
    assert.equal(reports.coverage.reported, 0);
  });

  it('value and quality that are members of their own are enough for a tag, value alone is not', async () => {
    const { block, reports } = await open({
      members: ['GGIO1$ST$Ind1$stVal', 'GGIO1$ST$Ind1$q', 'GGIO1$ST$Ind2$stVal'],
    });
    reports.start();
    assert.deepEqual(await coverage(reports, 1), { reported: 1, polled: 2, armed: 1, waiting: 0 });
    assert.ok(block.written.includes('RptEna'));
  });

  it('gives the control block back when it closes', async () => {
    const { block, reports } = await open();
    reports.start();
    await coverage(reports, 2);
    await reports.close();
    assert.deepEqual(block.written.slice(-2), ['RptEna', 'ResvTms']);
  });
});
