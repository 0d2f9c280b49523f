/** Data objects of a file against those of a device, as they stand in MMS: by functional constraint, member by member. */
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { DataAttribute, DataObject } from '../../model/ied-model.js';
import type { Finding, FindingKind } from './finding.js';
import { compareShapes, shapeText, wireShape } from './wire-shape.js';

/** A name below a functional constraint. A sub data object and a structured attribute look the same in MMS. */
interface Place {
  children: Map<string, Place>;
  /** Only of leaves. */
  leaf?: DataAttribute;
  /** Elements of an array. */
  count?: number;
}

type Groups = Map<FunctionalConstraint, Place>;

/**
 * Adds the differences of two data objects of one name.
 * @param reference `LD/LN.DO` in the device
 */
export function compareObjects(file: DataObject, device: DataObject, reference: string, found: Finding[]): void {
  const [wanted, live] = [groupsOf(file), groupsOf(device)];
  for (const [fc, place] of wanted) {
    const other = live.get(fc) ?? (isSetting(fc) ? live.get(paired(fc)) : undefined);
    if (other) comparePlaces(place, other, reference, fc, found);
    else if (!(isSetting(fc) && wanted.has(paired(fc)))) {
      // An object that cannot be operated has nothing to operate it by (IEC 61850-7-2 §20.2.2).
      const expected = fc === 'CO' && isStatusOnly(file);
      found.push({
        kind: 'missing',
        part: 'attribute',
        severity: expected ? 'info' : 'error',
        reference: `${reference}[${fc}]`,
      });
    }
  }
  for (const fc of live.keys()) {
    // What is edited as SE is read as SG: files name one of them, devices show both (IEC 61850-8-1 §11.3).
    if (wanted.has(fc) || (isSetting(fc) && wanted.has(paired(fc)))) continue;
    found.push({ kind: 'extra', part: 'attribute', severity: 'warning', reference: `${reference}[${fc}]` });
  }
}

function isSetting(fc: FunctionalConstraint): fc is 'SG' | 'SE' {
  return fc === 'SG' || fc === 'SE';
}

function paired(fc: 'SG' | 'SE'): 'SG' | 'SE' {
  return fc === 'SG' ? 'SE' : 'SG';
}

function isStatusOnly({ attributes }: DataObject): boolean {
  const model = attributes.find(({ name, fc }) => name === 'ctlModel' && fc === 'CF')?.value;
  return model === 'status-only' || model === '0';
}

function comparePlaces(file: Place, device: Place, path: string, fc: FunctionalConstraint, found: Finding[]): void {
  const reference = `${path}[${fc}]`;
  const differ = (kind: FindingKind, ours: string, theirs: string): void => {
    const severity = kind === 'type' ? 'error' : 'warning';
    found.push({ kind, part: 'attribute', severity, reference, file: ours, device: theirs });
  };
  if (file.count !== device.count) differ('type', placeText(file), placeText(device));
  else if (file.leaf && device.leaf) {
    const result = compareShapes(wireShape(file.leaf), wireShape(device.leaf));
    if (result !== 'same') differ(result, shapeText(file.leaf), shapeText(device.leaf));
  } else if (file.leaf || device.leaf) differ('type', placeText(file), placeText(device));
  else compareMembers(file, device, path, fc, found);
}

function compareMembers(file: Place, device: Place, path: string, fc: FunctionalConstraint, found: Finding[]): void {
  for (const [name, place] of file.children) {
    const other = device.children.get(name);
    if (other) comparePlaces(place, other, `${path}.${name}`, fc, found);
    else found.push({ kind: 'missing', part: 'attribute', severity: 'error', reference: `${path}.${name}[${fc}]` });
  }
  for (const name of device.children.keys()) {
    if (file.children.has(name)) continue;
    found.push({ kind: 'extra', part: 'attribute', severity: 'warning', reference: `${path}.${name}[${fc}]` });
  }
  const [ours, theirs] = [commonOrder(file, device), commonOrder(device, file)];
  if (ours === theirs) return;
  const reference = `${path}[${fc}]`;
  found.push({ kind: 'order', part: 'attribute', severity: 'warning', reference, file: ours, device: theirs });
}

function commonOrder(place: Place, other: Place): string {
  return [...place.children.keys()].filter((name) => other.children.has(name)).join(', ');
}

function placeText({ leaf, children, count }: Place): string {
  const one = leaf ? shapeText(leaf) : `structure (${[...children.keys()].join(', ')})`;
  return count === undefined ? one : `array of ${count}: ${one}`;
}

function groupsOf(dataObject: DataObject): Groups {
  const groups: Groups = new Map();
  const constraints = new Set<FunctionalConstraint>();
  collectConstraints(dataObject, constraints);
  for (const fc of constraints) groups.set(fc, placeOfObject(dataObject, fc));
  return groups;
}

function collectConstraints(dataObject: DataObject, constraints: Set<FunctionalConstraint>): void {
  for (const { fc } of dataObject.attributes) constraints.add(fc);
  for (const sub of dataObject.dataObjects) collectConstraints(sub, constraints);
}

function placeOfObject(dataObject: DataObject, fc: FunctionalConstraint): Place {
  const place: Place = {
    children: new Map(),
    ...(dataObject.count !== undefined && { count: dataObject.count }),
  };
  for (const sub of dataObject.dataObjects) {
    const below = placeOfObject(sub, fc);
    if (below.children.size > 0) place.children.set(sub.name, below);
  }
  for (const attribute of dataObject.attributes) {
    if (attribute.fc === fc) place.children.set(attribute.name, placeOfAttribute(attribute));
  }
  return place;
}

function placeOfAttribute(attribute: DataAttribute): Place {
  const children = new Map(attribute.attributes.map((member) => [member.name, placeOfAttribute(member)]));
  return {
    children,
    ...(children.size === 0 && { leaf: attribute }),
    ...(attribute.count !== undefined && { count: attribute.count }),
  };
}
