import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Controls, type ControlOutcome, type ControlRequest } from '../../src/client/control/index.js';
import { IedSession } from '../../src/client/ied-session.js';
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
import { hostState } from './support/server.js';

const SERVER = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const SERVER_IN = nodeModule('../../../nodes/iec61850-server-in/iec61850-server-in.js');
const SERVER_REPLY = nodeModule('../../../nodes/iec61850-server-reply/iec61850-server-reply.js');

/** Direct with normal security, of a bay that is not in local. */
const LIGHTING = 'BAY1CTRL/GGIO1.SPCSO1';

interface Told {
  topic: string;
  payload: unknown;
  event: Record<string, unknown> & { client: { address: string } };
  _iec61850?: { request: string };
  action?: string;
  origin?: { category: number };
}

describe('iec61850-server-in and iec61850-server-reply', () => {
  const sessions: IedSession[] = [];
  let port = 0;

  beforeEach(() => startRed());
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await stopRed();
  });

  const flow = (settings: Properties, reply: Properties = {}, server: Properties = {}): Properties[] => [
    ...watchers(['in', 'reply']),
    { id: 'server', type: 'iec61850-server', version: 1, sclFile: BAY_IN_PACKAGE, port: '0', ...server },
    {
      id: 'in',
      ...PLACE,
      type: 'iec61850-server-in',
      version: 1,
      server: 'server',
      ...settings,
      wires: [['events'], ['asked']],
    },
    { id: 'reply', ...PLACE, type: 'iec61850-server-reply', version: 1, ...reply },
    ...['events', 'asked'].map((id) => ({ id, ...PLACE, type: 'helper' })),
  ];
  const start = async (...parts: Partial<Parameters<typeof flow>>): Promise<void> => {
    const [settings = {}, reply, server] = parts;
    await helper.load(
      [SERVER, SERVER_IN, SERVER_REPLY, nodes.catch, nodes.status],
      flow(settings, reply, server) as never,
    );
    port = await hostState('server');
  };
  const session = async (): Promise<IedSession> => {
    const made = new IedSession({
      name: 'BAY1',
      endpoints: [{ host: '127.0.0.1', port }],
      timeout: 3000,
    });
    sessions.push(made);
    made.start();
    while (made.state !== 'online') await once(made, 'state');
    return made;
  };
  const told = (action: string): Promise<Told> =>
    message('events', (msg) => (msg as unknown as Told).event.action === action) as unknown as Promise<Told>;
  const asked = (): Promise<Told> => message('asked') as unknown as Promise<Told>;
  const operate = async (request: Partial<ControlRequest> = {}): Promise<ControlOutcome> =>
    Controls.of(await session()).command({ reference: LIGHTING, value: true, origin: { category: 3 }, ...request });
  const answer = (request: Told, properties: Properties): void =>
    node('reply').receive({ ...request, ...properties } as never);
  const caught = (): Promise<Caught> => message<Caught>('caught');

  it('tells who connects and leaves', async () => {
    await start();
    const connected = told('connect');
    const client = await session();
    const { topic, payload, event } = await connected;
    assert.deepEqual([topic, payload, event.result], ['127.0.0.1', 'connect', 'accepted']);
    const gone = told('disconnect');
    await client.close();
    assert.equal((await gone).event.client.address, '127.0.0.1');
  });

  it('asks the flow about a command, which accepts it', async () => {
    await start({ askControls: true });
    const request = asked();
    const outcome = operate();
    const { topic, payload, action, origin, event, _iec61850 } = await request;
    assert.deepEqual([topic, payload, action, origin?.category], [LIGHTING, true, 'operate', 3]);
    assert.equal(event.text, 'on');
    assert.ok(_iec61850?.request);
    const done = told('control');
    answer(await request, { payload: true });
    assert.equal((await outcome).outcome, 'done');
    assert.equal((await done).event.result, 'accepted');
  });

  for (const [what, properties, name] of [
    ['false', { payload: false }, 'Blocked-by-health'],
    ['the name of an AddCause', { payload: 'blocked by interlocking' }, 'Blocked-by-interlocking'],
    ['the number of an AddCause', { payload: 11 }, 'Blocked-by-synchrocheck'],
    ['msg.addCause', { payload: true, addCause: 'Position-reached' }, 'Position-reached'],
    [
      'what iec61850-control was refused with',
      { payload: 'on', outcome: 'refused', control: { addCause: { code: 2 } } },
      'Blocked-by-switching-hierarchy',
    ],
  ] as const) {
    it(`refuses a command for which the flow answers ${what}`, async () => {
      await start({ askControls: true, addCause: 'Blocked-by-health' });
      const request = asked();
      const outcome = operate();
      answer(await request, properties);
      const { outcome: end, addCause } = await outcome;
      assert.deepEqual([end, addCause?.name], ['refused', name]);
    });
  }

  it('refuses a command that is not answered in time, and says so; an answer after that is an error', async () => {
    await start({ askControls: true, timeout: '40' });
    const request = asked();
    const { outcome, addCause } = await operate();
    assert.deepEqual([outcome, addCause?.name], ['refused', 'Blocked-by-process']);
    const error = caught();
    answer(await request, { payload: true });
    assert.match((await error).error.message, /too late/);
  });

  it('accepts what is not answered where that is chosen', async () => {
    await start({ askControls: true, timeout: '40', otherwise: 'accept' });
    assert.equal((await operate()).outcome, 'done');
  });

  it('refuses what no asking node is there for, and everything while nobody asks', async () => {
    await start({ askControls: true, filter: '*/XCBR*' });
    assert.equal((await operate()).addCause?.name, 'Not-supported');
    await helper.unload();
    await start();
    assert.equal((await operate()).addCause?.name, 'Not-supported');
  });

  it('lets selects through unless it is told to ask about them', async () => {
    const sbo = { reference: 'BAY1CTRL/CSWI3.Pos', value: 'open' };
    await start({ askControls: true });
    const request = asked();
    const outcome = operate(sbo);
    assert.equal((await request).action, 'operate');
    answer(await request, { payload: 'accept' });
    assert.equal((await outcome).outcome, 'done');
    await helper.unload();
    await start({ askControls: true, askSelects: true });
    const select = asked();
    const refused = operate(sbo);
    assert.equal((await select).action, 'select');
    answer(await select, { payload: 'refuse' });
    assert.equal((await refused).outcome, 'refused');
  });

  it('hears the end of a command that takes its time in a second answer', async () => {
    const enhanced = { reference: 'BAY1CTRL/CSWI2.Pos', value: 'open' };
    for (const [end, wanted] of [
      [{ payload: true }, 'done'],
      [{ payload: 'Time-limit-over' }, 'refused'],
    ] as const) {
      await start({ askControls: true, kinds: 'control' });
      const request = asked();
      const outcome = operate(enhanced);
      const accepted = told('control');
      answer(await request, { payload: true, pending: true });
      assert.equal((await accepted).event.result, 'accepted');
      answer(await request, end);
      assert.equal((await outcome).outcome, wanted);
      await helper.unload();
    }
  });

  it('tells only kinds and objects that it was told to', async () => {
    await start({ askControls: true, kinds: 'control', filter: 'BAY1CTRL/GGIO1.*', timeout: '1', otherwise: 'accept' });
    const seen: string[] = [];
    node('events').on('input', (msg) => seen.push((msg as unknown as Told).topic));
    await operate();
    await operate({ reference: 'BAY1CTRL/CSWI2.Pos', value: 'open' });
    assert.deepEqual(seen, [LIGHTING]);
  });

  it('answers always the same when the reply node is set so', async () => {
    await start({ askControls: true }, { answer: 'refuse', cause: 'Step-limit' });
    const request = asked();
    const outcome = operate();
    answer(await request, { payload: true });
    assert.equal((await outcome).addCause?.name, 'Step-limit');
  });

  it('asks about each write that the server allows, and tells what became of it', async () => {
    const reference = 'BAY1CTRL/GGIO1.SPCSO1.d[DC]';
    await start({ askWrites: true, filter: 'BAY1CTRL/GGIO1.*', kinds: 'write' }, {}, { writable: 'DC CF' });
    const client = await session();
    const write = (value: string): Promise<unknown> => client.write(reference, value).then(() => 'taken', String);
    for (const [properties, wanted, result] of [
      [{ payload: true }, /^taken$/, 'accepted'],
      [{ payload: false }, /access.denied/i, 'refused'],
      [{ payload: 'object-value-invalid' }, /value.invalid/i, 'refused'],
    ] as const) {
      const request = asked();
      const outcome = write('lights');
      const { topic, payload, event } = await request;
      assert.deepEqual([topic, payload, event.fc], [reference, 'lights', 'DC']);
      const done = told('write');
      answer(await request, properties);
      assert.match(String(await outcome), wanted);
      assert.equal((await done).event.result, result);
    }
  });

  it('shows how many requests wait', async () => {
    await start({ askControls: true });
    const waiting = message<Status>('statuses', ({ status }) => status.text === '1 waiting');
    const request = asked();
    const outcome = operate();
    await waiting;
    answer(await request, { payload: true });
    await outcome;
  });

  it('refuses what still waits when it is closed', async () => {
    await start({ askControls: true, timeout: '60000' });
    const request = asked();
    const outcome = operate();
    await request;
    await helper.unload();
    assert.notEqual((await outcome).outcome, 'done');
  });

  it('says what is no answer', async () => {
    await start({ askControls: true, timeout: '5000' });
    const request = asked();
    const outcome = operate();
    for (const [properties, why] of [
      [{ payload: 'perhaps' }, /"perhaps" is no answer/],
      [{ payload: {} }, /is no answer/],
      [{ payload: true, _iec61850: undefined }, /belongs to no request/],
    ] as const) {
      const error = caught();
      answer(await request, properties);
      assert.match((await error).error.message, why);
    }
    answer(await request, { payload: true });
    assert.equal((await outcome).outcome, 'done');
  });

  it('explains settings that cannot be used', async () => {
    for (const [settings, why] of [
      [{ server: 'gone' }, /no server/],
      [{ kinds: 'write wind' }, /"wind" is no kind/],
      [{ timeout: 'soon' }, /timeout "soon"/],
      [{ addCause: 'Tuesday' }, /"Tuesday" is no AddCause/],
    ] as const) {
      await helper.load([SERVER, SERVER_IN, SERVER_REPLY, nodes.catch, nodes.status], flow(settings) as never);
      const said = (helper.log().args as Array<[{ msg: unknown }]>).map(([entry]) => String(entry.msg));
      assert.ok(
        said.some((line) => why.test(line)),
        said.join('\n'),
      );
      await helper.unload();
    }
  });
});
