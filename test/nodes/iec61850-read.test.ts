import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import type { NodeMessage } from 'node-red';
import type { IedServer } from '../../src/server/ied-server.js';
import type { TagValue } from '../../src/model/tag-value.js';
import {
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

interface TagMessage extends NodeMessage {
  quality: string | null;
  timestamp: string | null;
  iec61850: TagValue;
}

const POSITION = { tag: 'CTRL.XCBR1.Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' };
const POWER = { tag: 'MEAS.MMXU1.TotW', reference: 'BAY1MEAS/MMXU1.TotW', fc: 'MX', unit: 'MW' };
const WRONG = { tag: 'wrong', reference: 'BAY1CTRL/XCBR9.Pos', fc: 'ST' };

describe('iec61850-read', () => {
  let server: IedServer;
  let port: number;

  beforeEach(async () => {
    ({ server, port } = await startBay());
    await startRed();
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
  });

  const flow = (read: Properties, ied: Properties = {}): Properties[] => [
    ...watchers(['read']),
    {
      id: 'ied',
      type: 'iec61850-ied',
      version: 1,
      name: 'BAY1',
      host: '127.0.0.1',
      port: String(port),
      timeout: '2000',
      ...ied,
    },
    {
      id: 'read',
      ...PLACE,
      type: 'iec61850-read',
      version: 1,
      ied: 'ied',
      tags: [POSITION],
      mode: 'poll',
      interval: '50',
      onChange: true,
      initial: true,
      output: 'single',
      wires: [['out']],
      ...read,
    },
    { id: 'out', ...PLACE, type: 'helper' },
  ];
  const load = (read: Properties, ied: Properties = {}): Promise<void> =>
    helper.load([nodes.ied, nodes.read, nodes.catch, nodes.status], flow(read, ied) as never);
  const setPosition = (value: number): void => {
    const { errors } = server.update([
      { reference: 'BAY1CTRL/XCBR1.Pos[ST]', value, timestamp: '2026-03-01T12:00:00.123Z' },
    ]);
    assert.deepEqual(errors, []);
  };

  const setPower = (value: number): void => {
    server.update([{ reference: 'BAY1MEAS/MMXU1.TotW[MX]', value }]);
  };

  it('sends the first value after deploy, then what changed, with quality and device time', async () => {
    setPosition(1);
    await load({});
    const first = await message<TagMessage>('out');
    assert.equal(first.topic, 'BAY1/CTRL.XCBR1.Pos');
    assert.equal(first.payload, 1);
    assert.equal(first.quality, 'good');
    assert.equal(first.timestamp, '2026-03-01T12:00:00.123Z');
    assert.equal(first.iec61850.text, 'Open');
    assert.equal(first.iec61850.status, 'live');
    setPosition(2);
    const second = await message<TagMessage>('out');
    assert.equal(second.payload, 2);
    assert.equal(second.iec61850.text, 'Closed');
  });

  it('gives all tags in one message, also when one changed', async () => {
    setPosition(1);
    await load({ tags: [POSITION, POWER], output: 'all' });
    const first = await message('out');
    assert.deepEqual(Object.keys(first.payload as object), ['CTRL.XCBR1.Pos', 'MEAS.MMXU1.TotW']);
    setPosition(2);
    const second = await message<TagMessage>(
      'out',
      (msg) => (msg.payload as Record<string, unknown>)[POSITION.tag] === 2,
    );
    assert.deepEqual(Object.keys(second.iec61850), ['CTRL.XCBR1.Pos', 'MEAS.MMXU1.TotW']);
  });

  it('polls the members of a data set, value, quality and time together', async () => {
    setPosition(1);
    await load({ source: 'dataSet', dataSet: 'BAY1CTRL/LLN0.dsGoose', tags: [], output: 'table' });
    const first = await message('out');
    assert.deepEqual(
      (first.payload as TagValue[]).map(({ tag, value, text }) => [tag, value, text]),
      [
        ['CTRL.XCBR1.Pos.stVal', 1, 'Open'],
        ['CTRL.XSWI1.Pos.stVal', 2, 'Closed'],
        ['CTRL.XSWI2.Pos.stVal', 2, 'Closed'],
      ],
    );
    assert.equal((first.payload as TagValue[])[0]?.quality?.text, 'good');
    setPosition(2);
    const second = await message('out');
    assert.equal((second.payload as TagValue[])[0]?.value, 2);
  });

  it('reads a data set whole when a message asks for it', async () => {
    setPosition(2);
    await load({ mode: 'demand', tags: [], output: 'all' });
    await message<Status>('statuses', ({ status }) => status.fill === 'green');
    node('read').receive({ dataSet: 'BAY1CTRL/LLN0.dsPositions' });
    const answer = await message('out');
    assert.equal((answer.payload as Record<string, unknown>)['CTRL.XCBR1.Pos'], 2);
    assert.equal(Object.keys(answer.payload as object).length, 6);
    for (const [dataSet, reason] of [
      ['BAY1CTRL/LLN0.dsNone', /dsNone.*cannot be read/],
      ['dsPositions', /names no data set/],
    ] as const) {
      const caught = message<Caught>('caught');
      node('read').receive({ dataSet });
      assert.match((await caught).error.message, reason);
    }
  });

  it('says which data set cannot be read, once, and what is wrong with its name', async () => {
    await load({ source: 'dataSet', dataSet: 'BAY1CTRL/LLN0.dsNone' });
    assert.match((await message<Caught>('caught')).error.message, /dsNone/);
    await helper.unload();
    await load({ source: 'dataSet', dataSet: '' });
    const wrong = message<Caught>('caught');
    node('read').receive({});
    assert.match((await wrong).error.message, /No data set is named/);
  });

  it('gives a table', async () => {
    await load({ tags: [POSITION, POWER], output: 'table' });
    const { payload } = await message('out');
    assert.deepEqual(
      (payload as TagValue[]).map(({ tag }) => tag),
      [POSITION.tag, POWER.tag],
    );
  });

  it('reads on demand, and keeps what else the message holds', async () => {
    await load({ mode: 'demand' });
    await message<Status>('statuses', ({ status }) => status.fill === 'green');
    node('read').receive({ payload: Date.now(), request: 7 });
    const answer = await message<TagMessage>('out');
    assert.equal(answer.request, 7);
    assert.equal(answer.iec61850.source, 'read');
  });

  it('reads the tags that a message brings, as references or as rows of a table', async () => {
    await load({ mode: 'demand', output: 'table' });
    await message<Status>('statuses', ({ status }) => status.fill === 'green');
    node('read').receive({ tags: ['BAY1MEAS/MMXU1.TotW[MX]', 'BAY1CTRL/XCBR1.Pos[ST]'] });
    const byReference = await message('out');
    assert.deepEqual(
      (byReference.payload as TagValue[]).map(({ tag, fc }) => `${tag} ${fc}`),
      ['MEAS.MMXU1.TotW MX', 'CTRL.XCBR1.Pos ST'],
    );
    node('read').receive({ payload: [{ tag: 'power', reference: 'BAY1MEAS/MMXU1.TotW', fc: 'MX', rank: 2 }] });
    const byTable = await message('out');
    assert.deepEqual(
      (byTable.payload as TagValue[]).map(({ tag }) => tag),
      ['power'],
    );
  });

  it('answers an input that cannot be read with one error that says what to do', async () => {
    await load({ mode: 'demand', tags: [POSITION, WRONG] });
    await message<Status>('statuses', ({ status }) => status.fill === 'green');
    const caught = message<Caught>('caught');
    node('read').receive({ tags: ['XCBR1.Pos'] });
    assert.match((await caught).error.message, /XCBR1\.Pos/);
    const second = message<Caught>('caught');
    const good = message<TagMessage>('out', ({ topic }) => topic === 'BAY1/CTRL.XCBR1.Pos');
    node('read').receive({ payload: '' });
    assert.equal((await good).iec61850.status, 'live');
    assert.match((await second).error.message, /BAY1.*wrong.*XCBR9/);
    assert.equal((await second).error.message.match(/wrong/g)?.length, 1, 'the tag is named once');
  });

  it('names one wrong tag among 200 once, and leaves the others running', async () => {
    const tags = Array.from({ length: 199 }, (_, i) => ({ ...POSITION, tag: `p${i}` }));
    const errors: Caught[] = [];
    await load({ tags: [...tags, WRONG], output: 'all', onChange: false });
    node('caught').on('input', (msg) => errors.push(msg as unknown as Caught));
    for (let i = 0; i < 4; i++) await message('out');
    const { payload } = await message('out');
    assert.equal(Object.keys(payload as object).length, 200);
    assert.equal((payload as Record<string, unknown>).p7 !== null, true);
    assert.equal(errors.length, 1);
    assert.match((errors[0] as Caught).error.message, /BAY1/);
    assert.match((errors[0] as Caught).error.message, /wrong|XCBR9/);
  });

  it('shows the last value of a single tag, and count and time of several', async () => {
    setPosition(2);
    setPower(40);
    await load({});
    await message<Status>('statuses', ({ status }) => status.fill === 'green' && status.text === 'Closed');
    await helper.unload();
    await load({ tags: [POSITION, POWER] });
    const { status } = await message<Status>('statuses', (msg) => /^2 tags · \d+ ms$/.test(msg.status.text));
    assert.equal(status.fill, 'green');
  });

  it('is yellow while values are bad', async () => {
    setPower(40);
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 2, quality: { validity: 'invalid' } }]);
    await load({ tags: [POSITION, POWER] });
    const { status } = await message<Status>('statuses', (msg) => msg.status.text === '1 of 2 bad');
    assert.equal(status.fill, 'yellow');
  });

  it('is red when the IED goes away, says so once, and marks the last value as disconnected', async () => {
    setPosition(2);
    await load({});
    await message('out');
    const caught = message<Caught>('caught');
    const last = message<TagMessage>('out', ({ iec61850 }) => iec61850.status === 'disconnected');
    const red = message<Status>('statuses', ({ status }) => status.fill === 'red');
    await server.close();
    assert.equal((await last).payload, 2);
    assert.equal((await red).status.text, 'offline');
    assert.match((await caught).error.message, /BAY1/);
  });

  it('reports an input while the IED is away', async () => {
    await server.close();
    await load({ mode: 'demand' });
    await message<Status>('statuses', ({ status }) => status.fill === 'red');
    node('read').receive({ payload: '' });
    const { error } = await message<Caught>('caught', (msg) => msg.error.source.id === 'read');
    assert.match(error.message, /BAY1/);
    assert.match(error.message, /[.!]$/);
  });

  it('finds an IED that appears later', async () => {
    await server.close();
    await load({});
    await message<Status>('statuses', ({ status }) => status.fill === 'red');
    ({ server } = await startBay({ port }));
    const { payload } = await message<TagMessage>('out', ({ iec61850 }) => iec61850.status === 'live');
    assert.equal(typeof payload, 'number');
  }).timeout(10_000);

  it('takes ${NAME} from the environment in every field of the IED', async () => {
    process.env.TEST_BAY_PORT = String(port);
    process.env.TEST_BAY_NAME = '1';
    try {
      await load({}, { name: 'BAY${TEST_BAY_NAME}', port: '${TEST_BAY_PORT}' });
      assert.equal((await message('out')).topic, 'BAY1/CTRL.XCBR1.Pos');
    } finally {
      delete process.env.TEST_BAY_PORT;
      delete process.env.TEST_BAY_NAME;
    }
  });

  it('says which variable is not set', async () => {
    await load({}, { host: '${TEST_NOT_SET}' });
    node('read').receive({ payload: '' });
    const { error } = await message<Caught>('caught');
    assert.match(error.message, /TEST_NOT_SET/);
    assert.equal((node('read') as unknown as { type: string }).type, 'iec61850-read');
  });

  it('says what to do when it has no IED', async () => {
    await load({ ied: '' });
    node('read').receive({ payload: '' });
    assert.match((await message<Caught>('caught')).error.message, /choose an IED/);
  });

  it('leaves no socket, timer or listener behind after 100 deploys', async () => {
    const deploy = async (): Promise<void> => {
      await load({ interval: '20' });
      await message('out');
      await helper.unload();
    };
    const held = (): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
      return { timers: counts.Timeout ?? 0, sockets: counts.TCPSocketWrap ?? 0 };
    };
    const gone = async (): Promise<void> => {
      while (server.connections > 0) await once(server, 'clientDisconnected');
      await immediate();
    };
    await deploy();
    await gone();
    const before = held();
    const listeners = server.eventNames().length;
    for (let i = 0; i < 100; i++) await deploy();
    await gone();
    const after = held();
    assert.ok((after.timers ?? 0) <= (before.timers ?? 0), JSON.stringify({ before, after }));
    assert.ok((after.sockets ?? 0) <= (before.sockets ?? 0), JSON.stringify({ before, after }));
    assert.equal(server.eventNames().length, listeners);
  }).timeout(60_000);

  it('polls each tag at its own interval', async () => {
    const slow = { ...POWER, interval: 60_000 };
    const counts = new Map<string, number>();
    await load({ tags: [POSITION, slow], onChange: false, interval: '20' });
    while ((counts.get(POSITION.tag) ?? 0) < 10) {
      const { iec61850 } = await message<TagMessage>('out');
      counts.set(iec61850.tag, (counts.get(iec61850.tag) ?? 0) + 1);
    }
    assert.ok((counts.get(slow.tag) ?? 0) <= 1);
  });

  it('holds back changes within the deadband', async () => {
    setPower(40);
    await load({ tags: [{ ...POWER, deadband: 1 }] });
    assert.equal((await message('out')).payload, 40);
    setPower(40.5);
    setPower(42);
    assert.equal((await message('out')).payload, 42);
  });

  it('skips the first value after deploy when it is told to', async () => {
    setPosition(1);
    await load({ initial: false });
    await message<Status>('statuses', ({ status }) => status.text === 'Open');
    setPosition(2);
    assert.equal((await message('out')).payload, 2);
  });
});
