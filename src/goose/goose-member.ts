/** Members of a GOOSE data set as the SCL file types them (IEC 61850-6 §9.3.7, IEC 61850-8-1 §18.1.2). */
import { ArgumentError, Iec61850Error } from '../errors.js';
import { principalValue, qualityAndTimePaths } from '../model/cdc.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataAttribute, DataObject, DataSet, IedModel } from '../model/ied-model.js';
import { parseReference } from '../model/reference.js';
import type { TagType } from '../model/tag-value.js';

/** One value of a data set's tree, in the order of the wire. */
export interface MemberNode {
  readonly name: string;
  readonly type: TagType;
  readonly enumLiterals?: Readonly<Record<number, string>>;
  /** Members of a structure, or the one element type of an array. */
  readonly children: readonly MemberNode[];
}

/** Where value, quality and time stand: in which entry of `allData`, and by which indices inside of it. */
export interface Place {
  readonly entry: number;
  readonly path: readonly number[];
}

/** One point that a data set brings. */
export interface GoosePoint {
  /** `LD/LN.DO.DA…` as the data set names it. */
  readonly reference: string;
  readonly fc: FunctionalConstraint;
  readonly node: MemberNode;
  readonly value: Place;
  readonly quality?: Place;
  readonly time?: Place;
  readonly cdc?: string;
}

interface Member {
  reference: string;
  fc: FunctionalConstraint;
  /** `LD/LN.DO`, and the path below it. */
  object: string;
  path: readonly string[];
  node: MemberNode;
  cdc: string | undefined;
}

/**
 * The points of a data set. A quality or time that is a member of its own goes with the values of the same data object;
 * without such a value it is a point itself.
 * @throws ArgumentError when the model does not have a member
 */
export function goosePoints(model: IedModel, dataSet: DataSet): GoosePoint[] {
  const members = dataSet.members.map((member) => memberOf(model, member.reference, member.fc));
  const lone = (name: 'q' | 't', beside: Member): Place | undefined => {
    const entry = members.findIndex(
      ({ object, fc, path }) => object === beside.object && fc === beside.fc && path.length === 1 && path[0] === name,
    );
    return entry < 0 ? undefined : { entry, path: [] };
  };
  return members.flatMap((member, entry) => {
    if (isCompanion(member) && members.some((other) => other.object === member.object && !isCompanion(other)))
      return [];
    return [pointOf(member, entry, lone)];
  });
}

function isCompanion({ path }: Member): boolean {
  return path.length === 1 && (path[0] === 'q' || path[0] === 't');
}

function pointOf(
  member: Member,
  entry: number,
  lone: (name: 'q' | 't', beside: Member) => Place | undefined,
): GoosePoint {
  const { reference, fc, node, cdc, path } = member;
  const base = { reference, fc, ...(cdc !== undefined && { cdc }) };
  if (path.length > 0 || node.children.length === 0) {
    const quality = isCompanion(member) ? undefined : lone('q', member);
    const time = isCompanion(member) ? undefined : lone('t', member);
    return { ...base, node, value: { entry, path: [] }, ...(quality && { quality }), ...(time && { time }) };
  }
  const has = (dotted: string): boolean => find(node, dotted) !== undefined;
  const principal = principalValue(cdc, fc, has);
  const place = (dotted: string | undefined): Place | undefined => {
    const found = dotted === undefined ? undefined : find(node, dotted);
    return found && { entry, path: found.indices };
  };
  const paths = qualityAndTimePaths(principal ?? '', has);
  const quality = place(paths.quality);
  const time = place(paths.time);
  const found = principal === undefined ? undefined : find(node, principal);
  return {
    ...base,
    node: found?.node ?? node,
    value: { entry, path: found?.indices ?? [] },
    ...(quality && { quality }),
    ...(time && { time }),
  };
}

function find(node: MemberNode, dotted: string): { node: MemberNode; indices: number[] } | undefined {
  const indices: number[] = [];
  let at = node;
  for (const name of dotted.split('.')) {
    const index = at.children.findIndex((child) => child.name === name);
    const child = at.children[index];
    if (!child) return undefined;
    indices.push(index);
    at = child;
  }
  return { node: at, indices };
}

function memberOf(model: IedModel, text: string, fc: FunctionalConstraint): Member {
  const missing = (): ArgumentError =>
    new ArgumentError(
      `the data set's member ${text}[${fc}] is not in the model of ${model.name}`,
      'Check the SCL file.',
    );
  let reference;
  try {
    reference = parseReference(`${text}[${fc}]`);
  } catch (error) {
    if (error instanceof Iec61850Error) throw missing();
    throw error;
  }
  const { logicalDevice, logicalNode, path } = reference;
  const node = model.logicalDevices
    .find(({ name }) => name === logicalDevice)
    ?.logicalNodes.find(({ name }) => name === logicalNode);
  let object: DataObject | undefined = node?.dataObjects.find(({ name }) => name === path[0]);
  if (!object) throw missing();
  let at = 1;
  // Sub data objects come before attributes, and neither has the other's names.
  for (let inner: DataObject | undefined = object; inner; at++) {
    object = inner;
    inner = inner.dataObjects.find(({ name }) => name === path[at]);
    if (!inner) break;
  }
  const rest = path.slice(at);
  const tree = rest.length === 0 ? objectNode(object, fc) : attributeAt(object, fc, rest);
  if (!tree) throw missing();
  return {
    reference: text,
    fc,
    object: `${logicalDevice}/${logicalNode}.${path.slice(0, at).join('.')}`,
    path: rest,
    node: tree,
    cdc: object.cdc,
  };
}

/** A data object under one functional constraint; undefined when nothing of it has that. */
function objectNode(object: DataObject, fc: FunctionalConstraint): MemberNode | undefined {
  const children = [
    ...object.dataObjects.flatMap((inner) => objectNode(inner, fc) ?? []),
    ...object.attributes.filter((attribute) => attribute.fc === fc).map(attributeNode),
  ];
  if (children.length === 0) return undefined;
  const node: MemberNode = { name: object.name, type: 'Structure', children };
  return object.count === undefined ? node : { name: object.name, type: 'Array', children: [node] };
}

function attributeAt(object: DataObject, fc: FunctionalConstraint, path: readonly string[]): MemberNode | undefined {
  const attribute = object.attributes.find((one) => one.name === path[0] && one.fc === fc);
  let at = attribute && attributeNode(attribute);
  for (const name of path.slice(1)) at = at?.children.find((child) => child.name === name);
  return at;
}

function attributeNode(attribute: DataAttribute): MemberNode {
  const node: MemberNode = {
    name: attribute.name,
    type: attribute.attributes.length > 0 ? 'Structure' : attribute.type,
    ...(attribute.enumLiterals && { enumLiterals: attribute.enumLiterals }),
    children: attribute.attributes.map(attributeNode),
  };
  return attribute.count === undefined ? node : { name: attribute.name, type: 'Array', children: [node] };
}
