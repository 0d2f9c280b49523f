import type { BasicType, DataAttribute } from '../model/ied-model.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type { TagType } from '../model/tag-value.js';

export interface BasicTypeInfo {
  basicType: BasicType;
  type: TagType;
  /** Octets of a string or bits of a bit string; negative: up to that many. */
  size?: number;
}

/** The types of IEC 61850-6 §9.5.4.2 with their encoding in MMS (IEC 61850-8-1 §8.1 and Table 2). */
const BASIC_TYPES: ReadonlyArray<readonly [basicType: BasicType, type: TagType, size?: number]> = [
  ['BOOLEAN', 'Boolean'],
  ['INT8', 'Int8'],
  ['INT16', 'Int16'],
  ['INT24', 'Int32'],
  ['INT32', 'Int32'],
  ['INT64', 'Int64'],
  ['INT128', 'Int64'],
  ['INT8U', 'UInt8'],
  ['INT16U', 'UInt16'],
  ['INT24U', 'UInt32'],
  ['INT32U', 'UInt32'],
  ['FLOAT32', 'Float32'],
  ['FLOAT64', 'Float64'],
  ['Enum', 'Enum'],
  ['Dbpos', 'Dbpos', 2],
  ['Tcmd', 'BitString', 2],
  ['Quality', 'Quality', -13],
  ['Timestamp', 'Timestamp'],
  ['VisString32', 'VisibleString', -32],
  ['VisString64', 'VisibleString', -64],
  ['VisString65', 'VisibleString', -65],
  ['VisString129', 'VisibleString', -129],
  ['VisString255', 'VisibleString', -255],
  ['Unicode255', 'UnicodeString', -255],
  ['Octet6', 'OctetString', -6],
  ['Octet16', 'OctetString', -16],
  ['Octet64', 'OctetString', -64],
  ['EntryTime', 'Timestamp'],
  ['EntryID', 'OctetString', 8],
  ['Check', 'BitString', -2],
  ['ObjRef', 'VisibleString', -129],
  ['Currency', 'VisibleString', -3],
  ['PhyComAddr', 'Structure'],
  ['TrgOps', 'BitString', -6],
  ['OptFlds', 'BitString', -10],
  ['SvOptFlds', 'BitString', -5],
  ['Struct', 'Structure'],
];

const BY_NAME = new Map<string, BasicTypeInfo>(
  BASIC_TYPES.map(([basicType, type, size]) => [
    basicType.toLowerCase(),
    { basicType, type, ...(size !== undefined && { size }) },
  ]),
);

/** The type of a `bType`; letter case is forgiven, since tools differ in it. */
export function basicTypeInfo(bType: string): BasicTypeInfo | undefined {
  return BY_NAME.get(bType.toLowerCase());
}

/** Members of a PHYCOMADDR (IEC 61850-8-1 §8.1.3.8), which SCL does not spell out. */
export function phyComAddrMembers(fc: FunctionalConstraint): DataAttribute[] {
  return [
    { name: 'Addr', fc, basicType: 'Octet6', type: 'OctetString', size: 6, attributes: [] },
    { name: 'PRIORITY', fc, basicType: 'INT8U', type: 'UInt8', attributes: [] },
    { name: 'VID', fc, basicType: 'INT16U', type: 'UInt16', attributes: [] },
    { name: 'APPID', fc, basicType: 'INT16U', type: 'UInt16', attributes: [] },
  ];
}

const INTEGER_RANGES: Partial<Record<TagType, readonly [bigint, bigint]>> = {
  Int8: [-128n, 127n],
  Int16: [-32768n, 32767n],
  Int32: [-2147483648n, 2147483647n],
  Int64: [-(1n << 63n), (1n << 63n) - 1n],
  UInt8: [0n, 255n],
  UInt16: [0n, 65535n],
  UInt32: [0n, 4294967295n],
};
const DBPOS = new Set([
  'intermediate',
  'intermediate-state',
  'off',
  'on',
  'bad',
  'bad-state',
  '00',
  '01',
  '10',
  '11',
  '0',
  '1',
  '2',
  '3',
]);

/** Whether a `Val` can be a value of its attribute; types whose text form is free are always so. */
export function isPlausibleValue(attribute: DataAttribute, value: string): boolean {
  if (value === '') return true;
  const range = INTEGER_RANGES[attribute.type];
  if (range) return /^[+-]?\d{1,20}$/.test(value) && inRange(BigInt(value.replace(/^\+/, '')), range);
  switch (attribute.type) {
    case 'Boolean':
      return /^(true|false|0|1)$/i.test(value);
    case 'Float32':
    case 'Float64':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) || /^([+-]?inf(inity)?|nan)$/i.test(value);
    case 'Dbpos':
      return DBPOS.has(value.toLowerCase());
    case 'Enum': {
      const literals = attribute.enumLiterals;
      return !literals || Object.hasOwn(literals, value) || Object.values(literals).includes(value);
    }
    default:
      return true;
  }
}

function inRange(value: bigint, [low, high]: readonly [bigint, bigint]): boolean {
  return value >= low && value <= high;
}
