import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { qualityFromBits } from '../../src/model/quality.js';
import { brokerSettings } from '../../nodes/mqtt-map-out/broker-settings.js';
import { BrokerFixture } from '../gateway/mqtt/broker-fixture.js';
import { sampleValue } from '../gateway/mqtt/sample.js';
import {
  PLACE,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const MQTT = nodeModule('@node-red/nodes/core/network/10-mqtt.js');
const MQTT_MAP_OUT = nodeModule('../../../nodes/mqtt-map-out/mqtt-map-out.js');

describe('mqtt-map-out', () => {
  let broker: BrokerFixture;

  beforeEach(async () => {
    broker = await new BrokerFixture().start();
    await startRed();
  });
  afterEach(async () => {
    await stopRed();
    await broker.stop();
  });

  const mapOut = (out: Properties = {}): Properties => ({
    id: 'out',
    ...PLACE,
    type: 'mqtt-map-out',
    version: 1,
    broker: 'broker',
    root: 'plant',
    ...out,
  });
  const flow = (out: Properties = {}, config: Properties = {}): Properties[] => [
    ...watchers(['out']),
    {
      id: 'broker',
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: broker.port,
      clientid: 'gw',
      protocolVersion: '4',
      ...config,
    },
    mapOut(out),
  ];
  const load = async (flows: Properties[], credentials: Properties = {}): Promise<void> => {
    await helper.load([MQTT, MQTT_MAP_OUT, nodes.catch, nodes.status], flows as never, credentials as never);
  };
  const send = (properties: Properties, id = 'out'): void => node(id).receive(properties as never);
  const caught = (): Promise<Caught> => message<Caught>('caught');
  const status = async (wanted: RegExp): Promise<void> => {
    await message<Status>('statuses', ({ status: { text } }) => {
      assert.ok(text.length < 20, `"${text}" is too long`);
      return wanted.test(text);
    });
  };

  it('publishes value, quality, status and state of a tag, retained, and announces itself', async () => {
    await load(flow());
    const value = sampleValue();
    send({ iec61850: value });
    await broker.until(() => broker.received.length === 5);
    const base = 'plant/BAY1/CTRL.XCBR1.Pos';
    const { [`${base}/state`]: state, ...others } = await broker.retained();
    assert.deepEqual(others, {
      'plant/status': 'online',
      [`${base}/value`]: 'Closed',
      [`${base}/quality`]: 'good',
      [`${base}/status`]: 'live',
    });
    assert.deepEqual(JSON.parse(state ?? ''), value);
    assert.ok(broker.received.every(({ qos, retain }) => qos === 1 && retain));
  });

  it('takes an object of tag values, an array of them and a table', async () => {
    await load(flow({ topics: ['value'] }));
    const [a, b] = [sampleValue({ tag: 'a', value: 1 }), sampleValue({ tag: 'b', value: 2, text: 'b' })];
    send({ payload: { a: 1, b: 2 }, iec61850: { a, b } });
    send({ iec61850: [a, b] });
    send({ payload: [a, b] });
    await broker.until(() => broker.payloads('plant/BAY1/b/value').length === 3);
    assert.equal(broker.payloads('plant/BAY1/a/value').length, 3);
  });

  it('follows the choices of the user: layout, items, numbers, QoS 0, no retain', async () => {
    await load(
      flow({
        layout: '{root}/{ld}/{ln}/{do}',
        topics: ['value'],
        enumStyle: 'number',
        qos: '0',
        retain: false,
        root: '/a/b/',
      }),
    );
    send({ iec61850: sampleValue() });
    await broker.until(() => broker.payloads('a/b/BAY1CTRL/XCBR1/Pos').length === 1);
    assert.deepEqual(broker.received.at(-1), { topic: 'a/b/BAY1CTRL/XCBR1/Pos', payload: '2', qos: 0, retain: false });
  });

  it('takes root and layout from environment variables', async () => {
    process.env.TEST_MQTT_ROOT = 'site7';
    await load(flow({ root: '${TEST_MQTT_ROOT}/gw', topics: ['value'] }));
    delete process.env.TEST_MQTT_ROOT;
    send({ iec61850: sampleValue() });
    await broker.until(() => broker.payloads('site7/gw/BAY1/CTRL.XCBR1.Pos/value').length === 1);
  });

  it('publishes every value by default, and only changed topics where that is chosen', async () => {
    await load([
      ...flow({ topics: ['value', 'state'] }),
      { ...mapOut(), id: 'changes', root: 'changes', onlyChanges: true },
    ]);
    for (const id of ['out', 'changes']) {
      for (let sequence = 1; sequence <= 3; sequence++) send({ iec61850: sampleValue({ sequence }) }, id);
      send({ iec61850: sampleValue({ value: 1, text: 'Open', sequence: 4 }) }, id);
    }
    await broker.until(() => broker.payloads('changes/BAY1/CTRL.XCBR1.Pos/state').length === 2);
    assert.deepEqual(broker.payloads('plant/BAY1/CTRL.XCBR1.Pos/value'), ['Closed', 'Closed', 'Closed', 'Open']);
    assert.deepEqual(broker.payloads('changes/BAY1/CTRL.XCBR1.Pos/value'), ['Closed', 'Open']);
    assert.deepEqual(broker.payloads('changes/BAY1/CTRL.XCBR1.Pos/quality'), ['good']);
  });

  it('replaces wildcard characters of names, and says so when two tags meet on one topic, once', async () => {
    await load(flow({ topics: ['value'] }));
    const error = caught();
    send({ iec61850: sampleValue({ tag: 'a/b' }) });
    send({ iec61850: sampleValue({ tag: 'a+b', value: 1, text: 'Open' }) });
    assert.match(
      (await error).error.message,
      /BAY1\/a\+b is not published: its topic "plant\/BAY1\/a_b\/value" belongs to BAY1\/a\/b/,
    );
    send({ iec61850: sampleValue({ tag: 'a+b', value: 1, text: 'Open' }) });
    send({ iec61850: sampleValue({ tag: 'last' }) });
    await broker.until(() => broker.payloads('plant/BAY1/last/value').length === 1);
    assert.deepEqual(broker.payloads('plant/BAY1/a_b/value'), ['Closed']);
    await status(/topic clashes: 1/);
  });

  it('shares one connection among nodes with the same broker and root, and clashes across them', async () => {
    await load([...flow({ topics: ['value'] }), { ...mapOut({ topics: ['value'] }), id: 'second' }]);
    send({ iec61850: sampleValue({ tag: 'a/b' }) });
    send({ iec61850: sampleValue({ tag: 'c' }) }, 'second');
    await broker.until(() => broker.received.length === 3);
    assert.equal(broker.broker.connectedClients, 1);
    const error = caught();
    send({ iec61850: sampleValue({ tag: 'a#b' }) }, 'second');
    assert.match((await error).error.message, /belongs to BAY1\/a\/b/);
  });

  it('never invents: stale and disconnected values keep value and quality, and say so', async () => {
    await load(flow());
    send({ iec61850: sampleValue({ status: 'disconnected', quality: qualityFromBits(2) }) });
    send({ iec61850: sampleValue({ tag: 'none', value: null, quality: null, timestamp: null, status: 'error' }) });
    await broker.until(() => broker.received.length === 9);
    const retained = await broker.retained();
    assert.equal(retained['plant/BAY1/CTRL.XCBR1.Pos/status'], 'disconnected');
    assert.equal(retained['plant/BAY1/CTRL.XCBR1.Pos/quality'], 'invalid');
    assert.equal(retained['plant/BAY1/none/value'], 'null');
    assert.equal(retained['plant/BAY1/none/quality'], 'null');
  });

  it('names what is wrong with a message and publishes the rest of it', async () => {
    await load(flow({ topics: ['value'] }));
    for (const [message, why] of [
      [{ payload: 1 }, /no msg\.iec61850/],
      [{ iec61850: 5 }, /not a tag value/],
      [{ iec61850: { x: { ied: 'A' } } }, /\["x"\]/],
      [
        { iec61850: [sampleValue({ tag: 'good' }), null, sampleValue({ status: 'fine' as never })] },
        /2 failures.*\[1\].*unknown status/,
      ],
    ] as const) {
      const error = caught();
      send(message);
      assert.match((await error).error.message, why);
    }
    await broker.until(() => broker.payloads('plant/BAY1/good/value').length === 1);
  });

  it('holds messages in order while the broker is away, drops the oldest, and ends with true retained values', async () => {
    await load(flow({ topics: ['value'], queue: '50' }));
    send({ iec61850: sampleValue({ tag: 'breaker' }) });
    await broker.until(() => broker.payloads('plant/BAY1/breaker/value').length === 1);
    const away = caught();
    await broker.stopListening();
    const { error } = await away;
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${broker.port}`));
    const full = caught();
    send({ iec61850: sampleValue({ tag: 'breaker', value: 1, text: 'Open' }) });
    for (let i = 0; i < 60; i++)
      send({ iec61850: sampleValue({ tag: 'current', type: 'Float32', value: i, text: `${i} A` }) });
    assert.match((await full).error.message, /queue of 50 messages is full/);
    await status(/^away · dropped 11$/);
    broker.received.length = 0;
    await broker.listen();
    await broker.until(() => broker.payloads('plant/BAY1/breaker/value').length === 1);
    const currents = broker.payloads('plant/BAY1/current/value');
    assert.deepEqual(
      currents,
      Array.from({ length: 50 }, (_, i) => String(i + 10)),
    );
    const retained = await broker.retained();
    assert.equal(retained['plant/BAY1/breaker/value'], 'Open');
    assert.equal(retained['plant/BAY1/current/value'], '59');
  }).timeout(15_000);

  it('shows that all is well, and how much it publishes', async () => {
    await load(flow());
    await status(/^online$/);
    send({ iec61850: sampleValue() });
    await status(/^online · \d+\/s$/);
  });

  it('says which setting to change when the broker does not speak MQTT 5', async () => {
    await load(flow({}, { protocolVersion: '5' }));
    assert.match((await caught()).error.message, /MQTT V3\.1\.1/);
  });

  it('uses user and password of the mqtt-broker node, and shows a wrong one without telling it', async () => {
    broker.broker.authenticate = (_client, user, password, done) => {
      const right = user === 'bay' && password?.toString() === 'right';
      done(right ? null : Object.assign(new Error('no'), { returnCode: 4 }), right);
    };
    await load(flow(), { broker: { user: 'bay', password: 'wr0ng' } });
    const { error } = await caught();
    assert.match(error.message, /user name or password/);
    assert.ok(!error.message.includes('wr0ng'));
    await helper.unload();
    await load(flow(), { broker: { user: 'bay', password: 'right' } });
    await broker.until(() => broker.payloads('plant/status').length === 1);
  });

  it('explains itself when it has no broker or a wrong layout, and does not take Node-RED down', async () => {
    await load(flow({ broker: 'gone' }));
    let error = caught();
    send({ iec61850: sampleValue() });
    assert.match((await error).error.message, /No MQTT broker/);
    await helper.unload();
    await load(flow({ layout: '{root}/{item}' }));
    error = caught();
    send({ iec61850: sampleValue() });
    assert.match((await error).error.message, /all tags one topic/);
  });

  it('previews topics of an unsaved form in the editor', async () => {
    await load(flow());
    const post = (body: Properties): Promise<{ status: number; body: Properties }> =>
      helper.request().post('/iec61850/mqtt/preview').send(body) as unknown as Promise<{
        status: number;
        body: Properties;
      }>;
    const tags = [
      { ied: 'A', tag: 'x/y', reference: 'ALD/LLN0.Mod', fc: 'ST' },
      { ied: 'A', tag: 'x+y', reference: 'ALD/LLN0.Beh', fc: 'ST' },
    ];
    const preview = await post({ root: 'p', layout: '{root}/{ied}/{tag}/{item}', topics: ['value'], tags });
    assert.equal(preview.status, 200);
    assert.equal(preview.body.problems, 1);
    assert.equal(preview.body.announcement, 'p/status');
    const refused = await post({ root: 'p/#', layout: '{root}/{tag}', topics: ['value'], tags });
    assert.equal(refused.status, 400);
    assert.match(String(refused.body.message), /contains #/);
    assert.equal((await post({ tags: 'x'.repeat(10) })).status, 200);
  });

  it('hands TLS, user and WebSocket address of the mqtt-broker node on, and warns when nothing is verified', async () => {
    await load(flow({ root: 'p' }, { usetls: true, verifyservercert: false }));
    const settings = brokerSettings(node('broker'), 'p');
    assert.equal(settings.url, `mqtts://127.0.0.1:${broker.port}`);
    assert.deepEqual(settings.tls, { verify: false });
    assert.match(settings.clientId, /^gw-iec61850-/);
    await helper.unload();
    await load(flow({ root: 'p' }, { broker: 'ws://127.0.0.1:9/mqtt', protocolVersion: '5', keepalive: '15' }));
    const other = brokerSettings(node('broker'), 'p');
    assert.equal(other.url, 'ws://127.0.0.1:9/mqtt');
    assert.equal(other.version, 5);
    assert.equal(other.keepalive, 15);
    assert.equal(other.tls, undefined);
  });

  it('announces offline and closes, with the broker up, away or silent', async () => {
    await load(flow());
    await broker.until(() => broker.payloads('plant/status').length === 1);
    await helper.unload();
    assert.equal((await broker.retained())['plant/status'], 'offline');

    await broker.stopListening();
    await load(flow());
    send({ iec61850: sampleValue() });
    await helper.unload();
    await broker.listen();

    broker.broker.authorizePublish = () => undefined;
    await load(flow());
    send({ iec61850: sampleValue() });
    await helper.unload();
  });

  it('leaves no socket, timer or listener behind when it is deployed a hundred times', async () => {
    const resources = (): string => process.getActiveResourcesInfo().sort().join();
    const round = async (): Promise<void> => {
      const seen = broker.payloads('plant/status').length;
      await load(flow());
      await broker.until(() => broker.payloads('plant/status').length > seen);
      await helper.unload();
    };
    await round();
    await setImmediate();
    const before = resources();
    const listeners = process.eventNames().map((name) => process.listenerCount(name));
    for (let i = 0; i < 100; i++) await round();
    await setImmediate();
    assert.equal(broker.connections, 0);
    assert.equal(resources(), before);
    assert.deepEqual(
      process.eventNames().map((name) => process.listenerCount(name)),
      listeners,
    );
  }).timeout(60_000);
});
