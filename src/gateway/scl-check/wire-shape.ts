/** How an attribute looks on the wire: what a file and a live type have in common (IEC 61850-8-1 §8.1). */
import type { DataAttribute } from '../../model/ied-model.js';

/** MMS class of a leaf and its width; `width` is absent where it says nothing. */
export interface WireShape {
  base: string;
  /** Bits of numbers and bit strings, octets or characters of strings. */
  width?: number;
}

const INTEGER = /^(INT)(\d+)(U?)$/;

/** MMS knows no enumerations, no Dbpos and no quality: what they are coded as is compared. */
export function wireShape(attribute: DataAttribute): WireShape {
  const { basicType, type, size } = attribute;
  const integer = INTEGER.exec(basicType);
  if (integer) return { base: integer[3] ? 'unsigned' : 'integer', width: Number(integer[2]) };
  const sized = (base: string): WireShape => ({ base, ...(size !== undefined && { width: Math.abs(size) }) });
  switch (type) {
    case 'Boolean':
      return { base: 'boolean' };
    // INT8 by the standard, wider in many devices: either way the numbers are the same.
    case 'Enum':
      return { base: 'integer' };
    case 'Float32':
      return { base: 'float', width: 32 };
    case 'Float64':
      return { base: 'float', width: 64 };
    case 'Dbpos':
      return { base: 'bit string', width: 2 };
    case 'Quality':
      return { base: 'bit string', width: 13 };
    case 'BitString':
      return sized('bit string');
    case 'Timestamp':
      return { base: basicType === 'EntryTime' ? 'binary time' : 'UTC time' };
    case 'VisibleString':
      return sized('visible string');
    case 'UnicodeString':
      return sized('unicode string');
    case 'OctetString':
      return sized('octet string');
    default:
      return { base: 'structure' };
  }
}

/** Whether values of one can be taken for values of the other: `type` says no, `length` almost. */
export function compareShapes(file: WireShape, device: WireShape): 'same' | 'type' | 'length' {
  if (file.base !== device.base) return 'type';
  // A server that names no length (0) leaves it open.
  if (!file.width || !device.width || file.width === device.width) return 'same';
  return file.base === 'float' || file.base === 'bit string' ? 'type' : 'length';
}

export function shapeText(attribute: DataAttribute): string {
  const { base, width } = wireShape(attribute);
  const named = attribute.basicType === 'Struct' ? '' : `${attribute.basicType}, `;
  return `${named}${base}${width ? ` ${width}` : ''}`;
}
