import type { BerReader } from '../ber/reader.js';
import { berInteger, berVisibleString, tlv } from '../ber/encode.js';

/** FileAttributes (ISO 9506-2 Annex D). */
export interface FileAttributes {
  /** In octets; some devices tell 0 for files that are not empty. */
  size: number;
  /** GeneralizedTime as it came, see `generalized-time.ts`. */
  lastModified?: string;
}

/** Octets of a GeneralizedTime; `20261120134500.123456+0100` has 26. */
const MAX_TIME_LENGTH = 64;

/** Reads the content of the reader's current element. @throws DecodeError */
export function decodeFileAttributes(reader: BerReader): FileAttributes {
  const body = reader.enter();
  const size = unsigned32(body.expect(0x80, 'size of the file'));
  if (!body.next() || body.tag !== 0x81) return { size };
  return { size, lastModified: body.visibleString(MAX_TIME_LENGTH) };
}

/** Sizes of 2 GiB and more come without their leading zero octet from some devices. */
function unsigned32(reader: BerReader): number {
  const value = reader.integer();
  if (value < 0 && reader.end - reader.start === 4) return value >>> 0;
  return reader.unsigned(0xffffffff);
}

export function encodeFileAttributes(tag: number, { size, lastModified }: FileAttributes): Buffer {
  return tlv(
    tag,
    berInteger(0x80, size),
    ...(lastModified === undefined ? [] : [berVisibleString(0x81, lastModified)]),
  );
}
