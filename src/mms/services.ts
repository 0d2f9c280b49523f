import { BerReader } from '../ber/reader.js';
import { berBitString, berBoolean, berInteger, berNull, berVisibleString, tlv } from '../ber/encode.js';
import { decodeOid, encodeOid } from '../ber/object-identifier.js';
import { DecodeError, LimitError } from '../errors.js';
import { MAX_IDENTIFIER_LENGTH, MAX_LIST_LENGTH } from '../limits.js';
import type { AccessResult, MmsData } from './data.js';
import { decodeAccessResults, decodeData, encodeAccessResult, encodeData } from './data-codec.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from './object-name.js';
import { decodeTypeDescription, encodeTypeDescription, type TypeDescription } from './type-description.js';
import {
  decodeVariableAccess,
  decodeVariableList,
  encodeVariable,
  encodeVariableAccess,
  type VariableAccess,
  type VariableSpecification,
} from './variable-access.js';

/** Object classes of GetNameList that IEC 61850-8-1 uses (ISO 9506-2 §7.5.2). */
export const ObjectClass = { namedVariable: 0, namedVariableList: 2, journal: 8, domain: 9 } as const;

export type NameListScope = { scope: 'vmd' } | { scope: 'domain'; domain: string } | { scope: 'association' };

/** Confirmed service requests (ISO 9506-2 §9–§14). What is not decoded further stands as `other`, octets and all. */
export type ServiceRequest =
  | { service: 'status'; extended: boolean }
  | { service: 'getNameList'; objectClass: number; scope: NameListScope; continueAfter?: string }
  | { service: 'identify' }
  | { service: 'read'; specificationWithResult: boolean; access: VariableAccess }
  | { service: 'write'; access: VariableAccess; data: MmsData[] }
  | { service: 'getVariableAccessAttributes'; name: ObjectName }
  | { service: 'getNamedVariableListAttributes'; name: ObjectName }
  | { service: 'other'; tag: number; octets: Buffer };

export type WriteResult = { success: true } | { success: false; error: number };

export type ServiceResponse =
  | { service: 'status'; logical: number; physical: number; localDetail?: string }
  | { service: 'getNameList'; names: string[]; moreFollows: boolean }
  | { service: 'identify'; vendor: string; model: string; revision: string; abstractSyntaxes?: string[] }
  | { service: 'read'; access?: VariableAccess; results: AccessResult[] }
  | { service: 'write'; results: WriteResult[] }
  | { service: 'getVariableAccessAttributes'; deletable: boolean; type: TypeDescription }
  | { service: 'getNamedVariableListAttributes'; deletable: boolean; variables: VariableSpecification[] }
  | { service: 'other'; tag: number; octets: Buffer };

/** Context tags of the confirmed services; the constructed bit differs between request and response. */
const REQUEST = { status: 0x80, getNameList: 0xa1, identify: 0x82, read: 0xa4, write: 0xa5, getVariableAccessAttributes: 0xa6, getNamedVariableListAttributes: 0xac } as const;
const RESPONSE = { status: 0xa0, getNameList: 0xa1, identify: 0xa2, read: 0xa4, write: 0xa5, getVariableAccessAttributes: 0xa6, getNamedVariableListAttributes: 0xac } as const;

export const ServiceTag = { readRequest: REQUEST.read, readResponse: RESPONSE.read } as const;

function first(reader: BerReader, what: string): BerReader {
  const inner = reader.enter();
  if (!inner.next()) throw new DecodeError(`${what} is empty`);
  return inner;
}

/** Reads the reader's current element as a service request. @throws DecodeError, LimitError */
export function decodeServiceRequest(reader: BerReader): ServiceRequest {
  switch (reader.tag) {
    case REQUEST.status:
      return { service: 'status', extended: reader.boolean() };
    case REQUEST.getNameList:
      return decodeGetNameListRequest(reader.enter());
    case REQUEST.identify:
      return { service: 'identify' };
    case REQUEST.read:
      return decodeReadRequest(reader.enter());
    case REQUEST.write: {
      const body = reader.enter();
      if (!body.next()) throw new DecodeError('write request is empty');
      const access = decodeVariableAccess(body);
      return { service: 'write', access, data: decodeDataList(body.expect(0xa0, 'data of the write request').enter()) };
    }
    case REQUEST.getVariableAccessAttributes: {
      const choice = first(reader, 'variable access attributes request');
      // address [1] is not used by IEC 61850: kept as it came.
      if (choice.tag !== 0xa0) break;
      return { service: 'getVariableAccessAttributes', name: decodeObjectName(first(choice, 'variable name')) };
    }
    case REQUEST.getNamedVariableListAttributes:
      return { service: 'getNamedVariableListAttributes', name: decodeObjectName(first(reader, 'variable list name')) };
    default:
      break;
  }
  return { service: 'other', tag: reader.tag, octets: Buffer.from(reader.content()) };
}

function decodeGetNameListRequest(body: BerReader): ServiceRequest {
  let objectClass: number | undefined;
  let scope: NameListScope | undefined;
  let continueAfter: string | undefined;
  while (body.next()) {
    if (body.tag === 0xa0) objectClass = body.enter().expect(0x80, 'object class').unsigned(255);
    else if (body.tag === 0xa1) scope = decodeScope(first(body, 'object scope'));
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

function decodeReadRequest(body: BerReader): ServiceRequest {
  let specificationWithResult = false;
  while (body.next()) {
    if (body.tag === 0x80) specificationWithResult = body.boolean();
    else if (body.tag === 0xa1) {
      return { service: 'read', specificationWithResult, access: decodeVariableAccess(first(body, 'variable access')) };
    }
  }
  throw new DecodeError('read request names no variable');
}

function decodeDataList(list: BerReader): MmsData[] {
  const data: MmsData[] = [];
  while (list.next()) {
    if (data.length >= MAX_LIST_LENGTH) throw new LimitError('too many values in a write request');
    data.push(decodeData(list));
  }
  return data;
}

export function encodeServiceRequest(request: ServiceRequest): Buffer {
  switch (request.service) {
    case 'status':
      return berBoolean(REQUEST.status, request.extended);
    case 'getNameList': {
      const { scope } = request;
      const scopeOctets =
        scope.scope === 'vmd' ? berNull(0x80) : scope.scope === 'domain' ? berVisibleString(0x81, scope.domain) : berNull(0x82);
      return tlv(
        REQUEST.getNameList,
        tlv(0xa0, berInteger(0x80, request.objectClass)),
        tlv(0xa1, scopeOctets),
        ...(request.continueAfter === undefined ? [] : [berVisibleString(0x82, request.continueAfter)]),
      );
    }
    case 'identify':
      return berNull(REQUEST.identify);
    case 'read':
      return tlv(
        REQUEST.read,
        ...(request.specificationWithResult ? [berBoolean(0x80, true)] : []),
        tlv(0xa1, encodeVariableAccess(request.access)),
      );
    case 'write':
      return tlv(REQUEST.write, encodeVariableAccess(request.access), tlv(0xa0, ...request.data.map(encodeData)));
    case 'getVariableAccessAttributes':
      return tlv(REQUEST.getVariableAccessAttributes, tlv(0xa0, encodeObjectName(request.name)));
    case 'getNamedVariableListAttributes':
      return tlv(REQUEST.getNamedVariableListAttributes, encodeObjectName(request.name));
    case 'other':
      return tlv(request.tag, request.octets);
  }
}

/** Reads the reader's current element as a service response. @throws DecodeError, LimitError */
export function decodeServiceResponse(reader: BerReader): ServiceResponse {
  switch (reader.tag) {
    case RESPONSE.status:
      return decodeStatus(reader.enter());
    case RESPONSE.getNameList:
      return decodeNameList(reader.enter());
    case RESPONSE.identify:
      return decodeIdentify(reader.enter());
    case RESPONSE.read:
      return decodeReadResponse(reader.enter());
    case RESPONSE.write:
      return { service: 'write', results: decodeWriteResults(reader.enter()) };
    case RESPONSE.getVariableAccessAttributes:
      return decodeAccessAttributes(reader.enter());
    case RESPONSE.getNamedVariableListAttributes:
      return decodeListAttributes(reader.enter());
    default:
      return { service: 'other', tag: reader.tag, octets: Buffer.from(reader.content()) };
  }
}

function decodeStatus(body: BerReader): ServiceResponse {
  const logical = body.expect(0x80, 'logical status').integer();
  const physical = body.expect(0x81, 'physical status').integer();
  if (!body.next()) return { service: 'status', logical, physical };
  return { service: 'status', logical, physical, localDetail: body.bitString(128) };
}

function decodeNameList(body: BerReader): ServiceResponse {
  const names: string[] = [];
  // Absent means TRUE (ISO 9506-2 §9.4: DEFAULT TRUE).
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

function decodeIdentify(body: BerReader): ServiceResponse {
  const result = { service: 'identify' as const, vendor: '', model: '', revision: '' };
  let abstractSyntaxes: string[] | undefined;
  while (body.next()) {
    if (body.tag === 0x80) result.vendor = body.visibleString(1024);
    else if (body.tag === 0x81) result.model = body.visibleString(1024);
    else if (body.tag === 0x82) result.revision = body.visibleString(1024);
    else if (body.tag === 0xa3) {
      abstractSyntaxes = [];
      const list = body.enter();
      while (list.next() && abstractSyntaxes.length < 64) abstractSyntaxes.push(decodeOid(list.content()));
    }
  }
  return abstractSyntaxes ? { ...result, abstractSyntaxes } : result;
}

function decodeReadResponse(body: BerReader): ServiceResponse {
  let access: VariableAccess | undefined;
  while (body.next()) {
    if (body.tag === 0xa0) access = decodeVariableAccess(first(body, 'variable access'));
    else if (body.tag === 0xa1) {
      return { service: 'read', ...(access && { access }), results: decodeAccessResults(body.enter()) };
    }
  }
  throw new DecodeError('read answer has no results');
}

function decodeWriteResults(list: BerReader): WriteResult[] {
  const results: WriteResult[] = [];
  while (list.next()) {
    if (results.length >= MAX_LIST_LENGTH) throw new LimitError('too many write results');
    results.push(list.tag === 0x80 ? { success: false, error: list.integer() } : { success: true });
  }
  return results;
}

function decodeAccessAttributes(body: BerReader): ServiceResponse {
  let deletable = false;
  while (body.next()) {
    if (body.tag === 0x80) deletable = body.boolean();
    else if (body.tag === 0xa2) {
      return { service: 'getVariableAccessAttributes', deletable, type: decodeTypeDescription(first(body, 'type description')) };
    }
  }
  throw new DecodeError('variable access attributes have no type');
}

function decodeListAttributes(body: BerReader): ServiceResponse {
  let deletable = false;
  while (body.next()) {
    if (body.tag === 0x80) deletable = body.boolean();
    else if (body.tag === 0xa1) {
      return { service: 'getNamedVariableListAttributes', deletable, variables: decodeVariableList(body.enter()) };
    }
  }
  throw new DecodeError('variable list attributes have no variables');
}

export function encodeServiceResponse(response: ServiceResponse): Buffer {
  switch (response.service) {
    case 'status':
      return tlv(
        RESPONSE.status,
        berInteger(0x80, response.logical),
        berInteger(0x81, response.physical),
        ...(response.localDetail === undefined ? [] : [berBitString(0x82, response.localDetail)]),
      );
    case 'getNameList':
      return tlv(
        RESPONSE.getNameList,
        tlv(0xa0, ...response.names.map((name) => berVisibleString(0x1a, name))),
        // TRUE is the default, but real clients look for the element.
        berBoolean(0x81, response.moreFollows),
      );
    case 'identify':
      return tlv(
        RESPONSE.identify,
        berVisibleString(0x80, response.vendor),
        berVisibleString(0x81, response.model),
        berVisibleString(0x82, response.revision),
        ...(response.abstractSyntaxes ? [tlv(0xa3, ...response.abstractSyntaxes.map((oid) => tlv(0x06, encodeOid(oid))))] : []),
      );
    case 'read':
      return tlv(
        RESPONSE.read,
        ...(response.access ? [tlv(0xa0, encodeVariableAccess(response.access))] : []),
        tlv(0xa1, ...response.results.map(encodeAccessResult)),
      );
    case 'write':
      return tlv(RESPONSE.write, ...response.results.map((one) => (one.success ? berNull(0x81) : berInteger(0x80, one.error))));
    case 'getVariableAccessAttributes':
      return tlv(RESPONSE.getVariableAccessAttributes, berBoolean(0x80, response.deletable), tlv(0xa2, encodeTypeDescription(response.type)));
    case 'getNamedVariableListAttributes':
      return tlv(RESPONSE.getNamedVariableListAttributes, berBoolean(0x80, response.deletable), tlv(0xa1, ...response.variables.map(encodeVariable)));
    case 'other':
      return tlv(response.tag, response.octets);
  }
}
