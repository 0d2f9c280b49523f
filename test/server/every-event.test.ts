/** Ten clients on reports of one process: each gets every event. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IedSession, ReportHub } from '../../src/client/index.js';
import { IedServer } from '../../src/server/index.js';
import { COUNT, reportModel } from './report-fixture.js';

const CLIENTS = 10;
const ROUNDS = 250;

describe('Reports to ten clients', () => {
  for (const buffered of [true, false]) {
    it(`${buffered ? 'buffered' : 'unbuffered'}: every client gets every event, in order`, async () => {
      const kind = buffered ? 'brcb' : 'urcb';
      const names = Array.from({ length: CLIENTS }, (_, i) => `${kind}Ten${String(i + 1).padStart(2, '0')}`);
      const blocks = names.map((name) => ({
        ...{ name, buffered, dataSet: 'Many', rptId: name, confRev: 1 },
        triggerOptions: { dchg: true, qchg: true, dupd: false, period: false, gi: true },
      }));
      const server = IedServer.fromModel(reportModel({}, blocks), { port: 0 });
      const { port } = await server.listen();
      const sessions = names.map((name) => new IedSession({ name, endpoints: [{ host: '127.0.0.1', port }] }));
      try {
        const clients = await Promise.all(
          sessions.map(async (session, i) => {
            session.start();
            const reference = `TESTLD1/LLN0.${names[i]}[${buffered ? 'BR' : 'RP'}]`;
            const lease = ReportHub.of(session).subscribe({ reference, interrogate: false });
            while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
            const values: unknown[] = [];
            lease.consumer.on('report', (report) => values.push(...report.values.map(({ value }) => value)));
            return { lease, values };
          }),
        );
        for (let round = 0; round < ROUNDS; round++) {
          server.update(
            Array.from({ length: COUNT }, (_, i) => ({
              reference: `TESTLD1/GGIO1.Cnt${i + 1}[ST]`,
              value: round * COUNT + i + 1,
            })),
          );
          await new Promise((resolve) => setImmediate(resolve));
        }
        const all = Array.from({ length: ROUNDS * COUNT }, (_, i) => i + 1);
        for (const { lease, values } of clients) {
          while (values.at(-1) !== all.at(-1)) await once(lease.consumer, 'report');
          assert.deepEqual(values, all);
          await lease.release();
        }
      } finally {
        await Promise.all(sessions.map((session) => session.close()));
        await server.close();
      }
    }).timeout(60_000);
  }
});
