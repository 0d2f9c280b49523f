/** Values as registers, and registers as values. A register is a number from 0 to 65535. */
import { DEFAULT_TEXT_LENGTH, type MapRow, type RegisterOrder, type RegisterType, rowSize } from './map.js';

type NumberType = Exclude<RegisterType, 'Bool' | 'Bit' | 'Text'>;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const MAX_FLOAT32 = 3.4028234663852886e38;

const RANGES: Readonly<Record<'Int16' | 'UInt16' | 'Int32' | 'UInt32', readonly [min: number, max: number]>> = {
  Int16: [-0x8000, 0x7fff],
  UInt16: [0, 0xffff],
  Int32: [-0x80000000, 0x7fffffff],
  UInt32: [0, 0xffffffff],
};

/** Octets of one value while it is put in order; the longest number has eight. */
const scratch = new DataView(new ArrayBuffer(8));

/**
 * Writes value × scale + offset into the registers of a row. A number that does not fit is clamped to the nearest one
 * that does.
 * @param value a finite number, or any number for a float type
 * @returns whether the value was clamped
 */
export function encodeNumber(row: MapRow, value: number | bigint, registers: Uint16Array, at: number): boolean {
  return encodeRaw(row, scaled(row, value), registers, at);
}

/** Writes a raw number as it is, such as a sentinel. */
function encodeRaw(row: MapRow, raw: number | bigint, registers: Uint16Array, at: number): boolean {
  const size = rowSize(row);
  const clamped = putOctets(row.type as NumberType, raw, size);
  putInOrder(size, row.order ?? 'ABCD', registers, at);
  return clamped;
}

function scaled(row: MapRow, value: number | bigint): number | bigint {
  const { scale = 1, offset = 0 } = row;
  return scale === 1 && offset === 0 ? value : Number(value) * scale + offset;
}

function putOctets(type: NumberType, raw: number | bigint, size: number): boolean {
  switch (type) {
    case 'Float64':
      scratch.setFloat64(0, Number(raw));
      return false;
    case 'Float32':
      return putFloat32(Number(raw));
    case 'Int64':
      return putInt64(raw);
    case 'BCD':
      return putBcd(Number(raw), size);
    default:
      return putInteger(type, Number(raw));
  }
}

function putFloat32(raw: number): boolean {
  // A finite number must not turn into an infinity that the IED never reported.
  const value = Number.isFinite(raw) ? Math.min(Math.max(raw, -MAX_FLOAT32), MAX_FLOAT32) : raw;
  scratch.setFloat32(0, value);
  return !Object.is(value, raw);
}

function putInteger(type: keyof typeof RANGES, raw: number): boolean {
  const [min, max] = RANGES[type];
  const rounded = Math.round(raw);
  const value = Math.min(Math.max(rounded, min), max);
  // Both setters keep the low bits, which is two's complement for a negative number.
  if (max > 0xffff || min < -0x8000) scratch.setUint32(0, value);
  else scratch.setUint16(0, value);
  return value !== rounded;
}

function putInt64(raw: number | bigint): boolean {
  if (raw === Infinity || raw === -Infinity) {
    scratch.setBigInt64(0, raw > 0 ? INT64_MAX : INT64_MIN);
    return true;
  }
  const whole = typeof raw === 'bigint' ? raw : BigInt(Math.round(raw));
  const value = whole < INT64_MIN ? INT64_MIN : whole > INT64_MAX ? INT64_MAX : whole;
  scratch.setBigInt64(0, value);
  return value !== whole;
}

/** Packed BCD: four digits a register, the most significant digit first. It has no sign. */
function putBcd(raw: number, size: number): boolean {
  const digits = size * 4;
  const rounded = Math.round(raw);
  const value = Math.min(Math.max(rounded, 0), 10 ** digits - 1);
  let rest = value;
  for (let octet = size * 2 - 1; octet >= 0; octet--) {
    const pair = rest % 100;
    scratch.setUint8(octet, (Math.floor(pair / 10) << 4) | (pair % 10));
    rest = Math.floor(rest / 100);
  }
  return value !== rounded;
}

const swapsRegisters = (order: RegisterOrder): boolean => order === 'CDAB' || order === 'DCBA';
const swapsOctets = (order: RegisterOrder): boolean => order === 'BADC' || order === 'DCBA';
const swapped = (register: number): number => ((register & 0xff) << 8) | (register >>> 8);

function putInOrder(size: number, order: RegisterOrder, registers: Uint16Array, at: number): void {
  const reverse = swapsRegisters(order);
  const swap = swapsOctets(order);
  for (let i = 0; i < size; i++) {
    const register = scratch.getUint16(i * 2);
    registers[at + (reverse ? size - 1 - i : i)] = swap ? swapped(register) : register;
  }
}

function takeInOrder(size: number, order: RegisterOrder, registers: ArrayLike<number>, at: number): void {
  const reverse = swapsRegisters(order);
  const swap = swapsOctets(order);
  for (let i = 0; i < size; i++) {
    const register = registers[at + (reverse ? size - 1 - i : i)] as number;
    scratch.setUint16(i * 2, swap ? swapped(register) : register);
  }
}

/** A number that a master wrote: raw, and as (raw − offset) / scale. */
export interface DecodedNumber {
  raw: number | bigint;
  value: number | bigint;
}

/** The number in a row's registers; undefined when they hold none (BCD with a digit above 9). */
export function decodeNumber(row: MapRow, registers: ArrayLike<number>, at: number): DecodedNumber | undefined {
  const size = rowSize(row);
  takeInOrder(size, row.order ?? 'ABCD', registers, at);
  const raw = takeOctets(row.type as NumberType, size);
  if (raw === undefined) return undefined;
  const { scale = 1, offset = 0 } = row;
  return { raw, value: scale === 1 && offset === 0 ? raw : (Number(raw) - offset) / scale };
}

function takeOctets(type: NumberType, size: number): number | bigint | undefined {
  switch (type) {
    case 'Int16':
      return scratch.getInt16(0);
    case 'UInt16':
      return scratch.getUint16(0);
    case 'Int32':
      return scratch.getInt32(0);
    case 'UInt32':
      return scratch.getUint32(0);
    case 'Float32':
      return scratch.getFloat32(0);
    case 'Float64':
      return scratch.getFloat64(0);
    case 'Int64': {
      const value = scratch.getBigInt64(0);
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    case 'BCD':
      return takeBcd(size);
  }
}

function takeBcd(size: number): number | undefined {
  let value = 0;
  for (let octet = 0; octet < size * 2; octet++) {
    const pair = scratch.getUint8(octet);
    if (pair >>> 4 > 9 || (pair & 15) > 9) return undefined;
    value = value * 100 + (pair >>> 4) * 10 + (pair & 15);
  }
  return value;
}

/**
 * Writes a text in UTF-8, filled up with zeros, the first character in the high octet (BADC and DCBA: in the low one).
 * @returns whether the text was cut
 */
export function encodeText(row: MapRow, text: string, registers: Uint16Array, at: number): boolean {
  const size = row.length ?? DEFAULT_TEXT_LENGTH;
  const octets = Buffer.alloc(size * 2);
  // Buffer.write never leaves half a character.
  octets.write(text, 'utf8');
  const swap = swapsOctets(row.order ?? 'ABCD');
  for (let i = 0; i < size; i++) {
    const register = octets.readUInt16BE(i * 2);
    registers[at + i] = swap ? swapped(register) : register;
  }
  return Buffer.byteLength(text, 'utf8') > octets.length;
}

/** The text in a row's registers, up to its first zero octet. */
export function decodeText(row: MapRow, registers: ArrayLike<number>, at: number): string {
  const size = row.length ?? DEFAULT_TEXT_LENGTH;
  const octets = Buffer.alloc(size * 2);
  const swap = swapsOctets(row.order ?? 'ABCD');
  for (let i = 0; i < size; i++) {
    const register = registers[at + i] as number;
    octets.writeUInt16BE(swap ? swapped(register) : register, i * 2);
  }
  const end = octets.indexOf(0);
  return octets.toString('utf8', 0, end < 0 ? octets.length : end);
}

/** Default sentinels: NaN, the most negative signed number, all ones otherwise (for BCD no digits at all). */
export function encodeSentinel(row: MapRow, registers: Uint16Array, at: number): void {
  if (row.sentinel !== undefined && row.type !== 'Text') {
    encodeRaw(row, row.sentinel, registers, at);
    return;
  }
  switch (row.type) {
    case 'Float32':
    case 'Float64':
      encodeRaw(row, NaN, registers, at);
      return;
    case 'Int16':
    case 'Int32':
    case 'Int64':
      encodeRaw(row, -Infinity, registers, at);
      return;
    default:
      registers.fill(row.type === 'Text' ? 0 : 0xffff, at, at + rowSize(row));
  }
}
