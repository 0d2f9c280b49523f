import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeOid, encodeOid } from '../../src/ber/object-identifier.js';
import { ArgumentError, DecodeError } from '../../src/errors.js';

describe('object identifiers', () => {
  for (const [text, hex] of [
    ['1.1.1.999.1', '2901876701'],
    ['1.1.1.999', '29018767'],
    ['1.0.9506.2.3', '28ca220203'],
    ['2.1.1', '5101'],
    ['0.39', '27'],
    ['2.999.3', '883703'],
    ['1.3.4294967295', '2b8fffffff7f'],
  ] as const) {
    it(`${text} survives both ways`, () => {
      assert.equal(encodeOid(text).toString('hex'), hex);
      assert.equal(decodeOid(Buffer.from(hex, 'hex')), text);
    });
  }

  it('commas, as SCL files write them, and blanks around are taken', () => {
    assert.deepEqual(encodeOid(' 1,3,9999,23 '), encodeOid('1.3.9999.23'));
  });

  for (const text of [
    '',
    '1',
    '1.',
    '.1',
    '1..2',
    '3.1',
    '0.40',
    '1.40',
    '1.-1',
    '1.4294967296',
    '1.x',
    '1.0x10',
    '1.1e2',
  ]) {
    it(`"${text}" is refused`, () => {
      assert.throws(() => encodeOid(text), ArgumentError);
    });
  }

  it('refuses octets that are empty, cut off or too long', () => {
    assert.throws(() => decodeOid(Buffer.alloc(0)), DecodeError);
    assert.throws(() => decodeOid(Buffer.from('2a86', 'hex')), DecodeError);
    assert.throws(() => decodeOid(Buffer.alloc(100, 0xff)), DecodeError);
    assert.throws(() => decodeOid(Buffer.alloc(100, 0x01)), DecodeError);
  });

  it('what can be written comes back', () => {
    const arcs = fc.tuple(fc.nat(1), fc.nat(39), fc.array(fc.nat(0xffffffff), { maxLength: 20 }));
    fc.assert(
      fc.property(arcs, ([first, second, rest]) => {
        const text = [first, second, ...rest].join('.');
        assert.equal(decodeOid(encodeOid(text)), text);
      }),
    );
  });
});
