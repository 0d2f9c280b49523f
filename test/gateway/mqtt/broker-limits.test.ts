import assert from 'node:assert/strict';
import { type MqttError } from '../../../src/errors.js';
import type { MqttMessage } from '../../../src/gateway/mqtt/message.js';
import type { BrokerConnection, BrokerLimits, ConnectionEvents } from '../../../src/gateway/mqtt/mqtt-connection.js';
import { MqttLink, type LinkOptions } from '../../../src/gateway/mqtt/mqtt-link.js';
import { Outbox } from '../../../src/gateway/mqtt/outbox.js';

/** A broker of MQTT 5 that says what it can do, and acknowledges when it is told to. */
class FakeBroker {
  readonly wills: MqttMessage[] = [];
  readonly sent: Array<{ message: MqttMessage; done: (error?: Error) => void }> = [];
  events: ConnectionEvents | undefined;

  readonly open = (_settings: unknown, will: MqttMessage, events: ConnectionEvents): BrokerConnection => {
    this.wills.push(will);
    this.events = events;
    return {
      publish: (message, done) => void this.sent.push({ message, done }),
      subscribe: () => undefined,
      close: () => Promise.resolve(),
      fail: (cause) => events.down(cause),
    };
  };

  get values(): typeof this.sent {
    return this.sent.filter(({ message }) => message.topic !== 'plant/status');
  }
}

describe('MQTT 5 brokers with limits', () => {
  const unlimited: BrokerLimits = {
    maximumQos: 2,
    retainAvailable: true,
    receiveMaximum: 200,
    maximumPacketSize: Number.POSITIVE_INFINITY,
  };
  let broker: FakeBroker;
  let link: MqttLink;
  let outbox: Outbox;
  let troubles: MqttError[];

  const start = (options: Partial<LinkOptions> = {}): void => {
    broker = new FakeBroker();
    troubles = [];
    outbox = new Outbox({ capacity: 100 });
    const settings = { url: 'mqtt://broker', version: 5, keepalive: 60, clientId: 'gw' } as const;
    link = new MqttLink({ settings, root: 'plant', qos: 2, delays: [1], open: broker.open, ...options });
    link.join(outbox, { changed: () => undefined, trouble: (error) => troubles.push(error) });
    link.start();
  };
  const push = (count: number, payload = 'x'): void => {
    for (let i = 0; i < count; i++) outbox.push({ topic: `plant/${i}`, payload, qos: 2, retain: true });
  };
  const coded = (code: number): Error => Object.assign(new Error(`reason ${code}`), { code });

  afterEach(() => link.close());

  it('get no more unacknowledged messages than they allow', () => {
    start();
    broker.events?.up({ ...unlimited, receiveMaximum: 2 });
    push(5);
    assert.equal(broker.values.length, 2);
    broker.values[0]?.done();
    assert.equal(broker.values.length, 3);
  });

  it('get the QoS and the retain flag that they can handle', () => {
    start();
    broker.events?.up({ ...unlimited, maximumQos: 0, retainAvailable: false });
    push(1);
    for (const { message } of broker.sent) assert.deepEqual([message.qos, message.retain], [0, false]);
  });

  it('get no packet that is too large for them, and the others all the same', () => {
    start();
    broker.events?.up({ ...unlimited, maximumPacketSize: 100 });
    push(1, 'x'.repeat(200));
    push(1);
    assert.equal(broker.values.length, 1);
    assert.match(troubles[0]?.message ?? '', /up to 100 octets/);
    assert.equal(outbox.refused, 1);
  });

  it('may refuse a message, which is reported and not sent again', () => {
    start();
    broker.events?.up(unlimited);
    push(2);
    broker.values[0]?.done(coded(135));
    broker.values[1]?.done();
    assert.equal(troubles[0]?.code, 'IEC61850_MQTT_MESSAGE_REFUSED');
    assert.equal(outbox.size, 0);
    assert.equal(outbox.delivered, 1);
  });

  it('that cannot keep a will as asked for get a smaller one', async () => {
    start();
    for (const [code, expected] of [
      [154, { qos: 1, retain: false }],
      [155, { qos: 0, retain: false }],
    ] as const) {
      const seen = broker.wills.length;
      broker.events?.down(coded(code));
      while (broker.wills.length === seen) await new Promise(setImmediate);
      const { qos, retain } = broker.wills.at(-1) as MqttMessage;
      assert.deepEqual({ qos, retain }, expected);
    }
  });

  it('that say good-bye with a reason are quoted', () => {
    start();
    broker.events?.up(unlimited);
    broker.events?.down(coded(142));
    assert.equal(link.error?.failure, 'CLIENT_ID');
    assert.match(link.error?.message ?? '', /joined by another client/);
  });
});
