/** Every data object and sub data object of a model, with the value that stands for it. */
import { guessCdc } from '../../model/cdc-guess.js';
import { principalOf } from '../../model/cdc.js';
import { standardEnum } from '../../model/enums.js';
import type { Reference } from '../../model/reference.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { DataAttribute, DataObject, IedModel, LogicalDevice, LogicalNode } from '../../model/ied-model.js';
import type { TagType } from '../../model/tag-value.js';
import { MAX_DATA_NESTING } from '../../limits.js';

/** One (sub) data object at its place. */
export interface PointSite {
  model: IedModel;
  logicalDevice: LogicalDevice;
  logicalNode: LogicalNode;
  dataObject: DataObject;
  /** Names of data object and sub data objects, `['A', 'phsA']`. */
  path: readonly string[];
  /** Data objects around this one, the outermost first. */
  parents: readonly DataObject[];
  cdc?: string;
  /** The value that stands for the object; absent where it is only meaningful as a whole. */
  value?: { fc: FunctionalConstraint; path: string; attribute: DataAttribute };
}

/** The attribute at a dotted path below a data object, in one functional constraint; `har(3)` is an element of an array. */
export function findAttribute(
  dataObject: DataObject,
  fc: FunctionalConstraint,
  path: string,
): DataAttribute | undefined {
  const [first, rest] = firstStep(path);
  const attribute = select(dataObject.attributes, first, fc);
  return attribute && rest !== undefined ? memberAt(attribute, rest) : attribute;
}

function memberAt(attribute: DataAttribute, path: string): DataAttribute | undefined {
  // An array has elements, not members: `har.mag.f` is not there, `har(3).mag.f` is.
  if (attribute.count !== undefined) return undefined;
  const [first, rest] = firstStep(path);
  const member = select(attribute.attributes, first);
  return member && rest !== undefined ? memberAt(member, rest) : member;
}

/** The member of that name, or for `name(index)` the element of the array of that name. */
function select<T extends { name: string; count?: number; fc?: FunctionalConstraint }>(
  members: readonly T[],
  step: string,
  fc?: FunctionalConstraint,
): T | undefined {
  const open = step.endsWith(')') ? step.indexOf('(') : -1;
  const name = open < 0 ? step : step.slice(0, open);
  const member = members.find((it) => it.name === name && (fc === undefined || it.fc === fc));
  if (!member || open < 0) return member;
  if (member.count === undefined || Number(step.slice(open + 1, -1)) >= member.count) return undefined;
  const element = { ...member };
  delete element.count;
  return element;
}

function firstStep(path: string): [first: string, rest: string | undefined] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** Every data object and sub data object, in the order of the model; elements of an array of data objects are not told apart. */
export function* pointSites(model: IedModel): Generator<PointSite> {
  for (const logicalDevice of model.logicalDevices) {
    for (const logicalNode of logicalDevice.logicalNodes) {
      for (const dataObject of logicalNode.dataObjects) {
        yield* sitesBelow({ model, logicalDevice, logicalNode, dataObject, path: [dataObject.name], parents: [] });
      }
    }
  }
}

function* sitesBelow(place: PointSite): Generator<PointSite> {
  const { dataObject, path } = place;
  yield siteOf(place);
  if (dataObject.count !== undefined || path.length >= MAX_DATA_NESTING) return;
  const parents = [...place.parents, dataObject];
  for (const sub of dataObject.dataObjects) {
    yield* sitesBelow({ ...place, dataObject: sub, path: [...path, sub.name], parents });
  }
}

/** The class and principal value of a data object; equal types share one object in SCL models, so it is kept. */
const known = new WeakMap<DataObject, Pick<PointSite, 'cdc' | 'value'>>();

function siteOf(place: PointSite): PointSite {
  let about = known.get(place.dataObject);
  if (!about) {
    about = describe(place.dataObject);
    known.set(place.dataObject, about);
  }
  return { ...place, ...about };
}

function describe(dataObject: DataObject): Pick<PointSite, 'cdc' | 'value'> {
  const cdc = dataObject.cdc ?? guessCdc(dataObject);
  const found =
    dataObject.count === undefined
      ? principalOf(cdc, (fc, path) => findAttribute(dataObject, fc, path) !== undefined)
      : undefined;
  const attribute = found && findAttribute(dataObject, found.fc, found.path);
  return { ...(cdc !== undefined && { cdc }), ...(found && attribute && { value: { ...found, attribute } }) };
}

/** The data object that a reference names or stands in, and the attribute steps that are left; undefined when there is none. */
export function siteAt(model: IedModel, reference: Reference): { site: PointSite; rest: string[] } | undefined {
  const logicalDevice = model.logicalDevices.find(({ name }) => name === reference.logicalDevice);
  const logicalNode = logicalDevice?.logicalNodes.find(({ name }) => name === reference.logicalNode);
  if (!logicalDevice || !logicalNode) return undefined;
  const found: DataObject[] = [];
  for (let siblings = logicalNode.dataObjects; found.length < reference.path.length;) {
    const next = select(siblings, reference.path[found.length] as string);
    if (!next) break;
    found.push(next);
    // Members of an array of data objects stand in its elements.
    siblings = next.count === undefined ? next.dataObjects : [];
  }
  const dataObject = found.at(-1);
  if (!dataObject) return undefined;
  const path = reference.path.slice(0, found.length);
  const place = { model, logicalDevice, logicalNode, dataObject, path, parents: found.slice(0, -1) };
  return { site: siteOf(place), rest: reference.path.slice(found.length) };
}

/** `LD/LN.DO.SDO`, and an attribute's path when one is given. */
export function siteReference(site: PointSite, attributePath?: string): string {
  const object = `${site.logicalDevice.name}/${site.logicalNode.name}.${site.path.join('.')}`;
  return attributePath === undefined ? object : `${object}.${attributePath}`;
}

/**
 * Type and literals of an attribute. An integer that the standard enumerates is an Enum also when it was found online,
 * where it looks like any other integer.
 */
export function attributeType(
  site: PointSite,
  attribute: DataAttribute,
  attributePath: string,
): { type: TagType; enumLiterals?: Record<number, string> } {
  if (attribute.count !== undefined) return { type: 'Array' };
  const enumerable = attribute.type === 'Enum' || attribute.type === 'Int8' || attribute.type === 'UInt8';
  const literals =
    attribute.enumLiterals ??
    (enumerable ? standardEnum(site.logicalNode.lnClass, site.path.join('.'), attributePath) : undefined);
  return literals ? { type: 'Enum', enumLiterals: literals } : { type: attribute.type };
}

/** Description of a point: what its logical node is, then its data objects, each where the model says so. */
export function siteDescription(site: PointSite): string | undefined {
  const texts: string[] = [];
  for (const text of [
    site.logicalNode.description,
    ...site.parents.map(ownDescription),
    ownDescription(site.dataObject),
  ]) {
    const own = text?.trim() ?? '';
    if (own === '' || texts.some((other) => includesText(other, own))) continue;
    // "Overcurrent" says nothing beside "Overcurrent trip".
    if (texts.length > 0 && includesText(own, texts.at(-1) as string)) texts.pop();
    texts.push(own);
  }
  return texts.length > 0 ? texts.join(': ') : undefined;
}

function ownDescription(dataObject: DataObject): string | undefined {
  const inValue = (name: string): string | undefined => findAttribute(dataObject, 'DC', name)?.value?.trim();
  return dataObject.description?.trim() || inValue('d') || inValue('dU') || undefined;
}

function includesText(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
