import type { BerReader } from '../../ber/reader.js';
import { berBitString, berBoolean, berInteger, tlv } from '../../ber/encode.js';

/** Status (ISO 9506-2 §9.2): whether the VMD works. */
export interface StatusRequest {
  service: 'status';
  /** Whether the status is to be found out anew, and not the last one known. */
  extended: boolean;
}

export interface StatusResponse {
  service: 'status';
  /** 0 state changes allowed, 1 none allowed, 2 limited services, 3 support services. */
  logical: number;
  /** 0 operational, 1 partially, 2 inoperable, 3 needs commissioning. */
  physical: number;
  /** Text of 0 and 1. */
  localDetail?: string;
}

export const STATUS_TAG = { request: 0x80, response: 0xa0 } as const;
const MAX_DETAIL_BITS = 128;

export function decodeStatusRequest(reader: BerReader): StatusRequest {
  return { service: 'status', extended: reader.boolean() };
}

export function encodeStatusRequest(request: StatusRequest): Buffer {
  return berBoolean(STATUS_TAG.request, request.extended);
}

export function decodeStatusResponse(reader: BerReader): StatusResponse {
  const body = reader.enter();
  const logical = body.expect(0x80, 'logical status').integer();
  const physical = body.expect(0x81, 'physical status').integer();
  if (!body.next()) return { service: 'status', logical, physical };
  return { service: 'status', logical, physical, localDetail: body.bitString(MAX_DETAIL_BITS) };
}

export function encodeStatusResponse(response: StatusResponse): Buffer {
  return tlv(
    STATUS_TAG.response,
    berInteger(0x80, response.logical),
    berInteger(0x81, response.physical),
    ...(response.localDetail === undefined ? [] : [berBitString(0x82, response.localDetail)]),
  );
}
