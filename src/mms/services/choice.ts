import type { BerReader } from '../../ber/reader.js';
import { DecodeError } from '../../errors.js';

/** A reader that stands on the first element inside the current one, as an explicit tag around a CHOICE needs it. */
export function insideChoice(reader: BerReader, what: string): BerReader {
  const inner = reader.enter();
  if (!inner.next()) throw new DecodeError(`${what} is empty`);
  return inner;
}
