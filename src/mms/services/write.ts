import type { BerReader } from '../../ber/reader.js';
import { berInteger, berNull, tlv } from '../../ber/encode.js';
import { DecodeError, LimitError } from '../../errors.js';
import { MAX_LIST_LENGTH } from '../../limits.js';
import type { MmsData } from '../data.js';
import { decodeData, encodeData } from '../data-codec.js';
import { decodeVariableAccess, encodeVariableAccess, type VariableAccess } from '../variable-access.js';

/** Write (ISO 9506-2 §14.7): one value for each variable. */
export interface WriteRequest {
  service: 'write';
  access: VariableAccess;
  data: MmsData[];
}

/** Outcome for one variable: done, or the number of a DataAccessError. */
export type WriteResult = { success: true } | { success: false; error: number };

export interface WriteResponse {
  service: 'write';
  results: WriteResult[];
}

export const WRITE_TAG = { request: 0xa5, response: 0xa5 } as const;
const FAILURE = 0x80;
const SUCCESS = 0x81;

export function decodeWriteRequest(reader: BerReader): WriteRequest {
  const body = reader.enter();
  if (!body.next()) throw new DecodeError('write request is empty');
  const access = decodeVariableAccess(body);
  const list = body.expect(0xa0, 'data of the write request').enter();
  const data: MmsData[] = [];
  while (list.next()) {
    if (data.length >= MAX_LIST_LENGTH) throw new LimitError('too many values in a write request');
    data.push(decodeData(list));
  }
  return { service: 'write', access, data };
}

export function encodeWriteRequest(request: WriteRequest): Buffer {
  return tlv(WRITE_TAG.request, encodeVariableAccess(request.access), tlv(0xa0, ...request.data.map(encodeData)));
}

export function decodeWriteResponse(reader: BerReader): WriteResponse {
  const list = reader.enter();
  const results: WriteResult[] = [];
  while (list.next()) {
    if (results.length >= MAX_LIST_LENGTH) throw new LimitError('too many write results');
    results.push(list.tag === FAILURE ? { success: false, error: list.integer() } : { success: true });
  }
  return { service: 'write', results };
}

export function encodeWriteResponse(response: WriteResponse): Buffer {
  return tlv(
    WRITE_TAG.response,
    ...response.results.map((one) => (one.success ? berNull(SUCCESS) : berInteger(FAILURE, one.error))),
  );
}
