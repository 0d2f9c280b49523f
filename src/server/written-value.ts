/** Data that a client writes, held against the type of the variable. */
import { encodeData } from '../mms/data-codec.js';
import type { MmsData } from '../mms/data.js';
import type { LeafType } from './leaf-type.js';
import { AccessError } from './selection.js';
import type { Variable } from './variable.js';

/** A leaf and the encoding that it shall get. */
export interface Assignment {
  readonly leaf: Variable;
  readonly encoding: Buffer;
}

/**
 * Adds to `assignments` what the data would set in the variable.
 * @returns the number of a DataAccessError when the data is not of the variable's type or out of its range
 */
export function assign(variable: Variable, data: MmsData, assignments: Assignment[]): number | undefined {
  if (variable.leaf) {
    const error = leafError(variable.leaf, data);
    if (error === undefined) assignments.push({ leaf: variable, encoding: encodeData(canonical(data)) });
    return error;
  }
  if (data.type !== (variable.array ? 'array' : 'structure')) return AccessError.typeInconsistent;
  return assignEach(variable.children, data.items, assignments);
}

/** As {@link assign} for the variables of a range. */
export function assignEach(
  variables: readonly Variable[],
  items: readonly MmsData[],
  assignments: Assignment[],
): number | undefined {
  if (items.length !== variables.length) return AccessError.typeInconsistent;
  for (const [i, variable] of variables.entries()) {
    const error = assign(variable, items[i] as MmsData, assignments);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** TRUE may come as any octet but zero; we answer with 01. */
function canonical(data: MmsData): MmsData {
  return data.type === 'boolean' ? { type: 'boolean', value: data.value } : data;
}

function leafError(type: LeafType, data: MmsData): number | undefined {
  const { description } = type;
  if (data.type !== description.type) return AccessError.typeInconsistent;
  const invalid = (bad: boolean): number | undefined => (bad ? AccessError.objectValueInvalid : undefined);
  switch (data.type) {
    case 'integer':
    case 'unsigned':
      // One that strictly read is negative is not taken for a large one.
      return invalid(data.unpadded === true || !inRange(type, data.value, data.type === 'integer'));
    case 'float':
      return data.width === (type.description as { formatWidth: number }).formatWidth
        ? undefined
        : AccessError.typeInconsistent;
    case 'bit-string':
      return sizeError(description, data.bits.length, AccessError.typeInconsistent);
    case 'octet-string':
      return sizeError(description, data.octets.length, AccessError.objectValueInvalid);
    case 'visible-string':
      return sizeError(description, data.value.length, AccessError.objectValueInvalid);
    case 'mms-string':
      return sizeError(description, Buffer.byteLength(data.value), AccessError.objectValueInvalid);
    case 'binary-time':
      return data.days === undefined ? AccessError.typeInconsistent : undefined;
    default:
      return undefined;
  }
}

/** A negative size of the type is a bound, a positive one is exact. */
function sizeError(description: LeafType['description'], length: number, error: number): number | undefined {
  const { size } = description as { size: number };
  return size < 0 ? (length > -size ? error : undefined) : length === size ? undefined : error;
}

function inRange(type: LeafType, value: number | bigint, signed: boolean): boolean {
  const width = BigInt((type.description as { size: number }).size);
  const big = BigInt(value);
  if (signed ? BigInt.asIntN(Number(width), big) !== big : big < 0n || big >= 1n << width) return false;
  return !type.enumLiterals || Object.hasOwn(type.enumLiterals, String(big));
}
