import { ArgumentError, ConnectionError, Iec61850Error } from '../../errors.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { ObjectName } from '../../mms/object-name.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { dataSetMember } from '../browse.js';
import type { ClientAssociation } from '../client-association.js';
import { tagVariable, type TagVariable } from '../tag-layout.js';

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
  /** As the control block names it, `LD/LLN0$Positions` or `@name`. */
  name: string;
  members: DataSetEntry[];
}

/**
 * MMS name of a data set (IEC 61850-8-1 §14.3): `LD/LN$name`, also written `LD/LN.name`, or `@name` for one of this
 * association.
 * @throws ArgumentError
 */
export function dataSetName(reference: string): ObjectName {
  if (reference.startsWith('@')) return { scope: 'association', item: reference.slice(1) };
  const slash = reference.indexOf('/');
  if (slash === 0) return { scope: 'vmd', item: reference.slice(1) };
  if (slash < 0 || slash === reference.length - 1) {
    throw new ArgumentError(`"${reference}" names no data set`, 'Write LD/LN.name, such as BAY1CTRL/LLN0.Positions.');
  }
  const item = reference.slice(slash + 1).replace('.', '$');
  return { scope: 'domain', domain: reference.slice(0, slash), item };
}

/** Members of a data set by GetNamedVariableListAttributes (GetDataSetDirectory, IEC 61850-8-1 §14.3.5). */
export async function readDirectory(association: ClientAssociation, name: string): Promise<DataSetDirectory> {
  const { variables } = await association
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
  return { name, members: variables.map(dataSetEntry) };
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
