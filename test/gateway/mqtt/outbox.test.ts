import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_MQTT_ATTEMPTS } from '../../../src/limits.js';
import type { MqttMessage, MqttQos } from '../../../src/gateway/mqtt/message.js';
import { Outbox, type OutboxOptions } from '../../../src/gateway/mqtt/outbox.js';

describe('MQTT outbox', () => {
  const message = (payload: string, changes: Partial<MqttMessage> = {}): MqttMessage => ({
    topic: 't',
    payload,
    qos: 1,
    retain: false,
    ...changes,
  });
  const filled = (options: OutboxOptions, count: number, changes: Partial<MqttMessage> = {}): Outbox => {
    const outbox = new Outbox(options);
    for (let i = 0; i < count; i++) outbox.push(message(String(i), changes));
    return outbox;
  };
  const takeAll = (outbox: Outbox): string[] => {
    const payloads = [];
    for (let next = outbox.take(); next; next = outbox.take()) {
      payloads.push(next.payload);
      outbox.settle(next);
    }
    return payloads;
  };

  it('gives messages in order and never merges those of one topic', () => {
    assert.deepEqual(takeAll(filled({ capacity: 100 }, 5)), ['0', '1', '2', '3', '4']);
  });

  it('drops the oldest when full, and counts them', () => {
    const dropped: string[] = [];
    const outbox = filled({ capacity: 10, onDropped: ({ payload }) => dropped.push(payload) }, 13);
    assert.deepEqual(dropped, ['0', '1', '2']);
    assert.equal(outbox.dropped, 3);
    assert.equal(outbox.size, 10);
    assert.equal(takeAll(outbox)[0], '3');
  });

  it('is bounded in characters as well', () => {
    const outbox = new Outbox({ capacity: 1000, maxCharacters: 1000 });
    for (let i = 0; i < 50; i++) outbox.push(message('x'.repeat(99)));
    assert.equal(outbox.size, 10);
    assert.equal(outbox.dropped, 40);
  });

  it('keeps a message until it is settled and puts it back to the front when the connection is lost', () => {
    const outbox = filled({ capacity: 100 }, 4);
    const first = outbox.take();
    outbox.take();
    outbox.take();
    outbox.settle(first as MqttMessage);
    outbox.requeue();
    assert.equal(outbox.size, 3);
    assert.deepEqual(takeAll(outbox), ['1', '2', '3']);
  });

  it('does not send a message of QoS 0 twice; it counts as dropped', () => {
    const outbox = filled({ capacity: 100 }, 3, { qos: 0 });
    outbox.take();
    outbox.requeue();
    assert.equal(outbox.dropped, 1);
    assert.deepEqual(takeAll(outbox), ['1', '2']);
  });

  it('publishes the last word on a retained topic at the end, when it was dropped', () => {
    const outbox = new Outbox({ capacity: 3 });
    outbox.push(message('breaker opened', { topic: 'breaker', retain: true }));
    for (let i = 0; i < 5; i++) outbox.push(message(`measurement ${i}`, { topic: 'current', retain: true }));
    assert.deepEqual(takeAll(outbox), ['measurement 2', 'measurement 3', 'measurement 4', 'breaker opened']);
  });

  it('does not bring an old word back over a newer one', () => {
    const outbox = new Outbox({ capacity: 3 });
    outbox.push(message('opened', { topic: 'breaker', retain: true }));
    for (let i = 0; i < 5; i++) outbox.push(message(`m${i}`, { topic: 'current', retain: true }));
    outbox.push(message('closed', { topic: 'breaker', retain: true }));
    assert.deepEqual(takeAll(outbox), ['m3', 'm4', 'closed']);
  });

  it('publishes all retained topics again after a reconnect where that is asked for', () => {
    const outbox = new Outbox({ capacity: 10, resendRetained: true });
    outbox.push(message('1', { topic: 'a', retain: true }));
    outbox.push(message('2', { topic: 'a', retain: true }));
    outbox.push(message('3', { topic: 'b', retain: true }));
    takeAll(outbox);
    outbox.push(message('4', { topic: 'b', retain: true }));
    outbox.resendRetained();
    assert.deepEqual(takeAll(outbox), ['4', '2']);
  });

  it('gives up a message over which connection after connection breaks, once it was sent alone', () => {
    const outbox = filled({ capacity: 100 }, 3);
    for (let attempt = 1; attempt < MAX_MQTT_ATTEMPTS; attempt++) {
      while (outbox.take());
      assert.equal(outbox.requeue(), undefined);
    }
    outbox.take();
    assert.equal(outbox.take(), undefined, 'it should be alone in flight');
    assert.equal(outbox.requeue()?.payload, '0');
    assert.deepEqual(takeAll(outbox), ['1', '2']);
    assert.equal(outbox.refused, 1);
  });

  it('loses and repeats nothing over any sequence of pushes, acknowledgements and cuts', () => {
    const step = fc.constantFrom('push', 'take', 'settle', 'cut');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.constantFrom<MqttQos>(1, 2), (steps, qos) => {
        const outbox = new Outbox({ capacity: 10_000 });
        const flying: MqttMessage[] = [];
        const delivered: number[] = [];
        let pushed = 0;
        let cuts = 0;
        const settle = (next: MqttMessage): void => {
          outbox.settle(next);
          delivered.push(Number(next.payload));
        };
        for (const action of steps) {
          const next = action === 'take' ? outbox.take() : action === 'settle' ? flying.shift() : undefined;
          if (action === 'push') outbox.push(message(String(pushed++), { qos }));
          else if (action === 'take' && next) flying.push(next);
          else if (action === 'settle' && next) settle(next);
          else if (action === 'cut' && ++cuts < MAX_MQTT_ATTEMPTS) {
            outbox.requeue();
            flying.length = 0;
          }
        }
        for (const next of flying) settle(next);
        for (let next = outbox.take(); next; next = outbox.take()) settle(next);
        assert.deepEqual(
          delivered,
          Array.from({ length: pushed }, (_, i) => i),
        );
        assert.equal(outbox.size, 0);
      }),
    );
  });
});
