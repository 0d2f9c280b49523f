import { ArgumentError } from '../errors.js';

/** Identifier octets of a tag as {@link BerReader} counts them. */
function tagLength(tag: number): number {
  return tag > 0xffff ? 3 : tag > 0xff ? 2 : 1;
}

/** Octets that a definite length takes. */
export function lengthOctets(length: number): number {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5;
}

/** Octets of identifier and length before `length` content octets. */
export function headerLength(tag: number, length: number): number {
  return tagLength(tag) + lengthOctets(length);
}

/** Writes identifier and length at `at` and returns the position after them. */
export function writeHeader(target: Buffer, at: number, tag: number, length: number): number {
  for (let shift = (tagLength(tag) - 1) * 8; shift >= 0; shift -= 8) target[at++] = (tag >>> shift) & 0xff;
  const count = lengthOctets(length);
  if (count === 1) {
    target[at++] = length;
    return at;
  }
  target[at++] = 0x80 | (count - 1);
  return target.writeUIntBE(length, at, count - 1);
}

/** One element: identifier, definite length, and the contents one after the other (X.690 §8.1). */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const content of contents) length += content.length;
  const target = Buffer.allocUnsafe(headerLength(tag, length) + length);
  let at = writeHeader(target, 0, tag, length);
  for (const content of contents) {
    target.set(content, at);
    at += content.length;
  }
  return target;
}

/** Two's complement in as few octets as possible (X.690 §8.3). */
export function integerContent(value: number | bigint): Buffer {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new ArgumentError(`${value} is not an integer that can be sent`);
  }
  if (typeof value === 'number' && value >= -0x80 && value < 0x80) return Buffer.of(value & 0xff);
  if (typeof value === 'number' && value >= -0x800000000000 && value < 0x800000000000) {
    let length = 2;
    while (length < 6 && (value < -(2 ** (8 * length - 1)) || value >= 2 ** (8 * length - 1))) length++;
    const content = Buffer.allocUnsafe(length);
    content.writeIntBE(value, 0, length);
    return content;
  }
  let rest = BigInt(value);
  const octets: number[] = [];
  for (;;) {
    const octet = Number(BigInt.asUintN(8, rest));
    octets.unshift(octet);
    rest >>= 8n;
    if ((rest === 0n && octet < 0x80) || (rest === -1n && octet >= 0x80)) return Buffer.from(octets);
  }
}

export function berInteger(tag: number, value: number | bigint): Buffer {
  return tlv(tag, integerContent(value));
}

export function berBoolean(tag: number, value: boolean): Buffer {
  return Buffer.of(tag, 1, value ? 1 : 0);
}

export function berNull(tag: number): Buffer {
  return tlv(tag);
}

/** Text in Latin-1; a character outside it is refused rather than sent as another one. */
export function berVisibleString(tag: number, text: string): Buffer {
  const content = Buffer.from(text, 'latin1');
  if (content.toString('latin1') !== text) throw new ArgumentError(`"${text}" has characters outside VisibleString`);
  return tlv(tag, content);
}

/** Padding count and octets of a BIT STRING from text of 0 and 1 (X.690 §8.6). */
function bitStringContent(bits: string): Buffer {
  const content = Buffer.alloc(1 + Math.ceil(bits.length / 8));
  content[0] = (8 - (bits.length % 8)) % 8;
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === '1') content[1 + (i >> 3)] = (content[1 + (i >> 3)] as number) | (0x80 >> (i & 7));
    else if (bits[i] !== '0') throw new ArgumentError(`"${bits}" is not a string of 0 and 1`);
  }
  return content;
}

export function berBitString(tag: number, bits: string): Buffer {
  return tlv(tag, bitStringContent(bits));
}
