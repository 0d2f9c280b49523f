import { ArgumentError, DataAccessError, dataAccessErrorName, DecodeError } from '../../errors.js';
import { isMembers } from '../../model/members.js';
import { formatReference, parseReference } from '../../model/reference.js';
import type { MmsData } from '../../mms/data.js';
import type { TypeDescription } from '../../mms/type-description.js';
import type { ClientAssociation } from '../client-association.js';
import { memberType } from '../member-type.js';
import { selectedType } from '../reference-variable.js';
import { forEachBounded, type TypeCache } from '../type-cache.js';
import { writableData, type WritableValue } from '../write-value.js';
import { entryText, type DataSetDirectory, type DataSetEntry } from './directory.js';
import { dataSetName } from './name.js';

/** What is written to a data set: a value for each member in order, or by `LD/LN.DO.DA[FC]`. */
export type DataSetValues = readonly WritableValue[] | Readonly<Record<string, WritableValue>>;

/** What became of one member. */
export interface MemberWritten {
  /** `LD/LN.DO.DA[FC]`. */
  reference: string;
  /** Why the IED refused it; absent when it was written. */
  error?: { code: string; message: string; hint: string };
}

/**
 * Writes all members in one request (SetDataSetValues, IEC 61850-8-1 §14.3.2), each with its live type.
 * @throws ArgumentError for values that are missing or do not fit, before anything is sent; what the service fails with
 */
export async function writeDataSet(
  association: ClientAssociation,
  types: TypeCache,
  directory: DataSetDirectory,
  values: DataSetValues,
): Promise<MemberWritten[]> {
  const given = valuesInOrder(directory, values);
  const data: MmsData[] = [];
  await forEachBounded([...directory.members.entries()], association.negotiated.maxOutstanding, async ([i, member]) => {
    const what = entryText(member);
    data[i] = writableData(given[i] as WritableValue, await entryType(types, member, what), what);
  });
  const { results } = await association.request({
    service: 'write',
    access: { listName: dataSetName(directory.name) },
    data,
  });
  if (results.length !== directory.members.length)
    throw new DecodeError(`${directory.name}: the IED gave ${results.length} results for ${data.length} members`);
  return directory.members.map((member, i): MemberWritten => {
    const reference = entryText(member);
    const result = results[i];
    if (result?.success !== false) return { reference };
    const { code, message, hint } = new DataAccessError(
      result.error,
      `${reference}: ${dataAccessErrorName(result.error)}`,
    );
    return { reference, error: { code, message, hint } };
  });
}

/** By the type of the whole data object, which is known already when it was read: some relays refuse those of leaves. */
async function entryType(types: TypeCache, { variable, place }: DataSetEntry, what: string): Promise<TypeDescription> {
  const type = place && memberType(await types.typeOf(place.variable), place.path);
  return type ?? selectedType(types, variable, what);
}

function valuesInOrder({ name, members }: DataSetDirectory, values: DataSetValues): readonly WritableValue[] {
  if (Array.isArray(values)) {
    const list = values as readonly WritableValue[];
    if (list.length === members.length) return list;
    throw new ArgumentError(`${name} has ${members.length} members, and there are ${list.length} values`);
  }
  if (!isMembers<WritableValue>(values))
    throw new ArgumentError(`${name}: there are no values`, 'Give an array, or { reference: value } of all members.');
  const given = new Map(Object.entries(values).map(([reference, value]) => [normal(reference), value]));
  const wanted = members.map(entryText);
  const unknown = [...given.keys()].find((reference) => !wanted.includes(reference));
  if (unknown !== undefined) throw new ArgumentError(`${name} has no member ${unknown}`, `It has ${listed(wanted)}.`);
  return wanted.map((reference) => {
    const value = given.get(reference);
    if (value !== undefined) return value;
    throw new ArgumentError(`${name}: ${reference} is missing`, 'A data set is written whole: give all members.');
  });
}

/** The one way to write a reference; @throws ArgumentError for what is none */
function normal(reference: string): string {
  return formatReference(parseReference(reference));
}

function listed(references: readonly string[]): string {
  const shown = references.slice(0, 10).join(', ');
  return references.length > 10 ? `${shown} …` : shown;
}
