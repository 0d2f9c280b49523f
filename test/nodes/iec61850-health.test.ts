import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import type { Health } from '../../nodes/iec61850-health/health.js';
import { IedServer } from '../../src/server/ied-server.js';
import { imported, loadFlow } from './support/demo-bay.js';
import {
  BAY,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startBay,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const TYPES = [
  nodes.ied,
  nodes.read,
  nodes.status,
  nodes.catch,
  nodeModule('../../../nodes/iec61850-health/iec61850-health.js'),
];
const TAG = { tag: 'Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' };

interface HealthMessage extends NodeMessage {
  event: string;
  payload: Health;
}

describe('iec61850-health', function () {
  this.timeout(30_000);
  let server: IedServer;
  let port = 0;

  beforeEach(async () => {
    await startRed();
    ({ server, port } = await startBay());
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
  });

  const load = (health: Properties, more: Properties[] = []): Promise<void> =>
    helper.load(TYPES, [
      ...watchers(['health']),
      { id: 'ied', type: 'iec61850-ied', name: 'BAY1', host: '127.0.0.1', port: String(port), timeout: '2000' },
      {
        id: 'reader',
        ...PLACE,
        type: 'iec61850-read',
        name: 'Reader',
        ied: 'ied',
        tags: [TAG],
        mode: 'poll',
        interval: '100',
        output: 'single',
      },
      { id: 'health', ...PLACE, type: 'iec61850-health', interval: '0', ...health, wires: [['told']] },
      { id: 'told', ...PLACE, type: 'helper' },
      ...more,
    ] as never);

  const told = (fits: (message: HealthMessage) => boolean): Promise<HealthMessage> => message('told', fits);

  /** Asks again and again, for what may have been told before anybody listened. */
  async function asked(fits: (health: Health) => boolean): Promise<HealthMessage> {
    const answer = told(({ payload }) => fits(payload));
    const timer = setInterval(() => node('health').receive({ payload: '' }), 200);
    return answer.finally(() => clearInterval(timer));
  }

  it('tells state, association, tags, polls and times', async () => {
    await load({ ied: 'ied' });
    const { topic, event, payload } = await asked(({ tags, roundTrip }) => tags.live === 1 && roundTrip !== null);
    assert.deepEqual([topic, event, payload.state], ['BAY1', 'request', 'online']);
    assert.equal(payload.address, `127.0.0.1:${port}`);
    assert.ok((payload.association?.maxPduSize ?? 0) > 0);
    assert.deepEqual([payload.tags.total, payload.connects, payload.retryAt], [1, 1, null]);
    assert.deepEqual([payload.polls[0]?.node, payload.polls[0]?.tags], ['Reader', 1]);
    assert.match(payload.since, /^\d{4}-.*Z$/);
    assert.ok(payload.roundTrip && payload.roundTrip.requests > 0 && payload.roundTrip.last >= 0);
    assert.doesNotThrow(() => structuredClone(payload));
  });

  it('tells at once that the IED went and came, with the reason', async () => {
    await load({ ied: 'ied' });
    await asked(({ state }) => state === 'online');
    const gone = told(({ payload }) => payload.state === 'offline');
    const red = message<Status>('statuses', ({ status }) => status.fill === 'red');
    await server.close();
    const { event, payload } = await gone;
    assert.equal(event, 'change');
    assert.ok(payload.lastError && payload.lastError.message !== '' && payload.retryAt !== null);
    assert.equal((await red).status.text, 'offline');
    const back = told(({ payload: now }) => now.state === 'online');
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port });
    await server.listen();
    assert.ok((await back).payload.lastError);
  });

  it('without an IED tells of all, those that nobody uses as well', async () => {
    await load({ ied: '' }, [{ id: 'other', type: 'iec61850-ied', name: 'SPARE', host: '127.0.0.1', port: '1' }]);
    const { payload } = await asked(({ state }) => state === 'idle');
    assert.deepEqual([payload.ied, payload.association, payload.address], ['SPARE', null, null]);
    await asked(({ ied, state }) => ied === 'BAY1' && state === 'online');
  });

  it('at an interval, and at no change when that is off', async () => {
    await load({ ied: 'ied', changes: false, interval: '1' });
    const events: string[] = [];
    node('told').on('input', (received) => events.push((received as HealthMessage).event));
    await told(({ event, payload }) => event === 'interval' && payload.state === 'online');
    assert.ok(!events.includes('change'), events.join(', '));
  });

  it('its example says in one line how the simulated bay is', async () => {
    const flow = imported('iec61850-health', port).map((one) =>
      one.type === 'inject' ? { ...one, type: 'helper' } : one,
    );
    await loadFlow([...TYPES, nodeModule('@node-red/nodes/core/function/10-function.js')], flow);
    const line = message('health-alarm', ({ payload }) => / 2 values are current/.test(String(payload)));
    const timer = setInterval(() => node('health-node').receive({ payload: '' }), 200);
    assert.match(String((await line.finally(() => clearInterval(timer))).payload), /^BAY1 is online; .*\(PDU \d+\)$/);
  });

  it('says what is wrong with its settings', async () => {
    await load({ ied: 'ied', interval: 'often' });
    const caught = message<Caught>('caught');
    node('health').receive({ payload: '' });
    assert.match((await caught).error.message, /Interval "often"/);
  });
});
