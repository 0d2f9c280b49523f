import assert from 'node:assert/strict';
import { ArgumentError, MqttError } from '../../../src/errors.js';
import { brokerError } from '../../../src/gateway/mqtt/broker-error.js';
import { checkBrokerUrl, clientIdFor, withoutSecrets } from '../../../src/gateway/mqtt/broker.js';
import { publisherStatus, type PublisherFigures } from '../../../src/gateway/mqtt/status-text.js';
import { previewTopics } from '../../../src/gateway/mqtt/topic-preview.js';
import { TopicClaims } from '../../../src/gateway/mqtt/topic-claims.js';
import { TopicTable } from '../../../src/gateway/mqtt/tag-topics.js';
import { TopicTemplate } from '../../../src/gateway/mqtt/topic-template.js';
import { sampleValue } from './sample.js';

describe('MQTT broker settings', () => {
  it('gives a client id of its own for each root, the same each time', () => {
    assert.equal(clientIdFor('gw', 'a', 4), clientIdFor('gw', 'a', 4));
    assert.notEqual(clientIdFor('gw', 'a', 4), clientIdFor('gw', 'b', 4));
    assert.match(clientIdFor('gw', 'a', 4), /^gw-iec61850-/);
    assert.notEqual(clientIdFor('', 'a', 4), clientIdFor('', 'a', 4));
  });

  it('keeps to the 23 characters of MQTT 3.1', () => {
    assert.ok(clientIdFor('a-rather-long-client-id', 'a', 3).length <= 23);
  });

  it('refuses what is no address of a broker, and never shows a password', () => {
    for (const url of ['mqtt://h:1883', 'mqtts://h', 'ws://h/mqtt', 'wss://h:443/x?y', 'mqtt://[::1]:1883'])
      checkBrokerUrl(url);
    for (const url of ['', 'h:1883', 'http://h', 'mqtt://'])
      assert.throws(() => checkBrokerUrl(url), ArgumentError, url);
    assert.equal(withoutSecrets('mqtt://u:p@ss@h:1883/x?token=y'), 'mqtt://h:1883/x');
  });

  it('has a text of its own for each way in which a broker fails', () => {
    const fault = (code: string | number, version: 4 | 5 = 4, message = 'x'): MqttError =>
      brokerError(Object.assign(new Error(message), { code }), { url: 'mqtt://u:secret@h:1', version });
    const faults = [
      fault('ECONNREFUSED'),
      fault('ENOTFOUND'),
      fault('EHOSTUNREACH'),
      fault('ETIMEDOUT'),
      fault('CERT_HAS_EXPIRED'),
      fault(1),
      fault(2),
      fault(3),
      fault(4),
      fault(5),
      fault(137, 5),
      fault(142, 5),
      fault(155, 5),
    ];
    assert.equal(new Set(faults.map((error) => error.message)).size, faults.length);
    for (const error of faults) {
      assert.ok(error.hint.length > 0 && error.message.includes('mqtt://h:1'), error.message);
      assert.ok(!error.message.includes('secret'));
    }
    assert.equal(fault(132, 5).failure, fault(1, 4).failure);
    assert.equal(brokerError(new Error('connack timeout'), { url: 'mqtt://h', version: 4 }).failure, 'TIMEOUT');
    assert.equal(brokerError(undefined, { url: 'mqtt://h', version: 4 }).failure, 'CLOSED');
  });
});

describe('MQTT status', () => {
  const figures = (changes: Partial<PublisherFigures>): PublisherFigures => ({
    state: 'online',
    rate: 0,
    queued: 0,
    dropped: 0,
    clashes: 0,
    ...changes,
  });
  const away = new MqttError('CREDENTIALS', 'x');

  it('says what matters most in under 20 characters, whatever the figures are', () => {
    const rows: Array<[Partial<PublisherFigures>, string, string]> = [
      [{}, 'ok', 'online'],
      [{ rate: 12 }, 'ok', 'online · 12/s'],
      [{ queued: 1200 }, 'warn', 'queued 1200'],
      [{ dropped: 5 }, 'warn', 'dropped 5'],
      [{ clashes: 2 }, 'warn', 'topic clashes: 2'],
      [{ state: 'connecting' }, 'busy', 'connecting'],
      [{ state: 'away' }, 'bad', 'broker away'],
      [{ state: 'away', queued: 120 }, 'busy', 'away · queued 120'],
      [{ state: 'away', queued: 10, dropped: 5 }, 'bad', 'away · dropped 5'],
      [{ state: 'away', queued: 120, error: away }, 'bad', 'wrong password'],
    ];
    for (const [changes, kind, text] of rows) assert.deepEqual(publisherStatus(figures(changes)), { kind, text });
    const large = { rate: 123_456, queued: 1_000_000, dropped: 99_999_999, clashes: 100_000 };
    for (const state of ['online', 'away', 'connecting'] as const) {
      for (const key of Object.keys(large)) {
        const { text } = publisherStatus(figures({ state, [key]: large[key as keyof typeof large] }));
        assert.ok(text.length < 20, text);
      }
    }
  });
});

describe('MQTT topics of tags', () => {
  const form = { layout: '{root}/{ied}/{tag}/{item}', root: 'plant', items: ['value', 'state'] as const };

  it('are previewed with what is wrong first', () => {
    const tags = ['a', 'x/y', 'x+y'].map((tag) => sampleValue({ tag }));
    const preview = previewTopics(form, tags, 2);
    assert.equal(preview.announcement, 'plant/status');
    assert.equal(preview.problems, 1);
    assert.match(preview.rows[0]?.problem ?? '', /BAY1\/x\+y.*BAY1\/x\/y/);
    assert.equal(preview.rows[0]?.other, 'BAY1/x/y');
    assert.equal(preview.replaced, 1);
    assert.deepEqual(preview.rows[1]?.topics, ['plant/BAY1/x_y/value', 'plant/BAY1/x_y/state']);
    assert.deepEqual(preview.rows[1]?.replaced, [{ name: 'x/y', level: 'x_y' }]);
    assert.equal(preview.rows.length, 2);
    assert.equal(previewTopics(form, [sampleValue({ tag: 'a' })], 2).rows[0]?.replaced, undefined);
  });

  it('never take the topic of the announcement', () => {
    const preview = previewTopics(
      { ...form, layout: '{root}/{tag}', items: ['value'] },
      [sampleValue({ tag: 'status' })],
      10,
    );
    assert.match(preview.rows[0]?.problem ?? '', /announcement/);
  });

  it('are free for another tag when their own has gone', () => {
    const claims = new TopicClaims();
    const table = (): TopicTable =>
      new TopicTable(new TopicTemplate(form.layout, form.root, form.items), form.items, claims);
    const [first, second] = [table(), table()];
    first.of(sampleValue({ tag: 'x/y' }));
    const clash = second.of(sampleValue({ tag: 'x+y' })).clash;
    assert.ok(clash);
    assert.equal(second.of(sampleValue({ tag: 'x+y' })).clash, clash, 'told once');
    assert.equal(second.clashes, 1);
    first.close();
    assert.equal(second.of(sampleValue({ tag: 'x+y' })).clash, undefined);
    assert.equal(second.clashes, 0);
  });

  it('follow a tag whose reference changes, where the layout uses it', () => {
    const items = ['value'] as const;
    const table = new TopicTable(new TopicTemplate('{root}/{ld}/{ln}/{do}', 'r', items), items, new TopicClaims());
    assert.equal(table.of(sampleValue()).topics[0]?.topic, 'r/BAY1CTRL/XCBR1/Pos');
    assert.equal(table.of(sampleValue({ reference: 'BAY1CTRL/XCBR2.Pos' })).topics[0]?.topic, 'r/BAY1CTRL/XCBR2/Pos');
  });
});
