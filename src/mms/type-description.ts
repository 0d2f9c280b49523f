import type { BerReader } from '../ber/reader.js';
import { berBoolean, berInteger, berNull, berVisibleString, integerContent, tlv } from '../ber/encode.js';
import { DecodeError, LimitError } from '../errors.js';
import { MAX_DATA_NESTING, MAX_IDENTIFIER_LENGTH, MAX_LIST_LENGTH } from '../limits.js';

/** TypeDescription of ISO 9506-2 §14.4.1: the shape of a variable. */
export type TypeDescription =
  | { type: 'structure'; components: TypeComponent[] }
  | { type: 'array'; count: number; element: TypeDescription }
  | { type: 'boolean' | 'utc-time' | 'object-identifier' | 'generalized-time' }
  /** Bits; negative: a varying number up to that. */
  | { type: 'bit-string'; size: number }
  /** Bits of the number, 8 to 64 (128). */
  | { type: 'integer' | 'unsigned' | 'bcd'; size: number }
  | { type: 'float'; formatWidth: number; exponentWidth: number }
  /** Octets or characters; negative: a varying number up to that. */
  | { type: 'octet-string' | 'visible-string' | 'mms-string'; size: number }
  /** Whether the six-octet form with days is used. */
  | { type: 'binary-time'; withDate: boolean };

export interface TypeComponent {
  name: string;
  type: TypeDescription;
}

const TAG = {
  array: 0xa1,
  structure: 0xa2,
  boolean: 0x83,
  bitString: 0x84,
  integer: 0x85,
  unsigned: 0x86,
  float: 0xa7,
  octetString: 0x89,
  visibleString: 0x8a,
  generalizedTime: 0x8b,
  binaryTime: 0x8c,
  bcd: 0x8d,
  objectIdentifier: 0x8f,
  mmsString: 0x90,
  utcTime: 0x91,
} as const;

/** Reads the reader's current element as TypeDescription. @throws DecodeError, LimitError */
export function decodeTypeDescription(reader: BerReader, depth = 0): TypeDescription {
  if (depth > MAX_DATA_NESTING) throw new LimitError(`MMS type is nested deeper than ${MAX_DATA_NESTING}`);
  switch (reader.tag) {
    case TAG.structure:
      return decodeStructure(reader, depth);
    case TAG.array:
      return decodeArray(reader, depth);
    case TAG.boolean:
      return { type: 'boolean' };
    case TAG.utcTime:
      return { type: 'utc-time' };
    case TAG.generalizedTime:
      return { type: 'generalized-time' };
    case TAG.objectIdentifier:
      return { type: 'object-identifier' };
    case TAG.bitString:
      return { type: 'bit-string', size: reader.integer() };
    case TAG.integer:
      return { type: 'integer', size: reader.unsigned() };
    case TAG.unsigned:
      return { type: 'unsigned', size: reader.unsigned() };
    case TAG.bcd:
      return { type: 'bcd', size: reader.unsigned() };
    case TAG.float: {
      const inner = reader.enter();
      const formatWidth = inner.expect(0x02, 'float format width').unsigned();
      return { type: 'float', formatWidth, exponentWidth: inner.expect(0x02, 'float exponent width').unsigned() };
    }
    case TAG.octetString:
      return { type: 'octet-string', size: reader.integer() };
    case TAG.visibleString:
      return { type: 'visible-string', size: reader.integer() };
    case TAG.mmsString:
      return { type: 'mms-string', size: reader.integer() };
    case TAG.binaryTime:
      return { type: 'binary-time', withDate: reader.boolean() };
    default:
      throw new DecodeError(`MMS type description has unknown tag 0x${reader.tag.toString(16)}`);
  }
}

function decodeStructure(reader: BerReader, depth: number): TypeDescription {
  const inner = reader.enter();
  const components: TypeComponent[] = [];
  while (inner.next()) {
    if (inner.tag !== 0xa1) continue;
    const list = inner.enter();
    while (list.next()) {
      if (components.length >= MAX_LIST_LENGTH) throw new LimitError('MMS type has too many components');
      components.push(decodeComponent(list.enter(), depth));
    }
  }
  return { type: 'structure', components };
}

function decodeComponent(component: BerReader, depth: number): TypeComponent {
  let name = '';
  let type: TypeDescription | undefined;
  while (component.next()) {
    if (component.tag === 0x80) name = component.visibleString(MAX_IDENTIFIER_LENGTH);
    else if (component.tag === 0xa1) type = decodeSpecification(component, depth + 1);
  }
  if (!type) throw new DecodeError('MMS type component has no type');
  return { name, type };
}

function decodeArray(reader: BerReader, depth: number): TypeDescription {
  const inner = reader.enter();
  let count: number | undefined;
  let element: TypeDescription | undefined;
  while (inner.next()) {
    if (inner.tag === 0x81) count = inner.unsigned(0x7fffffff);
    else if (inner.tag === 0xa2) element = decodeSpecification(inner, depth + 1);
  }
  if (count === undefined || !element) throw new DecodeError('MMS array type is incomplete');
  return { type: 'array', count, element };
}

/** TypeSpecification is a CHOICE inside an explicit tag; names of types ([0]) are not used by IEC 61850. */
function decodeSpecification(reader: BerReader, depth: number): TypeDescription {
  const inner = reader.enter();
  if (!inner.next()) throw new DecodeError('MMS type specification is empty');
  return decodeTypeDescription(inner, depth);
}

export function encodeTypeDescription(type: TypeDescription): Buffer {
  switch (type.type) {
    case 'structure':
      return tlv(
        TAG.structure,
        tlv(
          0xa1,
          ...type.components.map((component) =>
            tlv(0x30, berVisibleString(0x80, component.name), tlv(0xa1, encodeTypeDescription(component.type))),
          ),
        ),
      );
    case 'array':
      return tlv(TAG.array, berInteger(0x81, type.count), tlv(0xa2, encodeTypeDescription(type.element)));
    case 'boolean':
      return berNull(TAG.boolean);
    case 'utc-time':
      return berNull(TAG.utcTime);
    case 'generalized-time':
      return berNull(TAG.generalizedTime);
    case 'object-identifier':
      return berNull(TAG.objectIdentifier);
    case 'bit-string':
      return berInteger(TAG.bitString, type.size);
    case 'integer':
      return berInteger(TAG.integer, type.size);
    case 'unsigned':
      return berInteger(TAG.unsigned, type.size);
    case 'bcd':
      return berInteger(TAG.bcd, type.size);
    case 'float':
      return tlv(TAG.float, tlv(0x02, integerContent(type.formatWidth)), tlv(0x02, integerContent(type.exponentWidth)));
    case 'octet-string':
      return berInteger(TAG.octetString, type.size);
    case 'visible-string':
      return berInteger(TAG.visibleString, type.size);
    case 'mms-string':
      return berInteger(TAG.mmsString, type.size);
    case 'binary-time':
      return berBoolean(TAG.binaryTime, type.withDate);
  }
}
