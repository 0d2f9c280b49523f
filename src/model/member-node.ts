/** Members of data sets as the model types them (IEC 61850-6 §9.3.7). */
import { ArgumentError, Iec61850Error } from '../errors.js';
import type { FunctionalConstraint } from './functional-constraint.js';
import type { BasicType, DataAttribute, DataObject, IedModel } from './ied-model.js';
import { parseReference } from './reference.js';
import type { TagType } from './tag-value.js';

/** One value of a data set's tree, in the order of the wire. */
export interface MemberNode {
  readonly name: string;
  readonly type: TagType;
  /** Of an attribute, where it says more than `type`. */
  readonly basicType?: BasicType;
  readonly enumLiterals?: Readonly<Record<number, string>>;
  /** Members of a structure, or the one element type of an array. */
  readonly children: readonly MemberNode[];
}

/** What a member of a data set names. */
export interface DataSetMemberNode {
  reference: string;
  fc: FunctionalConstraint;
  /** `LD/LN.DO`, and the path below it. */
  object: string;
  path: readonly string[];
  node: MemberNode;
  cdc: string | undefined;
  dataObject: DataObject;
}

/** @throws ArgumentError when the model does not have it */
export function memberNode(model: IedModel, text: string, fc: FunctionalConstraint): DataSetMemberNode {
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
    dataObject: object,
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
    basicType: attribute.basicType,
    ...(attribute.enumLiterals && { enumLiterals: attribute.enumLiterals }),
    children: attribute.attributes.map(attributeNode),
  };
  return attribute.count === undefined ? node : { name: attribute.name, type: 'Array', children: [node] };
}
