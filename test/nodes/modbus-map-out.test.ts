import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import ModbusRTU from 'modbus-serial';
import type { NodeMessage } from 'node-red';
import { exceptionOf, tagValue } from '../gateway/modbus/support.js';
import { freePort } from '../support/free-port.js';
import {
  type Caught,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  type Properties,
  startRed,
  type Status,
  stopRed,
  watchers,
} from './support/red.js';

const modbusMapOut = nodeModule('../../../nodes/modbus-map-out/modbus-map-out.js');
const next = { coil: 0, discrete: 0, input: 0, holding: 0, meta: 400 };
const BLOCK = { ied: 'BAY1', unit: 1, start: 0, size: 1000, metaOffset: 400, next };
const ROWS = [
  { ied: 'BAY1', tag: 'TotW', unit: 1, area: 'holding', address: 0, type: 'Float32', meta: 400 },
  { ied: 'BAY1', tag: 'Trip', unit: 1, area: 'discrete', address: 0, type: 'Bool', meta: 403 },
  { ied: 'BAY1', tag: 'Go', unit: 1, area: 'coil', address: 0, type: 'Bool' },
];

describe('modbus-map-out', () => {
  let port: number;
  let blocker: Server | undefined;
  const masters: ModbusRTU[] = [];

  beforeEach(async () => {
    port = await freePort();
    await startRed();
  });
  afterEach(async () => {
    for (const master of masters.splice(0)) master.close(() => undefined);
    await stopRed();
    blocker?.close();
    blocker = undefined;
  });

  const flow = (out: Properties = {}, more: Properties[] = []): Properties[] => [
    ...watchers(['out', 'second']),
    {
      id: 'out',
      ...PLACE,
      type: 'modbus-map-out',
      name: 'HMI',
      version: 1,
      port: String(port),
      rows: ROWS,
      blocks: [BLOCK],
      wires: [['written']],
      ...out,
    },
    { id: 'written', ...PLACE, type: 'helper' },
    ...more,
  ];
  const load = (out: Properties = {}, more: Properties[] = []): Promise<void> =>
    helper.load([modbusMapOut, nodes.catch, nodes.status], flow(out, more) as never);
  const status = (text: RegExp): Promise<Status> =>
    message<Status>('statuses', (msg) => {
      assert.ok(msg.status.text.length < 20, `"${msg.status.text}" is too long`);
      return text.test(msg.status.text);
    });
  const send = (msg: object): void => node('out').receive(msg as NodeMessage);
  const master = async (): Promise<ModbusRTU> => {
    const client = new ModbusRTU();
    masters.push(client);
    await client.connectTCP('127.0.0.1', { port });
    client.setID(1);
    return client;
  };

  const errorsLogged = (): string[] =>
    (helper.log().args as Array<[{ msg: unknown }]>).map(([entry]) => String(entry.msg));

  it('serves a tag value, an object of them, an array, and a table in the payload', async () => {
    await load();
    await status(/without value/);
    send({ iec61850: tagValue('TotW', 'Float32', 1) });
    send({ iec61850: { Trip: tagValue('Trip', 'Boolean', true) } });
    send({ iec61850: [tagValue('Go', 'Boolean', true)] });
    await status(/^0 clients · 3 tags$/);
    const client = await master();
    await status(/^1 client · 3 tags$/);
    assert.equal((await client.readHoldingRegisters(0, 2)).buffer.readFloatBE(0), 1);
    assert.equal((await client.readDiscreteInputs(0, 1)).data[0], true);
    assert.equal((await client.readCoils(0, 1)).data[0], true);
    send({ payload: [tagValue('TotW', 'Float32', 2)] });
    // Node-RED hands messages over in a later turn of the event loop: read until the new value is there.
    while ((await client.readHoldingRegisters(0, 2)).buffer.readFloatBE(0) !== 2);
  });

  it('shows bad values, clamped ones and unknown tags in its status', async () => {
    await load({ rows: [{ ...ROWS[0], type: 'Int16' }] });
    await status(/^1 without value$/);
    send({ iec61850: tagValue('TotW', 'Float32', 1, { status: 'stale' }) });
    assert.equal((await status(/bad/)).status.fill, 'yellow');
    send({ iec61850: tagValue('TotW', 'Float32', 1e9) });
    await status(/^0 cl · 1 clamped$/);
    send({ iec61850: [tagValue('TotW', 'Float32', 1), tagValue('new', 'Float32', 1)] });
    await status(/^1 unknown tags?$/);
  });

  it('tells a Catch node about a message without tag values, once, and serves the rest of one that is half wrong', async () => {
    await load();
    await status(/without value/);
    const empty = message<Caught>('caught');
    send({ payload: 5 });
    assert.match((await empty).error.message, /no msg\.iec61850/);
    const half = message<Caught>('caught');
    send({ iec61850: [{ nonsense: true }, tagValue('Go', 'Boolean', true)] });
    assert.match((await half).error.message, /not a tag value/);
    const client = await master();
    assert.equal((await client.readCoils(0, 1)).data[0], true);
  });

  it('names overlapping rows, serves none of them, and all others', async () => {
    const overlap = { ied: 'BAY1', tag: 'Hz', unit: 1, area: 'holding', address: 1, type: 'Float32' };
    const told = helper.load([modbusMapOut, nodes.catch, nodes.status], flow({ rows: [...ROWS, overlap] }) as never);
    await told;
    await status(/^2 map errors$/);
    send({
      iec61850: [tagValue('TotW', 'Float32', 1), tagValue('Hz', 'Float32', 1), tagValue('Trip', 'Boolean', true)],
    });
    const client = await master();
    assert.equal(await exceptionOf(client.readHoldingRegisters(0, 2)), 0x0b);
    assert.equal((await client.readDiscreteInputs(0, 1)).data[0], true);
    const logged = errorsLogged();
    assert.ok(
      logged.some((text) => /40002 \(1\) is taken by BAY1\/TotW and by BAY1\/Hz/.test(text)),
      logged.join('\n'),
    );
  });

  it('refuses writes, and with writes turned on makes a message of each', async () => {
    await load();
    await status(/without value/);
    let client = await master();
    assert.equal(await exceptionOf(client.writeCoil(0, true)), 1);
    await helper.unload();
    await load({ writes: true });
    await status(/without value/);
    client = await master();
    const written = message<NodeMessage & { modbus: Properties }>('written');
    await client.writeCoil(0, true);
    const { topic, payload, modbus } = await written;
    assert.equal(topic, 'BAY1/Go');
    assert.equal(payload, true);
    assert.equal(modbus.notation, '00001');
    assert.match(String(modbus.client), /^127\.0\.0\.1:/);
  });

  it('says that its port is in use, and by which node', async () => {
    const second = { ...flow().find(({ id }) => id === 'out'), id: 'second', name: 'twin' };
    await load({}, [second]);
    const [seen, caught] = await Promise.all([status(/^port \d+ in use$/), message<Caught>('caught')]);
    assert.equal(seen.status.fill, 'red');
    assert.match(caught.error.message, /in use by the node "(HMI|twin)"/);
    assert.equal(caught.error.code, 'IEC61850_LISTEN');
  });

  it('says that its port is in use by another program, and takes it when it is free', async () => {
    blocker = createServer().listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    await load();
    const { status: red } = await status(new RegExp(`^port ${port} in use$`));
    assert.equal(red.fill, 'red');
    const gone = once(blocker, 'close');
    blocker.close();
    await gone;
    await status(/without value/);
  });

  it('names the field of its configuration that is wrong, and does not listen', async () => {
    for (const [wrong, text] of [
      [{ port: '70000' }, /Port "70000"/],
      [{ unit: 'x' }, /unit/],
      [{ allow: 'everyone' }, /"everyone"/],
      [{ host: 'a b' }, /"a b" is not an address/],
      [{ rows: 'many' }, /rows .* not a list/],
    ] as const) {
      await load(wrong);
      const caught = message<Caught>('caught');
      send({ iec61850: tagValue('TotW', 'Float32', 1) });
      assert.match((await caught).error.message, text);
      await assert.rejects(master());
      await helper.unload();
    }
  });

  it('keeps addresses that it gave while running over a redeploy', async () => {
    await load({ autoAssign: true, rows: [], blocks: [] });
    send({ iec61850: tagValue('b', 'Float32', 2) });
    await status(/1 tag$/);
    send({ iec61850: tagValue('a', 'Float32', 1) });
    await status(/2 tags$/);
    let client = await master();
    assert.deepEqual((await client.readHoldingRegisters(0, 4)).data, [0x4000, 0, 0x3f80, 0]);
    const started = message<Status>('statuses', (msg) => /^2 without value$/.test(msg.status.text));
    await helper.setFlows(flow({ autoAssign: true, rows: [], blocks: [], name: 'changed' }) as never, 'nodes');
    await started;
    client = await master();
    send({ iec61850: tagValue('a', 'Float32', 3) });
    await status(/^1 without value$/);
    assert.deepEqual((await client.readHoldingRegisters(2, 2)).data, [0x4040, 0]);
    assert.equal(await exceptionOf(client.readHoldingRegisters(0, 2)), 0x0b);
  });

  it('answers the editor: checks, assigns, reads and writes CSV, lists tags that it has seen', async () => {
    await load();
    await status(/without value/);
    send({ iec61850: tagValue('new', 'Float32', 1) });
    await status(/unknown/);
    const post = async (action: string, body: Properties): Promise<Properties> =>
      (await helper.request().post(`/iec61850/modbus-map/${action}`).send(body)).body as Properties;
    const checked = await post('check', { rows: [ROWS[0], { ...ROWS[0], tag: 'twin' }], blocks: [] });
    assert.equal((checked.issues as Properties[])[0]?.code, 'OVERLAP');
    assert.deepEqual((checked.notations as Properties[])[0], { address: '40001', meta: '40401' });
    const assigned = await post('assign', {
      rows: ROWS,
      blocks: [BLOCK],
      layout: {},
      tags: [
        { ied: 'BAY1', tag: 'Hz', type: 'Float32' },
        { ied: 'BAY1', tag: 'd', type: 'VisibleString' },
      ],
    });
    assert.equal((assigned.rows as Properties[]).at(-1)?.address, 2);
    assert.deepEqual(assigned.skipped, [{ ied: 'BAY1', tag: 'd', reason: 'type' }]);
    const { text } = await post('to-csv', { rows: ROWS });
    const imported = await post('from-csv', { text, layout: {} });
    assert.deepEqual(imported.rows, ROWS);
    assert.equal((imported.blocks as Properties[])[0]?.start, 0);
    assert.match(String((await post('to-markdown', { rows: ROWS, title: 'x' })).text), /40001–40002/);
    assert.deepEqual(await post('address', { text: '30005' }), { area: 'input', address: 4 });
    const placed = await post('place', {
      rows: [ROWS[0], { ...ROWS[0], tag: 'twin' }],
      blocks: [BLOCK],
      layout: {},
      indices: [1],
    });
    assert.deepEqual(
      (placed.issues as Properties[]).filter((issue) => issue.severity === 'error'),
      [],
    );
    assert.equal((await post('nonsense', {})).code, 'IEC61850_ARGUMENT');
    assert.equal((await post('constructor', {})).code, 'IEC61850_ARGUMENT');
    const seen = (await helper.request().get('/iec61850/modbus-map/seen/out')).body as { tags: Properties[] };
    assert.deepEqual(
      seen.tags.map(({ tag }) => tag),
      ['new'],
    );
  });

  it('survives 100 redeploys without a leaked socket, timer or listener', async () => {
    await load();
    await helper.unload();
    const resources = (): string[] =>
      process
        .getActiveResourcesInfo()
        .filter((kind) => /TCP|Timeout/.test(kind))
        .sort();
    const before = resources();
    for (let i = 0; i < 100; i++) {
      await load({ autoAssign: true });
      send({ iec61850: tagValue('new', 'Float32', i) });
      await helper.unload();
    }
    assert.ok(resources().length <= before.length, `${resources().join()} after, ${before.join()} before`);
    await load();
    await (await master()).readHoldingRegisters(500, 1);
  });
});
