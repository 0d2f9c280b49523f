import type { BerReader } from '../../ber/reader.js';
import { tlv } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import { decodeRequiredFileName, encodeFileName, type FileName } from '../file-name.js';

/**
 * ObtainFile (ISO 9506-2 Annex D.2): the peer fetches a file by FileOpen, FileRead and FileClose of its own, from us unless
 * `sourceFileServer` names somebody else, and answers when it has it.
 */
export interface ObtainFileRequest {
  service: 'obtainFile';
  /** Name of the file at the one who is asked by FileOpen. */
  source: FileName;
  /** Name under which the peer shall keep it. */
  destination: FileName;
  /** A third party named as the source (ApplicationReference), which IEC 61850-8-1 does not use. */
  thirdParty?: boolean;
}

export interface ObtainFileResponse {
  service: 'obtainFile';
}

export const OBTAIN_FILE_TAG = { request: 0xbf2e, response: 0x9f2e } as const;

export function decodeObtainFileRequest(reader: BerReader): ObtainFileRequest {
  const body = reader.enter();
  let source: FileName | undefined;
  let destination: FileName | undefined;
  let thirdParty = false;
  while (body.next()) {
    if (body.tag === 0xa0) thirdParty = true;
    else if (body.tag === 0xa1) source = decodeRequiredFileName(body, 'ObtainFile');
    else if (body.tag === 0xa2) destination = decodeRequiredFileName(body, 'ObtainFile');
  }
  if (!source || !destination) throw new DecodeError('ObtainFile request is incomplete');
  return { service: 'obtainFile', source, destination, ...(thirdParty && { thirdParty }) };
}

export function encodeObtainFileRequest({ source, destination }: ObtainFileRequest): Buffer {
  return tlv(OBTAIN_FILE_TAG.request, encodeFileName(0xa1, source), encodeFileName(0xa2, destination));
}

export function encodeObtainFileResponse(): Buffer {
  return tlv(OBTAIN_FILE_TAG.response);
}
