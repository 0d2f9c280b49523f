/** Instances of one control block share RptID and data set in many devices, and in the file of the demo. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { IedSession } from '../../../src/client/index.js';
import type { Report } from '../../../src/client/reports/report-consumer.js';
import { ReportHub, type ReportLease } from '../../../src/client/reports/report-hub.js';
import { IedServer } from '../../../src/server/index.js';

const BAY = path.join(__dirname, '..', '..', '..', 'examples', 'scl', 'bay.cid');
const block = (instance: string): string => `BAY1CTRL/LLN0.brcbPositions${instance}[BR]`;

describe('two instances of one control block, taken over one association', () => {
  let server: IedServer;
  let session: IedSession;
  let hub: ReportHub;
  const leases: ReportLease[] = [];

  beforeEach(async () => {
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    const { port } = await server.listen();
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }] });
    hub = ReportHub.of(session);
  });
  afterEach(async () => {
    await Promise.all(leases.splice(0).map((lease) => lease.release()));
    await session.close();
    await server.close();
  });

  const take = (instance: string, more: { rptId?: string } = {}): ReportLease => {
    const lease = hub.subscribe({ reference: block(instance), interrogate: false, ...more });
    leases.push(lease);
    return lease;
  };
  const phase = async (lease: ReportLease, wanted: string): Promise<void> => {
    while (lease.status.phase !== wanted) await once(lease.consumer, 'state');
  };

  it('would look alike: the second is refused by name, free for others, and takes nothing from the first', async () => {
    const one = take('01');
    session.start();
    await phase(one, 'armed');
    const two = take('02');
    await phase(two, 'failed');
    assert.equal(two.status.error?.code, 'IEC61850_REPORT_ID_SHARED');
    assert.match(two.status.error?.message ?? '', /brcbPositions02\[BR\] has the RptID .* of .*brcbPositions01\[BR\]/);
    const states = await session.read(['BAY1CTRL/LLN0.brcbPositions02.RptEna[BR]']);
    assert.equal(states[0]?.value, false);
    const came = once(one.consumer, 'report') as Promise<[Report]>;
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.stVal[ST]', value: 'off' }]);
    assert.deepEqual([(await came)[0].controlBlock, one.status.counters.missed], [block('01'), 0]);
  });

  it('are told apart by an RptID of its own', async () => {
    const [one, two] = [take('01'), take('02', { rptId: 'second' })];
    session.start();
    await Promise.all([phase(one, 'armed'), phase(two, 'armed')]);
    const came = [one, two].map((lease) => once(lease.consumer, 'report') as Promise<[Report]>);
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.stVal[ST]', value: 'off' }]);
    const reports = await Promise.all(came);
    assert.deepEqual(
      reports.map(([{ controlBlock }]) => controlBlock),
      [block('01'), block('02')],
    );
    assert.deepEqual([one.status.counters.missed, two.status.counters.missed], [0, 0]);
  });

  it('of different data sets are told apart by these, and refused where their reports do not say them', async () => {
    const one = hub.subscribe({ reference: block('01'), rptId: 'same', interrogate: false });
    leases.push(one);
    session.start();
    await phase(one, 'armed');
    const alarms = { reference: 'BAY1CTRL/LLN0.urcbAlarms01[RP]', rptId: 'same', interrogate: false };
    const silent = hub.subscribe({ ...alarms, optionalFields: ['seqNum', 'reasonCode'] });
    await phase(silent, 'failed');
    assert.equal(silent.status.error?.code, 'IEC61850_REPORT_ID_SHARED');
    await silent.release();
    const said = hub.subscribe({ ...alarms, optionalFields: ['seqNum', 'reasonCode', 'dataSet'] });
    leases.push(said);
    await phase(said, 'armed');
    const came = once(said.consumer, 'report') as Promise<[Report]>;
    server.update([{ reference: 'BAY1CTRL/GGIO1.Alm1.stVal[ST]', value: true }]);
    assert.equal((await came)[0].controlBlock, alarms.reference);
    assert.equal(one.status.counters.reports, 0);
  });
});
