import { ArgumentError, ConnectionError, Iec61850Error } from '../../errors.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { dataSetMember } from '../browse.js';
import type { ClientAssociation } from '../client-association.js';
import { tagVariable, type TagVariable } from '../tag-layout.js';
import { dataSetName } from './name.js';

/** One member of a data set, in the order of the data set. */
export interface DataSetEntry {
  /** `LD/LN.DO.DA`, or the MMS name where it is none of IEC 61850. */
  reference: string;
  fc: FunctionalConstraint | undefined;
  variable: VariableSpecification;
  /** Data object and path of the member; absent for a member that is no part of a data object. */
  place: TagVariable | undefined;
}

export interface DataSetDirectory {
  /** As it was asked for, `LD/LLN0$Positions` or `@name`. */
  name: string;
  /** Whether clients may delete it; one of the configuration they may not. */
  deletable: boolean;
  members: DataSetEntry[];
}

/** Members of a data set by GetNamedVariableListAttributes (GetDataSetDirectory, IEC 61850-8-1 §14.3.5). */
export async function readDirectory(association: ClientAssociation, name: string): Promise<DataSetDirectory> {
  const { variables, deletable } = await association
    .request({ service: 'getNamedVariableListAttributes', name: dataSetName(name) })
    .catch((error: unknown) => {
      if (!(error instanceof Iec61850Error) || error instanceof ConnectionError) throw error;
      throw new Iec61850Error(
        error.code,
        `the members of data set ${name} cannot be read: ${error.message}`,
        'Its list must fit one PDU: raise the PDU size of the IED node, or compare the name.',
        { tag: name, cause: error },
      );
    });
  return { name, deletable, members: variables.map(dataSetEntry) };
}

export function dataSetEntry(variable: VariableSpecification): DataSetEntry {
  const member = dataSetMember(variable);
  const { name } = variable;
  const text = name.scope === 'domain' ? `${name.domain}/${name.item}` : name.item;
  let place: TagVariable | undefined;
  try {
    place = member && tagVariable({ reference: member.reference, fc: member.fc });
  } catch (error) {
    // A member of a whole logical node, or one whose name is none of IEC 61850, is one value as it comes.
    if (!(error instanceof ArgumentError)) throw error;
  }
  return { reference: member?.reference ?? text, fc: member?.fc, variable, place };
}

/** `LD/LN.DO.DA[FC]` of a member. */
export function entryText({ reference, fc }: DataSetEntry): string {
  return fc ? `${reference}[${fc}]` : reference;
}
