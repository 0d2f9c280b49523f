import type { BerReader } from '../../ber/reader.js';
import { berInteger, berVisibleString, tlv } from '../../ber/encode.js';
import { DecodeError, LimitError } from '../../errors.js';
import { MAX_IDENTIFIER_LENGTH, MAX_LIST_LENGTH } from '../../limits.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from '../object-name.js';

/**
 * DeleteNamedVariableList of named lists (ISO 9506-2 §14.12, scope `specific`; IEC 61850-8-1 §14.3.3, DeleteDataSet).
 * The other scopes, all lists of a domain or of the association, are not used by IEC 61850.
 */
export interface DeleteNamedVariableListRequest {
  service: 'deleteNamedVariableList';
  names: ObjectName[];
  /** Sent along by some clients; it has no meaning in this scope. */
  domain?: string;
}

export interface DeleteNamedVariableListResponse {
  service: 'deleteNamedVariableList';
  /** Lists that were found, and lists that were deleted; a data set in use is found and not deleted. */
  matched: number;
  deleted: number;
}

export const DELETE_NAMED_VARIABLE_LIST_TAG = { request: 0xad, response: 0xad } as const;
const SCOPE_SPECIFIC = 0;
const MAX_COUNT = 0xffffffff;

/** @throws DecodeError when no list is named (CVE-2024-26529) */
export function decodeDeleteNamedVariableListRequest(reader: BerReader): DeleteNamedVariableListRequest {
  const body = reader.enter();
  const names: ObjectName[] = [];
  let domain: string | undefined;
  while (body.next()) {
    if (body.tag === 0x80 && body.integer() !== SCOPE_SPECIFIC)
      throw new DecodeError('DeleteNamedVariableList has a scope that IEC 61850 does not use');
    if (body.tag === 0xa2) domain = body.enter().expect(0x1a, 'domain name').visibleString(MAX_IDENTIFIER_LENGTH);
    if (body.tag !== 0xa1) continue;
    const list = body.enter();
    while (list.next()) {
      if (names.length >= MAX_LIST_LENGTH) throw new LimitError('too many lists to delete');
      names.push(decodeObjectName(list));
    }
  }
  if (names.length === 0) throw new DecodeError('DeleteNamedVariableList names no list');
  return { service: 'deleteNamedVariableList', names, ...(domain !== undefined && { domain }) };
}

export function encodeDeleteNamedVariableListRequest(request: DeleteNamedVariableListRequest): Buffer {
  return tlv(
    DELETE_NAMED_VARIABLE_LIST_TAG.request,
    berInteger(0x80, SCOPE_SPECIFIC),
    tlv(0xa1, ...request.names.map(encodeObjectName)),
    ...(request.domain === undefined ? [] : [tlv(0xa2, berVisibleString(0x1a, request.domain))]),
  );
}

export function decodeDeleteNamedVariableListResponse(reader: BerReader): DeleteNamedVariableListResponse {
  const body = reader.enter();
  let matched = 0;
  let deleted = 0;
  while (body.next()) {
    if (body.tag === 0x80) matched = body.unsigned(MAX_COUNT);
    else if (body.tag === 0x81) deleted = body.unsigned(MAX_COUNT);
  }
  return { service: 'deleteNamedVariableList', matched, deleted };
}

export function encodeDeleteNamedVariableListResponse(response: DeleteNamedVariableListResponse): Buffer {
  return tlv(
    DELETE_NAMED_VARIABLE_LIST_TAG.response,
    berInteger(0x80, response.matched),
    berInteger(0x81, response.deleted),
  );
}
