/** Confirmed services (ISO 9506-2 §9–§14), each in a file of its own below `services/`; here they come together. */
import { BerReader } from '../ber/reader.js';
import { tlv } from '../ber/encode.js';
import { DecodeError } from '../errors.js';
import {
  decodeFileServiceRequest,
  decodeFileServiceResponse,
  encodeFileServiceRequest,
  encodeFileServiceResponse,
  type FileServiceRequest,
  type FileServiceResponse,
} from './file-services.js';
import * as defineList from './services/define-named-variable-list.js';
import * as deleteList from './services/delete-named-variable-list.js';
import * as getNameList from './services/get-name-list.js';
import * as listAttributes from './services/get-named-variable-list-attributes.js';
import * as accessAttributes from './services/get-variable-access-attributes.js';
import * as identify from './services/identify.js';
import * as read from './services/read.js';
import * as readJournal from './services/read-journal.js';
import * as status from './services/status.js';
import * as write from './services/write.js';

export { ObjectClass, type NameListScope } from './services/get-name-list.js';
export { encodeEntry, encodeJournalPage, type JournalEntry, type JournalVariable } from './services/read-journal.js';
export type { WriteResult } from './services/write.js';

/** A service that is not decoded further, octets and all. */
export interface OtherService {
  service: 'other';
  tag: number;
  octets: Buffer;
}

export type ServiceRequest =
  | status.StatusRequest
  | getNameList.GetNameListRequest
  | identify.IdentifyRequest
  | read.ReadRequest
  | readJournal.ReadJournalRequest
  | write.WriteRequest
  | accessAttributes.GetVariableAccessAttributesRequest
  | listAttributes.GetNamedVariableListAttributesRequest
  | defineList.DefineNamedVariableListRequest
  | deleteList.DeleteNamedVariableListRequest
  | FileServiceRequest
  | OtherService;

export type ServiceResponse =
  | status.StatusResponse
  | getNameList.GetNameListResponse
  | identify.IdentifyResponse
  | read.ReadResponse
  | readJournal.ReadJournalResponse
  | write.WriteResponse
  | accessAttributes.GetVariableAccessAttributesResponse
  | listAttributes.GetNamedVariableListAttributesResponse
  | defineList.DefineNamedVariableListResponse
  | deleteList.DeleteNamedVariableListResponse
  | FileServiceResponse
  | OtherService;

/** Tags of the service that has a hot path of its own in client and server. */
export const ServiceTag = { readRequest: read.READ_TAG.request, readResponse: read.READ_TAG.response } as const;

function other(reader: BerReader): OtherService {
  return { service: 'other', tag: reader.tag, octets: Buffer.from(reader.content()) };
}

/** Reads the reader's current element as a service request. @throws DecodeError, LimitError */
export function decodeServiceRequest(reader: BerReader): ServiceRequest {
  switch (reader.tag) {
    case status.STATUS_TAG.request:
      return status.decodeStatusRequest(reader);
    case getNameList.GET_NAME_LIST_TAG.request:
      return getNameList.decodeGetNameListRequest(reader);
    case identify.IDENTIFY_TAG.request:
      return { service: 'identify' };
    case read.READ_TAG.request:
      return read.decodeReadRequest(reader);
    case readJournal.READ_JOURNAL_TAG.request:
      return readJournal.decodeReadJournalRequest(reader);
    case write.WRITE_TAG.request:
      return write.decodeWriteRequest(reader);
    case accessAttributes.GET_VARIABLE_ACCESS_ATTRIBUTES_TAG.request:
      return accessAttributes.decodeGetVariableAccessAttributesRequest(reader) ?? other(reader);
    case listAttributes.GET_NAMED_VARIABLE_LIST_ATTRIBUTES_TAG.request:
      return listAttributes.decodeGetNamedVariableListAttributesRequest(reader);
    case defineList.DEFINE_NAMED_VARIABLE_LIST_TAG.request:
      return defineList.decodeDefineNamedVariableListRequest(reader);
    case deleteList.DELETE_NAMED_VARIABLE_LIST_TAG.request:
      return deleteList.decodeDeleteNamedVariableListRequest(reader);
    default:
      return decodeFileServiceRequest(reader) ?? other(reader);
  }
}

export function encodeServiceRequest(request: ServiceRequest): Buffer {
  switch (request.service) {
    case 'status':
      return status.encodeStatusRequest(request);
    case 'getNameList':
      return getNameList.encodeGetNameListRequest(request);
    case 'identify':
      return identify.encodeIdentifyRequest();
    case 'read':
      return read.encodeReadRequest(request);
    case 'readJournal':
      return readJournal.encodeReadJournalRequest(request);
    case 'write':
      return write.encodeWriteRequest(request);
    case 'getVariableAccessAttributes':
      return accessAttributes.encodeGetVariableAccessAttributesRequest(request);
    case 'getNamedVariableListAttributes':
      return listAttributes.encodeGetNamedVariableListAttributesRequest(request);
    case 'defineNamedVariableList':
      return defineList.encodeDefineNamedVariableListRequest(request);
    case 'deleteNamedVariableList':
      return deleteList.encodeDeleteNamedVariableListRequest(request);
    case 'other':
      return tlv(request.tag, request.octets);
    default:
      return encodeFileServiceRequest(request);
  }
}

/** Reads the reader's current element as a service response. @throws DecodeError, LimitError */
export function decodeServiceResponse(reader: BerReader): ServiceResponse {
  switch (reader.tag) {
    case status.STATUS_TAG.response:
      return status.decodeStatusResponse(reader);
    case getNameList.GET_NAME_LIST_TAG.response:
      return getNameList.decodeGetNameListResponse(reader);
    case identify.IDENTIFY_TAG.response:
      return identify.decodeIdentifyResponse(reader);
    case read.READ_TAG.response:
      return read.decodeReadResponse(reader);
    case readJournal.READ_JOURNAL_TAG.response:
      return readJournal.decodeReadJournalResponse(reader);
    case write.WRITE_TAG.response:
      return write.decodeWriteResponse(reader);
    case accessAttributes.GET_VARIABLE_ACCESS_ATTRIBUTES_TAG.response:
      return accessAttributes.decodeGetVariableAccessAttributesResponse(reader);
    case listAttributes.GET_NAMED_VARIABLE_LIST_ATTRIBUTES_TAG.response:
      return listAttributes.decodeGetNamedVariableListAttributesResponse(reader);
    case defineList.DEFINE_NAMED_VARIABLE_LIST_TAG.response:
    case defineList.DEFINE_NAMED_VARIABLE_LIST_TAG.constructedResponse:
      return { service: 'defineNamedVariableList' };
    case deleteList.DELETE_NAMED_VARIABLE_LIST_TAG.response:
      return deleteList.decodeDeleteNamedVariableListResponse(reader);
    default:
      return decodeFileServiceResponse(reader) ?? other(reader);
  }
}

/** The service response in `octets[start … end)`, tag and all. @throws DecodeError, LimitError */
export function decodeServiceResponseAt(octets: Buffer, start: number, end: number): ServiceResponse {
  const reader = new BerReader(octets, start, end);
  if (!reader.next()) throw new DecodeError('the service response is empty');
  return decodeServiceResponse(reader);
}

export function encodeServiceResponse(response: ServiceResponse): Buffer {
  switch (response.service) {
    case 'status':
      return status.encodeStatusResponse(response);
    case 'getNameList':
      return getNameList.encodeGetNameListResponse(response);
    case 'identify':
      return identify.encodeIdentifyResponse(response);
    case 'read':
      return read.encodeReadResponse(response);
    case 'readJournal':
      return readJournal.encodeReadJournalResponse(response);
    case 'write':
      return write.encodeWriteResponse(response);
    case 'getVariableAccessAttributes':
      return accessAttributes.encodeGetVariableAccessAttributesResponse(response);
    case 'getNamedVariableListAttributes':
      return listAttributes.encodeGetNamedVariableListAttributesResponse(response);
    case 'defineNamedVariableList':
      return defineList.encodeDefineNamedVariableListResponse();
    case 'deleteNamedVariableList':
      return deleteList.encodeDeleteNamedVariableListResponse(response);
    case 'other':
      return tlv(response.tag, response.octets);
    default:
      return encodeFileServiceResponse(response);
  }
}
