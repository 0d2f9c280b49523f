import type { BerReader } from '../../ber/reader.js';
import { berBoolean, tlv } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from '../object-name.js';
import { decodeVariableList, encodeVariable, type VariableSpecification } from '../variable-access.js';
import { insideChoice } from './choice.js';

/** GetNamedVariableListAttributes (ISO 9506-2 §14.11): members of a data set. */
export interface GetNamedVariableListAttributesRequest {
  service: 'getNamedVariableListAttributes';
  name: ObjectName;
}

export interface GetNamedVariableListAttributesResponse {
  service: 'getNamedVariableListAttributes';
  deletable: boolean;
  variables: VariableSpecification[];
}

export const GET_NAMED_VARIABLE_LIST_ATTRIBUTES_TAG = { request: 0xac, response: 0xac } as const;

export function decodeGetNamedVariableListAttributesRequest(reader: BerReader): GetNamedVariableListAttributesRequest {
  return {
    service: 'getNamedVariableListAttributes',
    name: decodeObjectName(insideChoice(reader, 'variable list name')),
  };
}

export function encodeGetNamedVariableListAttributesRequest(request: GetNamedVariableListAttributesRequest): Buffer {
  return tlv(GET_NAMED_VARIABLE_LIST_ATTRIBUTES_TAG.request, encodeObjectName(request.name));
}

export function decodeGetNamedVariableListAttributesResponse(
  reader: BerReader,
): GetNamedVariableListAttributesResponse {
  const body = reader.enter();
  let deletable = false;
  while (body.next()) {
    if (body.tag === 0x80) deletable = body.boolean();
    else if (body.tag === 0xa1) {
      return { service: 'getNamedVariableListAttributes', deletable, variables: decodeVariableList(body.enter()) };
    }
  }
  throw new DecodeError('variable list attributes have no variables');
}

export function encodeGetNamedVariableListAttributesResponse(response: GetNamedVariableListAttributesResponse): Buffer {
  return tlv(
    GET_NAMED_VARIABLE_LIST_ATTRIBUTES_TAG.response,
    berBoolean(0x80, response.deletable),
    tlv(0xa1, ...response.variables.map(encodeVariable)),
  );
}
