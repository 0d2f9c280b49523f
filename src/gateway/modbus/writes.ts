/** What a master wrote, as tags and values. The registers keep what the IED says: they change when its value does. */
import { formatAddress } from './address.js';
import { decodeNumber, decodeText } from './encode.js';
import { ModbusExceptionCode } from './exceptions.js';
import { type Area, type MapRow, rowSize } from './map.js';
import type { RegisterImage } from './register-image.js';
import type { MaskRequest, WriteRequest } from './request.js';

/** One tag that a master wants to have another value. */
export interface TagWrite {
  ied: string;
  tag: string;
  reference?: string;
  /** (raw − offset) / scale; true and false for a bit; an integer beyond 2^53 is a decimal string. */
  value: number | boolean | string;
  /** What stood in the registers, before scale and offset. */
  raw: number | boolean | string;
  functionCode: number;
  unit: number;
  area: Area;
  /** Zero-based address, and the same as HMIs show it. */
  address: number;
  notation: string;
  /** Address and port of the master. */
  client: string;
}

type Decoded = TagWrite[] | ModbusExceptionCode;

/**
 * Tags of a write; all of them or, when an address belongs to no tag or a number cannot be, an exception and none.
 * A number that takes several registers has to be written as a whole.
 */
export function decodeWrite(request: WriteRequest, image: RegisterImage, client: string): Decoded {
  const { unit, functionCode, area, address, values } = request;
  if (!image.hasUnit(unit)) return ModbusExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND;
  const writes: TagWrite[] = [];
  let at = 0;
  while (at < values.length) {
    const points = image.pointsAt(unit, area, address + at);
    const size = points.length === 0 ? 0 : rowSize((points[0] as { row: MapRow }).row);
    if (size === 0 || at + size > values.length) return ModbusExceptionCode.ILLEGAL_DATA_ADDRESS;
    for (const { row } of points) {
      const decoded = decodeRow(row, values, at);
      if (!decoded) return ModbusExceptionCode.ILLEGAL_DATA_VALUE;
      writes.push(tagWrite(row, decoded, functionCode, unit, client));
    }
    at += size;
  }
  return writes;
}

/** Tags of a masked write: the bits that the mask takes, or the one number of the register. */
export function decodeMask(request: MaskRequest, image: RegisterImage, client: string): Decoded {
  const { unit, functionCode, address, andMask, orMask } = request;
  const points = image.pointsAt(unit, 'holding', address);
  if (!image.hasUnit(unit)) return ModbusExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND;
  if (points.length === 0 || rowSize((points[0] as { row: MapRow }).row) !== 1) {
    return ModbusExceptionCode.ILLEGAL_DATA_ADDRESS;
  }
  const bits = points.filter(({ row }) => row.type === 'Bit');
  const taken = bits.filter(({ row }) => (andMask & (1 << (row.bit ?? 0))) === 0);
  if (bits.length > 0) {
    return taken.map(({ row }) => tagWrite(row, decodeRow(row, [orMask], 0) as DecodedRow, functionCode, unit, client));
  }
  // The other bits come from the present contents, which must be worth something.
  const exception = image.check(unit, 'holding', address, 1);
  if (exception !== ModbusExceptionCode.NONE) return exception;
  const present = image.read(unit, 'holding', address, 1)[0] as number;
  const written = (present & andMask) | (orMask & ~andMask & 0xffff);
  return decodeWrite({ kind: 'write', unit, functionCode, area: 'holding', address, values: [written] }, image, client);
}

type DecodedRow = Pick<TagWrite, 'raw' | 'value'>;

function decodeRow(row: MapRow, values: readonly number[], at: number): DecodedRow | undefined {
  if (row.type === 'Bool' || row.type === 'Bit') {
    const bit = ((values[at] as number) & (1 << (row.bit ?? 0))) !== 0;
    return { raw: bit, value: bit };
  }
  if (row.type === 'Text') {
    const text = decodeText(row, values, at);
    return { raw: text, value: text };
  }
  const number = decodeNumber(row, values, at);
  if (!number || (typeof number.raw === 'number' && !Number.isFinite(number.raw))) return undefined;
  return { raw: plain(number.raw), value: plain(number.value) };
}

const plain = (value: number | bigint): number | string => (typeof value === 'bigint' ? String(value) : value);

function tagWrite(row: MapRow, decoded: DecodedRow, functionCode: number, unit: number, client: string): TagWrite {
  const { ied, tag, reference, area, address } = row;
  const notation = formatAddress(area, address);
  return { ied, tag, ...(reference && { reference }), ...decoded, functionCode, unit, area, address, notation, client };
}
