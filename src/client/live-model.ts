import { guessCdc, looksLikeSubDataObject } from '../model/cdc-guess.js';
import { isFunctionalConstraint, type FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataAttribute, DataObject, LogicalNode } from '../model/ied-model.js';
import { splitLogicalNodeName } from '../model/reference.js';
import type { TypeComponent, TypeDescription } from '../mms/type-description.js';
import { liveType } from './live-type.js';

/** Functional constraints whose members are control blocks and not data objects. */
const CONTROL_BLOCK_CONSTRAINTS = new Set<FunctionalConstraint>(['RP', 'BR', 'LG', 'GO', 'GS', 'MS', 'US']);
const SETTING_GROUP_CONTROL_BLOCK = 'SGCB';

/** What one data object has under one functional constraint. */
interface Part {
  fc: FunctionalConstraint;
  type: TypeDescription;
}

/**
 * A logical node from its live types: for each functional constraint the data objects with their types.
 * @param groups by functional constraint, the components that GetVariableAccessAttributes showed
 */
export function logicalNodeFromTypes(
  name: string,
  groups: ReadonlyMap<FunctionalConstraint, readonly TypeComponent[]>,
): LogicalNode {
  const { prefix, lnClass, inst } = splitLogicalNodeName(name);
  const node: LogicalNode = {
    name,
    prefix,
    lnClass,
    inst,
    dataObjects: [],
    dataSets: [],
    reportControlBlocks: [],
    logControlBlocks: [],
    logs: [],
    gooseControlBlocks: [],
    sampledValueControlBlocks: [],
  };
  const parts = new Map<string, Part[]>();
  for (const [fc, components] of groups) {
    for (const component of components) {
      if (CONTROL_BLOCK_CONSTRAINTS.has(fc)) addControlBlock(node, fc, component.name);
      else if (component.name === SETTING_GROUP_CONTROL_BLOCK)
        node.settingGroupControlBlock = { numberOfSettingGroups: 0, activeSettingGroup: 0 };
      else addPart(parts, component.name, { fc, type: component.type });
    }
  }
  for (const [doName, doParts] of parts) node.dataObjects.push(dataObject(doName, doParts, lnClass, doName));
  return node;
}

function addControlBlock(node: LogicalNode, fc: FunctionalConstraint, name: string): void {
  if (fc === 'RP' || fc === 'BR') node.reportControlBlocks.push({ name, buffered: fc === 'BR' });
  else if (fc === 'LG') node.logControlBlocks.push({ name });
  else if (fc === 'GO') node.gooseControlBlocks.push({ name });
  else if (fc === 'MS' || fc === 'US') node.sampledValueControlBlocks.push({ name, multicast: fc === 'MS' });
}

function addPart(parts: Map<string, Part[]>, name: string, part: Part): void {
  const existing = parts.get(name);
  if (existing) existing.push(part);
  else parts.set(name, [part]);
}

function dataObject(name: string, parts: readonly Part[], lnClass: string, topLevel: string): DataObject {
  const result: DataObject = { name, dataObjects: [], attributes: [] };
  const members = new Map<string, Part[]>();
  for (const { fc, type } of parts) {
    const element = type.type === 'array' ? type.element : type;
    if (type.type === 'array') result.count = type.count;
    if (element.type === 'structure')
      for (const one of element.components) addPart(members, one.name, { fc, type: one.type });
    // A functional constraint under which the object is a leaf: no such thing in the standard, but shown as it is.
    else result.attributes.push(attribute(name, fc, element, lnClass, topLevel));
  }
  for (const [member, memberParts] of members) {
    const names = memberParts.flatMap(({ type }) => memberNames(type));
    if (names.length > 0 && looksLikeSubDataObject(member, names))
      result.dataObjects.push(dataObject(member, memberParts, lnClass, topLevel));
    else for (const { fc, type } of memberParts) result.attributes.push(attribute(member, fc, type, lnClass, topLevel));
  }
  const cdc = guessCdc(result);
  if (cdc !== undefined) result.cdc = cdc;
  return result;
}

function memberNames(type: TypeDescription): string[] {
  const element = type.type === 'array' ? type.element : type;
  return element.type === 'structure' ? element.components.map((one) => one.name) : [];
}

function attribute(
  name: string,
  fc: FunctionalConstraint,
  type: TypeDescription,
  lnClass: string,
  dataObjectName: string,
): DataAttribute {
  const element = type.type === 'array' ? type.element : type;
  const live = liveType(element, { lnClass, dataObject: dataObjectName, attribute: name });
  return {
    name,
    fc,
    basicType: live.basicType,
    type: live.type,
    ...(live.size !== undefined && { size: live.size }),
    ...(live.enumLiterals && { enumLiterals: live.enumLiterals }),
    ...(type.type === 'array' && { count: type.count }),
    attributes:
      element.type === 'structure'
        ? element.components.map((one) => attribute(one.name, fc, one.type, lnClass, dataObjectName))
        : [],
  };
}

/** Names of a domain in a tree: logical node → functional constraint → data object. */
export type NameTree = Map<string, Map<FunctionalConstraint, Set<string>>>;

export function nameTree(names: readonly string[]): NameTree {
  const tree: NameTree = new Map();
  for (const name of names) {
    const [ln, fc, object] = name.split('$');
    if (!ln) continue;
    let constraints = tree.get(ln);
    if (!constraints) tree.set(ln, (constraints = new Map<FunctionalConstraint, Set<string>>()));
    if (fc === undefined || !isFunctionalConstraint(fc)) continue;
    let objects = constraints.get(fc);
    if (!objects) constraints.set(fc, (objects = new Set()));
    if (object) objects.add(object);
  }
  return tree;
}
