import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { MqttError } from '../../../src/errors.js';
import { LinkPool } from '../../../src/gateway/mqtt/link-pool.js';
import { CLOSE_TIMEOUT_MS } from '../../../src/limits.js';
import type { MqttMessage, MqttQos } from '../../../src/gateway/mqtt/message.js';
import { MqttLink, type LinkListener, type LinkOptions, type LinkState } from '../../../src/gateway/mqtt/mqtt-link.js';
import { Outbox } from '../../../src/gateway/mqtt/outbox.js';
import { BrokerFixture } from './broker-fixture.js';

/** Remembers what a link tells, and lets a test wait for it. */
class Listener implements LinkListener {
  readonly states: LinkState[] = [];
  readonly errors: MqttError[] = [];
  private waiters: Array<() => void> = [];

  changed(state: LinkState, error?: MqttError): void {
    this.states.push(state);
    if (error) this.errors.push(error);
    this.wake();
  }
  trouble(error: MqttError): void {
    this.errors.push(error);
    this.wake();
  }
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.waiters.push(resolve);
      });
    }
  }
  async state(state: LinkState): Promise<void> {
    await this.until(() => this.states.at(-1) === state);
  }
  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}

const DELAYS = [5];
const ROOT = 'plant';

describe('MQTT link with a real broker', () => {
  let broker: BrokerFixture;
  const links: MqttLink[] = [];

  beforeEach(async () => {
    broker = await new BrokerFixture().start();
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await broker.stop();
  });

  const message = (payload: string, changes: Partial<MqttMessage> = {}): MqttMessage => ({
    topic: `${ROOT}/x`,
    payload,
    qos: 1,
    retain: false,
    ...changes,
  });
  const open = (options: Partial<LinkOptions> = {}): { link: MqttLink; outbox: Outbox; listener: Listener } => {
    const link = new MqttLink({ settings: broker.settings(), root: ROOT, qos: 1, delays: DELAYS, ...options });
    const outbox = new Outbox({ capacity: 10_000 });
    const listener = new Listener();
    links.push(link);
    link.join(outbox, listener);
    link.start();
    return { link, outbox, listener };
  };
  const numbers = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => String(from + i));

  for (const version of [3, 4] as const) {
    it(`publishes with MQTT protocol level ${version}, announced as online`, async () => {
      const { outbox } = open({ settings: broker.settings({ version }) });
      outbox.push(message('hello', { retain: true }));
      await broker.until(() => broker.payloads('plant/x').length === 1);
      assert.deepEqual(await broker.retained(), { 'plant/status': 'online', 'plant/x': 'hello' });
    });
  }

  for (const qos of [0, 1, 2] as MqttQos[]) {
    it(`keeps the order of thousands of messages at QoS ${qos}`, async () => {
      const { outbox } = open();
      for (const payload of numbers(3000)) outbox.push(message(payload, { qos }));
      await broker.until(() => broker.payloads('plant/x').length === 3000);
      assert.deepEqual(broker.payloads('plant/x'), numbers(3000));
    });
  }

  it('loses nothing at QoS 1 when the connection is cut again and again, and keeps the order', async () => {
    const { outbox } = open();
    let cuts = 0;
    broker.broker.on('publish', (packet) => {
      // Cut while acknowledgements are on their way.
      if (packet.topic === 'plant/x' && Number(packet.payload.toString()) === 100 * (cuts + 1) && cuts < 8) {
        cuts++;
        setImmediate(() => broker.cut());
      }
    });
    for (const payload of numbers(1000)) outbox.push(message(payload));
    await broker.until(() => broker.payloads('plant/x').at(-1) === '999');
    assert.equal(cuts, 8);
    const firsts = [...new Set(broker.payloads('plant/x'))];
    assert.deepEqual(firsts, numbers(1000));
    assert.equal(outbox.dropped, 0);
  });

  it('drains the queue in order when the broker comes back, without duplicates and without a merge', async () => {
    const { outbox, listener } = open();
    await listener.state('online');
    await broker.stopListening();
    await listener.state('away');
    for (const payload of numbers(500)) outbox.push(message(payload, { retain: true }));
    assert.equal(outbox.size, 500);
    await broker.listen();
    await broker.until(() => broker.payloads('plant/x').length === 500);
    assert.deepEqual(broker.payloads('plant/x'), numbers(500));
    assert.equal((await broker.retained())['plant/x'], '499');
  });

  it('announces itself again at every reconnect, and the will says offline meanwhile', async () => {
    const { listener } = open();
    await listener.state('online');
    await broker.until(() => broker.payloads('plant/status').at(-1) === 'online');
    for (let round = 0; round < 3; round++) {
      const seen = broker.received.length;
      broker.cut();
      await broker.until(() => broker.payloads('plant/status').length >= 1 && broker.received.length > seen);
      await broker.until(() => broker.payloads('plant/status').at(-1) === 'online');
    }
    assert.ok(broker.payloads('plant/status').filter((payload) => payload === 'online').length >= 4);
  });

  it('has its will fired when the socket is destroyed', async () => {
    const { link, listener } = open({ delays: [60_000] });
    await listener.state('online');
    await broker.until(() => broker.payloads('plant/status').includes('online'));
    const offline = new Promise<string>((resolve) => {
      broker.broker.on('publish', (packet) => {
        if (packet.topic === 'plant/status' && packet.payload.toString() === 'offline') resolve(packet.topic);
      });
    });
    broker.cut();
    await offline;
    await listener.state('away');
    assert.equal((await broker.retained())['plant/status'], 'offline');
    assert.equal(link.state, 'away');
  });

  it('says online again when the will of a connection that died earlier comes late', async () => {
    const subscribed = once(broker.broker, 'subscribe');
    open();
    await subscribed;
    await broker.until(() => broker.payloads('plant/status').length === 1);
    broker.broker.publish(
      { cmd: 'publish', topic: 'plant/status', payload: Buffer.from('offline'), qos: 0, retain: true, dup: false },
      () => undefined,
    );
    await broker.until(() => broker.payloads('plant/status').length === 2);
    assert.deepEqual(broker.payloads('plant/status'), ['online', 'online']);
  });

  it('announces offline, retained, when it is closed in good order', async () => {
    const { link, listener } = open();
    await listener.state('online');
    await link.close();
    assert.equal((await broker.retained())['plant/status'], 'offline');
    assert.equal(broker.connections, 0);
  });

  it('serves two outboxes over one connection and gives neither all of the room', async () => {
    const { link, outbox } = open();
    const second = new Outbox({ capacity: 10_000 });
    link.join(second, new Listener());
    for (const payload of numbers(2000)) outbox.push(message(payload, { topic: 'plant/a' }));
    for (const payload of numbers(20)) second.push(message(payload, { topic: 'plant/b' }));
    await broker.until(() => broker.payloads('plant/b').length === 20);
    assert.ok(broker.payloads('plant/a').length < 2000, 'the small queue should not wait for the large one');
    assert.equal(broker.broker.connectedClients, 1);
    await broker.until(() => broker.payloads('plant/a').length === 2000);
  });

  it('connects again when the broker acknowledges nothing', async () => {
    const { outbox, listener } = open({ ackTimeout: 40 });
    await listener.state('online');
    let silent = true;
    broker.broker.authorizePublish = (_client, packet, done) => {
      if (packet.topic !== 'plant/x' || !silent) done(null);
    };
    outbox.push(message('important'));
    await listener.until(() => listener.errors.some((error) => error.failure === 'TIMEOUT'));
    assert.match(listener.errors[0]?.message ?? '', /acknowledged nothing/);
    silent = false;
    await broker.until(() => broker.payloads('plant/x').length === 1);
  });

  it('gives up a message for which the broker cuts the connection, and sends the others', async () => {
    broker.broker.authorizePublish = (_client, packet, done) => {
      done(packet.topic === 'plant/forbidden' ? new Error('not allowed') : null);
    };
    const { outbox, listener } = open({ delays: [1] });
    outbox.push(message('no', { topic: 'plant/forbidden' }));
    outbox.push(message('yes'));
    await broker.until(() => broker.payloads('plant/x').length > 0);
    const told = listener.errors.find((error) => error.failure === 'MESSAGE_REFUSED');
    assert.match(told?.message ?? '', /plant\/forbidden/);
    assert.equal(outbox.refused, 1);
  });

  it('leaves within its time when the broker hangs, and says how much it discards', async () => {
    const { link, outbox, listener } = open();
    await listener.state('online');
    broker.broker.authorizePublish = () => undefined;
    for (const payload of numbers(10)) outbox.push(message(payload));
    assert.equal(await link.leave(outbox), 10);
    await link.close();
    assert.ok(CLOSE_TIMEOUT_MS < 2000, 'both together take no longer than this');
  });

  describe('tells what is wrong with a broker', () => {
    const failure = async (options: Partial<LinkOptions>): Promise<MqttError> => {
      const { listener } = open(options);
      await listener.until(() => listener.errors.length > 0);
      return listener.errors[0] as MqttError;
    };

    it('which speaks MQTT 3.1.1 only: names the setting', async () => {
      const error = await failure({ settings: broker.settings({ version: 5 }) });
      assert.equal(error.code, 'IEC61850_MQTT_PROTOCOL_VERSION');
      assert.match(error.hint, /3\.1\.1/);
    });

    it('which does not accept the password', async () => {
      broker.broker.authenticate = (_client, _user, _password, done) => {
        done(Object.assign(new Error('no'), { returnCode: 4 }), false);
      };
      const error = await failure({ settings: broker.settings({ username: 'u', password: 'secret' }) });
      assert.equal(error.failure, 'CREDENTIALS');
      assert.ok(!error.message.includes('secret'));
    });

    it('which refuses the connection', async () => {
      const { port } = broker;
      await broker.stopListening();
      const error = await failure({ settings: broker.settings({ url: `mqtt://127.0.0.1:${port}` }) });
      assert.equal(error.failure, 'REFUSED');
      assert.match(error.message, new RegExp(String(port)));
    });

    it('whose host nobody knows', async () => {
      const error = await failure({ settings: broker.settings({ url: 'mqtt://no-such-broker.invalid:1883' }) });
      assert.equal(error.failure, 'UNKNOWN_HOST');
    });

    it('which does not speak TLS on this port', async () => {
      const error = await failure({
        settings: broker.settings({ url: `mqtts://127.0.0.1:${broker.port}`, tls: { verify: true } }),
      });
      assert.equal(error.failure, 'TLS');
    });

    it('which is a WebSocket URL without one behind it', async () => {
      const error = await failure({ settings: broker.settings({ url: `ws://127.0.0.1:${broker.port}/mqtt` }) });
      assert.match(error.hint, /WebSocket/);
    });

    it('once for as long as the reason is the same', async () => {
      await broker.stopListening();
      const { link, listener } = open({ delays: [1] });
      await listener.state('away');
      for (let i = 0; i < 5; i++) await setTimeout(5);
      assert.equal(listener.errors.length, 1);
      assert.equal(link.state, 'away');
    });
  });

  it('closes at once while it connects to a host that says nothing', async () => {
    const silent = net.createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const accepted = once(silent, 'connection');
    const { link } = open({
      settings: broker.settings({ url: `mqtt://127.0.0.1:${(silent.address() as AddressInfo).port}` }),
    });
    const [socket] = (await accepted) as [net.Socket];
    socket.resume();
    const ended = once(socket, 'close');
    await link.close();
    await ended;
    silent.close();
  });
});

describe('MQTT link pool', () => {
  let broker: BrokerFixture;
  beforeEach(async () => {
    broker = await new BrokerFixture().start();
  });
  afterEach(() => broker.stop());

  it('shares one connection by its key and closes it after the last user', async () => {
    const pool = new LinkPool();
    const options = { settings: broker.settings(), root: ROOT, qos: 1 as const };
    const [first, second] = [new Outbox({ capacity: 10 }), new Outbox({ capacity: 10 })];
    const link = pool.acquire('k', options);
    const listener = new Listener();
    link.join(first, listener);
    assert.equal(pool.acquire('k', options), link);
    link.join(second, new Listener());
    await listener.state('online');
    await pool.release('k', first);
    assert.equal(link.state, 'online');
    assert.equal(broker.broker.connectedClients, 1);
    await pool.release('k', second);
    assert.equal(pool.size, 0);
    assert.equal(broker.connections, 0);
  });

  it('opens a new connection only after the one of the same client id has gone', async () => {
    const pool = new LinkPool();
    const options = { settings: broker.settings(), root: ROOT, qos: 1 as const };
    for (let round = 0; round < 20; round++) {
      const outbox = new Outbox({ capacity: 10 });
      const listener = new Listener();
      pool.acquire('k', options).join(outbox, listener);
      await listener.state('online');
      void pool.release('k', outbox);
    }
    const last = new Outbox({ capacity: 10 });
    pool.acquire('k', options);
    await pool.release('k', last);
    const said = broker.payloads('plant/status');
    assert.ok(
      said.every((payload, index) => payload === (index % 2 === 0 ? 'online' : 'offline')),
      said.join(),
    );
  });
});
