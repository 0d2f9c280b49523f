import { ArgumentError, DataAccessError, dataAccessErrorName } from '../errors.js';
import { formatReference, parseReference, toMmsName } from '../model/reference.js';
import type { AccessStep, VariableSpecification } from '../mms/variable-access.js';
import type { ClientAssociation } from './client-association.js';
import { memberType } from './member-type.js';
import type { TypeCache } from './type-cache.js';
import { writableData, type WritableValue } from './write-value.js';

/**
 * Writes one object (IEC 61850-8-1 §11, SetDataValues) with the type that the IED shows for it.
 * @param text reference with functional constraint, `LD/LN.DO.DA[FC]`
 * @throws ArgumentError for a value that does not fit, DataAccessError for a refusal by the IED
 */
export async function writeReference(
  association: ClientAssociation,
  types: TypeCache,
  text: string,
  value: WritableValue,
): Promise<void> {
  const reference = parseReference(text);
  const what = formatReference(reference);
  const variable = wholeVariable(text);
  const { steps, name } = variable;
  let type = await types.typeOf({ name });
  if (steps.length > 0) {
    const [index, ...rest] = steps as [AccessStep, ...AccessStep[]];
    type = await types.typeOf({ name, access: [index] });
    for (const step of rest) {
      const member = step.select === 'component' ? memberType(type, [step.name]) : undefined;
      if (!member) throw new ArgumentError(`the IED has no ${what}`, 'Browse the IED and choose the point again.');
      type = member;
    }
  }
  const data = writableData(value, type, what);
  const { results } = await association.request({
    service: 'write',
    access: { list: [steps.length > 0 ? { name, access: steps } : { name }] },
    data: [data],
  });
  const result = results[0];
  if (!result) throw new DataAccessError(2, `${what}: the IED gave no result for the write`, { tag: what });
  if (!result.success)
    throw new DataAccessError(result.error, `${what}: ${dataAccessErrorName(result.error)}`, { tag: what });
}

/** The variable that a reference names by itself, with alternate access below an array. */
function wholeVariable(text: string): { name: VariableSpecification['name']; steps: AccessStep[] } {
  const reference = parseReference(text);
  const array = reference.path.findIndex((step) => step.endsWith(')'));
  if (array < 0) return { name: { scope: 'domain', ...toMmsName(reference) }, steps: [] };
  const [arrayName, index] = (reference.path[array] as string).slice(0, -1).split('(') as [string, string];
  const name = toMmsName({ ...reference, path: [...reference.path.slice(0, array), arrayName] });
  return {
    name: { scope: 'domain', ...name },
    steps: [
      { select: 'index', index: Number(index) },
      ...reference.path.slice(array + 1).map((component): AccessStep => ({ select: 'component', name: component })),
    ],
  };
}
