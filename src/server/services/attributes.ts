/** GetVariableAccessAttributes and GetNamedVariableListAttributes (ISO 9506-2 §14.9, §14.13). */
import type { ObjectName } from '../../mms/object-name.js';
import { encodeServiceResponse } from '../../mms/services.js';
import type { NameSpace, VariableList } from '../name-space.js';
import { describe } from '../variable.js';
import { fitting, OBJECT_NON_EXISTENT, type Answer } from './answer.js';

/** Type of a variable at any level: logical node, `LN$FC`, data object, attribute. */
export function getVariableAccessAttributes(nameSpace: NameSpace, name: ObjectName, maxLength: number): Answer {
  const variable = name.scope === 'domain' ? nameSpace.variable(name.domain, name.item) : undefined;
  if (!variable) return OBJECT_NON_EXISTENT;
  const response = encodeServiceResponse({
    service: 'getVariableAccessAttributes',
    deletable: false,
    type: describe(variable),
  });
  return fitting(response, maxLength);
}

/** Members of a data set. */
export function getNamedVariableListAttributes(list: VariableList | undefined, maxLength: number): Answer {
  if (!list) return OBJECT_NON_EXISTENT;
  const response = encodeServiceResponse({
    service: 'getNamedVariableListAttributes',
    deletable: list.deletable,
    variables: [...list.members],
  });
  return fitting(response, maxLength);
}
