/** Where a tag goes by itself: booleans to discrete inputs, positions and enums to input registers, numbers to holding registers. */
import type { Tag } from '../../model/tag.js';
import type { TagType } from '../../model/tag-value.js';
import type { Area, RegisterType } from './map.js';

export interface DefaultMapping {
  area: Area;
  type: RegisterType;
}

const BY_TYPE: Readonly<Partial<Record<TagType, DefaultMapping>>> = {
  Boolean: { area: 'discrete', type: 'Bool' },
  Dbpos: { area: 'input', type: 'UInt16' },
  Enum: { area: 'input', type: 'Int16' },
  Int8: { area: 'holding', type: 'Int16' },
  Int16: { area: 'holding', type: 'Int16' },
  Int32: { area: 'holding', type: 'Int32' },
  Int64: { area: 'holding', type: 'Int64' },
  UInt8: { area: 'holding', type: 'UInt16' },
  UInt16: { area: 'holding', type: 'UInt16' },
  UInt32: { area: 'holding', type: 'UInt32' },
  Float32: { area: 'holding', type: 'Float32' },
  Float64: { area: 'holding', type: 'Float32' },
};

/** Types of the principal value by common data class (IEC 61850-7-3 §7), for tags whose type is not known yet. */
const BY_CDC: Readonly<Record<string, TagType>> = {
  SPS: 'Boolean',
  SPC: 'Boolean',
  SPG: 'Boolean',
  ACT: 'Boolean',
  ACD: 'Boolean',
  DPS: 'Dbpos',
  DPC: 'Dbpos',
  ENS: 'Enum',
  ENC: 'Enum',
  ENG: 'Enum',
  INS: 'Int32',
  INC: 'Int32',
  ING: 'Int32',
  BSC: 'Int32',
  ISC: 'Int32',
  BCR: 'Int64',
  MV: 'Float32',
  CMV: 'Float32',
  SAV: 'Float32',
  APC: 'Float32',
  ASG: 'Float32',
};

/** The type that the tag has, or very likely has by its common data class or functional constraint. */
export function likelyTagType(tag: Pick<Tag, 'type' | 'cdc' | 'fc'>): TagType | undefined {
  if (tag.type) return tag.type;
  const known = tag.cdc !== undefined && Object.hasOwn(BY_CDC, tag.cdc) ? BY_CDC[tag.cdc] : undefined;
  return known ?? (tag.fc === 'MX' ? 'Float32' : undefined);
}

/** Strings, times, bit strings and structures are not mapped by themselves: undefined. A person may map them as text. */
export function defaultMapping(type: TagType | undefined): DefaultMapping | undefined {
  return type !== undefined && Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
}
