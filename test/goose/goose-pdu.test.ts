import assert from 'node:assert/strict';
import { decodeApplicationHeader, encodeApplicationFrame } from '../../src/mms/application-header.js';
import { GooseDecoder } from '../../src/goose/goose-decoder.js';
import { decodeGoosePdu, encodeGoosePdu } from '../../src/goose/goose-pdu.js';
import { DecodeError, Iec61850Error } from '../../src/errors.js';
import { generator, mutated } from '../support/mutate.js';
import { goosePdu, gooseValues } from './frames.js';

/** The octets of a PDU with one field replaced, found by its tag and content. */
function replaced(field: string, other: string): Buffer {
  const hex = encodeGoosePdu(goosePdu()).toString('hex');
  assert.equal(hex.split(field).length, 2, `${field} stands once in ${hex}`);
  const content = hex.slice(hex.indexOf('80')).replace(field, other);
  const octets = Buffer.from(content, 'hex');
  return Buffer.concat([Buffer.of(0x61, 0x81, octets.length), octets]);
}

describe('the GOOSE PDU', () => {
  it('comes back from its octets as it went', () => {
    const pdu = goosePdu();
    assert.deepEqual(decodeGoosePdu(encodeGoosePdu(pdu)), pdu);
  });

  it('may have no goID', () => {
    const pdu = goosePdu();
    delete pdu.goId;
    assert.deepEqual(decodeGoosePdu(encodeGoosePdu(pdu)), pdu);
  });

  it('may leave out simulation and ndsCom, which are false then', () => {
    const pdu = decodeGoosePdu(replaced('870100', ''));
    assert.equal(pdu.simulation, false);
    assert.equal(decodeGoosePdu(replaced('890100', '')).ndsCom, false);
  });

  it('takes numbers of fixed length, which have leading zeros', () => {
    assert.equal(decodeGoosePdu(replaced('850101', '85050000000001')).stNum, 1);
    assert.equal(decodeGoosePdu(replaced('850101', '850500ffffffff')).stNum, 0xffffffff);
  });

  for (const [what, field, other] of [
    ['an inner length over the outer one', '890100', '897f00'],
    ['a short t', '84086553f1008000000a', '84076553f100800000'],
    ['a tag of several octets', '890100', '9f890100'],
    ['a BIT STRING of length 0 (CVE-2026-50103)', '84030300', '8400'],
    ['a field that is missing', '880103', ''],
    ['a field that comes twice', '880103', '880103880103'],
    ['fields in another order', '850101860101', '860101850101'],
    ['more entries than it says', '8a0103', '8a0102'],
    ['fewer entries than it says', '8a0103', '8a0104'],
    ['a negative state number', '850101', '8501ff'],
    ['a BOOLEAN of two octets', '890100', '89020000'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const octets = replaced(field, other);
      assert.throws(() => decodeGoosePdu(octets), DecodeError);
      assert.throws(() => new GooseDecoder().decode(octets), DecodeError);
    });
  }

  it('never fails but by its own errors, whatever the octets', () => {
    const random = generator(61850);
    const original = encodeGoosePdu(goosePdu());
    const decoder = new GooseDecoder();
    for (let i = 0; i < 20_000; i++) {
      const octets = mutated(original, random);
      const outcome = (decode: () => unknown): unknown => {
        try {
          return decode();
        } catch (error) {
          assert.ok(error instanceof Iec61850Error, String(error));
          return error.message;
        }
      };
      // What a decoder remembers of earlier frames must make no difference.
      assert.deepEqual(
        outcome(() => decoder.decode(octets)),
        outcome(() => decodeGoosePdu(octets)),
      );
    }
  });
});

describe('the decoder of one publisher', () => {
  it('gives the same values for a retransmission, and new ones for a change', () => {
    const decoder = new GooseDecoder();
    const first = decoder.decode(encodeGoosePdu(goosePdu()));
    const again = decoder.decode(encodeGoosePdu(goosePdu({ sqNum: 2 })));
    assert.equal(again.allData, first.allData);
    const other = decoder.decode(encodeGoosePdu(goosePdu({ stNum: 2, sqNum: 0, allData: gooseValues(false) })));
    assert.deepEqual(other.allData, gooseValues(false));
    assert.deepEqual(first.allData, gooseValues(true), 'what was given before stays');
  });

  it('follows a value that needs more octets, and names that change', () => {
    const decoder = new GooseDecoder();
    decoder.decode(encodeGoosePdu(goosePdu()));
    const pdu = goosePdu({ datSet: 'BAY1CTRL/LLN0$dsOther', allData: gooseValues(true, 70_000) });
    assert.deepEqual(decoder.decode(encodeGoosePdu(pdu)), pdu);
  });
});

describe('the header between EtherType and PDU', () => {
  it('says APPID and simulation, and leaves padding out', () => {
    const frame = encodeApplicationFrame(0x3001, true, Buffer.from('aabbcc', 'hex'));
    const header = decodeApplicationHeader(Buffer.concat([frame, Buffer.alloc(40)]));
    assert.equal(header.appId, 0x3001);
    assert.equal(header.simulated, true);
    assert.deepEqual([header.start, header.end], [8, 11]);
  });

  it('refuses a frame of 22 octets that says more (CVE-2026-66720)', () => {
    assert.throws(() => decodeApplicationHeader(Buffer.from('3001006400000000', 'hex')), DecodeError);
    assert.throws(() => decodeApplicationHeader(Buffer.from('30010007', 'hex')), DecodeError);
    assert.throws(() => decodeApplicationHeader(Buffer.from('3001000700000000', 'hex')), DecodeError);
  });
});
