/** A GOOSE publisher that no SCL file describes: its control block and data set from what was typed in. */
import { ArgumentError } from '../../errors.js';
import { GoosePublisher } from '../../goose/publisher.js';
import { MAX_GOOSE_ENTRIES, MAX_GOOSE_NAME } from '../../limits.js';
import type { BasicType, DataAttribute, DataObject, IedModel, ProcessBusAddress } from '../../model/ied-model.js';
import { basicTypeInfo } from '../../scl/basic-types.js';

/** Types that a member may have, by their SCL names (IEC 61850-6 §9.5.4.2). */
export const TYPED_MEMBER_TYPES = [
  ...(['BOOLEAN', 'Dbpos', 'Enum', 'INT8', 'INT16', 'INT32', 'INT64', 'INT8U', 'INT16U', 'INT32U'] as const),
  ...(['FLOAT32', 'FLOAT64', 'Quality', 'Timestamp', 'VisString64', 'VisString255', 'Octet64'] as const),
] satisfies BasicType[];

export interface TypedMember {
  /** What messages call it. `X.q` and `X.t` are quality and time of `X` or `X.stVal`, when they have those types. */
  name: string;
  type: (typeof TYPED_MEMBER_TYPES)[number];
  /** What is published, with invalid quality, before the first message. Without it nothing is, until all have a value. */
  initial?: string;
}

export interface TypedPublisher {
  /** `LD/LN$GO$name`. */
  gocbRef: string;
  /** By default `LD/LN$` and the name of the control block. */
  datSet?: string;
  /** By default gocbRef. */
  goId?: string;
  confRev: number;
  /** With MinTime and MaxTime. */
  address: ProcessBusAddress;
  /** ms; by default as it follows from the repeats. */
  timeAllowedToLive?: number;
  /** Numbers have the length of their type (IEC 61850-8-1 §A.3). */
  fixedLength?: boolean;
  members: readonly TypedMember[];
}

/** A typed publisher as a server's model, and the references in it by the names of the members. */
export interface TypedModel {
  model: IedModel;
  /** Of the control block. */
  reference: string;
  datSet: string;
  timeAllowedToLive: number | undefined;
  /** By name of the member. */
  references: ReadonlyMap<string, string>;
  /** References of values that nobody gave yet; quality and time are not among them. */
  missing: ReadonlySet<string>;
}

const GOCB_REF = /^([^/$\s]{1,64})\/([A-Za-z]\w{0,31})\$GO\$([A-Za-z]\w{0,31})$/;
/** Logical node that holds the values; nobody sees it. */
const HOME = 'GGIO1';

/** @throws ArgumentError when a name is none, or comes twice */
export function typedModel(publisher: TypedPublisher): TypedModel {
  const { gocbRef, members, address, confRev, fixedLength } = publisher;
  const [, device = '', node = '', name = ''] = GOCB_REF.exec(gocbRef) ?? [];
  if (name === '') {
    throw new ArgumentError(
      `"${gocbRef}" is no reference of a GOOSE control block`,
      'Write it as BAY1CTRL/LLN0$GO$gcb1.',
    );
  }
  checkMembers(members);
  const datSet = publisher.datSet ?? `${device}/${node}$${name}`;
  checkTimes(publisher, datSet);
  const objects = new Map<string, DataObject>();
  const references = new Map<string, string>();
  const missing = new Set<string>();
  for (const [i, member] of members.entries()) {
    const { base, attribute } = placeOf(member, members, i);
    const object = objects.get(base) ?? { name: `V${objects.size + 1}`, dataObjects: [], attributes: [] };
    objects.set(base, object);
    object.attributes.push(attributeOf(member, attribute));
    const reference = `${device}/${HOME}.${object.name}.${attribute}`;
    references.set(member.name, reference);
    if (attribute.startsWith('v') && member.initial === undefined) missing.add(reference);
  }
  const empty = {
    dataSets: [],
    reportControlBlocks: [],
    logControlBlocks: [],
    logs: [],
    sampledValueControlBlocks: [],
  };
  const dataSet = { name, members: [...references.values()].map((reference) => ({ reference, fc: 'ST' as const })) };
  const block = {
    name,
    dataSet: name,
    goId: publisher.goId ?? gocbRef,
    confRev,
    address,
    ...(fixedLength && { fixedOffsets: true }),
  };
  const values = {
    ...{ ...empty, name: HOME, prefix: '', lnClass: 'GGIO', inst: '1', gooseControlBlocks: [] },
    dataObjects: [...objects.values()],
  };
  const home = node === HOME ? values : { ...empty, ...lnName(node), dataObjects: [], gooseControlBlocks: [] };
  const owner = { ...home, dataSets: [dataSet], gooseControlBlocks: [block] };
  const logicalNodes = node === HOME ? [owner] : [owner, values];
  return {
    model: { name: device, logicalDevices: [{ name: device, logicalNodes }] },
    reference: `${device}/${node}.${name}`,
    datSet,
    timeAllowedToLive: publisher.timeAllowedToLive,
    references,
    missing,
  };
}

/** APPID and times are told now, and not with the first value. @throws ArgumentError */
function checkTimes({ gocbRef, confRev, address, timeAllowedToLive }: TypedPublisher, datSet: string): void {
  const { appId = 0, minTime, maxTime } = address;
  new GoosePublisher({
    ...{ appId, gocbRef, datSet, confRev },
    ...(minTime !== undefined && { minTime }),
    ...(maxTime !== undefined && { maxTime }),
    ...(timeAllowedToLive !== undefined && { timeAllowedToLive }),
  });
}

function checkMembers(members: readonly TypedMember[]): void {
  if (members.length === 0 || members.length > MAX_GOOSE_ENTRIES) {
    throw new ArgumentError(
      `A data set of ${members.length} members cannot be published`,
      'Open the node and add members.',
    );
  }
  const seen = new Set<string>();
  for (const { name } of members) {
    if (name === '' || name.length > MAX_GOOSE_NAME) throw new ArgumentError('A member of the data set has no name');
    if (seen.has(name)) throw new ArgumentError(`Two members are called "${name}"`, 'Give each a name of its own.');
    seen.add(name);
  }
}

/** Members with their quality and time stand in one data object, so that those follow the value. */
function placeOf(member: TypedMember, all: readonly TypedMember[], index: number): { base: string; attribute: string } {
  const { name } = member;
  const companion = companionOf(member);
  if (companion) return { base: name.slice(0, -2), attribute: companion };
  const has = (base: string): boolean =>
    all.some((other) => companionOf(other) !== undefined && other.name.slice(0, -2) === base);
  const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  return { base: !has(name) && parent !== '' && has(parent) ? parent : name, attribute: `v${index + 1}` };
}

function companionOf({ name, type }: TypedMember): 'q' | 't' | undefined {
  if (type === 'Quality' && /.\.q$/.test(name)) return 'q';
  return type === 'Timestamp' && /.\.t$/.test(name) ? 't' : undefined;
}

function attributeOf({ type, initial }: TypedMember, name: string): DataAttribute {
  const info = basicTypeInfo(type);
  if (!info) throw new ArgumentError(`"${String(type)}" is no type`, `Choose one of ${TYPED_MEMBER_TYPES.join(', ')}.`);
  return {
    ...{ name, fc: 'ST', ...info, attributes: [] },
    ...(name === 'q' ? { qchg: true } : name !== 't' && { dchg: true }),
    ...(initial !== undefined && { value: initial }),
  };
}

function lnName(name: string): { name: string; prefix: string; lnClass: string; inst: string } {
  if (name === 'LLN0') return { name, prefix: '', lnClass: name, inst: '' };
  const inst = /\d*$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - inst.length);
  return { name, prefix: stem.slice(0, -4), lnClass: stem.slice(-4), inst };
}
