/** The tree of an IED as rows, one level at a time: what the editor asks for when a person opens a branch. */
import { ArgumentError } from '../../src/errors.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import type { DataAttribute, DataObject, IedModel, LogicalDevice, LogicalNode } from '../../src/model/ied-model.js';

export type RowKind = 'ld' | 'ln' | 'do' | 'da';

export interface ModelRow {
  /** Address of the row: `LD`, `LD/LN`, `LD/LN.DO`, `LD/LN.DO.DA[FC]`. */
  path: string;
  kind: RowKind;
  name: string;
  /** Whether there is something below. */
  branch: boolean;
  fc?: FunctionalConstraint;
  /** Type of an attribute, class of a data object or logical node. */
  type?: string;
  description?: string;
}

/**
 * The rows below `path`; the logical devices below the empty one.
 * @throws ArgumentError when the model has no such place.
 */
export function modelRows(model: IedModel, path: string): ModelRow[] {
  if (path === '') return model.logicalDevices.map(logicalDeviceRow);
  const slash = path.indexOf('/');
  const device = model.logicalDevices.find(({ name }) => name === (slash < 0 ? path : path.slice(0, slash)));
  if (!device) throw unknown(path);
  if (slash < 0) return device.logicalNodes.map((node) => logicalNodeRow(device, node));
  const { steps, fc } = splitPath(path.slice(slash + 1));
  const node = device.logicalNodes.find(({ name }) => name === steps[0]);
  if (!node) throw unknown(path);
  const base = `${device.name}/${node.name}`;
  if (steps.length === 1) return node.dataObjects.map((dataObject) => dataObjectRow(base, dataObject));
  return rowsInDataObject(base, node.dataObjects, steps.slice(1), fc) ?? fail(path);
}

/** Walks down data objects, then attributes, and gives what is below the last step. */
function rowsInDataObject(
  base: string,
  dataObjects: readonly DataObject[],
  steps: readonly string[],
  fc: string | undefined,
): ModelRow[] | undefined {
  let place = base;
  let siblings = dataObjects;
  let holder: DataObject | undefined;
  let depth = 0;
  for (; depth < steps.length; depth++) {
    const next = siblings.find(({ name }) => name === steps[depth]);
    if (!next) break;
    holder = next;
    place += `.${next.name}`;
    siblings = next.dataObjects;
  }
  if (!holder) return undefined;
  if (depth === steps.length) return belowDataObject(place, holder);
  let attribute = holder.attributes.find(({ name, fc: own }) => name === steps[depth] && own === fc);
  for (; attribute; attribute = attribute.attributes.find(({ name }) => name === steps[depth])) {
    place += `.${attribute.name}`;
    if (++depth === steps.length) return belowAttribute(place, attribute);
  }
  return undefined;
}

function belowDataObject(place: string, dataObject: DataObject): ModelRow[] {
  return [
    ...dataObject.dataObjects.map((sub) => dataObjectRow(place, sub)),
    ...dataObject.attributes.map((attribute) => attributeRow(place, attribute, attribute.fc)),
  ];
}

function belowAttribute(place: string, attribute: DataAttribute): ModelRow[] {
  return attribute.attributes.map((member) => attributeRow(place, member, attribute.fc));
}

function logicalDeviceRow({ name, description, logicalNodes }: LogicalDevice): ModelRow {
  return { path: name, kind: 'ld', name, branch: logicalNodes.length > 0, ...(description && { description }) };
}

function logicalNodeRow(device: LogicalDevice, node: LogicalNode): ModelRow {
  const { name, lnClass, description, dataObjects } = node;
  const path = `${device.name}/${name}`;
  return { path, kind: 'ln', name, branch: dataObjects.length > 0, type: lnClass, ...(description && { description }) };
}

function dataObjectRow(
  place: string,
  { name, cdc, description, count, dataObjects, attributes }: DataObject,
): ModelRow {
  return {
    path: `${place}.${name}`,
    kind: 'do',
    name: count === undefined ? name : `${name}(${count})`,
    branch: count === undefined && dataObjects.length + attributes.length > 0,
    ...(cdc && { type: cdc }),
    ...(description && { description }),
  };
}

function attributeRow(place: string, attribute: DataAttribute, fc: FunctionalConstraint): ModelRow {
  const { name, basicType, count, description, attributes } = attribute;
  return {
    path: `${place}.${name}[${fc}]`,
    kind: 'da',
    name: count === undefined ? name : `${name}(${count})`,
    branch: count === undefined && attributes.length > 0,
    fc,
    type: basicType,
    ...(description && { description }),
  };
}

/** `XCBR1.Pos.origin[ST]` as its steps and functional constraint. */
function splitPath(text: string): { steps: string[]; fc: string | undefined } {
  const match = /^(.*)\[([A-Z]{2})\]$/.exec(text);
  return { steps: (match?.[1] ?? text).split('.'), fc: match?.[2] };
}

function fail(path: string): never {
  throw unknown(path);
}

function unknown(path: string): ArgumentError {
  return new ArgumentError(`The IED has no "${path.slice(0, 200)}"`, 'Browse again.');
}
