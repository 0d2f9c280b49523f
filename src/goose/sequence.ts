/** State and sequence numbers of GOOSE (IEC 61850-8-1 §18.1.2.4): 32 bits, 0 left out when they roll over. */

const LAST = 0xffff_ffff;

export function next(number: number): number {
  return number >= LAST ? 1 : number + 1;
}

/** Steps from one sequence number to a later one of the same state, negative for an earlier one. */
export function distance(from: number, to: number): number {
  const plain = to - from;
  if (plain >= 0) return plain > LAST / 2 ? plain - LAST : plain;
  // It rolled over to 1, so that there are 2^32 - 1 numbers in the circle.
  return plain < -LAST / 2 ? plain + LAST : plain;
}
