/** Bit strings of report control blocks (IEC 61850-8-1 §17.2, tables of OptFlds, TrgOps and ReasonForInclusion). */

/** Positions in OptFlds; bit 0 is reserved. */
export const OptFld = {
  seqNum: 1,
  timeStamp: 2,
  reasonCode: 3,
  dataSet: 4,
  dataRef: 5,
  bufOvfl: 6,
  entryID: 7,
  configRef: 8,
  segmentation: 9,
} as const;
export type OptionalField = keyof typeof OptFld;
export const OPT_FLDS_LENGTH = 10;

/** Positions in TrgOps; bit 0 is reserved. */
export const TrgOp = { dchg: 1, qchg: 2, dupd: 3, integrity: 4, gi: 5 } as const;
export type TriggerOption = keyof typeof TrgOp;
export const TRG_OPS_LENGTH = 6;

/** Reasons by their bit; the seventh is of Edition 2. */
const REASONS: readonly (string | undefined)[] = [
  undefined,
  'data-change',
  'quality-change',
  'data-update',
  'integrity',
  'general-interrogation',
  'application-trigger',
];

/** Text of 0 and 1 with the named bits set. */
export function bitsOf<Name extends string>(
  positions: Readonly<Record<Name, number>>,
  names: readonly Name[],
  length: number,
): string {
  const bits = new Array<string>(length).fill('0');
  for (const name of names) bits[positions[name]] = '1';
  return bits.join('');
}

/** Names of the bits that are set. */
export function namesOf<Name extends string>(positions: Readonly<Record<Name, number>>, bits: string): Name[] {
  return (Object.keys(positions) as Name[]).filter((name) => bits[positions[name]] === '1');
}

const reasonLists = new Map<number, string[]>();

/**
 * Reasons of one member from the first octet of its bit string, of six or seven bits; one frozen list for each
 * combination.
 */
export function reasonsOf(octet: number): string[] {
  const key = octet & 0xfe;
  let list = reasonLists.get(key);
  if (!list) {
    list = REASONS.filter((reason, bit): reason is string => reason !== undefined && (key & (0x80 >> bit)) !== 0);
    Object.freeze(list);
    reasonLists.set(key, list);
  }
  return list;
}

/** Whether a reason octet holds this TrgOps bit. */
export function hasReason(octet: number, option: TriggerOption): boolean {
  return (octet & (0x80 >> TrgOp[option])) !== 0;
}
