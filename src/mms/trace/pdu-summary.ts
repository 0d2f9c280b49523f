/** MMS PDUs as a line of a trace: which service, on what, and what came of it. */
import { dataAccessErrorName } from '../../errors.js';
import { toJson } from '../../model/tag-value.js';
import type { AccessResult, MmsData } from '../data.js';
import { dataValue } from '../data-value.js';
import type { FileName } from '../file-name.js';
import { objectNameText } from '../object-name.js';
import type { MmsPdu } from '../pdu.js';
import { toRejectError, toServiceError } from '../service-error.js';
import type { ServiceRequest, ServiceResponse } from '../services.js';
import type { WriteResult } from '../services/write.js';
import type { AccessStep, VariableAccess, VariableSpecification } from '../variable-access.js';

export type PduKind = 'request' | 'response' | 'error' | 'reject' | 'report' | 'association' | 'other';

export interface PduSummary {
  kind: PduKind;
  /** `read`, `initiate`, `informationReport`, `conclude`, … */
  service: string;
  invokeId?: number;
  /** The first {@link MAX_SHOWN} objects that it is about: `domain/item`, data set, file. */
  objects: string[];
  /** All objects that it is about. */
  objectCount: number;
  /** The first {@link MAX_SHOWN} values or names that it carries. */
  values: string[];
  valueCount: number;
  /** Results among them that are errors, and the first of these by name. */
  failures: number;
  error?: string;
}

/** Objects and values that are written out. */
export const MAX_SHOWN = 8;
/** Characters of one value. */
const MAX_VALUE_TEXT = 80;

export function summarizePdu(pdu: MmsPdu): PduSummary {
  switch (pdu.pdu) {
    case 'confirmed-request':
      return { ...about('request', pdu.request.service), invokeId: pdu.invokeId, ...requestOf(pdu.request) };
    case 'confirmed-response':
      return { ...about('response', pdu.response.service), invokeId: pdu.invokeId, ...responseOf(pdu.response) };
    case 'confirmed-error':
      return { ...about('error', ''), invokeId: pdu.invokeId, failures: 1, error: toServiceError(pdu.error).message };
    case 'information-report':
      return { ...about('report', 'informationReport'), ...objects(pdu.access), ...results(pdu.results) };
    case 'unconfirmed-other':
      return about('other', 'unconfirmed');
    case 'reject': {
      const { invokeId } = pdu;
      const error = toRejectError(pdu.rejectType, pdu.rejectReason).message;
      return { ...about('reject', 'reject'), ...(invokeId !== undefined && { invokeId }), failures: 1, error };
    }
    case 'initiate-request':
    case 'initiate-response': {
      const { maxPduSize, maxOutstandingCalling, maxOutstandingCalled, nestingLevel } = pdu.parameters;
      const offered = { maxPduSize, maxOutstandingCalling, maxOutstandingCalled, nestingLevel };
      const list = Object.entries(offered).map(([name, value]) => `${name} ${value ?? '–'}`);
      return { ...about('association', pdu.pdu), ...shown(list) };
    }
    case 'initiate-error':
    case 'conclude-error':
      return { ...about('association', pdu.pdu), failures: 1, error: toServiceError(pdu.error).message };
    case 'conclude-request':
    case 'conclude-response':
      return about('association', pdu.pdu);
    case 'cancel-request':
    case 'cancel-response':
      return { ...about('other', pdu.pdu), invokeId: pdu.invokeId };
    case 'cancel-error': {
      const error = toServiceError(pdu.error).message;
      return { ...about('other', pdu.pdu), invokeId: pdu.invokeId, failures: 1, error };
    }
  }
}

function about(kind: PduKind, service: string): PduSummary {
  return { kind, service, objects: [], objectCount: 0, values: [], valueCount: 0, failures: 0 };
}

function requestOf(request: ServiceRequest): Partial<PduSummary> {
  switch (request.service) {
    case 'read':
      return objects(request.access);
    case 'write':
      return { ...objects(request.access), ...shown(request.data, dataText) };
    case 'getNameList': {
      const scope = request.scope.scope === 'domain' ? request.scope.domain : request.scope.scope;
      return named([request.continueAfter === undefined ? scope : `${scope} … ${request.continueAfter}`]);
    }
    case 'getVariableAccessAttributes':
    case 'getNamedVariableListAttributes':
      return named([objectNameText(request.name)]);
    case 'defineNamedVariableList':
      return { ...named([objectNameText(request.name)]), ...shown(request.variables, variableText) };
    case 'deleteNamedVariableList':
      return named(request.names.map(objectNameText));
    case 'readJournal':
      return named([objectNameText(request.journal)]);
    case 'fileOpen':
    case 'fileDelete':
      return named([fileText(request.name)]);
    case 'fileRename':
      return named([fileText(request.currentName), fileText(request.newName)]);
    case 'fileDirectory':
      return named(request.specification ? [fileText(request.specification)] : []);
    case 'obtainFile':
      return named([fileText(request.source), fileText(request.destination)]);
    case 'fileRead':
    case 'fileClose':
      return shown([`frsmID ${request.frsmId}`]);
    default:
      return {};
  }
}

function responseOf(response: ServiceResponse): Partial<PduSummary> {
  switch (response.service) {
    case 'read':
      return results(response.results);
    case 'write':
      return written(response.results);
    case 'getNameList':
      return shown(response.names);
    case 'identify':
      return shown([response.vendor, response.model, response.revision]);
    case 'status':
      return shown([`logical ${response.logical}`, `physical ${response.physical}`]);
    case 'getVariableAccessAttributes':
      return shown([response.type.type]);
    case 'getNamedVariableListAttributes':
      return shown(response.variables, variableText);
    case 'deleteNamedVariableList':
      return shown([`matched ${response.matched}`, `deleted ${response.deleted}`]);
    case 'readJournal':
      return { valueCount: response.entries.length };
    case 'fileOpen':
      return shown([`frsmID ${response.frsmId}`, `${response.attributes.size} octets`]);
    case 'fileRead':
      return shown([`${response.data.length} octets`]);
    case 'fileDirectory':
      return shown(response.entries, ({ name }) => fileText(name));
    default:
      return {};
  }
}

function objects(access: VariableAccess): Partial<PduSummary> {
  return 'list' in access ? named(access.list, variableText) : named([access.listName], objectNameText);
}

function named<T>(list: readonly T[], text: (one: T) => string = String): Partial<PduSummary> {
  return { objects: list.slice(0, MAX_SHOWN).map(text), objectCount: list.length };
}

function shown<T>(list: readonly T[], text: (one: T) => string = String): Partial<PduSummary> {
  return { values: list.slice(0, MAX_SHOWN).map(text), valueCount: list.length };
}

function results(list: readonly AccessResult[]): Partial<PduSummary> {
  const text = (one: AccessResult): string => (one.success ? dataText(one.data) : dataAccessErrorName(one.error));
  return { ...shown(list, text), ...failed(list) };
}

function written(list: readonly WriteResult[]): Partial<PduSummary> {
  return { ...shown(list, (one) => (one.success ? 'ok' : dataAccessErrorName(one.error))), ...failed(list) };
}

function failed(list: readonly (AccessResult | WriteResult)[]): Partial<PduSummary> {
  let failures = 0;
  let error: string | undefined;
  for (const one of list) {
    if (one.success) continue;
    failures++;
    error ??= dataAccessErrorName(one.error);
  }
  return { failures, ...(error !== undefined && { error }) };
}

function variableText({ name, access = [] }: VariableSpecification): string {
  return objectNameText(name) + access.map(stepText).join('');
}

function stepText(step: AccessStep): string {
  switch (step.select) {
    case 'index':
      return `(${step.index})`;
    case 'range':
      return `(${step.index}…${step.index + step.count - 1})`;
    case 'component':
      return `$${step.name}`;
    case 'all':
      return '(*)';
  }
}

function fileText(name: FileName): string {
  return name.join('/');
}

/** A value for people: members of a structure in braces, cut where it gets long. */
export function dataText(data: MmsData): string {
  let left = MAX_VALUE_TEXT;
  const write = (one: MmsData): string => {
    if (left <= 0) return '';
    if (one.type !== 'structure' && one.type !== 'array') {
      const value = dataValue(one, undefined);
      const text = typeof value === 'string' ? quoted(one.type, value) : toJson(value);
      left -= text.length + 2;
      return text;
    }
    const parts: string[] = [];
    for (const item of one.items) {
      if (left <= 0) {
        parts.push('…');
        break;
      }
      parts.push(write(item));
    }
    return one.type === 'array' ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`;
  };
  const text = write(data);
  return text.length > 2 * MAX_VALUE_TEXT ? `${text.slice(0, 2 * MAX_VALUE_TEXT)}…` : text;
}

function quoted(type: MmsData['type'], value: string): string {
  return type === 'visible-string' || type === 'mms-string' ? JSON.stringify(value) : value;
}
