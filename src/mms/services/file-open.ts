import type { BerReader } from '../../ber/reader.js';
import { berInteger, tlv } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import { decodeFileAttributes, encodeFileAttributes, type FileAttributes } from '../file-attributes.js';
import { decodeRequiredFileName, encodeFileName, type FileName } from '../file-name.js';
import { readFrsmId } from '../frsm-id.js';

/** FileOpen (ISO 9506-2 Annex D.3): opens a file for reading from a position on. */
export interface FileOpenRequest {
  service: 'fileOpen';
  name: FileName;
  /** First octet that is wanted, from 0. */
  initialPosition: number;
}

export interface FileOpenResponse {
  service: 'fileOpen';
  /** File read state machine: names the open file in FileRead and FileClose. Integer32, may be negative. */
  frsmId: number;
  attributes: FileAttributes;
}

export const FILE_OPEN_TAG = { request: 0xbf48, response: 0xbf48 } as const;

export function decodeFileOpenRequest(reader: BerReader): FileOpenRequest {
  const body = reader.enter();
  const name = decodeRequiredFileName(body.expect(0xa0, 'file name'), 'FileOpen');
  return { service: 'fileOpen', name, initialPosition: body.expect(0x81, 'initial position').unsigned(0xffffffff) };
}

export function encodeFileOpenRequest({ name, initialPosition }: FileOpenRequest): Buffer {
  return tlv(FILE_OPEN_TAG.request, encodeFileName(0xa0, name), berInteger(0x81, initialPosition));
}

export function decodeFileOpenResponse(reader: BerReader): FileOpenResponse {
  const body = reader.enter();
  const frsmId = readFrsmId(body.expect(0x80, 'frsmID'));
  if (!body.next() || body.tag !== 0xa1) throw new DecodeError('FileOpen answer has no file attributes');
  return { service: 'fileOpen', frsmId, attributes: decodeFileAttributes(body) };
}

export function encodeFileOpenResponse({ frsmId, attributes }: FileOpenResponse): Buffer {
  return tlv(FILE_OPEN_TAG.response, berInteger(0x80, frsmId), encodeFileAttributes(0xa1, attributes));
}
