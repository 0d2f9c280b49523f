import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tlv } from '../../src/ber/encode.js';
import { BerReader, bitStringText } from '../../src/ber/reader.js';
import { DecodeError } from '../../src/errors.js';
import { MAX_BER_DEPTH } from '../../src/limits.js';

const octets = (hex: string): Buffer => Buffer.from(hex.replace(/ /g, ''), 'hex');
const first = (hex: string): BerReader => {
  const reader = new BerReader(octets(hex));
  assert.ok(reader.next());
  return reader;
};

describe('BER reader', () => {
  it('walks elements that follow each other, and ends after the last', () => {
    const reader = new BerReader(octets('80 01 05  a1 02 82 00  00 00'));
    assert.deepEqual(
      [reader.next(), reader.tag, reader.header, reader.start, reader.end, reader.after, reader.done],
      [true, 0x80, 0, 2, 3, 3, false],
    );
    assert.ok(reader.next());
    const inner = reader.enter();
    assert.ok(inner.next());
    assert.deepEqual([inner.tag, inner.start, inner.end], [0x82, 7, 7]);
    assert.equal(inner.next(), false);
    assert.ok(reader.next());
    assert.equal(reader.done, true);
    assert.equal(reader.next(), false);
    assert.equal(new BerReader(Buffer.alloc(0)).next(), false);
  });

  it('reads tags of two and three octets as their octets in order', () => {
    assert.deepEqual([first('bf 48 01 00').tag, first('bf 48 01 00').start], [0xbf48, 3]);
    assert.deepEqual([first('9f 81 00 01 00').tag, first('9f 81 00 01 00').start], [0x9f8100, 4]);
  });

  for (const [what, hex] of [
    ['a tag that is cut off', 'bf'],
    ['a tag of two octets that is cut off', 'bf 81'],
    ['a tag of four octets', 'bf 81 82 03 00'],
    ['a tag number that starts with a zero octet', 'bf 80 01 00'],
    ['no length', '80'],
    ['a length that is cut off', '80 82 01'],
    ['a length of five octets', '80 85 00 00 00 00 01 00'],
    ['the reserved length 0xff', '80 ff 00'],
    ['a length beyond what is there', '80 02 00'],
    ['a length of four octets beyond what is there', '80 84 ff ff ff ff 00'],
    ['an indefinite length without an end', 'a0 80 80 01 05'],
    ['an indefinite length whose end is cut off', 'a0 80 00'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => new BerReader(octets(hex)).next(), DecodeError);
    });
  }

  it('takes lengths in more octets than they need', () => {
    const reader = first('80 84 00 00 00 01 2a');
    assert.equal(reader.integer(), 42);
  });

  it('an inner element is bounded by the one around it, not by the buffer', () => {
    const reader = first('a0 03 80 02 01 02');
    const inner = reader.enter();
    assert.throws(() => inner.next(), DecodeError);
  });

  it('an indefinite length ends at its own end-of-contents', () => {
    const reader = new BerReader(octets('a0 80  a1 80 80 01 07 00 00  80 01 08  00 00  81 01 09'));
    assert.ok(reader.next());
    assert.deepEqual([reader.start, reader.end, reader.after], [2, 12, 14]);
    assert.equal(reader.element().length, 14);
    const inner = reader.enter();
    assert.ok(inner.next());
    assert.equal(inner.tag, 0xa1);
    assert.ok(inner.next());
    assert.equal(inner.integer(), 8);
    assert.equal(inner.next(), false);
    assert.ok(reader.next());
    assert.equal(reader.integer(), 9);
  });

  it('nesting is bounded, with definite lengths and without', () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let i = 0; i <= MAX_BER_DEPTH + 1; i++) nested = tlv(0xa0, nested);
    let reader = new BerReader(nested);
    assert.throws(() => {
      for (;;) {
        reader.next();
        reader = reader.enter();
      }
    }, DecodeError);
    assert.throws(() => new BerReader(Buffer.alloc(100_000, octets('a0 80'))).next(), DecodeError);
  });

  it('expect names what is missing or something else', () => {
    assert.throws(() => new BerReader(Buffer.alloc(0)).expect(0x80, 'invokeID'), /invokeID is missing/);
    assert.throws(() => new BerReader(octets('02 01 00')).expect(0x80, 'invokeID'), /0x2 in place of 0x80/);
  });

  it('integers are two’s complement of one to six octets', () => {
    assert.equal(first('02 01 ff').integer(), -1);
    assert.equal(first('02 02 00 80').integer(), 128);
    assert.equal(first('02 06 7f ff ff ff ff ff').integer(), 2 ** 47 - 1);
    assert.throws(() => first('02 00').integer(), DecodeError);
    assert.throws(() => first('02 07 00 00 00 00 00 00 01').integer(), DecodeError);
    assert.throws(() => first('02 01 ff').unsigned(), DecodeError);
    assert.throws(() => first('02 02 01 00').unsigned(255), DecodeError);
    assert.equal(first('02 02 00 ff').unsigned(255), 255);
  });

  it('a BOOLEAN is one octet, TRUE any but zero', () => {
    assert.equal(first('01 01 00').boolean(), false);
    assert.equal(first('01 01 01').boolean(), true);
    assert.equal(first('01 01 ff').boolean(), true);
    assert.throws(() => first('01 00').boolean(), DecodeError);
    assert.throws(() => first('01 02 00 01').boolean(), DecodeError);
  });

  it('a bit string’s padding count can be wrong', () => {
    assert.equal(first('84 03 03 08 00').bitString(13), '0000100000000');
    assert.equal(bitStringText(octets('07'), 0, 1, 8), '', 'more padding than bits');
    assert.throws(() => bitStringText(octets('08 00'), 0, 2, 8), DecodeError);
    assert.throws(() => bitStringText(octets(''), 0, 0, 8), DecodeError);
    assert.throws(() => bitStringText(octets('00 00'), 0, 2, 7), DecodeError);
  });

  it('a text has a bound', () => {
    assert.equal(first('1a 03 41 e4 00').visibleString(3), 'Aä\0');
    assert.throws(() => first('1a 03 41 42 43').visibleString(2), DecodeError);
  });

  it('random octets end, and only with DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
        const walk = (reader: BerReader): void => {
          while (reader.next()) {
            assert.ok(reader.header < reader.start && reader.start <= reader.end && reader.end <= random.length);
            assert.ok(reader.end <= reader.after && reader.after <= random.length);
            if ((reader.tag & 0x20) !== 0 && reader.tag < 0x100) walk(reader.enter());
          }
        };
        try {
          walk(new BerReader(Buffer.from(random)));
        } catch (error) {
          assert.ok(error instanceof DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
