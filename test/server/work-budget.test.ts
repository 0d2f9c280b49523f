/** A server whose work budget is used up by requests: reports come later, and all of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IedSession, ReportHub } from '../../src/client/index.js';
import { IedServer } from '../../src/server/index.js';
import { WorkBudget } from '../../src/server/work-budget.js';
import sinon from 'sinon';
import { nameOf } from './loopback.js';
import { reportModel } from './report-fixture.js';
import { TcpClient } from './tcp-client.js';

const CNT1 = 'TESTLD1/GGIO1.Cnt1[ST]';
const EVENTS = 200;

describe('A work budget that is used up', () => {
  afterEach(() => sinon.restore());

  it('delays reports, and loses none', async () => {
    const delay = sinon.spy(WorkBudget.prototype, 'delay');
    const server = IedServer.fromModel(reportModel(), { port: 0, workBudget: 20 });
    const { port } = await server.listen();
    const session = new IedSession({ name: 'TEST', endpoints: [{ host: '127.0.0.1', port }] });
    session.start();
    const lease = ReportHub.of(session).subscribe({ reference: 'TESTLD1/LLN0.brcb01[BR]', interrogate: false });
    while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
    const values: unknown[] = [];
    lease.consumer.on('report', (report) => values.push(...report.values.map(({ value }) => value)));
    const busy = await TcpClient.open(port);
    try {
      const list = Array.from({ length: 20 }, () => ({ name: nameOf('TESTLD1/LLN0') }));
      for (let i = 1; i <= EVENTS; i++) {
        server.update([{ reference: CNT1, value: i }]);
        await busy.request({ service: 'read', specificationWithResult: false, access: { list } });
      }
      while (values.length < EVENTS) await once(lease.consumer, 'report');
      assert.deepEqual(
        values,
        Array.from({ length: EVENTS }, (_, i) => i + 1),
      );
      assert.ok(
        delay.returnValues.some((ms) => ms > 0),
        'the budget was never used up',
      );
    } finally {
      await busy.close();
      await lease.release();
      await session.close();
      await server.close();
    }
  }).timeout(60_000);
});
