import { ArgumentError } from '../errors.js';
import { QualityBit, qualityBitsFromString, qualityToBits, type Quality, type Validity } from '../model/quality.js';

/** A quality as callers write it: an object, its text (`questionable (oldData)`), a bit string in wire order, or bits. */
export type QualityInput = Partial<Omit<Quality, 'text'>> | string | number;

const VALIDITY_BITS: Readonly<Record<Validity, number>> = {
  good: 0,
  reserved: 1,
  invalid: 2,
  questionable: 3,
};
const MAX_QUALITY_BITS = 0x3fff;
const FLAG_BITS = new Map<string, number>(
  Object.entries(QualityBit).map(([name, bit]) => [name.toLowerCase(), bit] as const),
);

function badQuality(input: string): never {
  throw new ArgumentError(
    `"${input}" is no quality`,
    'Write good, invalid or questionable, with flags such as "questionable (oldData), test", or 13 digits 0 and 1.',
  );
}

/** Quality bits, validity in bits 0–1, as src/model/quality has them. @throws ArgumentError */
export function qualityBits(input: QualityInput): number {
  if (typeof input === 'number') {
    if (!Number.isInteger(input) || input < 0 || input > MAX_QUALITY_BITS) badQuality(String(input));
    return input;
  }
  if (typeof input === 'object') {
    const { validity = 'good' } = input;
    if (!Object.hasOwn(VALIDITY_BITS, validity)) badQuality(String(validity));
    return qualityToBits(input);
  }
  const text = input.trim();
  if (/^[01]{2,14}$/.test(text)) return qualityBitsFromString(text);
  let bits = 0;
  let hasValidity = false;
  for (const word of text.split(/[\s,()|]+/).filter((part) => part !== '')) {
    const name = word.toLowerCase();
    if (Object.hasOwn(VALIDITY_BITS, name) && !hasValidity) {
      bits |= VALIDITY_BITS[name as Validity];
      hasValidity = true;
    } else {
      const flag = FLAG_BITS.get(name);
      if (flag === undefined && name !== 'process') badQuality(input);
      bits |= flag ?? 0;
    }
  }
  if (text === '') badQuality(input);
  return bits;
}
