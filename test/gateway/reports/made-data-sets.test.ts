import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { IedSession } from '../../../src/client/index.js';
import { ReportsFirst, type MadeDataSetOptions } from '../../../src/gateway/reports/index.js';
import type { Tag } from '../../../src/model/tag.js';
import type { TagValue } from '../../../src/model/tag-value.js';
import { IedServer } from '../../../src/server/index.js';

const BAY = path.join(__dirname, '../../../examples/scl/bay.cid');
const TAGS: Tag[] = [
  { tag: 'Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' },
  { tag: 'Beh', reference: 'BAY1CTRL/XCBR1.Beh', fc: 'ST' },
  { tag: 'Health', reference: 'BAY1CTRL/XCBR1.Health', fc: 'ST' },
  { tag: 'Name', reference: 'BAY1CTRL/XCBR1.NamPlt.d', fc: 'DC' },
];

describe('data sets made for tags that none holds', () => {
  let server: IedServer;
  let session: IedSession;
  let reports: ReportsFirst | undefined;

  beforeEach(async () => {
    server = await IedServer.fromScl(BAY, { port: 0 });
    const { port } = await server.listen();
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], timeout: 1000 });
    session.start();
  });
  afterEach(async () => {
    await reports?.close();
    await session.close();
    await server.close();
  });

  async function open(makeDataSets: MadeDataSetOptions, reported: number): Promise<ReportsFirst> {
    const first = new ReportsFirst(session, { tags: TAGS, interval: 100, makeDataSets });
    reports = first;
    first.start();
    while (first.coverage.reported !== reported) await once(first, 'coverage');
    return first;
  }
  function value(first: ReportsFirst, wanted: (value: TagValue) => boolean): Promise<TagValue> {
    return new Promise((resolve) => {
      first.on('values', (values) => {
        const found = values.find(wanted);
        if (found) resolve(found);
      });
    });
  }
  const made = async (): Promise<string[]> =>
    (await session.dataSets.list()).filter((reference) => reference.includes('NodeRED'));
  const datSets = async (): Promise<string[]> =>
    (await session.listReports()).controlBlocks.map(({ reference, dataSet }) => `${reference} ${dataSet}`);

  for (const [scope, where] of [
    ['persistent', /^BAY1\w+\/LLN0\.NodeRED_[0-9a-f]{8}$/],
    ['association', /^@NodeRED_[0-9a-f]{8}$/],
  ] as const) {
    it(`${scope}: hold whole data objects that are reported; descriptions are polled`, async () => {
      while (session.state !== 'online') await once(session, 'state');
      const before = await datSets();
      const first = await open({ scope }, 3);
      assert.equal(first.coverage.polled, 1);
      const [name = '', ...others] = await made();
      assert.deepEqual(others, []);
      assert.match(name, where);
      assert.deepEqual((await session.dataSets.directory(name)).members, [
        'BAY1CTRL/XCBR1.Beh[ST]',
        'BAY1CTRL/XCBR1.Health[ST]',
      ]);
      const changed = value(
        first,
        ({ tag, value: now, source }) => tag === 'Health' && now === 3 && source === 'report',
      );
      server.update([{ reference: 'BAY1CTRL/XCBR1.Health[ST]', value: 3 }]);
      assert.ok((await changed).reason?.includes('data-change'));
      await first.close();
      assert.deepEqual(await made(), []);
      assert.deepEqual(await datSets(), before);
    });
  }

  it('have the name that they are given', async () => {
    await open({ scope: 'persistent', prefix: 'Gateway7' }, 3);
    assert.match((await session.dataSets.list()).join(' '), /LLN0\.Gateway7_[0-9a-f]{8}/);
  });
});
