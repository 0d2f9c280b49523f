import { bitStringText, type BerReader } from '../ber/reader.js';
import { berBitString, berVisibleString, berInteger, integerContent, tlv } from '../ber/encode.js';
import { DecodeError, LimitError } from '../errors.js';
import { MAX_DATA_NESTING, MAX_LIST_LENGTH } from '../limits.js';
import { DataTag, type AccessResult, type MmsData } from './data.js';
import { decodeTimeOfDay, encodeTimeOfDay } from './time-of-day.js';

const MAX_BITS = 65536;
const MAX_INTEGER_OCTETS = 17;

/** Reads the reader's current element as Data. @throws DecodeError */
export function decodeData(reader: BerReader, depth = 0): MmsData {
  const { octets, start, end } = reader;
  const length = end - start;
  switch (reader.tag) {
    case DataTag.structure:
    case DataTag.array: {
      if (depth >= MAX_DATA_NESTING) throw new LimitError(`MMS data is nested deeper than ${MAX_DATA_NESTING}`);
      const items: MmsData[] = [];
      const inner = reader.enter();
      while (inner.next()) {
        if (items.length >= MAX_LIST_LENGTH) throw new LimitError('MMS structure has too many members');
        items.push(decodeData(inner, depth + 1));
      }
      return { type: reader.tag === DataTag.array ? 'array' : 'structure', items };
    }
    case DataTag.boolean: {
      const value = reader.boolean();
      const octet = octets[start] as number;
      return octet > 1 ? { type: 'boolean', value, octet } : { type: 'boolean', value };
    }
    case DataTag.bitString:
      return { type: 'bit-string', bits: bitStringText(octets, start, end, MAX_BITS) };
    case DataTag.integer:
      return { type: 'integer', value: wideInteger(octets, start, end, true) };
    case DataTag.unsigned:
      return {
        type: 'unsigned',
        value: wideInteger(octets, start, end, false),
        ...((octets[start] as number) >= 0x80 && { unpadded: true }),
      };
    case DataTag.float:
      if (length === 5 && octets[start] === 8)
        return { type: 'float', value: octets.readFloatBE(start + 1), width: 32 };
      if (length === 9 && octets[start] === 11)
        return { type: 'float', value: octets.readDoubleBE(start + 1), width: 64 };
      throw new DecodeError(`floating point of ${length} octets is not IEEE 754`);
    case DataTag.octetString:
      return { type: 'octet-string', octets: Buffer.from(reader.content()) };
    case DataTag.visibleString:
      return { type: 'visible-string', value: octets.toString('latin1', start, end) };
    case DataTag.mmsString:
      return { type: 'mms-string', value: octets.toString('utf8', start, end) };
    case DataTag.binaryTime:
      return { type: 'binary-time', ...decodeTimeOfDay(reader) };
    case DataTag.utcTime:
      if (length !== 8) throw new DecodeError(`UtcTime has ${length} octets`);
      return {
        type: 'utc-time',
        seconds: octets.readUInt32BE(start),
        fraction: octets.readUIntBE(start + 4, 3),
        quality: octets[start + 7] as number,
      };
    case DataTag.generalizedTime:
    case DataTag.bcd:
    case DataTag.booleanArray:
    case DataTag.objectIdentifier:
      return { type: 'other', tag: reader.tag, octets: Buffer.from(reader.content()) };
    default:
      throw new DecodeError(`MMS data has unknown tag 0x${reader.tag.toString(16)}`);
  }
}

/** INTEGER of up to 16 octets and a leading zero: a number where it is exact, else a bigint. */
function wideInteger(octets: Buffer, start: number, end: number, signed: boolean): number | bigint {
  const length = end - start;
  if (length < 1 || length > MAX_INTEGER_OCTETS) throw new DecodeError(`INTEGER has ${length} octets`);
  if (length <= 6) return signed ? octets.readIntBE(start, length) : octets.readUIntBE(start, length);
  const bits = BigInt(`0x${octets.toString('hex', start, end)}`);
  const value = signed ? BigInt.asIntN(length * 8, bits) : bits;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export function encodeData(data: MmsData): Buffer {
  switch (data.type) {
    case 'structure':
      return tlv(DataTag.structure, ...data.items.map(encodeData));
    case 'array':
      return tlv(DataTag.array, ...data.items.map(encodeData));
    case 'boolean':
      return Buffer.of(DataTag.boolean, 1, data.value ? (data.octet ?? 1) : 0);
    case 'bit-string':
      return berBitString(DataTag.bitString, data.bits);
    case 'integer':
      return berInteger(DataTag.integer, data.value);
    case 'unsigned':
      return tlv(DataTag.unsigned, integerContent(data.value).subarray(data.unpadded ? 1 : 0));
    case 'float':
      return encodeFloat(data.value, data.width);
    case 'octet-string':
      return tlv(DataTag.octetString, data.octets);
    case 'visible-string':
      return berVisibleString(DataTag.visibleString, data.value);
    case 'mms-string':
      return tlv(DataTag.mmsString, Buffer.from(data.value, 'utf8'));
    case 'binary-time':
      return encodeTimeOfDay(DataTag.binaryTime, data);
    case 'utc-time': {
      const content = Buffer.alloc(8);
      content.writeUInt32BE(data.seconds, 0);
      content.writeUIntBE(data.fraction, 4, 3);
      content[7] = data.quality;
      return tlv(DataTag.utcTime, content);
    }
    case 'other':
      return tlv(data.tag, data.octets);
  }
}

function encodeFloat(value: number, width: 32 | 64): Buffer {
  if (width === 32) {
    const octets = Buffer.of(DataTag.float, 5, 8, 0, 0, 0, 0);
    octets.writeFloatBE(value, 3);
    return octets;
  }
  const octets = Buffer.alloc(11);
  octets[0] = DataTag.float;
  octets[1] = 9;
  octets[2] = 11;
  octets.writeDoubleBE(value, 3);
  return octets;
}

/** Tag of an access result that is a DataAccessError and no Data. */
export const ACCESS_FAILURE = 0x80;

/** Reads the reader's current element as AccessResult (ISO 9506-2 §14.2.2): failure is tag 0x80. */
function decodeAccessResult(reader: BerReader): AccessResult {
  if (reader.tag === ACCESS_FAILURE) return { success: false, error: reader.integer() };
  return { success: true, data: decodeData(reader) };
}

export function encodeAccessResult(result: AccessResult): Buffer {
  return result.success ? encodeData(result.data) : berInteger(ACCESS_FAILURE, result.error);
}

export function decodeAccessResults(list: BerReader): AccessResult[] {
  const results: AccessResult[] = [];
  while (list.next()) {
    if (results.length >= MAX_LIST_LENGTH) throw new LimitError('too many access results');
    results.push(decodeAccessResult(list));
  }
  return results;
}
