import { Iec61850Error } from '../../errors.js';
import type { Tag } from '../../model/tag.js';
import { ValueTable } from '../../model/value-table.js';
import type { TypeDescription } from '../../mms/type-description.js';
import { memberType } from '../member-type.js';
import { ObjectDecoder } from '../object-decoder.js';
import { LayoutCache } from '../object-layout.js';
import { tagLayout, tagVariable, type TagLayout, type TagVariable } from '../tag-layout.js';
import type { TagRow } from '../tag-value-builder.js';
import { forEachTyped, type TypeCache } from '../type-cache.js';
import type { DataSetDirectory, DataSetEntry } from './directory.js';

/** Where quality or time of a row stand when they are a member of their own beside the value's. */
export interface Companion {
  row: number;
  part: 'quality' | 'time';
}

/** What one member of the data set brings. */
export interface MemberPlan {
  member: DataSetEntry;
  /** Decodes the values of this member into their rows; undefined when none stands in it. */
  decoder: ObjectDecoder | undefined;
  /** The row of a member whose type the IED did not show. */
  untyped: number;
  companions: Companion[];
  /** All rows that change when this member comes. */
  rows: number[];
}

export interface LayoutOptions {
  /** Tags that are wanted, by their own names; one for each member when absent. */
  tags?: readonly Tag[];
  /** Name of a member's tag; the reference with a dot for its slash when absent. */
  nameOf?: (reference: string, fc: string) => string;
}

/** How the members of one data set become tags. */
export interface DataSetLayout {
  dataSet: DataSetDirectory;
  table: ValueTable;
  rows: TagRow[];
  members: MemberPlan[];
  /** Rows whose quality is a member of its own, which is then known from one report to the next. */
  splitRows: ReadonlySet<number>;
  /** Wanted tags that the data set does not hold. */
  missing: Tag[];
}

/** Where a part of a tag stands: in which member, and below it. */
interface Part {
  member: number;
  path: string[];
}

interface PlannedRow {
  tag: Tag;
  layout: TagLayout;
  value: Part;
  quality: Part | undefined;
  time: Part | undefined;
}

/** Members by the data object that they are part of. */
export type MembersByObject = ReadonlyMap<string, readonly { index: number; path: readonly string[] }[]>;

export function membersByObject(members: readonly DataSetEntry[]): MembersByObject {
  const byObject = new Map<string, { index: number; path: readonly string[] }[]>();
  members.forEach(({ place }, index) => {
    if (!place) return;
    const list = byObject.get(place.key);
    if (list) list.push({ index, path: place.path });
    else byObject.set(place.key, [{ index, path: place.path }]);
  });
  // The largest member that holds a part comes first: value, quality and time are then of one instant.
  for (const list of byObject.values()) list.sort((a, b) => a.path.length - b.path.length);
  return byObject;
}

function partOf(byObject: MembersByObject, key: string, path: readonly string[] | undefined): Part | undefined {
  if (!path) return undefined;
  const found = byObject
    .get(key)
    ?.find((member) => member.path.length <= path.length && member.path.every((step, i) => step === path[i]));
  return found && { member: found.index, path: path.slice(found.path.length) };
}

/**
 * Whether a data set brings a tag whole: its value, and its quality where it has one.
 * @param layout of the tag in its data object
 */
export function brings(byObject: MembersByObject, place: TagVariable, layout: TagLayout): boolean {
  if (!partOf(byObject, place.key, layout.value)) return false;
  return layout.quality === undefined || partOf(byObject, place.key, layout.quality) !== undefined;
}

/** Plans the rows of a data set by the live types. @throws ConnectionError when the association is lost meanwhile */
export async function layOut(
  dataSet: DataSetDirectory,
  types: TypeCache,
  concurrency: number,
  options: LayoutOptions = {},
): Promise<DataSetLayout> {
  const objects = await objectTypes(dataSet.members, types, concurrency);
  const byObject = membersByObject(dataSet.members);
  const missing: Tag[] = [];
  const planned = options.tags
    ? options.tags.flatMap((tag) => {
        const row = planTag(tag, byObject, objects);
        if (!row) missing.push(tag);
        return row ?? [];
      })
    : planMembers(dataSet.members, byObject, objects, options.nameOf);
  const untyped = options.tags ? [] : untypedMembers(dataSet.members, objects, options.nameOf);
  return assemble(dataSet, objects, planned, untyped, missing);
}

/** Types of the data objects that the members are part of. What the IED refuses has none. */
async function objectTypes(
  members: readonly DataSetEntry[],
  types: TypeCache,
  concurrency: number,
): Promise<Map<string, TypeDescription>> {
  const places = new Map<string, TagVariable>();
  for (const { place } of members) if (place) places.set(place.key, place);
  const found = new Map<string, TypeDescription>();
  const all = [...places.values()];
  await forEachTyped(
    types,
    all,
    ({ variable }) => variable,
    concurrency,
    async (place) => {
      try {
        found.set(place.key, await types.typeOf(place.variable));
      } catch (error) {
        if (!(error instanceof Iec61850Error) || error.code === 'IEC61850_CONNECTION') throw error;
      }
    },
  );
  return found;
}

function planTag(
  tag: Tag,
  byObject: MembersByObject,
  objects: ReadonlyMap<string, TypeDescription>,
): PlannedRow | undefined {
  try {
    const place = tagVariable(tag);
    const type = objects.get(place.key);
    if (!type) return undefined;
    return planRow(tag, place, tagLayout(tag, place, type), byObject);
  } catch (error) {
    if (error instanceof Iec61850Error) return undefined;
    throw error;
  }
}

function planRow(tag: Tag, place: TagVariable, layout: TagLayout, byObject: MembersByObject): PlannedRow | undefined {
  const value = partOf(byObject, place.key, layout.value);
  if (!value) return undefined;
  const part = (path: string[] | undefined): Part | undefined => partOf(byObject, place.key, path);
  return { tag, layout, value, quality: part(layout.quality), time: part(layout.time) };
}

/** One tag for each member, except for quality and time that stand beside their value. */
function planMembers(
  members: readonly DataSetEntry[],
  byObject: MembersByObject,
  objects: ReadonlyMap<string, TypeDescription>,
  nameOf: LayoutOptions['nameOf'],
): PlannedRow[] {
  const rows: (PlannedRow & { member: number })[] = [];
  const names = new Set<string>();
  members.forEach((member, index) => {
    const { place } = member;
    const type = place && objects.get(place.key);
    if (!place || !type || !memberType(type, place.path)) return;
    const layout = tagLayout({ reference: member.reference }, place, type);
    const row = planRow(memberTag(member, names, nameOf), place, layout, byObject);
    // A member that stands in a larger one, or twice, is told by the first.
    if (row)
      rows.push({ ...row, value: { member: index, path: layout.value.slice(place.path.length) }, member: index });
  });
  const companions = new Set<number>();
  // A whole data object beside one of its members is there for its own sake.
  const besides = (part: Part | undefined, member: number): void => {
    if (part && part.member !== member && part.path.length === 0) companions.add(part.member);
  };
  for (const { layout, member, quality, time } of rows) {
    if (layout.type === 'Timestamp') continue;
    if (layout.type !== 'Quality') besides(quality, member);
    besides(time, member);
  }
  return rows.filter(({ member }) => !companions.has(member));
}

function memberTag(member: DataSetEntry, names: Set<string>, nameOf: LayoutOptions['nameOf']): Tag {
  const fc = member.fc ?? 'ST';
  let name = nameOf?.(member.reference, fc) ?? member.reference.replace('/', '.');
  if (names.has(name)) name = `${name}[${fc}]`;
  for (let i = 2; names.has(name); i++) name = `${name.replace(/ \d+$/, '')} ${i}`;
  names.add(name);
  return { tag: name, reference: member.reference, fc };
}

function untypedMembers(
  members: readonly DataSetEntry[],
  objects: ReadonlyMap<string, TypeDescription>,
  nameOf: LayoutOptions['nameOf'],
): { member: number; tag: Tag }[] {
  const names = new Set<string>();
  return members.flatMap((member, index) => {
    const type = member.place && objects.get(member.place.key);
    if (type && member.place && memberType(type, member.place.path)) return [];
    return { member: index, tag: memberTag(member, names, nameOf) };
  });
}

function assemble(
  dataSet: DataSetDirectory,
  objects: ReadonlyMap<string, TypeDescription>,
  planned: readonly PlannedRow[],
  untyped: readonly { member: number; tag: Tag }[],
  missing: Tag[],
): DataSetLayout {
  const table = new ValueTable(planned.length + untyped.length);
  const layouts = new LayoutCache();
  const splitRows = new Set<number>();
  const members = dataSet.members.map((member): MemberPlan => ({
    member,
    decoder: undefined,
    untyped: -1,
    companions: [],
    rows: [],
  }));
  const inside = members.map(() => ({ rows: [] as number[], layouts: [] as TagLayout[] }));
  const rows = planned.map(({ tag, layout, value, quality, time }, row): TagRow => {
    const own = inside[value.member] as (typeof inside)[number];
    const within = (part: Part | undefined): string[] | undefined =>
      part?.member === value.member ? part.path : undefined;
    const ownQuality = within(quality);
    const ownTime = within(time);
    own.rows.push(row);
    own.layouts.push({
      value: value.path,
      type: layout.type,
      ...(ownQuality && { quality: ownQuality }),
      ...(ownTime && { time: ownTime }),
    });
    for (const [part, where] of [
      ['quality', quality],
      ['time', time],
    ] as const) {
      // Only a leaf of its own is read as a companion; nothing else is ever sent that way.
      if (!where || where.member === value.member || where.path.length > 0) continue;
      const plan = members[where.member] as MemberPlan;
      plan.companions.push({ row, part });
      plan.rows.push(row);
      splitRows.add(row);
    }
    return tagRow(tag, layout);
  });
  for (const { member, tag } of untyped) {
    const plan = members[member] as MemberPlan;
    plan.untyped = rows.push(tagRow(tag, { value: [], type: 'Structure' })) - 1;
    plan.rows.push(plan.untyped);
  }
  members.forEach((plan, index) => {
    const { rows: ownRows, layouts: ownLayouts } = inside[index] as (typeof inside)[number];
    const { place } = plan.member;
    const type = place && memberType(objects.get(place.key) as TypeDescription, place.path);
    if (ownRows.length === 0 || !type) return;
    plan.decoder = new ObjectDecoder(table, ownRows, layouts.layoutOf(ownLayouts, type));
    plan.rows.push(...ownRows);
  });
  return { dataSet, table, rows, members, splitRows, missing };
}

function tagRow(tag: Tag, layout: TagLayout): TagRow {
  const literals = tag.enumLiterals ?? layout.enumLiterals;
  return {
    tag,
    reference: tag.reference,
    fc: tag.fc,
    type: layout.type,
    ...(tag.unit !== undefined && { unit: tag.unit }),
    ...(literals && layout.type === 'Enum' && { enumLiterals: literals }),
  };
}
