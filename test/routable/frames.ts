/** APDUs and keys of these tests. */
import { encodeGoosePdu } from '../../src/goose/goose-pdu.js';
import type { BusAlgorithm } from '../../src/routable/algorithms.js';
import type { BusKey } from '../../src/routable/keys.js';
import { encodeSvPdu } from '../../src/sv/sv-pdu.js';

export function gooseApdu(stNum: number, sqNum: number, gocbRef = 'BAY1CTRL/LLN0$GO$gcb1'): Buffer {
  return encodeGoosePdu({
    gocbRef,
    timeAllowedToLive: 2000,
    datSet: 'BAY1CTRL/LLN0$ds1',
    goId: 'bay1',
    t: { seconds: 1_700_000_000, fraction: 0, quality: 10 },
    stNum,
    sqNum,
    simulation: false,
    confRev: 1,
    ndsCom: false,
    allData: [{ type: 'boolean', value: true }],
  });
}

export const GOOSE_APDU = gooseApdu(1, 1);

export const SV_APDU = encodeSvPdu(
  [{ svId: 'MU01', smpCnt: 5, countAt: 0, confRev: 1, smpSynch: 1, start: 0, end: 64 }],
  Buffer.alloc(64, 3),
);

const OCTETS = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');

export function busKey(algorithm: BusAlgorithm, id = 1, octets = OCTETS): BusKey {
  return { id, algorithm, secret: algorithm === 'AES-128-GCM' ? octets.subarray(0, 16) : octets };
}
