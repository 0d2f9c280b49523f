import type { BerReader } from '../ber/reader.js';
import { berInteger, berVisibleString, integerContent, tlv } from '../ber/encode.js';
import { DecodeError, RejectError, ServiceError } from '../errors.js';

/** ServiceError of ISO 9506-2 §7.4.1: classes by their context tag, and their values by number. */
const CLASSES: readonly { name: string; values: readonly string[] }[] = [
  {
    name: 'vmd-state',
    values: [
      'other',
      'vmd-state-conflict',
      'vmd-operational-problem',
      'domain-transfer-problem',
      'state-machine-id-invalid',
    ],
  },
  {
    name: 'application-reference',
    values: [
      'other',
      'application-unreachable',
      'connection-lost',
      'application-reference-invalid',
      'context-unsupported',
    ],
  },
  {
    name: 'definition',
    values: [
      'other',
      'object-undefined',
      'invalid-address',
      'type-unsupported',
      'type-inconsistent',
      'object-exists',
      'object-attribute-inconsistent',
    ],
  },
  {
    name: 'resource',
    values: [
      'other',
      'memory-unavailable',
      'processor-resource-unavailable',
      'mass-storage-unavailable',
      'capability-unavailable',
      'capability-unknown',
    ],
  },
  {
    name: 'service',
    values: [
      'other',
      'primitives-out-of-sequence',
      'object-state-conflict',
      'pdu-size',
      'continuation-invalid',
      'object-constraint-conflict',
    ],
  },
  { name: 'service-preempt', values: ['other', 'timeout', 'deadlock', 'cancel'] },
  { name: 'time-resolution', values: ['other', 'unsupportable-time-resolution'] },
  {
    name: 'access',
    values: ['other', 'object-access-unsupported', 'object-non-existent', 'object-access-denied', 'object-invalidated'],
  },
  {
    name: 'initiate',
    values: [
      'other',
      'version-incompatible',
      'max-segment-insufficient',
      'max-services-outstanding-calling-insufficient',
      'max-services-outstanding-called-insufficient',
      'service-cbb-insufficient',
      'parameter-cbb-insufficient',
      'nesting-level-insufficient',
    ],
  },
  { name: 'conclude', values: ['other', 'further-communication-required'] },
  { name: 'cancel', values: ['other', 'invoke-id-unknown', 'cancel-not-possible'] },
  {
    name: 'file',
    values: [
      'other',
      'filename-ambiguous',
      'file-busy',
      'filename-syntax-error',
      'content-type-invalid',
      'position-invalid',
      'file-access-denied',
      'file-non-existent',
      'duplicate-filename',
      'insufficient-space-in-filestore',
    ],
  },
  { name: 'others', values: ['other'] },
];

const HINTS: Readonly<Record<string, string>> = {
  'object-undefined': 'The IED has no such object; browse it and compare the name.',
  'object-non-existent': 'The IED has no such object; browse it and compare the name.',
  'object-access-denied': 'The IED does not permit this to this client.',
  'object-access-unsupported': 'The IED does not support this access.',
  'memory-unavailable': 'The IED has no room for this; free data sets or clients in it.',
  'file-non-existent': 'List the directory of the IED and compare the name.',
  'file-access-denied': 'The IED does not permit this with this file to this client.',
  'file-busy': 'The IED or another client uses the file; try again later.',
  'insufficient-space-in-filestore': 'The IED has no room for the file; delete others in it.',
  'duplicate-filename': 'The IED has a file of this name already.',
  'pdu-size': 'The answer does not fit the negotiated PDU size; ask for less at once.',
};

export interface ServiceErrorFields {
  /** Tag number of the class, 0 to 12. */
  errorClass: number;
  errorValue: number;
  additionalCode?: number;
  additionalDescription?: string;
}

/** Reads the content of a serviceError. */
export function decodeServiceError(body: BerReader): ServiceErrorFields {
  const choice = body.expect(0xa0, 'service error class').enter();
  if (!choice.next()) throw new DecodeError('service error class is empty');
  const result: ServiceErrorFields = { errorClass: choice.tag & 0x1f, errorValue: choice.integer() };
  while (body.next()) {
    if (body.tag === 0x81) result.additionalCode = body.integer();
    else if (body.tag === 0x82) result.additionalDescription = body.visibleString(1024);
  }
  return result;
}

/** Content of a serviceError. */
export function encodeServiceError(error: ServiceErrorFields): Buffer {
  return Buffer.concat([
    tlv(0xa0, tlv(0x80 | error.errorClass, integerContent(error.errorValue))),
    ...(error.additionalCode === undefined ? [] : [berInteger(0x81, error.additionalCode)]),
    ...(error.additionalDescription === undefined ? [] : [berVisibleString(0x82, error.additionalDescription)]),
  ]);
}

/** The error as a person reads it. */
export function toServiceError(fields: ServiceErrorFields): ServiceError {
  const row = CLASSES[fields.errorClass];
  const className = row?.name ?? `class ${fields.errorClass}`;
  const name = row?.values[fields.errorValue] ?? `value ${fields.errorValue}`;
  const detail = fields.additionalDescription ? ` (${fields.additionalDescription})` : '';
  return new ServiceError(
    className,
    fields.errorValue,
    name.replace(/ /g, '-'),
    `the IED answered ${name} (${className})${detail}`,
    HINTS[name],
  );
}

/** Class and value of a service error by their names, such as `access`, `object-non-existent`. */
export function serviceErrorByName(className: string, valueName: string): ServiceErrorFields {
  const errorClass = CLASSES.findIndex((one) => one.name === className);
  const errorValue = CLASSES[errorClass]?.values.indexOf(valueName) ?? -1;
  if (errorValue < 0) throw new DecodeError(`no service error ${className}/${valueName}`);
  return { errorClass, errorValue };
}

/** RejectPDU types by their context tag (ISO 9506-2 §7.5). */
const REJECT_TYPES: Readonly<Record<number, string>> = {
  1: 'confirmed-request',
  2: 'confirmed-response',
  3: 'confirmed-error',
  4: 'unconfirmed',
  5: 'pdu-error',
  6: 'cancel-request',
  7: 'cancel-response',
  8: 'cancel-error',
  9: 'conclude-request',
  10: 'conclude-response',
  11: 'conclude-error',
};

const REQUEST_REJECT_REASONS = [
  'other',
  'unrecognized-service',
  'unrecognized-modifier',
  'invalid-invokeID',
  'invalid-argument',
  'invalid-modifier',
  'max-services-outstanding-exceeded',
  '',
  'max-recursion-exceeded',
  'value-out-of-range',
];
const PDU_REJECT_REASONS = ['unknown-pdu-type', 'invalid-pdu', 'illegal-acse-mapping'];

export function toRejectError(type: number, reason: number): RejectError {
  const name = REJECT_TYPES[type] ?? `type ${type}`;
  const why = (type === 5 ? PDU_REJECT_REASONS : REQUEST_REJECT_REASONS)[reason] ?? `reason ${reason}`;
  return new RejectError(name, reason, `the IED rejected the ${name}: ${why}`);
}
