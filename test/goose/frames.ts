/** GOOSE PDUs for tests, with whatever a test wants to be different. */
import type { GoosePdu } from '../../src/goose/goose-pdu.js';
import type { MmsData } from '../../src/mms/data.js';

export function gooseValues(closed = true, level = 7): MmsData[] {
  return [
    { type: 'boolean', value: closed },
    { type: 'bit-string', bits: '0000000000000' },
    { type: 'integer', value: level },
  ];
}

export function goosePdu(different: Partial<GoosePdu> = {}): GoosePdu {
  return {
    gocbRef: 'BAY1CTRL/LLN0$GO$gcbTrip',
    timeAllowedToLive: 2000,
    datSet: 'BAY1CTRL/LLN0$dsTrip',
    goId: 'trip',
    t: { seconds: 1_700_000_000, fraction: 0x800000, quality: 0x0a },
    stNum: 1,
    sqNum: 1,
    simulation: false,
    confRev: 3,
    ndsCom: false,
    allData: gooseValues(),
    ...different,
  };
}
