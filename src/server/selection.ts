/** From what a request names to the variables it means (ISO 9506-2 §14.3, IEC 61850-8-1 §24.4). */
import { DataTag } from '../mms/data.js';
import type { AccessStep, VariableSpecification } from '../mms/variable-access.js';
import { headerLength, writeHeader } from '../mms/wire.js';
import { below, type NameSpace } from './name-space.js';
import type { Variable } from './variable.js';

/** Numbers of DataAccessError (ISO 9506-2 §14.1.7). */
export const AccessError = {
  temporarilyUnavailable: 2,
  objectAccessDenied: 3,
  invalidAddress: 5,
  typeInconsistent: 7,
  objectAccessUnsupported: 9,
  objectNonExistent: 10,
  objectValueInvalid: 11,
} as const;

/** One variable, or with `array` those that a range of an array selects. */
export interface Selection {
  readonly variables: readonly Variable[];
  readonly array: boolean;
}

/** What a specification selects, or the number of a DataAccessError. */
export function select(nameSpace: NameSpace, { name, access }: VariableSpecification): Selection | number {
  // VMD- and association-specific variables do not exist in IEC 61850.
  const variable = name.scope === 'domain' ? nameSpace.variable(name.domain, name.item) : undefined;
  if (!variable) return AccessError.objectNonExistent;
  let selection: Selection = { variables: [variable], array: false };
  for (const step of access ?? []) {
    const next = stepInto(selection, step);
    if (typeof next === 'number') return next;
    selection = next;
  }
  return selection;
}

function stepInto({ variables, array }: Selection, step: AccessStep): Selection | number {
  if (step.select === 'component') {
    const members: Variable[] = [];
    for (const variable of variables) {
      if (variable.leaf || variable.array) return AccessError.objectAccessUnsupported;
      const member = below(variable, step.name);
      if (!member) return AccessError.objectNonExistent;
      members.push(member);
    }
    return { variables: members, array };
  }
  const [only] = variables;
  // A range of a range has no meaning that a client and a server would agree on.
  if (array || !only?.array) return AccessError.objectAccessUnsupported;
  const elements = only.children;
  switch (step.select) {
    case 'index': {
      const element = elements[step.index];
      return element ? { variables: [element], array: false } : AccessError.objectNonExistent;
    }
    case 'range': {
      const end = step.index + step.count;
      if (step.count < 1 || end > elements.length) return AccessError.objectNonExistent;
      return { variables: elements.slice(step.index, end), array: true };
    }
    case 'all':
      return { variables: elements, array: true };
  }
}

/** Octets of the selection's value as Data. */
export function selectionLength({ variables, array }: Selection): number {
  if (!array) return (variables[0] as Variable).encodedLength();
  const content = contentLength(variables);
  return headerLength(DataTag.array, content) + content;
}

/** Writes the selection's value as Data and returns the position after it. */
export function writeSelection({ variables, array }: Selection, target: Buffer, at: number): number {
  if (!array) return (variables[0] as Variable).writeTo(target, at);
  let end = writeHeader(target, at, DataTag.array, contentLength(variables));
  for (const variable of variables) end = variable.writeTo(target, end);
  return end;
}

function contentLength(variables: readonly Variable[]): number {
  let content = 0;
  for (const variable of variables) content += variable.encodedLength();
  return content;
}
