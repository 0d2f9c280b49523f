/** Basic types of IEC 61850-7-2 §6.1.2 as MMS types (IEC 61850-8-1 §8.1). */
import type { BasicType, DataAttribute } from '../model/ied-model.js';
import type { TagType } from '../model/tag-value.js';
import type { TypeDescription } from '../mms/type-description.js';

/** What all variables of one basic type have in common; shared between them. */
export interface LeafType {
  readonly basicType: BasicType;
  readonly tagType: TagType;
  readonly description: TypeDescription;
  /** Literals by number, for Enum. */
  readonly enumLiterals?: Readonly<Record<number, string>>;
  /** Octets that the longest encoding takes; undefined for strings, which get what they need. */
  readonly capacity: number | undefined;
}

const integer = (size: number): TypeDescription => ({ type: 'integer', size });
const unsigned = (size: number): TypeDescription => ({ type: 'unsigned', size });
const bits = (size: number): TypeDescription => ({ type: 'bit-string', size });
const visible = (size: number): TypeDescription => ({ type: 'visible-string', size: -size });
const octets = (size: number): TypeDescription => ({ type: 'octet-string', size });

const DESCRIPTIONS: Readonly<Record<Exclude<BasicType, 'Struct' | 'PhyComAddr' | 'Enum'>, TypeDescription>> = {
  BOOLEAN: { type: 'boolean' },
  INT8: integer(8),
  INT16: integer(16),
  INT24: integer(24),
  INT32: integer(32),
  INT64: integer(64),
  INT128: integer(128),
  INT8U: unsigned(8),
  INT16U: unsigned(16),
  INT24U: unsigned(24),
  INT32U: unsigned(32),
  FLOAT32: { type: 'float', formatWidth: 32, exponentWidth: 8 },
  FLOAT64: { type: 'float', formatWidth: 64, exponentWidth: 11 },
  Dbpos: bits(2),
  Tcmd: bits(2),
  Quality: bits(-13),
  Check: bits(-2),
  TrgOps: bits(-6),
  OptFlds: bits(-10),
  SvOptFlds: bits(-5),
  Timestamp: { type: 'utc-time' },
  EntryTime: { type: 'binary-time', withDate: true },
  EntryID: octets(8),
  VisString32: visible(32),
  VisString64: visible(64),
  VisString65: visible(65),
  VisString129: visible(129),
  VisString255: visible(255),
  ObjRef: visible(129),
  Currency: visible(3),
  Unicode255: { type: 'mms-string', size: -255 },
  Octet6: octets(-6),
  Octet16: octets(-16),
  Octet64: octets(-64),
};

/** Bits that hold every number of an enumeration: 8, unless the file's own literals go beyond (IEC 61850-8-1 §8.1.2.2). */
function enumSize(literals: Readonly<Record<number, string>> | undefined): number {
  let size = 8;
  for (const key of Object.keys(literals ?? {})) {
    const number = Number(key);
    while (size < 32 && (number < -(2 ** (size - 1)) || number >= 2 ** (size - 1))) size *= 2;
  }
  return size;
}

function withSize(description: TypeDescription, size: number | undefined): TypeDescription {
  if (size === undefined || size === 0) return description;
  switch (description.type) {
    case 'bit-string':
    case 'octet-string':
    case 'visible-string':
    case 'mms-string':
      // The standard's own sign, fixed or varying, stands where the lengths agree.
      return Math.abs(size) === Math.abs(description.size) ? description : { type: description.type, size };
    default:
      return description;
  }
}

function capacityOf(description: TypeDescription): number | undefined {
  switch (description.type) {
    case 'boolean':
      return 3;
    case 'integer':
      return 2 + Math.ceil(description.size / 8);
    case 'unsigned':
      // A set top bit needs a leading zero octet.
      return 3 + Math.ceil(description.size / 8);
    case 'float':
      return description.formatWidth === 32 ? 7 : 11;
    case 'utc-time':
      return 10;
    case 'binary-time':
      return 8;
    case 'bit-string':
      return Math.abs(description.size) <= 64 ? 3 + Math.ceil(Math.abs(description.size) / 8) : undefined;
    default:
      return undefined;
  }
}

function describeAttribute({ basicType, size, enumLiterals }: DataAttribute): TypeDescription {
  switch (basicType) {
    case 'Enum':
      return integer(enumSize(enumLiterals));
    case 'Struct':
    case 'PhyComAddr':
      return { type: 'structure', components: [] };
    default:
      return withSize(DESCRIPTIONS[basicType], size);
  }
}

const byBasicType = new Map<string, LeafType>();
const byAttribute = new WeakMap<DataAttribute, LeafType>();

/** Leaf type of an attribute that has no members. */
export function leafTypeOf(attribute: DataAttribute): LeafType {
  const { basicType, size, enumLiterals } = attribute;
  const key = `${basicType} ${size ?? ''}`;
  const known = enumLiterals ? byAttribute.get(attribute) : byBasicType.get(key);
  if (known) return known;
  const description = describeAttribute(attribute);
  const made: LeafType = {
    basicType,
    tagType: attribute.type,
    description,
    ...(enumLiterals && { enumLiterals }),
    capacity: capacityOf(description),
  };
  if (enumLiterals) byAttribute.set(attribute, made);
  else byBasicType.set(key, made);
  return made;
}
