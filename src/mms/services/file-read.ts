import type { BerReader } from '../../ber/reader.js';
import { berBoolean, berInteger, headerLength, writeHeader } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import { readFrsmId } from '../frsm-id.js';

/** FileRead (ISO 9506-2 Annex D.4): the next octets of an open file. */
export interface FileReadRequest {
  service: 'fileRead';
  frsmId: number;
}

export interface FileReadResponse {
  service: 'fileRead';
  data: Buffer;
  /** False when these were the last octets. DEFAULT TRUE: absent means more. */
  moreFollows: boolean;
}

export const FILE_READ_TAG = { request: 0x9f49, response: 0xbf49 } as const;
const DATA = 0x80;
const MORE_FOLLOWS = 0x81;

export function decodeFileReadRequest(reader: BerReader): FileReadRequest {
  return { service: 'fileRead', frsmId: readFrsmId(reader) };
}

export function encodeFileReadRequest({ frsmId }: FileReadRequest): Buffer {
  return berInteger(FILE_READ_TAG.request, frsmId);
}

/** The octets are copied, so that they outlive the PDU. */
export function decodeFileReadResponse(reader: BerReader): FileReadResponse {
  const body = reader.enter();
  let data: Buffer | undefined;
  let moreFollows = true;
  while (body.next()) {
    if (body.tag === DATA) data = Buffer.from(body.content());
    else if (body.tag === MORE_FOLLOWS) moreFollows = body.boolean();
  }
  if (!data) throw new DecodeError('FileRead answer has no data');
  return { service: 'fileRead', data, moreFollows };
}

/** The answer in parts, of which the second is `data` itself: a file is not copied for being sent. */
export function fileReadResponseParts({ data, moreFollows }: Omit<FileReadResponse, 'service'>): Buffer[] {
  const { header, tail } = fileReadFrame(data.length, moreFollows);
  return [header, data, tail];
}

/** What stands before and behind `length` octets of data in an answer. */
export function fileReadFrame(length: number, moreFollows: boolean): { header: Buffer; tail: Buffer } {
  // TRUE is the default and is left out.
  const tail = moreFollows ? Buffer.alloc(0) : berBoolean(MORE_FOLLOWS, false);
  const inner = headerLength(DATA, length);
  const content = inner + length + tail.length;
  const header = Buffer.allocUnsafe(headerLength(FILE_READ_TAG.response, content) + inner);
  writeHeader(header, writeHeader(header, 0, FILE_READ_TAG.response, content), DATA, length);
  return { header, tail };
}

export function encodeFileReadResponse(response: FileReadResponse): Buffer {
  return Buffer.concat(fileReadResponseParts(response));
}

/** Octets of an answer around its data, at the most: two tags and lengths, and the end of the file. */
export const FILE_READ_OVERHEAD = 16;
