import { standardEnum } from '../model/enums.js';
import type { BasicType } from '../model/ied-model.js';
import type { TagType } from '../model/tag-value.js';
import type { TypeDescription } from '../mms/type-description.js';

/** Where a leaf stands, which tells two-bit strings and enumerations apart that MMS does not. */
export interface LeafPlace {
  lnClass: string;
  dataObject: string;
  attribute: string;
}

const DBPOS_NAMES = new Set(['stVal', 'subVal', 'ctlVal']);
const BIT_STRINGS: Readonly<Record<number, BasicType>> = { 6: 'TrgOps', 10: 'OptFlds' };

/** Basic type, tag type and, for an enumeration that the standard defines, its literals, of a live leaf type. */
export interface LiveType {
  basicType: BasicType;
  type: TagType;
  size?: number;
  enumLiterals?: Record<number, string>;
}

const INTEGERS: Readonly<Record<number, LiveType>> = {
  8: { basicType: 'INT8', type: 'Int8' },
  16: { basicType: 'INT16', type: 'Int16' },
  24: { basicType: 'INT24', type: 'Int32' },
  32: { basicType: 'INT32', type: 'Int32' },
  64: { basicType: 'INT64', type: 'Int64' },
  128: { basicType: 'INT128', type: 'Int64' },
};
const UNSIGNEDS: Readonly<Record<number, LiveType>> = {
  8: { basicType: 'INT8U', type: 'UInt8' },
  16: { basicType: 'INT16U', type: 'UInt16' },
  24: { basicType: 'INT24U', type: 'UInt32' },
  32: { basicType: 'INT32U', type: 'UInt32' },
};

/** What a live MMS type stands for in IEC 61850 (8-1 §8.1.2, read backwards). */
export function liveType(type: TypeDescription, place: LeafPlace): LiveType {
  switch (type.type) {
    case 'boolean':
      return { basicType: 'BOOLEAN', type: 'Boolean' };
    case 'integer': {
      const enumLiterals = standardEnum(place.lnClass, place.dataObject, place.attribute);
      if (enumLiterals && type.size <= 32) return { basicType: 'Enum', type: 'Enum', enumLiterals };
      return INTEGERS[type.size] ?? { basicType: 'INT32', type: 'Int32' };
    }
    case 'unsigned':
      return UNSIGNEDS[type.size] ?? { basicType: 'INT32U', type: 'UInt32' };
    case 'float':
      return type.formatWidth > 32
        ? { basicType: 'FLOAT64', type: 'Float64' }
        : { basicType: 'FLOAT32', type: 'Float32' };
    case 'bit-string':
      return bitString(type.size, place.attribute);
    case 'octet-string':
      return { basicType: 'Octet64', type: 'OctetString', size: type.size };
    case 'visible-string':
      return {
        basicType: Math.abs(type.size) === 129 ? 'VisString129' : 'VisString255',
        type: 'VisibleString',
        size: type.size,
      };
    case 'mms-string':
      return { basicType: 'Unicode255', type: 'UnicodeString', size: type.size };
    case 'utc-time':
      return { basicType: 'Timestamp', type: 'Timestamp' };
    case 'binary-time':
      return { basicType: 'EntryTime', type: 'Timestamp' };
    case 'structure':
      return { basicType: 'Struct', type: 'Structure' };
    case 'array':
      return { basicType: 'Struct', type: 'Array' };
    case 'bcd':
    case 'generalized-time':
    case 'object-identifier':
      return { basicType: 'Octet64', type: 'OctetString' };
  }
}

function bitString(size: number, attribute: string): LiveType {
  const bits = Math.abs(size);
  if (bits === 13) return { basicType: 'Quality', type: 'Quality', size };
  if (bits === 2 && DBPOS_NAMES.has(attribute)) return { basicType: 'Dbpos', type: 'Dbpos', size };
  if (bits === 2) return { basicType: 'Check', type: 'BitString', size };
  return { basicType: BIT_STRINGS[bits] ?? 'OptFlds', type: 'BitString', size };
}
