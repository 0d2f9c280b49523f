/**
 * Values of a data set in as many octets as their types have at most, so that each stands at the same place in every frame
 * (IEC 61850-8-1 §A.3, Table A.2, with tissues 817 and 1345). Decoders that know nothing of it read them as ever.
 */
import { ArgumentError } from '../errors.js';
import { decodeData, encodeData } from '../mms/data-codec.js';
import { DataTag, type MmsData } from '../mms/data.js';
import { BerReader, tlv } from '../mms/wire.js';
import type { BasicType } from '../model/ied-model.js';
import type { MemberNode } from '../model/member-node.js';
import type { TagType } from '../model/tag-value.js';

/** Octets of a number, to which the one for its sign is added. */
const BASIC_OCTETS: Partial<Record<BasicType, number>> = {
  INT8: 1,
  INT16: 2,
  INT24: 3,
  INT32: 4,
  INT64: 8,
  INT128: 16,
  INT8U: 1,
  INT16U: 2,
  INT24U: 3,
  INT32U: 4,
  Enum: 1,
};
const OCTETS: Partial<Record<TagType, number>> = {
  Int8: 1,
  Int16: 2,
  Int32: 4,
  Int64: 8,
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  Enum: 1,
};

/**
 * @param octets encodings of the members one after the other
 * @param members as the model types them, one for each
 * @returns the same values; texts, octet strings, and enumerations beyond 8 bits keep the length that they have
 * @throws ArgumentError when the values are others than the model has
 */
export function fixedLengthData(octets: Buffer, members: readonly MemberNode[]): Buffer {
  const reader = new BerReader(octets);
  const encoded: Buffer[] = [];
  for (const member of members) {
    if (!reader.next()) break;
    encoded.push(encode(decodeData(reader), member));
  }
  if (encoded.length !== members.length || !reader.done) {
    throw new ArgumentError(`the data set has ${members.length} members, and other values were given`);
  }
  return Buffer.concat(encoded);
}

function encode(data: MmsData, node: MemberNode): Buffer {
  switch (data.type) {
    case 'structure':
      return tlv(DataTag.structure, ...data.items.map((item, i) => encode(item, node.children[i] ?? UNKNOWN)));
    case 'array':
      return tlv(DataTag.array, ...data.items.map((item) => encode(item, node.children[0] ?? UNKNOWN)));
    case 'integer':
    case 'unsigned':
      return (
        fixedInteger(data, (node.basicType && BASIC_OCTETS[node.basicType]) ?? OCTETS[node.type]) ?? encodeData(data)
      );
    default:
      return encodeData(data);
  }
}

/** A value of a structure that the model does not have keeps its length. */
const UNKNOWN: MemberNode = { name: '', type: 'Structure', children: [] };

/** Undefined when the number does not fit, or nobody knows how long it may be. */
function fixedInteger({ type, value }: MmsData & { type: 'integer' | 'unsigned' }, octets = 0): Buffer | undefined {
  const big = BigInt(value);
  const bits = BigInt(octets * 8);
  const [low, high] = type === 'integer' ? [-(1n << bits) / 2n, (1n << bits) / 2n] : [0n, 1n << bits];
  if (octets === 0 || big < low || big >= high) return undefined;
  const content = Buffer.from(
    BigInt.asUintN((octets + 1) * 8, big)
      .toString(16)
      .padStart((octets + 1) * 2, '0'),
    'hex',
  );
  return tlv(type === 'integer' ? DataTag.integer : DataTag.unsigned, content);
}
