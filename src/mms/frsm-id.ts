import type { BerReader } from '../ber/reader.js';
import { DecodeError } from '../errors.js';

/**
 * The current element as frsmID, an Integer32 that may be negative. Unsigned ones of 32 bits are taken too, and go
 * back as they came.
 * @throws DecodeError (CVE-2024-28286)
 */
export function readFrsmId(reader: BerReader): number {
  const value = reader.integer();
  if (value < -0x80000000 || value > 0xffffffff) throw new DecodeError(`frsmID ${value} has more than 32 bits`);
  return value;
}
