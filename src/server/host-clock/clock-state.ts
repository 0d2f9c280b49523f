/** What the services that set the clock of this machine say of it, as time quality (IEC 61850-7-2 §6.1.2.9). */
import type { TimeQuality } from '../../model/timestamp.js';

/** Significant bits of a fraction of a second that UtcTime has at the most, and the value that says nothing of them. */
const MOST_BITS = 24;
const UNSPECIFIED = 31;

/** A clock that nobody vouches for. */
export const UNSYNCHRONIZED: TimeQuality = {
  leapSecondsKnown: false,
  clockFailure: false,
  clockNotSynchronized: true,
  accuracy: UNSPECIFIED,
};

/** Positions in a line of `chronyc -c tracking`. */
const OFFSET = 4;
const ROOT_DELAY = 10;
const ROOT_DISPERSION = 11;
const LEAP_STATUS = 13;

/** Reads `chronyc -c tracking`; undefined when it is none. */
export function fromChrony(text: string): TimeQuality | undefined {
  const fields = text.trim().split(',');
  const leap = fields[LEAP_STATUS];
  if (leap === undefined) return undefined;
  if (/not sync/i.test(leap)) return UNSYNCHRONIZED;
  // Bound of the error as RFC 5905 §11.1 has it: half the way there and back, what the source allows for, and the own offset.
  const [offset, delay, dispersion] = [OFFSET, ROOT_DELAY, ROOT_DISPERSION].map((at) => Math.abs(Number(fields[at])));
  const error = (offset as number) + (delay as number) / 2 + (dispersion as number);
  return synchronized(accuracyBits(error));
}

/** Reads `timedatectl show`; undefined when it does not tell. */
export function fromTimedate(text: string): TimeQuality | undefined {
  const told = /^NTPSynchronized=(yes|no)\s*$/m.exec(text)?.[1];
  if (told === undefined) return undefined;
  return told === 'yes' ? synchronized(UNSPECIFIED) : UNSYNCHRONIZED;
}

/** Bits of the fraction that an error in seconds leaves; a second or more leaves none. */
export function accuracyBits(error: number): number {
  if (!Number.isFinite(error)) return UNSPECIFIED;
  return error <= 0 ? MOST_BITS : Math.max(0, Math.min(MOST_BITS, Math.floor(-Math.log2(error))));
}

function synchronized(accuracy: number): TimeQuality {
  return { leapSecondsKnown: true, clockFailure: false, clockNotSynchronized: false, accuracy };
}
