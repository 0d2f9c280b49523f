import { BerReader } from '../../ber/reader.js';
import { berBoolean, tlv } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import type { AccessResult } from '../data.js';
import { ACCESS_FAILURE, decodeAccessResults, encodeAccessResult } from '../data-codec.js';
import { decodeVariableAccess, encodeVariableAccess, type VariableAccess } from '../variable-access.js';
import { insideChoice } from './choice.js';

/** Read (ISO 9506-2 §14.6): variables one by one, or a named variable list. */
export interface ReadRequest {
  service: 'read';
  /** Whether the answer repeats what was asked for. */
  specificationWithResult: boolean;
  access: VariableAccess;
}

export interface ReadResponse {
  service: 'read';
  access?: VariableAccess;
  /** One for each variable, in the order of the request. */
  results: AccessResult[];
}

export const READ_TAG = { request: 0xa4, response: 0xa4 } as const;

export function decodeReadRequest(reader: BerReader): ReadRequest {
  const body = reader.enter();
  let specificationWithResult = false;
  while (body.next()) {
    if (body.tag === 0x80) specificationWithResult = body.boolean();
    else if (body.tag === 0xa1) {
      return {
        service: 'read',
        specificationWithResult,
        access: decodeVariableAccess(insideChoice(body, 'variable access')),
      };
    }
  }
  throw new DecodeError('read request names no variable');
}

export function encodeReadRequest(request: ReadRequest): Buffer {
  return tlv(
    READ_TAG.request,
    ...(request.specificationWithResult ? [berBoolean(0x80, true)] : []),
    tlv(0xa1, encodeVariableAccess(request.access)),
  );
}

/**
 * Where the access results of a read answer stand in `octets[start … end)`, which is the response with its tag.
 * @throws DecodeError
 */
export function findReadResults(octets: Buffer, start: number, end: number): { start: number; end: number } {
  const body = new BerReader(octets, start, end).expect(READ_TAG.response, 'read answer').enter();
  while (body.next()) if (body.tag === 0xa1) return { start: body.start, end: body.end };
  throw new DecodeError('the read answer has no results');
}

/**
 * The access result at `start`: the number of its DataAccessError, or undefined for Data, and the position after it.
 * @throws DecodeError
 */
export function accessResultAt(octets: Buffer, start: number, end: number): { error?: number; next: number } {
  const reader = new BerReader(octets, start, end);
  if (!reader.next()) throw new DecodeError('the read answer has fewer results than were asked for');
  return reader.tag === ACCESS_FAILURE ? { error: reader.integer(), next: reader.after } : { next: reader.after };
}

export function decodeReadResponse(reader: BerReader): ReadResponse {
  const body = reader.enter();
  let access: VariableAccess | undefined;
  while (body.next()) {
    if (body.tag === 0xa0) access = decodeVariableAccess(insideChoice(body, 'variable access'));
    else if (body.tag === 0xa1) {
      return { service: 'read', ...(access && { access }), results: decodeAccessResults(body.enter()) };
    }
  }
  throw new DecodeError('read answer has no results');
}

export function encodeReadResponse(response: ReadResponse): Buffer {
  return tlv(
    READ_TAG.response,
    ...(response.access ? [tlv(0xa0, encodeVariableAccess(response.access))] : []),
    tlv(0xa1, ...response.results.map(encodeAccessResult)),
  );
}
