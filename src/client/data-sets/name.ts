import { ArgumentError } from '../../errors.js';
import { MAX_IDENTIFIER_LENGTH } from '../../limits.js';
import type { ObjectName } from '../../mms/object-name.js';

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const WRITE = 'Write LD/LN.name, such as BAY1CTRL/LLN0.Positions, or @name for one of this association only.';

/**
 * MMS name of a data set (IEC 61850-8-1 §14.3): `LD/LN$name`, also written `LD/LN.name`, or `@name` for one of this
 * association.
 * @throws ArgumentError
 */
export function dataSetName(reference: string): ObjectName {
  if (reference.startsWith('@')) return { scope: 'association', item: reference.slice(1) };
  const slash = reference.indexOf('/');
  if (slash === 0) return { scope: 'vmd', item: reference.slice(1) };
  if (slash < 0 || slash === reference.length - 1) throw new ArgumentError(`"${reference}" names no data set`, WRITE);
  const item = reference.slice(slash + 1).replace('.', '$');
  return { scope: 'domain', domain: reference.slice(0, slash), item };
}

/**
 * Name of a data set that is to be made: of a logical node, or of this association.
 * @throws ArgumentError when no IED could take it
 */
export function newDataSetName(reference: string): ObjectName {
  const name = dataSetName(reference.trim());
  const [last = '', ...before] = name.item.split('$').reverse();
  const placed = name.scope === 'domain' ? before.length === 1 && before[0] !== '' : before.length === 0;
  if (name.scope === 'vmd' || !placed || !NAME.test(last) || name.item.length > MAX_IDENTIFIER_LENGTH)
    throw new ArgumentError(`"${reference}" cannot be the name of a data set`, WRITE);
  return name;
}

/** `LD/LN.name`, or `@name`, of a data set. */
export function dataSetReference(name: ObjectName): string {
  if (name.scope === 'association') return `@${name.item}`;
  return `${name.scope === 'domain' ? name.domain : ''}/${name.item.replace('$', '.')}`;
}
