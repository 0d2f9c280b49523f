/** Data sets as named variable lists (IEC 61850-8-1 §14). */
import { Iec61850Error } from '../../errors.js';
import type { DataSetMember, LogicalNode } from '../../model/ied-model.js';
import { parseReference } from '../../model/reference.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { variableOfPath } from '../../mms/variable-path.js';
import type { NameSpace } from '../name-space.js';
import type { Problems } from '../problems.js';
import { select } from '../selection.js';

/**
 * Adds the data sets of one logical node. A member that does not exist stays in its place, so that those after it keep
 * their numbers, and answers object-non-existent.
 */
export function addDataSets(
  nameSpace: NameSpace,
  logicalDevice: string,
  logicalNode: LogicalNode,
  problems: Problems,
): void {
  const domain = nameSpace.domains.get(logicalDevice);
  if (!domain) return;
  for (const dataSet of logicalNode.dataSets) {
    const reference = `${logicalDevice}/${logicalNode.name}.${dataSet.name}`;
    const members: VariableSpecification[] = [];
    for (const member of dataSet.members) {
      const specification = memberSpecification(member);
      if (specification) members.push(specification);
      if (!specification || typeof select(nameSpace, specification) === 'number') {
        problems.add(reference, `its member ${member.reference}[${member.fc}] does not exist`);
      }
    }
    domain.variableLists.set(`${logicalNode.name}$${dataSet.name}`, {
      name: `${logicalNode.name}$${dataSet.name}`,
      members,
      deletable: false,
    });
  }
}

/** `LD/LN.DO(3).DA` with its constraint as variable name and alternate access. */
function memberSpecification(member: DataSetMember): VariableSpecification | undefined {
  try {
    const { logicalDevice, logicalNode, path } = parseReference(`${member.reference}[${member.fc}]`);
    return variableOfPath(logicalDevice, [logicalNode, member.fc], path);
  } catch (error) {
    if (error instanceof Iec61850Error) return undefined;
    throw error;
  }
}
