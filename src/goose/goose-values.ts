/** What the values of a frame mean at the places that the data set gives them. */
import { dataValue } from '../mms/data-value.js';
import type { MmsData } from '../mms/data.js';
import { qualityBitsFromString } from '../model/quality.js';
import type { TagData, TagType } from '../model/tag-value.js';
import { utcTimeToMs } from '../model/timestamp.js';
import type { MemberNode } from '../model/member-node.js';
import type { GoosePoint, Place } from './goose-member.js';

export interface PointValue {
  value: TagData;
  /** Bits as {@link qualityFromBits} takes them; undefined when the frame has none for this point. */
  quality: number | undefined;
  /** ms since 1970, with the time quality octet. */
  time: { ms: number; quality: number } | undefined;
}

/** Value, quality and time of a point; undefined when the frame has other types than the file says. */
export function pointValue(point: GoosePoint, allData: readonly MmsData[]): PointValue | undefined {
  const data = at(allData, point.value);
  const value = data && valueOf(data, point.node);
  if (value === undefined) return undefined;
  const q = point.quality && at(allData, point.quality);
  const t = point.time && at(allData, point.time);
  return {
    value,
    quality: q?.type === 'bit-string' ? qualityBitsFromString(q.bits) : undefined,
    time: t?.type === 'utc-time' ? { ms: utcTimeToMs(t.seconds, t.fraction), quality: t.quality } : undefined,
  };
}

function at(allData: readonly MmsData[], { entry, path }: Place): MmsData | undefined {
  let data = allData[entry];
  for (const index of path) {
    if (data?.type !== 'structure') return undefined;
    data = data.items[index];
  }
  return data;
}

/** Undefined when the data is not of the node's type. */
function valueOf(data: MmsData, node: MemberNode): TagData | undefined {
  switch (node.type) {
    case 'Structure': {
      if (data.type !== 'structure' || data.items.length !== node.children.length) return undefined;
      const members: Record<string, TagData> = {};
      for (const [i, child] of node.children.entries()) {
        const value = valueOf(data.items[i] as MmsData, child);
        if (value === undefined) return undefined;
        members[child.name] = value;
      }
      return members;
    }
    case 'Array': {
      const element = node.children[0];
      if (data.type !== 'array' || !element) return undefined;
      const values = data.items.map((item) => valueOf(item, element));
      return values.every((value) => value !== undefined) ? values : undefined;
    }
    case 'Dbpos':
      return data.type === 'bit-string' && data.bits.length === 2 ? Number.parseInt(data.bits, 2) : undefined;
    default:
      return WIRE_TYPES[node.type].includes(data.type) ? dataValue(data, undefined) : undefined;
  }
}

const INTEGERS: readonly MmsData['type'][] = ['integer', 'unsigned'];
const WIRE_TYPES: Readonly<Record<Exclude<TagType, 'Structure' | 'Array' | 'Dbpos'>, readonly MmsData['type'][]>> = {
  Boolean: ['boolean'],
  Enum: INTEGERS,
  Int8: INTEGERS,
  Int16: INTEGERS,
  Int32: INTEGERS,
  Int64: INTEGERS,
  UInt8: INTEGERS,
  UInt16: INTEGERS,
  UInt32: INTEGERS,
  Float32: ['float'],
  Float64: ['float'],
  Quality: ['bit-string'],
  BitString: ['bit-string'],
  Timestamp: ['utc-time', 'binary-time'],
  VisibleString: ['visible-string', 'mms-string'],
  UnicodeString: ['mms-string', 'visible-string'],
  OctetString: ['octet-string'],
};

/** Type of a value that no file tells of, as the wire shows it. */
export function wireType(data: MmsData): TagType {
  switch (data.type) {
    case 'boolean':
      return 'Boolean';
    case 'integer':
      return 'Int32';
    case 'unsigned':
      return 'UInt32';
    case 'float':
      return data.width === 64 ? 'Float64' : 'Float32';
    case 'bit-string':
      return 'BitString';
    case 'utc-time':
    case 'binary-time':
      return 'Timestamp';
    case 'visible-string':
      return 'VisibleString';
    case 'mms-string':
      return 'UnicodeString';
    case 'structure':
      return 'Structure';
    case 'array':
      return 'Array';
    case 'octet-string':
    case 'other':
      return 'OctetString';
  }
}
