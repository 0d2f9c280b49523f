import type { BerReader } from '../../ber/reader.js';
import { tlv } from '../../ber/encode.js';
import { decodeRequiredFileName, encodeFileName, type FileName } from '../file-name.js';

/** FileDelete (ISO 9506-2 Annex D.7). */
export interface FileDeleteRequest {
  service: 'fileDelete';
  name: FileName;
}

export interface FileDeleteResponse {
  service: 'fileDelete';
}

export const FILE_DELETE_TAG = { request: 0xbf4c, response: 0x9f4c } as const;

export function decodeFileDeleteRequest(reader: BerReader): FileDeleteRequest {
  return { service: 'fileDelete', name: decodeRequiredFileName(reader, 'FileDelete') };
}

export function encodeFileDeleteRequest({ name }: FileDeleteRequest): Buffer {
  return encodeFileName(FILE_DELETE_TAG.request, name);
}

export function encodeFileDeleteResponse(): Buffer {
  return tlv(FILE_DELETE_TAG.response);
}
