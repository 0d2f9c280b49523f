import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { NodeMessage } from 'node-red';
import type { IedModel } from '../../src/model/ied-model.js';
import type { Tag } from '../../src/model/tag.js';
import type { TagValue } from '../../src/model/tag-value.js';
import type { PointRow } from '../../src/gateway/points/table.js';
import type { ConnectionInfo } from '../../nodes/scl-import/import-scl.js';
import {
  BAY,
  BAY_IN_PACKAGE,
  PLACE,
  helper,
  message,
  node,
  nodes,
  startBay,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

describe('scl-import', () => {
  beforeEach(startRed);
  afterEach(stopRed);

  const load = (config: Properties = {}, more: Properties[] = []): Promise<void> =>
    helper.load([nodes.ied, nodes.read, nodes.sclImport, nodes.catch, nodes.status], [
      ...watchers(['import', 'read']),
      {
        id: 'import',
        ...PLACE,
        type: 'scl-import',
        version: 1,
        sclFile: BAY_IN_PACKAGE,
        sclIed: 'BAY1',
        output: 'points',
        points: 'chosen',
        tags: [],
        wires: [['out']],
        ...config,
      },
      { id: 'out', ...PLACE, type: 'helper' },
      ...more,
    ] as never);
  const run = async (msg: NodeMessage = { payload: 'go' }): Promise<NodeMessage & { tags: Tag[] }> => {
    const answer = message<NodeMessage & { tags: Tag[] }>('out');
    node('import').receive(msg);
    return answer;
  };
  const failure = async (msg: NodeMessage): Promise<string> => {
    const caught = message<Caught>('caught');
    node('import').receive(msg);
    return (await caught).error.message;
  };

  it('gives the recommended points as a table, and as tags, when none was ticked', async () => {
    await load();
    const { payload, tags, ied } = await run();
    const rows = payload as PointRow[];
    assert.equal(ied, 'BAY1');
    assert.equal(rows.length, tags.length);
    assert.deepEqual(
      rows.find(({ tag }) => tag === 'MEAS.MMXU1.TotW'),
      {
        tag: 'MEAS.MMXU1.TotW',
        reference: 'BAY1MEAS/MMXU1.TotW',
        fc: 'MX',
        type: 'Float32',
        unit: 'MW',
        description: rows.find(({ tag }) => tag === 'MEAS.MMXU1.TotW')?.description,
        rank: 2,
      },
    );
    assert.ok(rows.every(({ rank }) => rank <= 5));
  });

  it('gives the points that were ticked in it', async () => {
    await load({ tags: [{ tag: 'breaker', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST', interval: 500 }] });
    const { payload, tags } = await run();
    assert.deepEqual(
      (payload as PointRow[]).map(({ tag, rank }) => [tag, rank]),
      [['breaker', 2]],
    );
    assert.equal(tags[0]?.interval, 500);
  });

  it('gives every data object, or every attribute as well', async () => {
    await load({ points: 'objects' });
    const objects = ((await run()).payload as PointRow[]).length;
    await helper.unload();
    await load({ points: 'attributes' });
    assert.ok(((await run()).payload as PointRow[]).length > 3 * objects);
  });

  it('gives the connection settings of the IED', async () => {
    await load({ output: 'connection' });
    const { name, host, port, selectors } = (await run()).payload as ConnectionInfo;
    assert.deepEqual({ name, host, port }, { name: 'BAY1', host: '127.0.0.1', port: 10102 });
    assert.deepEqual(selectors, {
      tSelector: '0001',
      sSelector: '0001',
      pSelector: '00000001',
      apTitle: '1.3.9999.23',
      aeQualifier: 23,
    });
  });

  it('gives the whole model, which a flow may change without harm', async () => {
    await load({ output: 'model' });
    const first = (await run()).payload as IedModel;
    assert.equal(first.name, 'BAY1');
    first.logicalDevices.length = 0;
    assert.equal(((await run()).payload as IedModel).logicalDevices.length, 3);
  });

  it('takes a file as Buffer, as text and by its path in the message', async () => {
    await load({ sclFile: '', sclIed: '', output: 'connection' });
    const octets = await readFile(BAY);
    const inputs: NodeMessage[] = [
      { payload: octets },
      { payload: octets.toString('utf8') },
      { payload: BAY_IN_PACKAGE },
      { payload: 'go', filename: BAY_IN_PACKAGE },
    ];
    for (const input of inputs) assert.equal(((await run(input)).payload as ConnectionInfo).name, 'BAY1');
  });

  it('keeps paths of messages in their folders', async () => {
    await load();
    for (const filename of ['/etc/passwd', '../../../etc/passwd', BAY]) {
      assert.match(await failure({ payload: 'go', filename }), /leads out of|There is no SCL file/);
    }
  });

  it('says where a file is broken', async () => {
    await load();
    const text = await failure({ payload: '<SCL xmlns="http://www.iec.ch/61850/2003/SCL">\n<IED name="A">\n</SCL>' });
    assert.match(text, /line 3/i);
  });

  it('names the IEDs when it has to be told which one', async () => {
    await load({ sclIed: '' });
    const two = '<SCL xmlns="http://www.iec.ch/61850/2003/SCL"><Header id="x"/><IED name="A"/><IED name="B"/></SCL>';
    assert.match(await failure({ payload: two }), /2 IEDs.*A, B/);
    assert.match(await failure({ payload: 'go', ied: 'NOPE' }), /no IED "NOPE".*BAY1/);
    assert.match(await failure({ payload: two, ied: 'B' }), /B/);
  });

  it('says what to do without a file', async () => {
    await load({ sclFile: '' });
    assert.match(await failure({ payload: 'go' }), /no SCL file/);
  });

  it('feeds a read node from a file', async () => {
    const { server, port } = await startBay();
    await load({ wires: [['read']], tags: [{ tag: 'breaker', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' }] }, [
      { id: 'ied', type: 'iec61850-ied', version: 1, name: 'BAY1', host: '127.0.0.1', port },
      {
        id: 'read',
        ...PLACE,
        type: 'iec61850-read',
        version: 1,
        ied: 'ied',
        tags: [],
        mode: 'demand',
        output: 'table',
        wires: [['out']],
      },
    ]);
    await message<Status>('statuses', ({ status }) => status.text === 'connected');
    const values = (await run()).payload as TagValue[];
    assert.deepEqual(
      values.map(({ tag, text, status }) => [tag, text, status]),
      [['breaker', 'Closed', 'live']],
    );
    await server.close();
  });
});

describe('SCL files in the editor', () => {
  beforeEach(async () => {
    await startRed();
    await helper.load([nodes.sclImport], [] as never);
  });
  afterEach(stopRed);

  const upload = (
    octets: Buffer | string,
    type = 'application/octet-stream',
  ): ReturnType<ReturnType<typeof helper.request>['post']> =>
    helper.request().post('/iec61850/scl?name=bay.cid').set('content-type', type).send(octets);

  it('stores an upload and tells what is in it', async () => {
    const stored = await upload(await readFile(BAY));
    assert.equal(stored.status, 200, JSON.stringify(stored.body));
    const { source, ieds, diagnostics } = stored.body as {
      source: { name: string; hash: string };
      ieds: { name: string; accessPoints: { address: { host: string; port: number } }[] }[];
      diagnostics: { errors: number };
    };
    assert.equal(source.name, 'bay.cid');
    assert.deepEqual(
      ieds.map(({ name }) => name),
      ['BAY1'],
    );
    assert.equal(ieds[0]?.accessPoints[0]?.address.port, 10102);
    assert.equal(diagnostics.errors, 0);
    const again = await helper.request().post('/iec61850/scl/summary').send({ source });
    assert.deepEqual(again.body, stored.body);
    const list = (await helper.request().get('/iec61850/scl')).body as { files: { hash: string }[] };
    assert.ok(list.files.some(({ hash }) => hash === source.hash));
    await helper.request().delete(`/iec61850/scl/${source.hash}`);
    assert.equal((await helper.request().post('/iec61850/scl/summary').send({ source })).status, 400);
  });

  it('does not keep a file that is no SCL, and says why', async () => {
    const refused = await upload('<html></html>');
    assert.equal(refused.status, 400);
    assert.match((refused.body as { code: string }).code, /^SCL_/);
    const list = (await helper.request().get('/iec61850/scl')).body as { files: unknown[] };
    assert.deepEqual(list.files, []);
  });

  it('refuses an upload that a foreign web page could have sent', async () => {
    assert.equal((await upload('<SCL/>', 'text/plain')).status, 400);
  });
});
