import type { BerReader } from '../../ber/reader.js';
import { tlv } from '../../ber/encode.js';
import { decodeRequiredFileName, encodeFileName, type FileName } from '../file-name.js';

/** FileRename (ISO 9506-2 Annex D.6). */
export interface FileRenameRequest {
  service: 'fileRename';
  currentName: FileName;
  newName: FileName;
}

export interface FileRenameResponse {
  service: 'fileRename';
}

export const FILE_RENAME_TAG = { request: 0xbf4b, response: 0x9f4b } as const;

export function decodeFileRenameRequest(reader: BerReader): FileRenameRequest {
  const body = reader.enter();
  const currentName = decodeRequiredFileName(body.expect(0xa0, 'current file name'), 'FileRename');
  const newName = decodeRequiredFileName(body.expect(0xa1, 'new file name'), 'FileRename');
  return { service: 'fileRename', currentName, newName };
}

export function encodeFileRenameRequest({ currentName, newName }: FileRenameRequest): Buffer {
  return tlv(FILE_RENAME_TAG.request, encodeFileName(0xa0, currentName), encodeFileName(0xa1, newName));
}

export function encodeFileRenameResponse(): Buffer {
  return tlv(FILE_RENAME_TAG.response);
}
