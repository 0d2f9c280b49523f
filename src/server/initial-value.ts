/** What a variable holds before anybody gave it a value. */
import { encodeData } from '../mms/data-codec.js';
import type { MmsData } from '../mms/data.js';
import { qualityBitString } from '../model/quality.js';
import { timeQualityToOctet } from '../model/timestamp.js';
import type { DataAttribute } from '../model/ied-model.js';
import type { LeafType } from './leaf-type.js';
import { encodeLeaf } from './leaf-value.js';

/** Nothing is good that was not given: a quality starts as invalid. */
const INITIAL_QUALITY = qualityBitString(2);
/** A time that was never set is 1970, from a clock that says that it is not synchronised. */
const INITIAL_TIME_QUALITY = timeQualityToOctet({ clockNotSynchronized: true, accuracy: 31 });

const byType = new WeakMap<LeafType, Buffer>();

/** Encoding of the initial value of a type; one buffer for all leaves of the type, not to be changed. */
export function initialEncoding(type: LeafType): Buffer {
  let encoding = byType.get(type);
  if (!encoding) {
    encoding = Buffer.from(encodeData(initialData(type)));
    byType.set(type, encoding);
  }
  return encoding;
}

const byAttribute = new WeakMap<DataAttribute, { value: string; encoding: Buffer }>();

/**
 * Encoding of a value that the file gives; one buffer for all logical nodes that share the attribute, not to be changed.
 * @throws ArgumentError when it is no value of the type
 */
export function encodingInFile(attribute: DataAttribute, type: LeafType, value: string): Buffer {
  const known = byAttribute.get(attribute);
  if (known?.value === value) return known.encoding;
  // Not from the pool of small buffers: it is kept as long as the model.
  const encoded = encodeLeaf(type, value, {});
  const encoding = Buffer.allocUnsafeSlow(encoded.length);
  encoded.copy(encoding);
  byAttribute.set(attribute, { value, encoding });
  return encoding;
}

function initialData(type: LeafType): MmsData {
  const { description } = type;
  switch (description.type) {
    case 'boolean':
      return { type: 'boolean', value: false };
    case 'integer':
    case 'unsigned':
      return { type: description.type, value: lowestNumber(type) };
    case 'float':
      return { type: 'float', value: 0, width: description.formatWidth === 64 ? 64 : 32 };
    case 'bit-string':
      if (type.basicType === 'Quality') return { type: 'bit-string', bits: INITIAL_QUALITY };
      return { type: 'bit-string', bits: '0'.repeat(Math.abs(description.size)) };
    case 'octet-string':
      return { type: 'octet-string', octets: Buffer.alloc(Math.max(0, description.size)) };
    case 'visible-string':
    case 'mms-string':
      return { type: description.type, value: '' };
    case 'utc-time':
      return { type: 'utc-time', seconds: 0, fraction: 0, quality: INITIAL_TIME_QUALITY };
    case 'binary-time':
      return { type: 'binary-time', ms: 0, days: 0 };
    default:
      return { type: 'structure', items: [] };
  }
}

/** 0, or the lowest number of an enumeration that has no 0. */
function lowestNumber(type: LeafType): number {
  const numbers = Object.keys(type.enumLiterals ?? {}).map(Number);
  return numbers.length === 0 || numbers.includes(0) ? 0 : Math.min(...numbers);
}
