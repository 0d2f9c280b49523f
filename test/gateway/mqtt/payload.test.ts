import assert from 'node:assert/strict';
import { contentOf, payloadOf } from '../../../src/gateway/mqtt/payload.js';
import { qualityFromBits, QualityBit } from '../../../src/model/quality.js';
import { sampleValue } from './sample.js';

describe('MQTT payloads', () => {
  it('gives positions and enumerations as text, or as number by choice', () => {
    assert.equal(payloadOf(sampleValue(), 'value', 'text'), 'Closed');
    assert.equal(payloadOf(sampleValue(), 'value', 'number'), '2');
    assert.equal(payloadOf(sampleValue({ type: 'Enum', value: 7, text: '' }), 'value', 'text'), '7');
  });

  it('gives scalars as they are and never their text with unit', () => {
    const float = sampleValue({ type: 'Float32', value: 230.4, text: '230.4 kV', unit: 'kV' });
    assert.equal(payloadOf(float, 'value', 'text'), '230.4');
    assert.equal(payloadOf(sampleValue({ type: 'Boolean', value: true, text: 'True' }), 'value', 'text'), 'true');
    assert.equal(
      payloadOf(sampleValue({ type: 'Int64', value: '9223372036854775807' }), 'value', 'text'),
      '9223372036854775807',
    );
  });

  it('writes floats that are not finite as NaN and Infinity, in the scalar and in the state', () => {
    const value = sampleValue({ type: 'Float32', value: Number.NaN });
    assert.equal(payloadOf(value, 'value', 'text'), 'NaN');
    assert.equal((JSON.parse(payloadOf(value, 'state', 'text') ?? '') as { value: unknown }).value, 'NaN');
  });

  it('gives null, and neither empty nor zero, for what the IED did not give', () => {
    const value = sampleValue({ value: null, quality: null, text: 'Bad' });
    assert.equal(payloadOf(value, 'value', 'text'), 'null');
    assert.equal(payloadOf(value, 'quality', 'text'), 'null');
  });

  it('gives structures as JSON, quality as text, status by its name and state as the whole tag value', () => {
    const value = sampleValue({
      type: 'Structure',
      value: { mag: { f: 1.5 } },
      quality: qualityFromBits(QualityBit.oldData | 3),
      status: 'stale',
    });
    assert.equal(payloadOf(value, 'value', 'text'), '{"mag":{"f":1.5}}');
    assert.equal(payloadOf(value, 'quality', 'text'), 'questionable (oldData)');
    assert.equal(payloadOf(value, 'status', 'text'), 'stale');
    assert.deepEqual(JSON.parse(payloadOf(value, 'state', 'text') ?? ''), value);
  });

  it('takes a state for unchanged when only its bookkeeping moved', () => {
    const [first, second] = [sampleValue(), sampleValue({ received: 'later', sequence: 2, source: 'read' })];
    assert.equal(contentOf(first, 'state', ''), contentOf(second, 'state', ''));
    assert.notEqual(contentOf(first, 'state', ''), contentOf(sampleValue({ timestamp: null }), 'state', ''));
  });
});
