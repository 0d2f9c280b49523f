import { DataAccessError, dataAccessErrorName } from '../errors.js';
import { formatReference, parseReference } from '../model/reference.js';
import type { ClientAssociation } from './client-association.js';
import { referenceVariable, selectedType } from './reference-variable.js';
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
  const variable = referenceVariable(reference);
  const data = writableData(value, await selectedType(types, variable, what), what);
  const { results } = await association.request({ service: 'write', access: { list: [variable] }, data: [data] });
  const result = results[0];
  if (!result) throw new DataAccessError(2, `${what}: the IED gave no result for the write`, { tag: what });
  if (!result.success)
    throw new DataAccessError(result.error, `${what}: ${dataAccessErrorName(result.error)}`, { tag: what });
}
