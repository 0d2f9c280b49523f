/**
 * Every failure that this package reports. A class has a stable `code` that flows and scripts may test, and a `hint`
 * that tells a person what to do next.
 */

export interface ErrorContext {
  /** Name of the IED, or its `host:port` when it has no name yet. */
  ied?: string;
  /** Tag or ACSI reference that the failure is about. */
  tag?: string;
  cause?: unknown;
}

export class Iec61850Error extends Error {
  /** What to do next, as a sentence; may be empty. */
  readonly hint: string;
  readonly ied?: string;
  readonly tag?: string;

  constructor(
    readonly code: string,
    message: string,
    hint = '',
    context: ErrorContext = {},
  ) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.hint = hint;
    if (context.ied !== undefined) this.ied = context.ied;
    if (context.tag !== undefined) this.tag = context.tag;
  }
}

/** Octets that do not follow their standard; the association that carried them ends. */
export class DecodeError extends Iec61850Error {
  constructor(
    message: string,
    context?: ErrorContext,
    hint = 'Record the traffic and report it with the device type.',
  ) {
    super('IEC61850_MALFORMED', message, hint, context);
  }
}

/** A bound of `limits.ts`, or one that the peer negotiated, would be passed. */
export class LimitError extends Iec61850Error {
  constructor(message: string, hint = '', context?: ErrorContext) {
    super('IEC61850_LIMIT', message, hint, context);
  }
}

/** A request had no answer within its time limit. */
export class TimeoutError extends Iec61850Error {
  constructor(message: string, context?: ErrorContext) {
    super(
      'IEC61850_TIMEOUT',
      message,
      'Check that the IED is up and the route is free, or raise the time limit of the IED node.',
      context,
    );
  }
}

/** No TCP connection, or one that was lost. `code` is `IEC61850_CONNECTION`. */
export class ConnectionError extends Iec61850Error {
  constructor(message: string, hint = 'Check address, port, cable and firewall.', context?: ErrorContext) {
    super('IEC61850_CONNECTION', message, hint, context);
  }
}

/** A TCP connection that stood was closed by the peer, which may be its way of refusing. `code` is `IEC61850_CONNECTION`. */
export class ConnectionClosedError extends ConnectionError {}

/** The peer refused or ended the association (COTP, session, presentation, ACSE or MMS Initiate). */
export class AssociationError extends Iec61850Error {
  constructor(
    message: string,
    hint = 'Check selectors, AP-title, password and free client slots.',
    context?: ErrorContext,
    code = 'IEC61850_ASSOCIATION',
  ) {
    super(code, message, hint, context);
  }
}

/** The peer does not take what this client proves itself by (ACSE diagnostics 11 to 14). */
export class AuthenticationError extends AssociationError {
  constructor(
    message: string,
    hint = 'Check the password, or the certificate, that the IED expects.',
    context?: ErrorContext,
  ) {
    super(message, hint, context, 'IEC61850_AUTHENTICATION');
  }
}

/** The peer answered a confirmed service with Confirmed-Error (ISO 9506-2 §7.4). */
export class ServiceError extends Iec61850Error {
  constructor(
    readonly errorClass: string,
    readonly errorValue: number,
    readonly errorName: string,
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(`IEC61850_SERVICE_${errorName.replace(/-/g, '_').toUpperCase()}`, message, hint, context);
  }
}

/** The peer rejected a PDU (ISO 9506-2 §7.5, RejectPDU). */
export class RejectError extends Iec61850Error {
  constructor(
    readonly rejectType: string,
    readonly rejectReason: number,
    message: string,
    context?: ErrorContext,
  ) {
    super('IEC61850_REJECT', message, 'The peer does not support this service in this form.', context);
  }
}

/** DataAccessError of ISO 9506-2 §14.1.7 by its code number 0…11. */
const DATA_ACCESS_ERRORS: ReadonlyArray<readonly [name: string, code: string, hint: string]> = [
  ['object-invalidated', 'OBJECT_INVALIDATED', 'The object was removed in the IED; browse it again.'],
  ['hardware-fault', 'HARDWARE_FAULT', 'The IED reports a hardware fault; look at its own display.'],
  ['temporarily-unavailable', 'TEMPORARILY_UNAVAILABLE', 'Try again later; another client may hold it.'],
  ['object-access-denied', 'ACCESS_DENIED', 'The IED does not permit this to this client.'],
  ['object-undefined', 'OBJECT_UNDEFINED', 'The IED has no such object; browse it and compare the name.'],
  ['invalid-address', 'INVALID_ADDRESS', 'The IED refuses the address; browse it and compare the name.'],
  ['type-unsupported', 'TYPE_UNSUPPORTED', 'The IED does not support this type.'],
  ['type-inconsistent', 'TYPE_INCONSISTENT', 'The value has another type than the IED expects.'],
  ['object-attribute-inconsistent', 'ATTRIBUTE_INCONSISTENT', 'The IED refuses this combination of attributes.'],
  [
    'object-access-unsupported',
    'ACCESS_UNSUPPORTED',
    'The IED does not support this access; read the whole data object.',
  ],
  ['object-non-existent', 'OBJECT_NON_EXISTENT', 'The IED has no such object; browse it and compare the name.'],
  ['object-value-invalid', 'VALUE_INVALID', 'The value is out of range for the IED.'],
];

/** One object of a Read or Write failed with a DataAccessError; other objects of the request are unaffected. */
export class DataAccessError extends Iec61850Error {
  constructor(
    readonly dataAccessError: number,
    message: string,
    context?: ErrorContext,
  ) {
    const row = DATA_ACCESS_ERRORS[dataAccessError];
    super(`IEC61850_${row?.[1] ?? `DATA_ACCESS_${dataAccessError}`}`, message, row?.[2] ?? '', context);
  }
}

/** Name of a DataAccessError by its number, such as `object-undefined`. */
export function dataAccessErrorName(code: number): string {
  return DATA_ACCESS_ERRORS[code]?.[0] ?? `data-access-error ${code}`;
}

/** Another client holds a report control block. `code` is `IEC61850_RESERVED`. */
export class ReservedError extends Iec61850Error {
  /** @param owner who holds it, by what the IED tells; empty when it does not */
  constructor(
    reference: string,
    readonly owner: string,
    cause?: Error,
  ) {
    super(
      'IEC61850_RESERVED',
      `${reference} is reserved by ${owner === '' ? 'another client' : owner}`,
      'Choose a free instance or end the other client; until then it is tried again.',
      { tag: reference, ...(cause && { cause }) },
    );
  }
}

/** Why a data set was not deleted. */
export type DataSetFailure = 'UNDEFINED' | 'NOT_DELETABLE' | 'IN_USE';

/** A data set was not deleted. `code` is `IEC61850_DATA_SET_` and the failure. */
export class DataSetError extends Iec61850Error {
  constructor(
    readonly failure: DataSetFailure,
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(`IEC61850_DATA_SET_${failure}`, message, hint, context);
  }
}

/** Why settings were not changed, or why nobody knows. */
export type SettingGroupFailure =
  'BUSY' | 'REFUSED' | 'NOT_CONFIRMED' | 'NO_EFFECT' | 'UNKNOWN' | 'NOT_ALLOWED' | 'RETAINED' | 'TOO_OLD';

/** A setting group was not activated, read or edited, or it is not known whether. `code` is `IEC61850_SETTINGS_` and the failure. */
export class SettingGroupError extends Iec61850Error {
  constructor(
    readonly failure: SettingGroupFailure,
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(`IEC61850_SETTINGS_${failure}`, message, hint, context);
  }
}

/** A reference, a configuration field or a value that the caller gave cannot be used. */
export class ArgumentError extends Iec61850Error {
  constructor(message: string, hint = '', context?: ErrorContext) {
    super('IEC61850_ARGUMENT', message, hint, context);
  }
}

/** Why a control was not done, or why nobody knows; or the name of its AddCause. */
export type ControlFailure =
  | 'STATUS_ONLY'
  | 'BUSY'
  | 'NOT_SELECTED'
  | 'SELECT_REFUSED'
  | 'SELECTION_EXPIRED'
  | 'LATE'
  | 'CANCELLED'
  | 'NO_TERMINATION'
  | 'NO_FEEDBACK'
  | 'REFUSED'
  | 'NOT_ALLOWED'
  | 'RETAINED'
  | 'TOO_OLD'
  | 'NOT_CONFIRMED';

/** A control was refused, or its outcome is not known. `code` is `IEC61850_CONTROL_` and the failure or the AddCause's name. */
export class ControlError extends Iec61850Error {
  constructor(failure: ControlFailure | { addCause: string }, message: string, hint = '', context?: ErrorContext) {
    const name = typeof failure === 'string' ? failure : failure.addCause.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
    super(`IEC61850_CONTROL_${name}`, message, hint, context);
  }
}

/** What can go wrong with an MQTT broker or a topic; `code` is `IEC61850_MQTT_` and one of these. */
export type MqttFailure =
  | 'REFUSED'
  | 'UNKNOWN_HOST'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'TLS'
  | 'CREDENTIALS'
  | 'NOT_AUTHORIZED'
  | 'PROTOCOL_VERSION'
  | 'CLIENT_ID'
  | 'SETTINGS'
  | 'BROKER_BUSY'
  | 'CLOSED'
  | 'MESSAGE_REFUSED'
  | 'QUEUE_FULL'
  | 'TOPIC_CLASH';

/** An MQTT broker cannot be used, refused a message, or would get two points on one topic. */
export class MqttError extends Iec61850Error {
  constructor(
    readonly failure: MqttFailure,
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(`IEC61850_MQTT_${failure}`, message, hint, context);
  }
}

/** A local port cannot be opened for clients. `code` is `IEC61850_LISTEN`. */
export class ListenError extends Iec61850Error {
  constructor(message: string, hint: string, context?: ErrorContext) {
    super('IEC61850_LISTEN', message, hint, context);
  }
}

/** An SCL file that cannot be used; `line` and `column` count from 1. */
export class SclError extends Iec61850Error {
  constructor(
    code: string,
    message: string,
    readonly line?: number,
    readonly column?: number,
    hint = '',
    context?: ErrorContext,
  ) {
    super(code, message, hint, context);
  }
}

/** Why a certificate, a key or a secured connection was refused; `code` is `IEC61850_SECURITY_` and one of these. */
export type SecurityFailure =
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'UNTRUSTED'
  | 'SELF_SIGNED'
  | 'INCOMPLETE_CHAIN'
  | 'REVOKED'
  | 'CRL'
  | 'UNKNOWN_PEER'
  | 'SHORT_KEY'
  | 'USAGE'
  | 'WRONG_HOST'
  | 'MALFORMED'
  | 'MISSING'
  | 'KEY'
  | 'HANDSHAKE'
  | 'SIGNATURE'
  | 'TIME'
  | 'REPLAY';

/** A certificate, a key or a peer is not to be trusted (IEC 62351-3, IEC 62351-4). */
export class SecurityError extends Iec61850Error {
  constructor(
    readonly failure: SecurityFailure,
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(`IEC61850_SECURITY_${failure}`, message, hint, context);
  }
}

/** What can go wrong with a file, beyond what a service answers; `code` is `IEC61850_FILE_` and one of these. */
export type FileFailure =
  | 'NAME'
  | 'OUTSIDE'
  | 'NOT_FOUND'
  | 'DENIED'
  | 'EXISTS'
  | 'NO_SPACE'
  | 'IO'
  | 'CHANGED'
  | 'NOT_RESUMABLE'
  | 'SHORT'
  | 'TOO_LARGE'
  | 'INCOMPLETE'
  | 'STOPPED'
  | 'BUSY'
  | 'NOT_ALLOWED';

/** A file was not read, written or transferred. */
export class FileError extends Iec61850Error {
  constructor(
    readonly failure: FileFailure,
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(`IEC61850_FILE_${failure}`, message, hint, context);
  }
}

/** A folder where something is kept over a restart cannot be used. `code` is `IEC61850_STORE`. */
export class StoreError extends Iec61850Error {
  constructor(message: string, hint: string, context?: ErrorContext) {
    super('IEC61850_STORE', message, hint, context);
  }
}

/** An interface that cannot be opened, or that does not take or give frames; the codes tell which. */
export class EthernetError extends Iec61850Error {
  constructor(
    code: 'IEC61850_ETHERNET' | 'IEC61850_NO_INTERFACE' | 'IEC61850_NO_PRIVILEGE' | 'IEC61850_NO_RAW_ETHERNET',
    message: string,
    hint = '',
    context?: ErrorContext,
  ) {
    super(code, message, hint, context);
  }
}
