import { ArgumentError } from '../errors.js';
import { isMembers } from '../model/members.js';
import { msToUtcTime, timeQualityToOctet } from '../model/timestamp.js';
import type { MmsData } from '../mms/data.js';
import type { TypeDescription } from '../mms/type-description.js';

/** What a caller may give: plain values as in a tag value, and objects or arrays of them. */
export type WritableValue =
  boolean | number | bigint | string | Date | Uint8Array | WritableValue[] | { [member: string]: WritableValue };

/**
 * MMS data of a plain value in the form that the live type asks for.
 * @param what names the object in errors
 * @throws ArgumentError when the value does not fit the type; nothing is bent to fit
 */
export function writableData(value: WritableValue, type: TypeDescription, what: string): MmsData {
  const fail = (expected: string): never => {
    throw new ArgumentError(`${what}: ${describe(value)} is no ${expected}`, `Give ${expected}.`);
  };
  switch (type.type) {
    case 'boolean':
      return typeof value === 'boolean' ? { type: 'boolean', value } : fail('true or false');
    case 'integer':
    case 'unsigned':
      return (
        integerData(value, type.type, type.size) ??
        fail(`${type.type === 'unsigned' ? 'unsigned ' : ''}integer of ${type.size} bits`)
      );
    case 'float': {
      const number = typeof value === 'string' ? NON_FINITE[value] : value;
      const width = type.formatWidth > 32 ? 64 : 32;
      if (typeof number !== 'number') return fail('number');
      // In 32 bits it would become an infinity that nobody gave.
      if (width === 32 && Number.isFinite(number) && !Number.isFinite(Math.fround(number)))
        return fail('number of 32 bits');
      return { type: 'float', value: number, width };
    }
    case 'bit-string':
      return bitStringData(value, type.size) ?? fail(`string of ${Math.abs(type.size)} bits, each 0 or 1`);
    case 'octet-string':
      return octetStringData(value, type.size) ?? fail(`up to ${Math.abs(type.size)} octets as hex text or Buffer`);
    case 'visible-string':
    case 'mms-string':
      return typeof value === 'string' && value.length <= Math.abs(type.size)
        ? { type: type.type, value }
        : fail(`text of up to ${Math.abs(type.size)} characters`);
    case 'utc-time': {
      const ms = timeMs(value);
      if (ms === undefined) return fail('time: ISO 8601 text, Date or ms since 1970');
      return { type: 'utc-time', ...msToUtcTime(ms), quality: timeQualityToOctet({ accuracy: 10 }) };
    }
    case 'structure': {
      if (!isMembers<WritableValue>(value)) return fail('object with the members of the structure');
      const items = type.components.map((component) => {
        const member = Object.hasOwn(value, component.name) ? value[component.name] : undefined;
        if (member === undefined)
          throw new ArgumentError(
            `${what}: member ${component.name} is missing`,
            'Give every member of the structure.',
          );
        return writableData(member, component.type, `${what}.${component.name}`);
      });
      return { type: 'structure', items };
    }
    case 'array':
      if (!Array.isArray(value) || value.length !== type.count) return fail(`array of ${type.count} values`);
      return { type: 'array', items: value.map((item, i) => writableData(item, type.element, `${what}(${i})`)) };
    case 'binary-time':
    case 'bcd':
    case 'generalized-time':
    case 'object-identifier':
      throw new ArgumentError(`${what} has a type that cannot be written: ${type.type}`);
  }
}

const NON_FINITE: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

function describe(value: WritableValue): string {
  const text =
    typeof value === 'object' && value !== null
      ? value instanceof Date
        ? value.toISOString()
        : 'an object'
      : `"${String(value)}"`;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function integerData(value: WritableValue, type: 'integer' | 'unsigned', size: number): MmsData | undefined {
  const exact = typeof value === 'string' && /^-?\d{1,39}$/.test(value) ? BigInt(value) : value;
  if (typeof exact !== 'bigint' && !(typeof exact === 'number' && Number.isSafeInteger(exact))) return undefined;
  const wide = BigInt(exact);
  const fits =
    type === 'unsigned' ? wide >= 0n && BigInt.asUintN(size, wide) === wide : BigInt.asIntN(size, wide) === wide;
  return fits ? { type, value: exact } : undefined;
}

function bitStringData(value: WritableValue, size: number): MmsData | undefined {
  const length = Math.abs(size);
  // Dbpos and other two-bit strings are numbers 0 to 3 in a tag value.
  if (typeof value === 'number' && length === 2 && Number.isInteger(value) && value >= 0 && value <= 3) {
    return { type: 'bit-string', bits: value.toString(2).padStart(2, '0') };
  }
  if (typeof value !== 'string' || !/^[01]*$/.test(value)) return undefined;
  return value.length === length || (size < 0 && value.length < length)
    ? { type: 'bit-string', bits: value }
    : undefined;
}

function octetStringData(value: WritableValue, size: number): MmsData | undefined {
  const octets =
    value instanceof Uint8Array
      ? Buffer.from(value)
      : typeof value === 'string' && /^([0-9a-fA-F]{2})*$/.test(value)
        ? Buffer.from(value, 'hex')
        : undefined;
  if (!octets || (size > 0 ? octets.length !== size : octets.length > -size)) return undefined;
  return { type: 'octet-string', octets };
}

function timeMs(value: WritableValue): number | undefined {
  const ms =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'number'
        ? value
        : typeof value === 'string'
          ? Date.parse(value)
          : NaN;
  return ms >= 0 && ms < 0x100000000 * 1000 ? ms : undefined;
}
