/** Bit strings of report control blocks as numbers (IEC 61850-8-1 §17.2: OptFlds, TrgOps, ReasonForInclusion). */

/** OptFlds in the two octets of its bit string; bit 0 is reserved. */
export const OptFlds = {
  seqNum: 0x4000,
  timeStamp: 0x2000,
  reasonCode: 0x1000,
  dataSet: 0x0800,
  dataRef: 0x0400,
  bufOvfl: 0x0200,
  entryID: 0x0100,
  configRef: 0x0080,
  segmentation: 0x0040,
} as const;

/** TrgOps in the octet of its bit string; a reason for inclusion has the same bits. Bit 0 is reserved. */
export const TrgOps = { dchg: 0x40, qchg: 0x20, dupd: 0x10, integrity: 0x08, gi: 0x04 } as const;

/** Those conditions that the data itself triggers. */
export const EVENTS = TrgOps.dchg | TrgOps.qchg | TrgOps.dupd;

/** Reasons for inclusion by the `Trigger` bits of a change. */
export const REASONS: readonly number[] = Array.from(
  { length: 8 },
  (_, triggers) =>
    (triggers & 1 ? TrgOps.dchg : 0) | (triggers & 2 ? TrgOps.qchg : 0) | (triggers & 4 ? TrgOps.dupd : 0),
);
