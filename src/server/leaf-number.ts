/** Numbers in leaves, and whether anybody gave a leaf its value. */
import { Iec61850Error } from '../errors.js';
import { DataTag } from '../mms/data.js';
import { initialEncoding } from './initial-value.js';
import { decodeLeaf, encodeLeaf } from './leaf-value.js';
import type { Variable } from './variable.js';

/** Encodings of a transaction that are not stored yet. */
export type Pending = ReadonlyMap<Variable, Buffer>;

/** Whether a leaf has a value from the file, an update or a client, and not just the one that it started with. */
export function isGiven(leaf: Variable, pending?: Pending): boolean {
  return (
    pending?.has(leaf) === true || leaf.owned || (leaf.leaf !== undefined && leaf.octets !== initialEncoding(leaf.leaf))
  );
}

/** Octets of a leaf as they will be when the transaction is stored. */
export function octetsOf(leaf: Variable, pending: Pending): Buffer {
  return pending.get(leaf) ?? (leaf.octets as Buffer).subarray(0, leaf.length);
}

/** The number in a leaf, `NaN` for one that holds none. */
export function numberOf(leaf: Variable, pending: Pending): number {
  if (!leaf.leaf) return Number.NaN;
  const quick = encodedNumber(pending.get(leaf) ?? (leaf.octets as Buffer));
  return quick ?? Number(decodeLeaf(leaf.leaf, octetsOf(leaf, pending)));
}

/** Integers of so many octets are numbers that JavaScript holds exactly. */
const MAX_QUICK_OCTETS = 6;
const SINGLE_EXPONENT = 8;

/** The number of an encoding that this server made itself, without the general decoder: dead bands look at ten of them an update. */
function encodedNumber(octets: Buffer): number | undefined {
  const length = octets[1] as number;
  switch (octets[0]) {
    case DataTag.float:
      return length === 5 && octets[2] === SINGLE_EXPONENT ? octets.readFloatBE(3) : undefined;
    case DataTag.integer:
      return length > 0 && length <= MAX_QUICK_OCTETS ? octets.readIntBE(2, length) : undefined;
    case DataTag.unsigned:
      return length > 0 && length <= MAX_QUICK_OCTETS ? octets.readUIntBE(2, length) : undefined;
    default:
      return undefined;
  }
}

/** The number in a leaf that somebody gave; undefined where there is no such leaf, or nobody did. */
export function givenNumber(leaf: Variable | undefined, pending: Pending): number | undefined {
  return leaf?.leaf && isGiven(leaf, pending) ? numberOf(leaf, pending) : undefined;
}

/** Sets a leaf to a number; an enumeration that a file left it out of stays as it is. @returns whether it is set */
export function setNumber(leaf: Variable, value: number, values: Map<Variable, Buffer>): boolean {
  if (!leaf.leaf) return false;
  try {
    values.set(leaf, encodeLeaf(leaf.leaf, value, {}));
    return true;
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return false;
  }
}
