import { DecodeError } from '../errors.js';
import { MAX_SELECTOR_LENGTH } from '../limits.js';

/** COTP class 0 (ISO 8073 §13, RFC 1006): connection request and confirm, data, disconnect request, error. */
export type CotpTpdu =
  | ({ type: 'connection-request' | 'connection-confirm' } & CotpConnection)
  | { type: 'data'; endOfTsdu: boolean; start: number; end: number }
  | { type: 'disconnect-request'; reason: number }
  | { type: 'error'; cause: number };

export interface CotpConnection {
  sourceReference: number;
  destinationReference: number;
  /** Octets of a TPDU with its header: a power of two from 128 to 8192; absent when the peer named none. */
  tpduSize?: number;
  /** Transport selectors; absent when not given. */
  callingSelector?: Buffer;
  calledSelector?: Buffer;
}

const CODE = { CR: 0xe0, CC: 0xd0, DR: 0x80, ER: 0x70, DT: 0xf0 } as const;
const PARAMETER = { tpduSize: 0xc0, calling: 0xc1, called: 0xc2 } as const;
const EOT = 0x80;

/** Octets of a data TPDU before its user data. */
export const COTP_DATA_HEADER_LENGTH = 3;
/** Size that we propose; class 0 stops at 2048, but libiec61850 and most devices use 8192 (its issue 121). */
export const PROPOSED_TPDU_SIZE = 8192;

/**
 * @throws DecodeError for a length indicator that is too short or too long (CVE-2020-15158) and for TPDUs that class 0
 * does not have.
 */
export function decodeCotp(octets: Buffer, start: number, end: number): CotpTpdu {
  const indicator = octets[start] as number;
  const headerEnd = start + 1 + indicator;
  if (end - start < 3 || indicator < 2 || indicator === 0xff || headerEnd > end) {
    throw new DecodeError(`COTP length indicator ${indicator} does not fit a packet of ${end - start} octets`);
  }
  const code = (octets[start + 1] as number) & 0xf0;
  switch (code) {
    case CODE.DT:
      if (indicator !== 2) throw new DecodeError('COTP data TPDU has a header that class 0 does not have');
      return { type: 'data', endOfTsdu: ((octets[start + 2] as number) & EOT) !== 0, start: headerEnd, end };
    case CODE.CR:
    case CODE.CC:
      if (indicator < 6) throw new DecodeError('COTP connection TPDU is too short');
      return {
        type: code === CODE.CR ? 'connection-request' : 'connection-confirm',
        destinationReference: octets.readUInt16BE(start + 2),
        sourceReference: octets.readUInt16BE(start + 4),
        ...decodeParameters(octets, start + 7, headerEnd),
      };
    case CODE.DR:
      if (indicator < 6) throw new DecodeError('COTP disconnect request is too short');
      return { type: 'disconnect-request', reason: octets[start + 6] as number };
    case CODE.ER:
      if (indicator < 4) throw new DecodeError('COTP error TPDU is too short');
      return { type: 'error', cause: octets[start + 4] as number };
    default:
      throw new DecodeError(`COTP TPDU code 0x${code.toString(16)} is unknown in class 0`);
  }
}

function decodeParameters(octets: Buffer, from: number, end: number): Partial<CotpConnection> {
  const result: Partial<CotpConnection> = {};
  for (let at = from; at < end;) {
    const code = octets[at] as number;
    const length = octets[at + 1] as number;
    const start = at + 2;
    if (start > end || start + length > end) throw new DecodeError('COTP parameter is longer than its TPDU');
    if (code === PARAMETER.tpduSize && length === 1) {
      const exponent = octets[start] as number;
      if (exponent < 7 || exponent > 16) throw new DecodeError(`COTP TPDU size 2^${exponent} is out of range`);
      result.tpduSize = 1 << exponent;
    } else if (code === PARAMETER.calling || code === PARAMETER.called) {
      if (length > MAX_SELECTOR_LENGTH) throw new DecodeError(`T-selector of ${length} octets is too long`);
      const selector = Buffer.from(octets.subarray(start, start + length));
      if (code === PARAMETER.calling) result.callingSelector = selector;
      else result.calledSelector = selector;
    }
    at = start + length;
  }
  return result;
}

/** A connection request or confirm; class 0, no options. */
export function encodeCotpConnection(
  type: 'connection-request' | 'connection-confirm',
  connection: CotpConnection,
): Buffer {
  const parameter = (code: number, value: Uint8Array): Buffer => Buffer.concat([Buffer.of(code, value.length), value]);
  const parameters: Buffer[] = [];
  if (connection.tpduSize !== undefined) {
    parameters.push(parameter(PARAMETER.tpduSize, Buffer.of(Math.log2(connection.tpduSize))));
  }
  if (connection.callingSelector) parameters.push(parameter(PARAMETER.calling, connection.callingSelector));
  if (connection.calledSelector) parameters.push(parameter(PARAMETER.called, connection.calledSelector));
  const fixed = Buffer.alloc(6);
  fixed[0] = type === 'connection-request' ? CODE.CR : CODE.CC;
  fixed.writeUInt16BE(connection.destinationReference, 1);
  fixed.writeUInt16BE(connection.sourceReference, 3);
  const body = Buffer.concat([fixed, ...parameters]);
  return Buffer.concat([Buffer.of(body.length), body]);
}

/** Header of a data TPDU. */
export function encodeCotpData(endOfTsdu: boolean): Buffer {
  return Buffer.of(2, CODE.DT, endOfTsdu ? EOT : 0);
}

const DISCONNECT_REASONS: Readonly<Record<number, string>> = {
  0: 'no reason given',
  1: 'congestion',
  2: 'session entity not attached (wrong T-selector)',
  3: 'address unknown (wrong T-selector)',
  128: 'normal disconnect',
  129: 'remote congestion',
  130: 'connection negotiation failed',
  133: 'protocol error',
  135: 'reference overflow',
  136: 'connection refused on this network connection',
  138: 'header or parameter length invalid',
};

/** ISO 8073 §13.5.3 in words. */
export function disconnectReasonText(reason: number): string {
  return DISCONNECT_REASONS[reason] ?? `reason ${reason}`;
}
