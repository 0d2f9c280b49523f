/** What clients of a server do, as events: who, what, on which object, and what came of it (IEC 62351-8, IEC 62351-14). */

/** How a client was told apart from others. */
export type IdentifiedBy = 'tls' | 'mace' | 'password' | 'address';

/** A client as the access log names it. */
export interface AccessClient {
  address: string;
  port: number;
  apTitle?: string;
  aeQualifier?: number;
  /** Its name in the list of expected clients. */
  name?: string;
  role?: string;
  identifiedBy?: IdentifiedBy;
  /** Subject and SHA-256 fingerprint of the certificate that it gave. */
  certificate?: { subject: string; fingerprint: string };
}

export type AccessAction =
  'connect' | 'disconnect' | 'write' | 'control' | 'settingGroup' | 'file' | 'dataSet' | 'controlBlock';

export interface AccessEvent {
  /** ISO 8601 UTC with milliseconds. */
  time: string;
  client: AccessClient;
  action: AccessAction;
  /** What was done of the action: `operate`, `select`, `get`, `delete`, `activate`, `enable`; absent where there is but one. */
  operation?: string;
  /** Reference `LD/LN.DO.DA[FC]`, data set or file; empty for connections. */
  object: string;
  /** `refused` by the rules of the server or its flow; `failed` when it was allowed and did not work. */
  result: 'accepted' | 'refused' | 'failed';
  /** Why it was refused or failed, in words. */
  reason?: string;
  /** What was written, or commanded. */
  value?: unknown;
}

/** Takes what happened; the time is filled in. */
export type AccessRecorder = (event: Omit<AccessEvent, 'time'>) => void;
