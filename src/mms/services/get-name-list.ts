import type { BerReader } from '../../ber/reader.js';
import { berBoolean, berInteger, berNull, berVisibleString, tlv } from '../../ber/encode.js';
import { DecodeError, LimitError } from '../../errors.js';
import { MAX_IDENTIFIER_LENGTH, MAX_LIST_LENGTH } from '../../limits.js';
import { insideChoice } from './choice.js';

/** Object classes of GetNameList that IEC 61850-8-1 uses (ISO 9506-2 §7.5.2). */
export const ObjectClass = { namedVariable: 0, namedVariableList: 2, journal: 8, domain: 9 } as const;

export type NameListScope = { scope: 'vmd' } | { scope: 'domain'; domain: string } | { scope: 'association' };

/** GetNameList (ISO 9506-2 §9.4): names of one class in one scope, page by page. */
export interface GetNameListRequest {
  service: 'getNameList';
  objectClass: number;
  scope: NameListScope;
  /** Last name of the page before; absent for the first page. */
  continueAfter?: string;
}

export interface GetNameListResponse {
  service: 'getNameList';
  names: string[];
  moreFollows: boolean;
}

export const GET_NAME_LIST_TAG = { request: 0xa1, response: 0xa1 } as const;

export function decodeGetNameListRequest(reader: BerReader): GetNameListRequest {
  const body = reader.enter();
  let objectClass: number | undefined;
  let scope: NameListScope | undefined;
  let continueAfter: string | undefined;
  while (body.next()) {
    if (body.tag === 0xa0) objectClass = body.enter().expect(0x80, 'object class').unsigned(255);
    else if (body.tag === 0xa1) scope = decodeScope(insideChoice(body, 'object scope'));
    else if (body.tag === 0x82) continueAfter = body.visibleString(MAX_IDENTIFIER_LENGTH);
  }
  if (objectClass === undefined || !scope) throw new DecodeError('GetNameList request is incomplete');
  return { service: 'getNameList', objectClass, scope, ...(continueAfter !== undefined && { continueAfter }) };
}

function decodeScope(choice: BerReader): NameListScope {
  switch (choice.tag) {
    case 0x80:
      return { scope: 'vmd' };
    case 0x81:
      return { scope: 'domain', domain: choice.visibleString(MAX_IDENTIFIER_LENGTH) };
    case 0x82:
      return { scope: 'association' };
    default:
      throw new DecodeError(`object scope has unknown tag 0x${choice.tag.toString(16)}`);
  }
}

function encodeScope(scope: NameListScope): Buffer {
  switch (scope.scope) {
    case 'vmd':
      return berNull(0x80);
    case 'domain':
      return berVisibleString(0x81, scope.domain);
    case 'association':
      return berNull(0x82);
  }
}

export function encodeGetNameListRequest(request: GetNameListRequest): Buffer {
  return tlv(
    GET_NAME_LIST_TAG.request,
    tlv(0xa0, berInteger(0x80, request.objectClass)),
    tlv(0xa1, encodeScope(request.scope)),
    ...(request.continueAfter === undefined ? [] : [berVisibleString(0x82, request.continueAfter)]),
  );
}

export function decodeGetNameListResponse(reader: BerReader): GetNameListResponse {
  const body = reader.enter();
  const names: string[] = [];
  // Absent means TRUE: moreFollows is DEFAULT TRUE.
  let moreFollows = true;
  while (body.next()) {
    if (body.tag === 0x81) moreFollows = body.boolean();
    else if (body.tag === 0xa0) {
      const list = body.enter();
      while (list.next()) {
        if (names.length >= MAX_LIST_LENGTH) throw new LimitError('GetNameList answer has too many names');
        names.push(list.visibleString(MAX_IDENTIFIER_LENGTH));
      }
    }
  }
  return { service: 'getNameList', names, moreFollows };
}

export function encodeGetNameListResponse(response: GetNameListResponse): Buffer {
  return tlv(
    GET_NAME_LIST_TAG.response,
    tlv(0xa0, ...response.names.map((name) => berVisibleString(0x1a, name))),
    // TRUE is the default, but real clients look for the element.
    berBoolean(0x81, response.moreFollows),
  );
}
