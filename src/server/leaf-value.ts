/** Values of single attributes: from what callers and SCL files write to the octets on the wire, and back. */
import { ArgumentError } from '../errors.js';
import { encodeData, decodeData } from '../mms/data-codec.js';
import type { MmsData } from '../mms/data.js';
import { BerReader } from '../mms/wire.js';
import { QUALITY_LENGTH, qualityBitString } from '../model/quality.js';
import type { TagData } from '../model/tag-value.js';
import {
  BINARY_TIME_EPOCH_MS,
  isoTime,
  msToUtcTime,
  timeQualityToOctet,
  utcTimeToMs,
  type TimeQuality,
} from '../model/timestamp.js';
import type { LeafType } from './leaf-type.js';
import { qualityBits, type QualityInput } from './quality-input.js';

const DAY_MS = 86_400_000;
const MAX_UTC_SECONDS = 0xffffffff;
const DBPOS_NAMES: Readonly<Record<string, number>> = {
  intermediate: 0,
  'intermediate-state': 0,
  off: 1,
  open: 1,
  on: 2,
  closed: 2,
  bad: 3,
  'bad-state': 3,
};
const TCMD_NAMES: Readonly<Record<string, number>> = { stop: 0, lower: 1, higher: 2, reserved: 3 };

function wrong(type: LeafType, input: unknown, hint = ''): never {
  const shown = typeof input === 'object' && input !== null ? JSON.stringify(input) : String(input);
  throw new ArgumentError(`${shown.slice(0, 80)} is no value of type ${type.basicType}`, hint);
}

/**
 * Encoding of a value: numbers, booleans, text as tag values and SCL files have it, Date, bigint or octets.
 * @param timeQuality of a time that has none of its own
 * @throws ArgumentError when the value is not of the type or out of its range
 */
export function encodeLeaf(type: LeafType, input: unknown, timeQuality: Partial<TimeQuality>): Buffer {
  return encodeData(toData(type, input, timeQuality));
}

function toData(type: LeafType, input: unknown, timeQuality: Partial<TimeQuality>): MmsData {
  const { description } = type;
  switch (description.type) {
    case 'boolean':
      return { type: 'boolean', value: toBoolean(type, input) };
    case 'integer':
    case 'unsigned':
      return {
        type: description.type,
        value: toInteger(type, input, description.size, description.type === 'integer'),
      };
    case 'float':
      return toFloat(type, input, description.formatWidth === 64 ? 64 : 32);
    case 'bit-string':
      return { type: 'bit-string', bits: toBits(type, input, description.size) };
    case 'octet-string':
      return { type: 'octet-string', octets: toOctets(type, input, description.size) };
    case 'visible-string':
    case 'mms-string':
      return {
        type: description.type,
        value: toText(type, input, description.size, description.type === 'mms-string'),
      };
    case 'utc-time':
      return toUtcTime(type, input, timeQuality);
    case 'binary-time':
      return toBinaryTime(type, input);
    default:
      return wrong(type, input, 'Give the values of its members.');
  }
}

function toBoolean(type: LeafType, input: unknown): boolean {
  if (typeof input === 'boolean') return input;
  if (input === 1 || input === 0) return input === 1;
  if (typeof input === 'string') {
    const text = input.trim().toLowerCase();
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
  }
  return wrong(type, input, 'Give true or false.');
}

function enumNumber(type: LeafType, text: string): number | undefined {
  const literals = Object.entries(type.enumLiterals ?? {});
  const found =
    literals.find(([, literal]) => literal === text) ??
    literals.find(([, literal]) => literal.toLowerCase() === text.toLowerCase());
  return found && Number(found[0]);
}

function toInteger(type: LeafType, input: unknown, size: number, signed: boolean): number | bigint {
  let value: number | bigint | undefined;
  if (typeof input === 'number' && Number.isSafeInteger(input)) value = input;
  else if (typeof input === 'bigint') value = input;
  else if (typeof input === 'string') {
    const text = input.trim();
    value = enumNumber(type, text);
    if (value === undefined && /^[+-]?\d{1,39}$/.test(text)) value = BigInt(text);
  }
  if (value === undefined) return wrong(type, input, type.enumLiterals ? enumHint(type) : 'Give a whole number.');
  const width = BigInt(size);
  const big = BigInt(value);
  const low = signed ? -(1n << (width - 1n)) : 0n;
  const high = (1n << (signed ? width - 1n : width)) - 1n;
  if (big < low || big > high) return wrong(type, input, `Its range is ${low} to ${high}.`);
  if (type.enumLiterals && !Object.hasOwn(type.enumLiterals, String(big))) return wrong(type, input, enumHint(type));
  return big >= BigInt(Number.MIN_SAFE_INTEGER) && big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big;
}

function enumHint(type: LeafType): string {
  const some = Object.entries(type.enumLiterals ?? {}).slice(0, 12);
  return `Its literals: ${some.map(([number, literal]) => `${literal} (${number})`).join(', ')}.`;
}

function toFloat(type: LeafType, input: unknown, width: 32 | 64): MmsData {
  let value = Number.NaN;
  if (typeof input === 'number') value = input;
  else if (typeof input === 'bigint') value = Number(input);
  else {
    const text = typeof input === 'string' ? input.trim() : '';
    if (text !== 'NaN') value = text === '' ? Number.NaN : Number(text.replace(/^([+-]?)INF$/i, '$1Infinity'));
    if (text !== 'NaN' && Number.isNaN(value)) return wrong(type, input, 'Give a number.');
  }
  if (width === 32 && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    return wrong(type, input, 'It is too large for 32 bits.');
  }
  return { type: 'float', value, width };
}

function toBits(type: LeafType, input: unknown, size: number): string {
  const length = Math.abs(size);
  if (type.basicType === 'Quality' && (typeof input === 'string' || typeof input === 'number' || isObject(input))) {
    return qualityBitString(qualityBits(input as QualityInput)).padEnd(QUALITY_LENGTH, '0');
  }
  const names = type.basicType === 'Dbpos' ? DBPOS_NAMES : type.basicType === 'Tcmd' ? TCMD_NAMES : undefined;
  if (names) {
    if (typeof input === 'boolean' && type.basicType === 'Dbpos') return input ? '10' : '01';
    const text = String(input as string)
      .trim()
      .toLowerCase();
    const number = Object.hasOwn(names, text) ? names[text] : /^[0-3]$/.test(text) ? Number(text) : undefined;
    if (number !== undefined) return number.toString(2).padStart(2, '0');
  }
  if (typeof input === 'string') {
    const text = input.trim();
    if (/^[01]*$/.test(text) && (size < 0 ? text.length <= length : text.length === length)) return text;
  }
  return wrong(type, input, `Give a text of ${size < 0 ? 'up to ' : ''}${length} digits 0 and 1.`);
}

function toOctets(type: LeafType, input: unknown, size: number): Buffer {
  const length = Math.abs(size);
  let octets: Buffer | undefined;
  if (input instanceof Uint8Array) octets = Buffer.from(input);
  else if (typeof input === 'string') {
    const digits = input.replace(/[\s:-]/g, '');
    if (/^([0-9a-f]{2})*$/i.test(digits)) octets = Buffer.from(digits, 'hex');
  }
  if (!octets || octets.length > length || (size > 0 && octets.length !== length)) {
    return wrong(type, input, `Give ${size < 0 ? 'up to ' : ''}${length} octets in hexadecimal digits.`);
  }
  return octets;
}

function toText(type: LeafType, input: unknown, size: number, unicode: boolean): string {
  if (typeof input !== 'string') return wrong(type, input, 'Give a text.');
  const limit = Math.abs(size);
  const length = unicode ? Buffer.byteLength(input) : input.length;
  if (length > limit)
    return wrong(type, input, `It takes up to ${limit} ${unicode ? 'octets of UTF-8' : 'characters'}.`);
  // eslint-disable-next-line no-control-regex -- the point is to find what Latin-1 does not have
  if (!unicode && /[^\u0000-\u00ff]/.test(input)) return wrong(type, input, 'It takes Latin characters only.');
  return input;
}

/** Milliseconds since 1970 from ISO text, a Date or a number. */
export function timeInMs(input: unknown): number | undefined {
  if (input instanceof Date) return input.getTime();
  if (typeof input === 'number') return input;
  if (typeof input !== 'string' || input.trim() === '') return undefined;
  const text = input.trim();
  // Without a zone it is UTC here, which the language takes as local time.
  const zoned = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$/.test(text)
    ? `${text.replace(',', '.')}Z`
    : text;
  return Date.parse(zoned);
}

function toUtcTime(type: LeafType, input: unknown, timeQuality: Partial<TimeQuality>): MmsData {
  const ms = timeInMs(input);
  if (ms === undefined || !Number.isFinite(ms) || ms < 0 || ms > MAX_UTC_SECONDS * 1000) {
    return wrong(type, input, 'Give an ISO 8601 time such as 2026-01-31T12:00:00.000Z, a Date or milliseconds.');
  }
  const { seconds, fraction } = msToUtcTime(ms);
  return { type: 'utc-time', seconds, fraction, quality: timeQualityToOctet(timeQuality) };
}

function toBinaryTime(type: LeafType, input: unknown): MmsData {
  const time = timeInMs(input);
  const ms = (time ?? Number.NaN) - BINARY_TIME_EPOCH_MS;
  if (!Number.isFinite(ms) || ms < 0 || ms >= DAY_MS * 65_536) return wrong(type, input, 'Give a time from 1984 on.');
  return { type: 'binary-time', ms: Math.floor(ms % DAY_MS), days: Math.floor(ms / DAY_MS) };
}

function isObject(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** Data of an encoding that this server made. */
export function dataOf(encoding: Buffer): MmsData {
  const reader = new BerReader(encoding);
  reader.next();
  return decodeData(reader);
}

/** Value of a leaf as a tag value has it. */
export function decodeLeaf(type: LeafType, encoding: Buffer): TagData {
  return leafData(type, dataOf(encoding));
}

/** Value of decoded data of a leaf's type as a tag value has it. */
export function leafData(type: LeafType, data: MmsData): TagData {
  switch (data.type) {
    case 'boolean':
    case 'float':
    case 'visible-string':
    case 'mms-string':
      return data.value;
    case 'integer':
    case 'unsigned':
      return typeof data.value === 'bigint' ? String(data.value) : data.value;
    case 'bit-string':
      return type.tagType === 'Dbpos' ? Number.parseInt(data.bits || '0', 2) : data.bits;
    case 'octet-string':
      return data.octets.toString('hex');
    case 'utc-time':
      return isoTime(utcTimeToMs(data.seconds, data.fraction));
    case 'binary-time':
      return isoTime(BINARY_TIME_EPOCH_MS + (data.days ?? 0) * DAY_MS + data.ms);
    default:
      return null;
  }
}
