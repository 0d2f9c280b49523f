import { ArgumentError } from '../errors.js';
import { toMmsName, type Reference } from '../model/reference.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { VariableSpecification } from '../mms/variable-access.js';
import { variableOfPath } from '../mms/variable-path.js';
import { memberType } from './member-type.js';
import type { TypeCache } from './type-cache.js';

/**
 * The variable that a reference names by itself, with alternate access below an array.
 * @throws ArgumentError for a path without a functional constraint
 */
export function referenceVariable(reference: Reference): VariableSpecification {
  const { logicalDevice, logicalNode, path, functionalConstraint: fc } = reference;
  // Says what is missing.
  if (fc === undefined) toMmsName(reference);
  return variableOfPath(logicalDevice, [logicalNode, ...(fc ? [fc] : [])], path);
}

/**
 * Live type of what a variable's access selects.
 * @param what names it in errors
 * @throws what the service fails with; ArgumentError for an element or component that the IED does not have
 */
export async function selectedType(
  types: TypeCache,
  { name, access = [] }: VariableSpecification,
  what: string,
): Promise<TypeDescription> {
  const [index, ...rest] = access;
  let type = await types.typeOf({ name, ...(index && { access: [index] }) });
  for (const step of rest) {
    const member = step.select === 'component' ? memberType(type, step.name.split('$')) : undefined;
    if (!member) throw new ArgumentError(`the IED has no ${what}`, 'Browse the IED and choose the point again.');
    type = member;
  }
  return type;
}
