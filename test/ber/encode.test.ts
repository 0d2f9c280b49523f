import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  berBitString,
  berBoolean,
  berVisibleString,
  headerLength,
  integerContent,
  lengthOctets,
  tlv,
  writeHeader,
} from '../../src/ber/encode.js';
import { BerReader } from '../../src/ber/reader.js';
import { ArgumentError } from '../../src/errors.js';

/** Two's complement content as a bigint, by a way of its own. */
function valueOf(content: Buffer): bigint {
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`));
}

describe('BER encoding', () => {
  for (const [value, hex] of [
    [0, '00'],
    [-0, '00'],
    [127, '7f'],
    [128, '0080'],
    [-128, '80'],
    [-129, 'ff7f'],
    [255, '00ff'],
    [32767, '7fff'],
    [32768, '008000'],
    [0x7fffffff, '7fffffff'],
    [0xffffffff, '00ffffffff'],
    [2 ** 47 - 1, '7fffffffffff'],
    [2 ** 47, '00800000000000'],
    [-(2 ** 47), '800000000000'],
    [-(2 ** 47) - 1, 'ff7fffffffffff'],
    [Number.MAX_SAFE_INTEGER, '1fffffffffffff'],
    [Number.MIN_SAFE_INTEGER, 'e0000000000001'],
    [2n ** 63n - 1n, '7fffffffffffffff'],
    [-(2n ** 63n), '8000000000000000'],
    [2n ** 64n - 1n, '00ffffffffffffffff'],
    [5n, '05'],
    [-1n, 'ff'],
  ] as const) {
    it(`writes the integer ${value} in as few octets as it needs`, () => {
      assert.equal(integerContent(value).toString('hex'), hex);
    });
  }

  it('every integer comes back, and no shorter encoding would do', () => {
    const check = (value: number | bigint): void => {
      const content = integerContent(value);
      assert.equal(valueOf(content), BigInt(value));
      if (content.length === 1) return;
      const leading = content.readUInt16BE(0) >>> 7;
      assert.ok(leading !== 0 && leading !== 0x1ff);
    };
    fc.assert(fc.property(fc.maxSafeInteger(), check));
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }), check));
  });

  it('refuses numbers that are no exact integers', () => {
    for (const value of [NaN, Infinity, 1.5, 2 ** 53]) assert.throws(() => integerContent(value), ArgumentError);
  });

  it('lengths change their form at 128, 256, 65536 and 16777216', () => {
    for (const [length, octets] of [
      [0, 1],
      [127, 1],
      [128, 2],
      [255, 2],
      [256, 3],
      [65535, 3],
      [65536, 4],
      [0xffffff, 4],
      [0x1000000, 5],
    ] as const) {
      assert.equal(lengthOctets(length), octets);
      const target = Buffer.alloc(8);
      const after = writeHeader(target, 0, 0x30, length);
      assert.equal(after, headerLength(0x30, length));
      if (length > 65536) continue;
      const reader = new BerReader(Buffer.concat([target.subarray(0, after), Buffer.alloc(length)]));
      assert.ok(reader.next());
      assert.deepEqual([reader.start, reader.end], [after, after + length]);
    }
  });

  it('tags of one, two and three octets come back', () => {
    for (const tag of [0x80, 0xbf48, 0x9f8100]) {
      const octets = tlv(tag, Buffer.of(1), Buffer.of(2, 3));
      assert.equal(octets.length, headerLength(tag, 3) + 3);
      const reader = new BerReader(octets);
      assert.ok(reader.next());
      assert.equal(reader.tag, tag);
      assert.deepEqual([...reader.content()], [1, 2, 3]);
    }
  });

  it('texts outside VisibleString are refused rather than sent as other ones', () => {
    assert.equal(berVisibleString(0x8a, 'Größe').toString('latin1'), '\x8a\x05Größe');
    assert.throws(() => berVisibleString(0x8a, '温度'), ArgumentError);
  });

  it('bit strings carry their padding count, and nothing but 0 and 1', () => {
    assert.equal(berBitString(0x84, '').toString('hex'), '840100');
    assert.equal(berBitString(0x84, '01').toString('hex'), '84020640');
    assert.equal(berBitString(0x84, '0000100000000').toString('hex'), '8403030800');
    assert.throws(() => berBitString(0x84, '012'), ArgumentError);
    assert.equal(berBoolean(0x83, true).toString('hex'), '830101');
  });
});
