/** The MMS names and leaf types that a model stands for, to compare it with what a foreign client sees. */
import type { DataAttribute, DataObject, IedModel } from '../../src/model/ied-model.js';

/** Kind of a leaf as MMS has it; `dataKind` of an attribute is one of these. */
export type MmsKind =
  | 'boolean'
  | 'integer'
  | 'unsigned'
  | 'floating-point'
  | 'bit-string'
  | 'octet-string'
  | 'visible-string'
  | 'mms-string'
  | 'utc-time'
  | 'structure'
  | 'array';

/** Every name of one logical device as GetNameList gives them: nodes, functional constraints, objects, attributes. */
export function mmsNames(model: IedModel, domain: string): string[] {
  const names = new Set<string>();
  visitLeaves(model, domain, (steps) => {
    for (let length = 1; length <= steps.length; length++) names.add(steps.slice(0, length).join('$'));
  });
  return [...names].sort();
}

/** Kind of every leaf of one logical device by its MMS name. */
export function mmsKinds(model: IedModel, domain: string): Record<string, MmsKind> {
  const kinds: Record<string, MmsKind> = {};
  visitLeaves(model, domain, (steps, kind) => {
    kinds[steps.join('$')] = kind;
  });
  return kinds;
}

type Visit = (steps: string[], kind: MmsKind) => void;

/** Visits leaves; an array counts as one, as MMS has no names inside it. */
function visitLeaves(model: IedModel, domain: string, visit: Visit): void {
  const device = model.logicalDevices.find((one) => one.name === domain);
  const paired = device?.logicalNodes.some((node) => node.settingGroupControlBlock) ?? false;
  // With setting groups, each setting is seen as SG and as SE, whichever of both the file has.
  const pairedVisit: Visit = (steps, kind) => {
    visit(steps, kind);
    const [node = '', fc = '', ...path] = steps;
    if (paired && (fc === 'SG' || fc === 'SE')) visit([node, fc === 'SG' ? 'SE' : 'SG', ...path], kind);
  };
  for (const node of device?.logicalNodes ?? []) {
    for (const object of node.dataObjects) visitObject([node.name], object, [], pairedVisit);
  }
}

/** `outer` are the names of the objects around this one. */
function visitObject(node: string[], object: DataObject, outer: string[], visit: Visit): void {
  const path = [...outer, object.name];
  if (object.count !== undefined) {
    for (const fc of constraintsOf(object)) visit([...node, fc, ...path], 'array');
    return;
  }
  for (const sub of object.dataObjects) visitObject(node, sub, path, visit);
  for (const attribute of object.attributes) visitAttribute([...node, attribute.fc, ...path], attribute, visit);
}

function constraintsOf(object: DataObject): Set<string> {
  const constraints = new Set<string>(object.attributes.map((attribute) => attribute.fc));
  for (const sub of object.dataObjects) for (const fc of constraintsOf(sub)) constraints.add(fc);
  return constraints;
}

function visitAttribute(outer: string[], attribute: DataAttribute, visit: Visit): void {
  const steps = [...outer, attribute.name];
  if (attribute.count !== undefined) visit(steps, 'array');
  else if (attribute.attributes.length > 0)
    for (const member of attribute.attributes) visitAttribute(steps, member, visit);
  else visit(steps, kindOf(attribute));
}

function kindOf(attribute: DataAttribute): MmsKind {
  switch (attribute.type) {
    case 'Boolean':
      return 'boolean';
    case 'Dbpos':
    case 'Quality':
    case 'BitString':
      return 'bit-string';
    case 'Enum':
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'Int64':
      return 'integer';
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
      return 'unsigned';
    case 'Float32':
    case 'Float64':
      return 'floating-point';
    case 'Timestamp':
      return 'utc-time';
    case 'VisibleString':
      return 'visible-string';
    case 'UnicodeString':
      return 'mms-string';
    case 'OctetString':
      return 'octet-string';
    case 'Structure':
      return 'structure';
    case 'Array':
      return 'array';
  }
}
