import type { BerReader } from '../ber/reader.js';
import { tlv } from '../ber/encode.js';
import { DecodeError, LimitError } from '../errors.js';
import { MAX_FILE_NAME_LENGTH, MAX_FILE_NAME_PARTS } from '../limits.js';

/**
 * FileName (ISO 9506-2 Annex D, a SEQUENCE OF GraphicString): one part that holds the whole path is what IEC 61850-8-1
 * §23 has. Each character stands for one octet (Latin-1), so that a name goes back as it came.
 */
export type FileName = readonly string[];

const GRAPHIC_STRING = 0x19;
const CONSTRUCTED = 0x20;

/**
 * Reads the parts below the reader's current element. Some stacks put one more SEQUENCE around them, and other kinds
 * of string in place of GraphicString.
 * @throws DecodeError, LimitError
 */
export function decodeFileName(reader: BerReader): string[] {
  const parts: string[] = [];
  let length = 0;
  const body = reader.enter();
  while (body.next()) {
    const found = isConstructed(body) ? decodeFileName(body) : [body.visibleString(MAX_FILE_NAME_LENGTH)];
    for (const part of found) {
      length += part.length;
      parts.push(part);
    }
    if (length > MAX_FILE_NAME_LENGTH || parts.length > MAX_FILE_NAME_PARTS)
      throw new LimitError('a file name has too many parts or octets');
  }
  return parts;
}

function isConstructed({ octets, header }: BerReader): boolean {
  return ((octets[header] as number) & CONSTRUCTED) !== 0;
}

/** Reads the parts of a name that must not be empty. @throws DecodeError, LimitError */
export function decodeRequiredFileName(reader: BerReader, what: string): string[] {
  const name = decodeFileName(reader);
  if (name.length === 0) throw new DecodeError(`${what} names no file`);
  return name;
}

/** The name below a tag. Characters beyond Latin-1 must have been turned into octets before. */
export function encodeFileName(tag: number, name: FileName): Buffer {
  return tlv(tag, ...name.map((part) => tlv(GRAPHIC_STRING, Buffer.from(part, 'latin1'))));
}

// eslint-disable-next-line no-control-regex -- everything that is not ASCII
const BEYOND_ASCII = /[^\x00-\x7f]/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A name as text: UTF-8 where its octets are that, else Latin-1, to which GraphicString belongs. */
export function fileNameText(name: FileName): string {
  const octets = name.join('/');
  if (!BEYOND_ASCII.test(octets)) return octets;
  try {
    return UTF8.decode(Buffer.from(octets, 'latin1'));
  } catch {
    return octets;
  }
}

/** The name of a text, in UTF-8. */
export function fileName(text: string): FileName {
  return [Buffer.from(text, 'utf8').toString('latin1')];
}

/** The name of a text in Latin-1, as some devices have it; undefined where that is the same, or not possible. */
export function latin1FileName(text: string): FileName | undefined {
  return BEYOND_ASCII.test(text) && Buffer.from(text, 'latin1').toString('latin1') === text ? [text] : undefined;
}
