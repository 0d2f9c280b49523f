import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MAX_VALUE_TEXT } from '../../src/limits.js';
import type { TagData, TagType } from '../../src/model/tag-value.js';
import { valueText, type ValueTextOptions } from '../../src/model/value-text.js';

describe('texts of values', () => {
  const rows: ReadonlyArray<
    readonly [type: TagType | undefined, value: TagData, text: string, options?: ValueTextOptions]
  > = [
    ['Dbpos', 0, 'Intermediate'],
    ['Dbpos', 1, 'Open'],
    ['Dbpos', 2, 'Closed'],
    ['Dbpos', 3, 'Bad'],
    ['Dbpos', 7, '7'],
    ['Boolean', true, 'True'],
    ['Boolean', false, 'False'],
    ['Enum', 5, 'off', { enumLiterals: { 5: 'off' } }],
    ['Enum', 6, '6', { enumLiterals: { 5: 'off' } }],
    ['Enum', -1, '-1'],
    ['Int32', 42, '42 V', { unit: 'V' }],
    ['Int64', '9223372036854775807', '9223372036854775807 Wh', { unit: 'Wh' }],
    ['Float32', Math.fround(230.4), '230.4 kV', { unit: 'kV' }],
    ['Float32', Math.fround(49.998), '49.998 Hz', { unit: 'Hz' }],
    ['Float32', Math.fround(0.1), '0.1'],
    ['Float32', -0, '0'],
    ['Float32', Math.fround(1e-9), '1e-9'],
    ['Float64', 123456.789, '123457 Wh', { unit: 'Wh' }],
    ['Float64', 12345678.9, '12345679'],
    ['Float64', 1e21, '1e+21'],
    ['Float64', 1.23456789e18, '1234567890000000000'],
    ['Float32', 31.5, '31.5°', { unit: '°' }],
    ['Float32', NaN, 'NaN', { unit: 'V' }],
    ['Float32', Infinity, 'Infinity', { unit: 'V' }],
    ['Float32', -Infinity, '-Infinity'],
    ['Quality', '0000000000000', 'good'],
    ['Quality', '0100000100010', 'invalid (oldData), test'],
    ['BitString', '0101', 'bits 1, 3'],
    ['BitString', '0000', 'none'],
    ['BitString', '0110', 'data-change, 2', { enumLiterals: { 1: 'data-change' } }],
    ['BitString', '', 'none'],
    ['Timestamp', '2024-05-01T12:00:00.123Z', '2024-05-01T12:00:00.123Z'],
    ['VisibleString', 'feeder 1', 'feeder 1'],
    ['OctetString', '00ff', '00ff'],
    ['Structure', { mag: { f: 1.5 }, q: '0000000000000' }, '{"mag":{"f":1.5},"q":"0000000000000"}'],
    ['Structure', { f: NaN, g: -Infinity, n: null, b: true }, '{"f":"NaN","g":"-Infinity","n":null,"b":true}'],
    ['Array', [1, [2, 'x']], '[1,[2,"x"]]'],
    ['Array', [], '[]'],
    [undefined, 1.5, '1.5 V', { unit: 'V' }],
  ];
  for (const [type, value, text, options] of rows) {
    it(`are ${text} for ${type ?? 'an unknown type'} ${JSON.stringify(value)}`, () => {
      assert.equal(valueText(type, value, options), text);
    });
  }

  it('are empty for null, whatever the type', () => {
    for (const type of ['Boolean', 'Dbpos', 'Float32', 'Quality', 'Structure', undefined] as const) {
      assert.equal(valueText(type, null, { unit: 'V' }), '');
    }
  });

  it('have a bound, for strings, structures and deep nesting', () => {
    assert.equal(valueText('VisibleString', 'x'.repeat(100_000)).length, MAX_VALUE_TEXT);
    assert.equal(valueText('Array', new Array<number>(1_000_000).fill(1.5)).length, MAX_VALUE_TEXT);
    assert.equal(valueText('BitString', '1'.repeat(10_000)).length, MAX_VALUE_TEXT);
    let deep: TagData = 1;
    for (let i = 0; i < 10_000; i++) deep = [deep];
    assert.ok(valueText('Array', deep).length <= MAX_VALUE_TEXT);
  });
});
