import assert from 'node:assert/strict';
import { addressOctets } from '../../src/server/reports/address-octets.js';

describe('Owner of a report control block', () => {
  for (const [address, octets] of [
    ['192.168.1.10', 'c0a8010a'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['2001:db8:0:1:2:3:4:5', '20010db8000000010002000300040005'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['::ffff:10.1.2.3', '00000000000000000000ffff0a010203'],
    ['nowhere', ''],
  ] as const) {
    it(`${address} is ${octets || 'nothing'}`, () => {
      assert.equal(addressOctets(address).toString('hex'), octets);
    });
  }
});
