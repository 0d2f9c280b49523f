import type { BerReader } from '../../ber/reader.js';
import { tlv } from '../../ber/encode.js';
import { DecodeError } from '../../errors.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from '../object-name.js';
import { decodeVariableList, encodeVariable, type VariableSpecification } from '../variable-access.js';

/** DefineNamedVariableList (ISO 9506-2 §14.10): a client makes a data set (IEC 61850-8-1 §14.3.2, CreateDataSet). */
export interface DefineNamedVariableListRequest {
  service: 'defineNamedVariableList';
  name: ObjectName;
  variables: VariableSpecification[];
}

export interface DefineNamedVariableListResponse {
  service: 'defineNamedVariableList';
}

/** The answer is NULL, which iec61850-rs writes as if it were constructed. */
export const DEFINE_NAMED_VARIABLE_LIST_TAG = { request: 0xab, response: 0x8b, constructedResponse: 0xab } as const;

export function decodeDefineNamedVariableListRequest(reader: BerReader): DefineNamedVariableListRequest {
  const body = reader.enter();
  if (!body.next()) throw new DecodeError('DefineNamedVariableList names no list');
  const name = decodeObjectName(body);
  return {
    service: 'defineNamedVariableList',
    name,
    variables: decodeVariableList(body.expect(0xa0, 'variables of the list').enter()),
  };
}

export function encodeDefineNamedVariableListRequest(request: DefineNamedVariableListRequest): Buffer {
  return tlv(
    DEFINE_NAMED_VARIABLE_LIST_TAG.request,
    encodeObjectName(request.name),
    tlv(0xa0, ...request.variables.map(encodeVariable)),
  );
}

export function encodeDefineNamedVariableListResponse(): Buffer {
  return tlv(DEFINE_NAMED_VARIABLE_LIST_TAG.response);
}
