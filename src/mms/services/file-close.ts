import type { BerReader } from '../../ber/reader.js';
import { berInteger, tlv } from '../../ber/encode.js';
import { readFrsmId } from '../frsm-id.js';

/** FileClose (ISO 9506-2 Annex D.5): gives an open file back. */
export interface FileCloseRequest {
  service: 'fileClose';
  frsmId: number;
}

export interface FileCloseResponse {
  service: 'fileClose';
}

export const FILE_CLOSE_TAG = { request: 0x9f4a, response: 0x9f4a } as const;

/** @throws DecodeError for an empty frsmID (CVE-2024-28286) */
export function decodeFileCloseRequest(reader: BerReader): FileCloseRequest {
  return { service: 'fileClose', frsmId: readFrsmId(reader) };
}

export function encodeFileCloseRequest({ frsmId }: FileCloseRequest): Buffer {
  return berInteger(FILE_CLOSE_TAG.request, frsmId);
}

export function encodeFileCloseResponse(): Buffer {
  return tlv(FILE_CLOSE_TAG.response);
}
