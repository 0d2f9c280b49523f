import type { BerReader } from '../ber/reader.js';
import { tlv } from '../ber/encode.js';
import { DecodeError } from '../errors.js';

/** TimeOfDay of ISO 9506-2 §7.5 (BinaryTime): ms of the day, and in the six-octet form the days since 1984-01-01. */
export interface TimeOfDay {
  ms: number;
  days?: number;
}

/** Reads the reader's current element. @throws DecodeError */
export function decodeTimeOfDay({ octets, start, end }: BerReader): TimeOfDay {
  if (end - start === 4) return { ms: octets.readUInt32BE(start) };
  if (end - start === 6) return { ms: octets.readUInt32BE(start), days: octets.readUInt16BE(start + 4) };
  throw new DecodeError(`BinaryTime has ${end - start} octets`);
}

export function encodeTimeOfDay(tag: number, { ms, days }: TimeOfDay): Buffer {
  const content = Buffer.alloc(days === undefined ? 4 : 6);
  content.writeUInt32BE(ms, 0);
  if (days !== undefined) content.writeUInt16BE(days, 4);
  return tlv(tag, content);
}
