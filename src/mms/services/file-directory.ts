import type { BerReader } from '../../ber/reader.js';
import { berBoolean, tlv } from '../../ber/encode.js';
import { LimitError } from '../../errors.js';
import { MAX_LIST_LENGTH } from '../../limits.js';
import { decodeFileAttributes, encodeFileAttributes, type FileAttributes } from '../file-attributes.js';
import { decodeFileName, encodeFileName, type FileName } from '../file-name.js';

/** FileDirectory (ISO 9506-2 Annex D.8): names and attributes of files, page by page. */
export interface FileDirectoryRequest {
  service: 'fileDirectory';
  /** Folder or file that is asked for; absent means the whole file store. */
  specification?: FileName;
  /** Last name of the page before; absent for the first page. */
  continueAfter?: FileName;
}

export interface DirectoryEntry {
  name: FileName;
  attributes: FileAttributes;
}

export interface FileDirectoryResponse {
  service: 'fileDirectory';
  entries: DirectoryEntry[];
  /** DEFAULT FALSE, unlike that of FileRead and GetNameList. */
  moreFollows: boolean;
}

export const FILE_DIRECTORY_TAG = { request: 0xbf4d, response: 0xbf4d } as const;
const SEQUENCE = 0x30;

export function decodeFileDirectoryRequest(reader: BerReader): FileDirectoryRequest {
  const body = reader.enter();
  const request: FileDirectoryRequest = { service: 'fileDirectory' };
  while (body.next()) {
    if (body.tag === 0xa0) request.specification = decodeFileName(body);
    else if (body.tag === 0xa1) request.continueAfter = decodeFileName(body);
  }
  return request;
}

export function encodeFileDirectoryRequest({ specification, continueAfter }: FileDirectoryRequest): Buffer {
  return tlv(
    FILE_DIRECTORY_TAG.request,
    ...(specification === undefined ? [] : [encodeFileName(0xa0, specification)]),
    ...(continueAfter === undefined ? [] : [encodeFileName(0xa1, continueAfter)]),
  );
}

/** @throws DecodeError, LimitError (CVE-2024-45970) */
export function decodeFileDirectoryResponse(reader: BerReader): FileDirectoryResponse {
  const body = reader.enter();
  const response: FileDirectoryResponse = { service: 'fileDirectory', entries: [], moreFollows: false };
  while (body.next()) {
    if (body.tag === 0x81) response.moreFollows = body.boolean();
    else if (body.tag === 0xa0) readEntries(body.enter(), response.entries);
  }
  return response;
}

function readEntries(outer: BerReader, entries: DirectoryEntry[]): void {
  if (!outer.next()) return;
  const list = outer.enter();
  while (list.next()) {
    if (entries.length >= MAX_LIST_LENGTH) throw new LimitError('a page of the file directory has too many entries');
    const entry = list.enter();
    const name = decodeFileName(entry.expect(0xa0, 'name of a directory entry'));
    entries.push({ name, attributes: decodeFileAttributes(entry.expect(0xa1, 'attributes of a directory entry')) });
  }
}

export function encodeDirectoryEntry({ name, attributes }: DirectoryEntry): Buffer {
  return tlv(SEQUENCE, encodeFileName(0xa0, name), encodeFileAttributes(0xa1, attributes));
}

export function encodeFileDirectoryResponse({ entries, moreFollows }: FileDirectoryResponse): Buffer {
  return fileDirectoryResponse(entries.map(encodeDirectoryEntry), moreFollows);
}

/** The answer around entries that are encoded already. */
export function fileDirectoryResponse(entries: readonly Buffer[], moreFollows: boolean): Buffer {
  return tlv(
    FILE_DIRECTORY_TAG.response,
    tlv(0xa0, tlv(SEQUENCE, ...entries)),
    ...(moreFollows ? [berBoolean(0x81, true)] : []),
  );
}
