/** Members of a GOOSE data set as the SCL file types them (IEC 61850-6 §9.3.7, IEC 61850-8-1 §18.1.2). */
import { principalValue, qualityAndTimePaths } from '../model/cdc.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataSet, IedModel } from '../model/ied-model.js';
import { memberNode, type DataSetMemberNode, type MemberNode } from '../model/member-node.js';

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

/**
 * The points of a data set. A quality or time that is a member of its own goes with the values of the same data object;
 * without such a value it is a point itself.
 * @throws ArgumentError when the model does not have a member
 */
export function goosePoints(model: IedModel, dataSet: DataSet): GoosePoint[] {
  const members = dataSet.members.map((member) => memberNode(model, member.reference, member.fc));
  const lone = (name: 'q' | 't', beside: DataSetMemberNode): Place | undefined => {
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

function isCompanion({ path }: DataSetMemberNode): boolean {
  return path.length === 1 && (path[0] === 'q' || path[0] === 't');
}

function pointOf(
  member: DataSetMemberNode,
  entry: number,
  lone: (name: 'q' | 't', beside: DataSetMemberNode) => Place | undefined,
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
