import { ArgumentError } from '../errors.js';
import { principalValue, qualityAndTimePaths } from '../model/cdc.js';
import { looksLikeSubDataObject } from '../model/cdc-guess.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import { parseReference, splitLogicalNodeName } from '../model/reference.js';
import type { Tag } from '../model/tag.js';
import type { TagType } from '../model/tag-value.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { AccessStep, VariableSpecification } from '../mms/variable-access.js';
import { liveType } from './live-type.js';
import { memberType } from './member-type.js';

/** The MMS variable that brings a tag: its data object under one functional constraint, or an element of an array. */
export interface TagVariable {
  variable: VariableSpecification;
  /** Names from the variable down to what the tag's reference names. */
  path: string[];
  /** Equal for tags that one variable brings. */
  key: string;
  fc: FunctionalConstraint;
}

/** Where a tag's value, quality and time stand in its variable, as dotted component names. */
export interface TagLayout {
  value: string[];
  quality?: string[];
  time?: string[];
  type: TagType;
  enumLiterals?: Record<number, string>;
}

/**
 * The variable of a tag. A data object is read whole, so that value, quality and time are of one instant; an array
 * element is read whole by alternate access (ISO 9506-2 §14.3.1).
 * @throws ArgumentError when the reference is no reference or names no data object.
 */
export function tagVariable(tag: Pick<Tag, 'reference' | 'fc'>): TagVariable {
  const reference = parseReference(tag.reference);
  const fc = reference.functionalConstraint ?? tag.fc;
  const { logicalDevice: domain, logicalNode, path } = reference;
  const [first, ...rest] = path;
  if (first === undefined || !fc) {
    throw new ArgumentError(
      `"${tag.reference}" names no data object`,
      'Write LD/LN.DO[FC], such as BAY1CTRL/XCBR1.Pos[ST].',
    );
  }
  const array = path.findIndex((step) => step.endsWith(')'));
  if (array < 0) {
    const item = `${logicalNode}$${fc}$${first}`;
    return { variable: { name: { scope: 'domain', domain, item } }, path: rest, key: `${domain}/${item}`, fc };
  }
  const steps = path.slice(0, array);
  const [name, index] = (path[array] as string).slice(0, -1).split('(') as [string, string];
  const item = [logicalNode, fc, ...steps, name].join('$');
  const access: AccessStep[] = [{ select: 'index', index: Number(index) }];
  return {
    variable: { name: { scope: 'domain', domain, item }, access },
    path: path.slice(array + 1),
    key: `${domain}/${item}(${index})`,
    fc,
  };
}

/** The variable of a key that {@link tagVariable} gave: a plan holds thousands of keys, and needs the rest seldom. */
export function variableOfKey(key: string): VariableSpecification {
  const slash = key.indexOf('/');
  const bracket = key.indexOf('(', slash);
  const item = key.slice(slash + 1, bracket < 0 ? undefined : bracket);
  const name = { scope: 'domain', domain: key.slice(0, slash), item } as const;
  return bracket < 0 ? { name } : { name, access: [{ select: 'index', index: Number(key.slice(bracket + 1, -1)) }] };
}

/**
 * Finds value, quality and time of a tag in its variable's live type.
 * @throws ArgumentError when the variable has no such member.
 */
export function tagLayout(
  tag: Pick<Tag, 'reference' | 'cdc' | 'type'>,
  place: TagVariable,
  type: TypeDescription,
): TagLayout {
  const has = (path: string): boolean => memberType(type, path.split('.')) !== undefined;
  const target = memberType(type, place.path);
  if (!target) {
    throw new ArgumentError(
      `the IED has no ${place.path.join('.')} in ${place.key}`,
      'Browse the IED and choose the point again.',
    );
  }
  const inside = (path: string): string => [...place.path, path].join('.');
  // An attribute that is a structure is wanted as one; only a data object stands for its principal value.
  const isDataObject =
    target.type === 'structure' &&
    (place.path.length === 0 ||
      looksLikeSubDataObject(
        place.path.at(-1) as string,
        target.components.map(({ name }) => name),
      ));
  const principal = isDataObject ? principalValue(tag.cdc, place.fc, (path) => has(inside(path))) : undefined;
  const valuePath = principal === undefined ? place.path : inside(principal).split('.');
  const valueType = memberType(type, valuePath) as TypeDescription;
  const [logicalNode, dataObject] = namesOf(place);
  const leaf = liveType(valueType, {
    lnClass: splitLogicalNodeName(logicalNode).lnClass,
    dataObject,
    attribute: valuePath.at(-1) ?? dataObject,
  });
  const companions =
    principal === undefined && target.type === 'structure' && (has(inside('q')) || has(inside('t')))
      ? { ...(has(inside('q')) && { quality: inside('q') }), ...(has(inside('t')) && { time: inside('t') }) }
      : valuePath.length > 0
        ? qualityAndTimePaths(valuePath.join('.'), has)
        : {};
  return {
    value: valuePath,
    ...(companions.quality !== undefined && { quality: companions.quality.split('.') }),
    ...(companions.time !== undefined && { time: companions.time.split('.') }),
    type: knownType(tag.type, leaf.type, valueType),
    ...(leaf.enumLiterals && { enumLiterals: leaf.enumLiterals }),
  };
}

/** Logical node and data object of a variable. */
function namesOf({ key }: TagVariable): [string, string] {
  const [logicalNode = '', , dataObject = ''] = key.slice(key.indexOf('/') + 1).split('$');
  return [logicalNode, dataObject.replace(/\(.*/, '')];
}

/** MMS does not tell an enumeration from an integer nor Dbpos from another string of two bits; SCL does. */
function knownType(known: TagType | undefined, live: TagType, type: TypeDescription): TagType {
  if (known === 'Enum' && type.type === 'integer') return 'Enum';
  if (known === 'Dbpos' && type.type === 'bit-string' && Math.abs(type.size) === 2) return 'Dbpos';
  return live;
}
