import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  QUALITY_LENGTH,
  QualityBit,
  qualityBitsFromString,
  qualityBitsFromWire,
  qualityBitString,
  qualityFromBits,
  qualityToBits,
} from '../../src/model/quality.js';

const ALL = Array.from({ length: 1 << QUALITY_LENGTH }, (_, bits) => bits);

describe('quality', () => {
  it('comes back in all 2^13 forms from objects, texts of bits and wire octets', () => {
    for (const bits of ALL) {
      assert.equal(qualityToBits(qualityFromBits(bits)), bits);
      assert.equal(qualityBitsFromString(qualityBitString(bits)), bits);
      assert.equal(qualityBitsFromWire(qualityBitsFromWire(bits)), bits);
    }
  });

  it('has bit 0 first on the wire: 01 is invalid, not reserved (libiec61850 #281)', () => {
    const validity = (firstOctet: number): string => qualityFromBits(qualityBitsFromWire(firstOctet << 8)).validity;
    assert.equal(validity(0b0000_0000), 'good');
    assert.equal(validity(0b0100_0000), 'invalid');
    assert.equal(validity(0b1000_0000), 'reserved');
    assert.equal(validity(0b1100_0000), 'questionable');
  });

  it('has every flag at its place on the wire (libiec61850 #281)', () => {
    const places: ReadonlyArray<readonly [flag: keyof typeof QualityBit, bit: number]> = [
      ['overflow', 2],
      ['outOfRange', 3],
      ['badReference', 4],
      ['oscillatory', 5],
      ['failure', 6],
      ['oldData', 7],
      ['inconsistent', 8],
      ['inaccurate', 9],
      ['substituted', 10],
      ['test', 11],
      ['operatorBlocked', 12],
      ['derived', 13],
    ];
    for (const [flag, bit] of places) {
      assert.equal(qualityBitsFromWire(0x8000 >>> bit), QualityBit[flag], flag);
      assert.equal(qualityBitsFromString('0'.repeat(bit) + '1'), QualityBit[flag], flag);
    }
    assert.equal(qualityBitString(QualityBit.operatorBlocked), '0000000000001');
  });

  it('says in words what it is', () => {
    assert.equal(qualityFromBits(0).text, 'good');
    assert.equal(qualityFromBits(qualityBitsFromString('1100000100000')).text, 'questionable (oldData)');
    assert.equal(qualityFromBits(QualityBit.test | QualityBit.operatorBlocked).text, 'good, test, operatorBlocked');
    assert.deepEqual(qualityFromBits(QualityBit.substituted), {
      validity: 'good',
      flags: [],
      source: 'substituted',
      test: false,
      operatorBlocked: false,
      text: 'good, substituted',
    });
  });

  it('ignores what a person left out or wrote wrong', () => {
    assert.equal(qualityToBits({}), 0);
    assert.equal(qualityBitsFromString(''), 0);
    assert.equal(qualityBitsFromString('xyz'), 0);
  });

  it('ignores bits beyond those it knows: 9-2LE and 61869-9 put derived in bit 13', () => {
    assert.equal(qualityFromBits(QualityBit.derived).text, 'good');
    assert.equal(qualityBitString(QualityBit.derived).length, QUALITY_LENGTH);
  });
});
