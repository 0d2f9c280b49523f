import { DecodeError } from '../errors.js';
import { MAX_SELECTOR_LENGTH } from '../limits.js';

/** Session protocol (ISO 8327-1 §8.3), kernel and duplex functional units, version 2. */
export type Spdu =
  | ({ type: 'connect' | 'accept' } & SessionConnect)
  | { type: 'refuse'; reason: number; userData: Buffer }
  | { type: 'finish' | 'disconnect'; userData: Buffer }
  | { type: 'abort'; userData: Buffer }
  | { type: 'abort-accept' }
  | { type: 'data'; start: number; end: number };

export interface SessionConnect {
  callingSelector?: Buffer;
  /** Called in a connect, responding in an accept. */
  calledSelector?: Buffer;
  userData: Buffer;
}

const SI = {
  connect: 13,
  accept: 14,
  refuse: 12,
  finish: 9,
  disconnect: 10,
  abort: 25,
  abortAccept: 26,
  data: 1,
} as const;
const PI = {
  connectAcceptItem: 5,
  protocolOptions: 19,
  versionNumber: 22,
  userRequirements: 20,
  callingSelector: 51,
  calledSelector: 52,
  transportDisconnect: 17,
  reason: 50,
  userData: 193,
  extendedUserData: 194,
} as const;

/** Octets of the user data of a CONNECT, beyond which it is extended user data. */
const MAX_CONNECT_USER_DATA = 512;

/** Give tokens and data transfer SPDUs that stand before user data (ISO 8327-1 §8.3.3, basic concatenation). */
export const SESSION_DATA_HEADER = Buffer.of(SI.data, 0, SI.data, 0);

/** @throws DecodeError for SPDUs that the kernel does not have and lengths that do not fit. */
export function decodeSpdu(octets: Buffer, start: number, end: number): Spdu {
  if (end - start < 2) throw new DecodeError('session SPDU is too short');
  const si = octets[start] as number;
  if (si === SI.data) {
    if (octets[start + 1] !== 0) throw new DecodeError('session give-tokens SPDU has parameters');
    if (octets[start + 2] !== SI.data || octets[start + 3] !== 0)
      throw new DecodeError('session data transfer SPDU is malformed');
    return { type: 'data', start: start + 4, end };
  }
  const length = readLength(octets, start + 1, end);
  if (length.at + length.value > end) throw new DecodeError('session SPDU is longer than its packet');
  const parameters = decodeParameters(octets, length.at, length.at + length.value, 0);
  const userData = parameters.get(PI.userData) ?? parameters.get(PI.extendedUserData) ?? Buffer.alloc(0);
  switch (si) {
    case SI.connect:
    case SI.accept: {
      const calling = parameters.get(PI.callingSelector);
      const called = parameters.get(PI.calledSelector);
      return {
        type: si === SI.connect ? 'connect' : 'accept',
        ...(calling && { callingSelector: checkedSelector(calling) }),
        ...(called && { calledSelector: checkedSelector(called) }),
        userData,
      };
    }
    case SI.refuse: {
      const reason = parameters.get(PI.reason);
      return { type: 'refuse', reason: reason?.[0] ?? 0, userData: reason?.subarray(1) ?? userData };
    }
    case SI.finish:
      return { type: 'finish', userData };
    case SI.disconnect:
      return { type: 'disconnect', userData };
    case SI.abort:
      return { type: 'abort', userData };
    case SI.abortAccept:
      return { type: 'abort-accept' };
    default:
      throw new DecodeError(`session SPDU ${si} is unknown`);
  }
}

function checkedSelector(selector: Buffer): Buffer {
  if (selector.length > MAX_SELECTOR_LENGTH)
    throw new DecodeError(`S-selector of ${selector.length} octets is too long`);
  return Buffer.from(selector);
}

function readLength(octets: Buffer, at: number, end: number): { value: number; at: number } {
  if (at >= end) throw new DecodeError('session length is missing');
  const first = octets[at] as number;
  if (first < 0xff) return { value: first, at: at + 1 };
  if (at + 3 > end) throw new DecodeError('session length is cut off');
  return { value: octets.readUInt16BE(at + 1), at: at + 3 };
}

/** Parameters by identifier; those inside a parameter group are lifted out of it. */
function decodeParameters(octets: Buffer, from: number, end: number, depth: number): Map<number, Buffer> {
  const parameters = new Map<number, Buffer>();
  for (let at = from; at < end;) {
    const identifier = octets[at] as number;
    const length = readLength(octets, at + 1, end);
    const next = length.at + length.value;
    if (next > end) throw new DecodeError('session parameter is longer than its SPDU');
    if (identifier === PI.connectAcceptItem && depth === 0) {
      for (const [key, value] of decodeParameters(octets, length.at, next, 1)) parameters.set(key, value);
    } else parameters.set(identifier, octets.subarray(length.at, next));
    at = next;
  }
  return parameters;
}

function parameter(identifier: number, ...contents: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const content of contents) length += content.length;
  const header =
    length < 0xff ? Buffer.of(identifier, length) : Buffer.of(identifier, 0xff, length >>> 8, length & 0xff);
  return Buffer.concat([header, ...contents]);
}

/** A CONNECT or ACCEPT SPDU. */
export function encodeSessionConnect(type: 'connect' | 'accept', connect: SessionConnect): Buffer {
  // Version 2 has another place for more in a CONNECT (ISO 8327-1 §8.3.1); an ACCEPT does without.
  const long = type === 'connect' && connect.userData.length > MAX_CONNECT_USER_DATA;
  return parameter(
    type === 'connect' ? SI.connect : SI.accept,
    parameter(
      PI.connectAcceptItem,
      parameter(PI.protocolOptions, Buffer.of(0)),
      parameter(PI.versionNumber, Buffer.of(2)),
    ),
    parameter(PI.userRequirements, Buffer.of(0, 2)),
    ...(connect.callingSelector ? [parameter(PI.callingSelector, connect.callingSelector)] : []),
    ...(connect.calledSelector ? [parameter(PI.calledSelector, connect.calledSelector)] : []),
    parameter(long ? PI.extendedUserData : PI.userData, connect.userData),
  );
}

/** Orderly release of the association: FINISH asks and DISCONNECT answers. */
export function encodeSessionRelease(type: 'finish' | 'disconnect', userData: Buffer): Buffer {
  return parameter(
    type === 'finish' ? SI.finish : SI.disconnect,
    // FINISH: the transport connection is not kept for another session.
    ...(type === 'finish' ? [parameter(PI.transportDisconnect, Buffer.of(1))] : []),
    parameter(PI.userData, userData),
  );
}

/** User abort; the transport connection is released (reason bits: released, user abort). */
export function encodeSessionAbort(userData: Buffer): Buffer {
  return parameter(SI.abort, parameter(PI.transportDisconnect, Buffer.of(0x0b)), parameter(PI.userData, userData));
}

/** REFUSE by the called user, with its presentation PDU. */
export function encodeSessionRefuse(userData: Buffer): Buffer {
  return parameter(
    SI.refuse,
    parameter(PI.transportDisconnect, Buffer.of(1)),
    parameter(PI.reason, Buffer.of(2), userData),
  );
}

const REFUSE_REASONS: Readonly<Record<number, string>> = {
  0: 'no reason given',
  1: 'temporary congestion',
  2: 'rejected by the called user',
  129: 'S-selector unknown',
  130: 'S-selector has no user attached',
  131: 'congestion',
  132: 'protocol versions not supported',
  133: 'rejected by the session provider',
};

/** ISO 8327-1 §8.3.5.10 in words. */
export function refuseReasonText(reason: number): string {
  return REFUSE_REASONS[reason] ?? `reason ${reason}`;
}
