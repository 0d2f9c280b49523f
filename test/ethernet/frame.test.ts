import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, parseAddress } from '../../src/ethernet/frame.js';
import { ArgumentError, DecodeError } from '../../src/errors.js';

const FRAME = {
  destination: '01-0C-CD-01-00-01',
  source: '00-11-22-33-44-55',
  etherType: 0x88b8,
  payload: Buffer.alloc(60, 7),
};

describe('an Ethernet frame', () => {
  it('comes back from its octets, with and without a VLAN tag', () => {
    assert.deepEqual(decodeFrame(encodeFrame(FRAME)), FRAME);
    const tagged = { ...FRAME, vlan: { priority: 4, id: 101 } };
    assert.deepEqual(decodeFrame(encodeFrame(tagged)), tagged);
  });

  it('is padded to 60 octets', () => {
    assert.equal(encodeFrame({ ...FRAME, payload: Buffer.of(1) }).length, 60);
  });

  it('that is too short is refused', () => {
    assert.throws(() => decodeFrame(Buffer.alloc(13)), DecodeError);
    assert.throws(() => decodeFrame(Buffer.concat([Buffer.alloc(12), Buffer.from('8100000a', 'hex')])), DecodeError);
  });

  it('takes addresses as people write them, and says which is none', () => {
    assert.equal(parseAddress('01:0c:cd:01:00:01').toString('hex'), '010ccd010001');
    assert.throws(() => parseAddress('01-0C-CD-01-00'), ArgumentError);
    assert.throws(() => encodeFrame({ ...FRAME, vlan: { priority: 8, id: 1 } }), ArgumentError);
  });
});
