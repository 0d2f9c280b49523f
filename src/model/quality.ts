/**
 * Quality of IEC 61850-7-3 §6.2, a BIT STRING of 13 bits with bit 0 first on the wire.
 *
 * As a number, quality bit k is `1 << k`: validity stands in bits 0–1 so that good is 0, invalid (wire `01`) is 2,
 * reserved (wire `10`) is 1 and questionable (wire `11`) is 3.
 */

export type Validity = 'good' | 'invalid' | 'reserved' | 'questionable';

export const QUALITY_LENGTH = 13;

export const QualityBit = {
  overflow: 1 << 2,
  outOfRange: 1 << 3,
  badReference: 1 << 4,
  oscillatory: 1 << 5,
  failure: 1 << 6,
  oldData: 1 << 7,
  inconsistent: 1 << 8,
  inaccurate: 1 << 9,
  substituted: 1 << 10,
  test: 1 << 11,
  operatorBlocked: 1 << 12,
  /** 9-2LE and IEC 61869-9, sampled values only. */
  derived: 1 << 13,
} as const;

export const VALIDITY_MASK = 3;
/** The bits that a quality has; what follows them on the wire is padding, whatever a device puts there. */
export const QUALITY_MASK = (1 << QUALITY_LENGTH) - 1;
const VALIDITIES: readonly Validity[] = ['good', 'reserved', 'invalid', 'questionable'];
const DETAIL_FLAGS = [
  'overflow',
  'outOfRange',
  'badReference',
  'oscillatory',
  'failure',
  'oldData',
  'inconsistent',
  'inaccurate',
] as const;

export type QualityFlag = (typeof DETAIL_FLAGS)[number];

/** Quality as it leaves in a tag value. */
export interface Quality {
  validity: Validity;
  flags: QualityFlag[];
  source: 'process' | 'substituted';
  test: boolean;
  operatorBlocked: boolean;
  /** For people: `good`, `questionable (oldData)`, `good, test`. */
  text: string;
}

export function qualityFromBits(bits: number): Quality {
  const validity = VALIDITIES[bits & VALIDITY_MASK] as Validity;
  const flags = DETAIL_FLAGS.filter((flag) => (bits & QualityBit[flag]) !== 0);
  const substituted = (bits & QualityBit.substituted) !== 0;
  const test = (bits & QualityBit.test) !== 0;
  const operatorBlocked = (bits & QualityBit.operatorBlocked) !== 0;
  let text: string = validity;
  if (flags.length > 0) text += ` (${flags.join(', ')})`;
  if (substituted) text += ', substituted';
  if (test) text += ', test';
  if (operatorBlocked) text += ', operatorBlocked';
  return { validity, flags, source: substituted ? 'substituted' : 'process', test, operatorBlocked, text };
}

/** Bits of a quality that a person or a flow wrote; what is absent counts as not set. */
export function qualityToBits(quality: Partial<Omit<Quality, 'text'>>): number {
  let bits = Math.max(0, VALIDITIES.indexOf(quality.validity ?? 'good'));
  for (const flag of quality.flags ?? []) bits |= QualityBit[flag] ?? 0;
  if (quality.source === 'substituted') bits |= QualityBit.substituted;
  if (quality.test) bits |= QualityBit.test;
  if (quality.operatorBlocked) bits |= QualityBit.operatorBlocked;
  return bits;
}

/**
 * Bits from the two content octets after the padding count of the BIT STRING, first octet in the high byte; and back, as
 * it only turns the order round.
 */
export function qualityBitsFromWire(word: number): number {
  // The wire counts from the most significant bit; ours from the least.
  let w = word & 0xffff;
  w = ((w & 0x5555) << 1) | ((w >>> 1) & 0x5555);
  w = ((w & 0x3333) << 2) | ((w >>> 2) & 0x3333);
  w = ((w & 0x0f0f) << 4) | ((w >>> 4) & 0x0f0f);
  return ((w & 0x00ff) << 8) | (w >>> 8);
}

/** Quality bits as a string of 0 and 1 in wire order, 13 long. */
export function qualityBitString(bits: number): string {
  let text = '';
  for (let i = 0; i < QUALITY_LENGTH; i++) text += (bits >>> i) & 1;
  return text;
}

/** Quality bits from a string of 0 and 1 in wire order; further bits than 14 are ignored. */
export function qualityBitsFromString(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length && i < 14; i++) if (text[i] === '1') bits |= 1 << i;
  return bits;
}
