/** Reports first, with data sets that are made for what no data set of a foreign server holds. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { IedClient, IedSession, ReportHub } from '../../src/client/index.js';
import type { Iec61850Error } from '../../src/errors.js';
import { ReportsFirst, type MadeDataSetOptions } from '../../src/gateway/reports/index.js';
import type { Tag } from '../../src/model/tag.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { needPeer, ROOT, startPeerServer, type Peer } from './peers/index.js';

const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'reports.cfg');
const TAGS: Tag[] = [
  { tag: 'Pos', reference: 'RPTSCTRL/XCBR1.Pos', fc: 'ST' },
  { tag: 'Beh', reference: 'RPTSCTRL/LLN0.Beh', fc: 'ST' },
  { tag: 'Mod', reference: 'RPTSCTRL/LLN0.Mod', fc: 'ST' },
];

describe('Data sets made for reports of a libiec61850 server', function () {
  this.timeout(60_000);
  let server: Peer;
  let watcher: IedClient;
  const cleanups: (() => Promise<unknown>)[] = [];

  before(async function () {
    needPeer(this, 'libiec61850');
    server = await startPeerServer('libiec61850', { model: MODEL });
    watcher = new IedClient({ host: '127.0.0.1', port: server.port, name: 'RPTS' });
    await watcher.connect();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  after(async () => {
    await watcher?.close();
    await server?.stop();
  });

  function open(makeDataSets: MadeDataSetOptions): { session: IedSession; reports: ReportsFirst } {
    const session = new IedSession({ name: 'RPTS', endpoints: [{ host: '127.0.0.1', port: server.port }] });
    cleanups.push(() => session.close());
    const reports = new ReportsFirst(session, { tags: TAGS, interval: 100, makeDataSets });
    cleanups.push(() => reports.close());
    session.start();
    reports.start();
    return { session, reports };
  }

  async function covered(reports: ReportsFirst, reported: number): Promise<void> {
    while (reports.coverage.reported !== reported) await once(reports, 'coverage');
  }

  function value(reports: ReportsFirst, wanted: (value: TagValue) => boolean): Promise<TagValue> {
    return new Promise((resolve) => {
      reports.on('values', (values) => {
        const found = values.find(wanted);
        if (found) resolve(found);
      });
    });
  }

  const mode = (stVal: number): Promise<unknown> =>
    server.call('update', { values: [['RPTSCTRL/LLN0.Mod.stVal', 'integer', stVal]] });
  const listed = async (): Promise<string[]> =>
    (await watcher.dataSets.list()).filter((name) => name.includes('NodeRED'));
  const dataSets = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await watcher.listReports()).controlBlocks.map(({ reference, dataSet }) => [reference, dataSet]),
    );

  for (const scope of ['persistent', 'association'] as const) {
    it(`cDs, cRp: ${scope}: made, armed, reported by change, and unmade when it closes`, async () => {
      await mode(1);
      const before = await dataSets();
      const { session, reports } = open({ scope });
      const warnings: Iec61850Error[] = [];
      reports.on('warning', (error) => warnings.push(error));
      await covered(reports, 3);
      assert.equal(reports.coverage.polled, 0);
      assert.equal((await listed()).length, scope === 'persistent' ? 1 : 0);
      const own = (await session.dataSets.list()).find((name) => name.includes('NodeRED'));
      assert.ok(own);
      assert.deepEqual((await session.dataSets.directory(own)).members, [
        'RPTSCTRL/LLN0.Beh[ST]',
        'RPTSCTRL/LLN0.Mod[ST]',
      ]);
      const changed = value(reports, ({ tag, value: now }) => tag === 'Mod' && now === 5);
      await mode(5);
      const { source, reason, quality } = await changed;
      assert.deepEqual([source, reason, quality?.text], ['report', ['data-change'], 'good']);
      await reports.close();
      assert.ok(!(await session.dataSets.list()).some((name) => name.includes('NodeRED')));
      assert.deepEqual(await dataSets(), before);
      assert.deepEqual(warnings, []);
    });

    it(`cDs, cRp: ${scope}: after a lost connection reports take over again`, async () => {
      const { session, reports } = open({ scope });
      await covered(reports, 3);
      const again = once(session, 'state');
      // As a cable that is pulled: the socket is destroyed, and the session connects anew.
      (session as unknown as { association: { socket: { destroy(): void } } }).association.socket.destroy();
      await again;
      await covered(reports, 0);
      await covered(reports, 3);
      const changed = value(
        reports,
        ({ tag, value: now, source }) => tag === 'Mod' && now === 3 && source === 'report',
      );
      await mode(3);
      await changed;
      await mode(1);
    });
  }

  it('cDs: one that was left behind by a killed process is used again, and unmade', async () => {
    const first = open({ scope: 'persistent' });
    await covered(first.reports, 3);
    const [left] = await listed();
    // Without closing the reports: the data set and the DatSet that names it stay.
    await first.session.close();
    assert.deepEqual(await listed(), [left]);
    const second = open({ scope: 'persistent' });
    await covered(second.reports, 3);
    assert.deepEqual(await listed(), [left]);
    await second.reports.close();
    assert.deepEqual(await listed(), []);
  });

  it('polls what no free control block can take', async () => {
    const session = new IedSession({ name: 'OTHER', endpoints: [{ host: '127.0.0.1', port: server.port }] });
    cleanups.push(() => session.close());
    session.start();
    const hub = ReportHub.of(session);
    const { controlBlocks } = await watcher.listReports();
    const leases = controlBlocks
      .filter(({ dataSet }) => dataSet !== '')
      .map(({ reference }) => hub.subscribe({ reference }));
    cleanups.push(() => Promise.all(leases.map((lease) => lease.release())));
    for (const lease of leases) while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
    const { reports } = open({ scope: 'association' });
    const polled = value(reports, ({ tag, source }) => tag === 'Pos' && source === 'poll');
    // The one that is left has no data set of its own, and takes one for all three.
    await covered(reports, 3);
    await polled;
    assert.equal(reports.coverage.armed, 1);
  });
});
