import assert from 'node:assert/strict';
import { DecodeError, LimitError } from '../../src/errors.js';
import { decodePayload, encodePayload, ElementTag, type PayloadElement } from '../../src/routable/payload.js';
import { decodeSpdu, encodeSpdu, newSpdu, SpduType } from '../../src/routable/spdu.js';
import { GOOSE_APDU, SV_APDU } from './frames.js';

const element = (tag: number, apdu: Buffer, excess = 0): PayloadElement => ({
  tag,
  simulation: 0,
  appId: 0x3001,
  apdu,
  excess,
});
const spdu = (payload: Buffer, version: 1 | 2 = 2): Buffer =>
  encodeSpdu(
    newSpdu({ type: SpduType.goose, number: 7, version, timeOfCurrentKey: 0, timeToNextKey: 0, keyId: 0, payload }),
  );

describe('an SPDU of IEC 61850-90-5', () => {
  it('has its fields where version 1 has them', () => {
    const payload = encodePayload([element(ElementTag.goose, GOOSE_APDU)]);
    const octets = spdu(payload, 1);
    assert.equal(
      octets.subarray(0, 34).toString('hex'),
      // Transport, GOOSE, lengths, SPDU length, number 7, version 1, times, algorithms, key id, payload length.
      `0140a1188016${(22 + payload.length).toString(16).padStart(8, '0')}000000070001` +
        `0000000000000000000000` +
        `00${payload.length.toString(16).padStart(8, '0')}8100`,
    );
  });

  it('has an initialization vector in place of the algorithms in version 2', () => {
    const octets = encodeSpdu({
      ...newSpdu({
        type: SpduType.sampledValues,
        number: 1,
        version: 2,
        timeOfCurrentKey: 0x01020304,
        timeToNextKey: -2,
        keyId: 9,
        iv: Buffer.from('aabbcc', 'hex'),
        payload: encodePayload([element(ElementTag.sampledValues, SV_APDU)]),
      }),
    });
    assert.equal(octets.subarray(16, 30).toString('hex'), '01020304fffe0000000903aabbcc');
    const found = decodeSpdu(octets);
    assert.equal(found.timeToNextKey, -2);
    assert.equal(found.iv.toString('hex'), 'aabbcc');
    assert.equal(found.keyId, 9);
  });

  it('comes back octet for octet, with what other writers put into it', () => {
    const payload = encodePayload([element(ElementTag.goose, GOOSE_APDU, 2)]);
    const ours = newSpdu({
      type: SpduType.goose,
      number: 0xffff_ffff,
      version: 2,
      timeOfCurrentKey: 1,
      timeToNextKey: 0,
      keyId: 1,
      payload,
    });
    for (const octets of [
      spdu(payload, 1),
      spdu(payload, 2),
      // Lengths as libiec61850 writes them, and its 16 in front of 32 octets of code.
      encodeSpdu({
        ...ours,
        headerLength: 24,
        commonLength: 18,
        spduLength: 20,
        mac: Buffer.alloc(32, 1),
        macSaid: 16,
      }),
      encodeSpdu({ ...ours, padding: Buffer.alloc(3), mac: Buffer.alloc(10, 7) }),
      // A transport header with a checksum parameter.
      encodeSpdu({ ...ours, transport: Buffer.from('0540c3020000', 'hex') }),
    ]) {
      const found = decodeSpdu(octets);
      assert.deepEqual(encodeSpdu(found), octets);
      assert.deepEqual(encodePayload(decodePayload(found.payload)), payload);
    }
  });

  it('carries several APDUs, each with its own APPID, and tunnelled and management ones besides', () => {
    const elements: PayloadElement[] = [
      element(ElementTag.goose, GOOSE_APDU),
      { ...element(ElementTag.goose, GOOSE_APDU, 2), appId: 1, simulation: 1 },
      element(ElementTag.sampledValues, SV_APDU),
      element(ElementTag.management, Buffer.from('0102', 'hex')),
      {
        ...element(ElementTag.tunnelled, Buffer.from('6100', 'hex')),
        tunnel: { address: Buffer.from('010ccd010001', 'hex'), tag: Buffer.from('81008000', 'hex'), etherType: 0x88b8 },
      },
    ];
    assert.deepEqual(decodePayload(encodePayload(elements)), elements);
  });

  const good = spdu(encodePayload([element(ElementTag.goose, GOOSE_APDU)]));
  const changed = (change: (octets: Buffer) => void): Buffer => {
    const octets = Buffer.from(good);
    change(octets);
    return octets;
  };
  for (const [what, octets, expected] of [
    ['nothing', Buffer.alloc(0), /transport header/],
    ['another transport PDU', changed((o) => (o[1] = 0xf0)), /connectionless/],
    ['a transport header of no octets', changed((o) => (o[0] = 0)), /connectionless/],
    ['an unknown session identifier', changed((o) => (o[2] = 0xa4)), /session identifier/],
    ['a header that is too short', changed((o) => (o[3] = 9)), /too short/],
    ['a common header of another tag', changed((o) => (o[4] = 0x81)), /common session header/],
    ['an SPDU length over the datagram', changed((o) => o.writeUInt32BE(0xffff_ffff, 6)), /more octets/],
    ['version 3', changed((o) => o.writeUInt16BE(3, 14)), /version 3/],
    ['an initialization vector that is cut off', changed((o) => (o[26] = 255)), /payload|vector/],
    ['a payload length over the datagram', changed((o) => o.writeUInt32BE(60_000, 27)), /payload is cut off/],
    ['a payload length of gigabytes', changed((o) => o.writeUInt32BE(0xffff_ffff, 27)), /payload says/],
    ['octets behind the payload that are no signature', Buffer.concat([good, Buffer.of(1, 2)]), /signature/],
    ['a signature that is cut off', Buffer.concat([good, Buffer.of(0x85, 16, 1)]), /signature is cut off/],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => decodeSpdu(octets),
        (error) => error instanceof DecodeError && expected.test(error.message),
      );
    });
  }

  it('is refused at each place where it can end too early', () => {
    for (let end = 0; end < good.length; end++) {
      assert.throws(() => decodeSpdu(good.subarray(0, end)), DecodeError);
    }
  });

  for (const [what, hex, expected] of [
    ['an unknown tag', '80000000000061', /tag 0x80/],
    ['a header that is cut off', '810000', /cut off/],
    ['no APDU', '8100300100000000', /APDU|length/],
    ['an APDU longer than the payload', '8100300100046105', /longer/],
    ['a length of its own', `81003001ffff${GOOSE_APDU.toString('hex')}`, /says 65535 octets/],
    ['management that is cut off', '84003001000501', /longer than the payload/],
  ] as const) {
    it(`has no payload with ${what}`, () => {
      assert.throws(
        () => decodePayload(Buffer.from(hex, 'hex')),
        (error) => error instanceof DecodeError && expected.test(error.message),
      );
    });
  }

  it('has at most 64 payload elements', () => {
    const many = encodePayload(Array.from({ length: 65 }, () => element(ElementTag.goose, GOOSE_APDU)));
    assert.throws(() => decodePayload(many), LimitError);
  });
});
