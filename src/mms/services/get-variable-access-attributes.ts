import type { BerReader } from '../../ber/reader.js';
import { berBoolean, tlv } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from '../object-name.js';
import { decodeTypeDescription, encodeTypeDescription, type TypeDescription } from '../type-description.js';
import { insideChoice } from './choice.js';

/** GetVariableAccessAttributes (ISO 9506-2 §14.8): the type of a named variable. */
export interface GetVariableAccessAttributesRequest {
  service: 'getVariableAccessAttributes';
  name: ObjectName;
}

export interface GetVariableAccessAttributesResponse {
  service: 'getVariableAccessAttributes';
  deletable: boolean;
  type: TypeDescription;
}

export const GET_VARIABLE_ACCESS_ATTRIBUTES_TAG = { request: 0xa6, response: 0xa6 } as const;

/** Undefined when the request gives an address ([1]) in place of a name, which IEC 61850 does not use. */
export function decodeGetVariableAccessAttributesRequest(
  reader: BerReader,
): GetVariableAccessAttributesRequest | undefined {
  const choice = insideChoice(reader, 'variable access attributes request');
  if (choice.tag !== 0xa0) return undefined;
  return { service: 'getVariableAccessAttributes', name: decodeObjectName(insideChoice(choice, 'variable name')) };
}

export function encodeGetVariableAccessAttributesRequest(request: GetVariableAccessAttributesRequest): Buffer {
  return tlv(GET_VARIABLE_ACCESS_ATTRIBUTES_TAG.request, tlv(0xa0, encodeObjectName(request.name)));
}

export function decodeGetVariableAccessAttributesResponse(reader: BerReader): GetVariableAccessAttributesResponse {
  const body = reader.enter();
  let deletable = false;
  while (body.next()) {
    if (body.tag === 0x80) deletable = body.boolean();
    else if (body.tag === 0xa2) {
      return {
        service: 'getVariableAccessAttributes',
        deletable,
        type: decodeTypeDescription(insideChoice(body, 'type description')),
      };
    }
  }
  throw new DecodeError('variable access attributes have no type');
}

export function encodeGetVariableAccessAttributesResponse(response: GetVariableAccessAttributesResponse): Buffer {
  return tlv(
    GET_VARIABLE_ACCESS_ATTRIBUTES_TAG.response,
    berBoolean(0x80, response.deletable),
    tlv(0xa2, encodeTypeDescription(response.type)),
  );
}
