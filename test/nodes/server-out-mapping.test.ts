import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { IedClient } from '../../src/client/ied-client.js';
import type { TagValue } from '../../src/model/tag-value.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import {
  BAY_IN_PACKAGE,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const SERVER = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const SERVER_OUT = nodeModule('../../../nodes/iec61850-server-out/iec61850-server-out.js');

const POWER = 'BAY1MEAS/MMXU1.TotW[MX]';
const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';
const COUNT = 'BAY1CTRL/XCBR1.OpCnt[ST]';
const MAPPING = [
  'variable;reference[FC];type;scale;offset;deadband;description',
  `plc.power;BAY1MEAS/MMXU1.TotW.mag.f[MX];Float32;0,001;;0,5;in MW`,
  `q0;BAY1CTRL/XCBR1.Pos.stVal[ST]`,
  `cycles;BAY1CTRL/XCBR1.OpCnt.stVal[ST];Int32;2`,
].join('\n');

describe('iec61850-server-out with a mapping file', () => {
  let client: IedClient | undefined;

  beforeEach(() => startRed());
  afterEach(async () => {
    await client?.close();
    client = undefined;
    await stopRed();
  });

  const flow = (out: Properties): Properties[] => [
    ...watchers(['out']),
    { id: 'server', type: 'iec61850-server', version: 1, sclFile: BAY_IN_PACKAGE, port: '0' },
    {
      id: 'out',
      ...PLACE,
      type: 'iec61850-server-out',
      version: 1,
      server: 'server',
      source: 'mapping',
      mapping: MAPPING,
      ...out,
    },
  ];
  const start = async (out: Properties = {}): Promise<void> => {
    await helper.load([SERVER, SERVER_OUT, nodes.catch, nodes.status], flow(out) as never);
  };
  const read = async (...references: string[]): Promise<TagValue[]> => {
    const { host } = node('server') as ServerNode;
    if (!client) {
      client = new IedClient({ host: '127.0.0.1', port: host.address?.port ?? 0, timeout: 2000 });
      await client.connect();
    }
    return client.read(references);
  };
  const send = (properties: Properties): void => node('out').receive(properties as never);
  const shown = (values: number): Promise<Status> =>
    message<Status>('statuses', ({ status }) => status.text.startsWith(`${values} val`));
  const set = async (properties: Properties): Promise<void> => {
    const done = once(node('out') as never, 'input');
    send(properties);
    await done;
    await new Promise(setImmediate);
  };
  const warnings = (): string[] =>
    (helper.log().args as Array<[{ msg: unknown; level: number }]>)
      .filter(([{ level }]) => level === 30)
      .map(([{ msg }]) => String(msg));

  it('sets all attributes of a message at once, scaled and within their deadbands', async () => {
    await start();
    const three = shown(3);
    send({ payload: { plc: { power: 12_000 }, q0: 'Open', cycles: 21 } });
    await three;
    assert.deepEqual(
      (await read(POWER, POSITION, COUNT)).map(({ value, quality }) => [value, quality?.text]),
      [
        [12, 'good'],
        [1, 'good'],
        [42, 'good'],
      ],
    );
    await set({ payload: { 'plc.power': 12_400, cycles: 22 } });
    assert.deepEqual(
      (await read(POWER, COUNT)).map(({ value }) => value),
      [12, 44],
    );
  });

  it('takes quality and time of the message, of each value, and of tag values', async () => {
    await start();
    const three = shown(3);
    const timestamp = '2026-01-02T03:04:05.678Z';
    const own = { value: true, quality: 'questionable' };
    send({ payload: { 'plc.power': 1000, q0: own, cycles: null }, quality: 'invalid', timestamp });
    await three;
    const values = await read(POWER, POSITION, COUNT);
    assert.deepEqual(
      values.map((one) => [one.quality?.text, one.timestamp]),
      [
        ['invalid', timestamp],
        ['questionable', timestamp],
        ['invalid (oldData)', timestamp],
      ],
    );
    assert.equal(values[2]?.value, 1284, 'the value of the file stays');
    const tag = { ied: 'PLC', tag: 'q0', value: 'Closed', quality: null, status: 'live' };
    await set({ payload: 'Closed', iec61850: tag });
    const [position] = await read(POSITION);
    assert.equal(position?.value, 2);
    assert.notEqual(position.quality?.validity, 'good', 'a source without quality is not good');
  });

  it('takes a single variable that msg.topic names', async () => {
    await start();
    const one = shown(1);
    send({ topic: 'plc.power', payload: 7000 });
    await one;
    assert.equal((await read(POWER))[0]?.value, 7);
  });

  it('names unknown variables once, and values that cannot be converted each time', async () => {
    await start();
    await shown(0);
    await set({ payload: { q1: 1, 'plc.power': 1 } });
    await set({ payload: { q1: 1, 'plc.power': 1 } });
    assert.deepEqual(
      warnings().filter((line) => line.includes('q1')),
      ['no line of the mapping has q1'],
    );
    const error = message<Caught>('caught');
    send({ payload: { 'plc.power': 'much', q0: true } });
    assert.match((await error).error.message, /variable plc\.power: "much"/);
    assert.equal((await read(POSITION))[0]?.value, 2);
  });

  it('tells the wrong lines of its file with number and reason, and works with the others', async () => {
    await start({ mapping: `${MAPPING}\nz;nowhere\nx;BAY1CTRL/XCBR9.Pos[ST]` });
    const one = shown(1);
    send({ payload: { q0: true } });
    await one;
    const said = warnings().join('\n');
    assert.match(said, /line 5: "nowhere" is not a reference/);
    assert.match(said, /line 6: .*XCBR9/);
  });

  it('explains itself when no line can be used', async () => {
    await start({ mapping: 'variable,reference\nx,y' });
    const error = message<Caught>('caught');
    send({ payload: { x: 1 } });
    assert.match((await error).error.message, /no line that can be used: line 2: "y" is not a reference/);
  });

  it('sets values in its cycle, the newest of each', async () => {
    await start({ cycle: '30' });
    const three = shown(3);
    for (let i = 1; i <= 5; i++) send({ payload: { 'plc.power': i * 1000, q0: i % 2 === 1, cycles: i } });
    await three;
    assert.deepEqual(
      (await read(POWER, POSITION, COUNT)).map(({ value }) => value),
      [5, 2, 10],
    );
  });

  it('reports what the server refuses in a cycle to Catch nodes', async () => {
    await start({ cycle: '10', source: 'reference' });
    const error = message<Caught>('caught');
    send({ topic: 'BAY1CTRL/XCBR9.Pos[ST]', payload: 1 });
    assert.match((await error).error.message, /XCBR9/);
  });
});

describe('admin routes of the mapping', () => {
  before(() => startRed());
  after(stopRed);
  before(async () => {
    await helper.load([SERVER, SERVER_OUT], [] as never);
  });

  const post = async (route: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await helper.request().post(`/iec61850/variables/${route}`).send(body);
    return { status: answer.status, body: answer.body as Record<string, unknown> };
  };
  const about = { sclFile: BAY_IN_PACKAGE, ied: '', accessPoint: '' };

  it('hold a file against the model of the server', async () => {
    const { status, body } = await post('check', { ...about, csv: `${MAPPING}\nx;BAY1CTRL/XCBR9.Pos[ST]` });
    assert.equal(status, 200);
    assert.equal(body.count, 3);
    assert.deepEqual(
      (body.problems as { line: number }[]).map(({ line }) => line),
      [5],
    );
  });

  it('give a template that fits', async () => {
    const { body } = await post('template', about);
    const check = await post('check', { ...about, csv: body.csv });
    assert.deepEqual(check.body.problems, []);
    assert.ok((check.body.count as number) > 100);
  });

  it('say what is missing, and let no path out', async () => {
    assert.match(String((await post('check', { csv: '' })).body.message), /no SCL file/);
    const outside = path.join('..', '..', 'etc', 'passwd');
    assert.equal((await post('template', { ...about, sclFile: outside })).status, 400);
    assert.equal((await post('template', { ...about, ied: 'BAY9' })).status, 400);
  });
});
