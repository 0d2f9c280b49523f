import { DecodeError } from '../errors.js';
import { qualityBitsFromWire } from '../model/quality.js';
import { utcTimeToMs } from '../model/timestamp.js';
import { NO_QUALITY, NO_TIME_QUALITY, type ValueTable } from '../model/value-table.js';
import { DataTag } from '../mms/data.js';
import { DataShape, decodeDataAt } from '../mms/data-shape.js';
import type { TypeDescription } from '../mms/type-description.js';
import { dataValue } from './data-value.js';
import { memberIndices, memberType } from './member-type.js';
import type { TagLayout } from './tag-layout.js';

/** How a value's content octets become a number; `other` goes through the general decoder. */
const Kind = { float32: 0, float64: 1, boolean: 2, integer: 3, bits2: 4, other: 5 } as const;
/** Integers up to six octets are exact numbers; longer ones become decimal strings. */
const MAX_NUMBER_OCTETS = 6;

/** What of the variable goes into one row; targets are those of the {@link DataShape}, -1 for none. */
interface Slot {
  row: number;
  kind: number;
  valueTarget: number;
  qualityTarget: number;
  timeTarget: number;
  type: TypeDescription | undefined;
  name: string;
}

/**
 * Decodes the answer for one variable straight into a {@link ValueTable}, reading values at the places that its
 * {@link DataShape} knows.
 */
export class ObjectDecoder {
  private readonly slots: Slot[];
  private readonly shape: DataShape;

  /** @param layouts of the tags that this variable brings, by their rows */
  constructor(
    private readonly table: ValueTable,
    layouts: readonly { row: number; layout: TagLayout }[],
    type: TypeDescription,
  ) {
    const targets = new Map<string, number>();
    const paths: number[][] = [];
    const target = (path: readonly string[] | undefined): number => {
      if (!path) return -1;
      const key = path.join('.');
      let index = targets.get(key);
      if (index === undefined) {
        const indices = memberIndices(type, path);
        if (!indices) throw new DecodeError(`the type has no member ${key}`);
        targets.set(key, (index = paths.push(indices) - 1));
      }
      return index;
    };
    this.slots = layouts.map(({ row, layout }) => {
      const valueType = memberType(type, layout.value);
      return {
        row,
        kind: valueKind(valueType, layout),
        valueTarget: target(layout.value),
        qualityTarget: target(layout.quality),
        timeTarget: target(layout.time),
        type: valueType,
        name: layout.value.at(-1) ?? '',
      };
    });
    this.shape = new DataShape(paths);
  }

  /**
   * Decodes the object that starts at `start`, which is Data and no failure, and returns the position after it.
   * @param received ms since 1970 by this machine
   * @param readAt the same moment in monotonic ms
   * @throws DecodeError when the octets do not have the variable's type
   */
  decode(octets: Buffer, view: DataView, start: number, end: number, received: number, readAt: number): number {
    const { slots, table, shape } = this;
    if (!shape.matches(view, start, end)) this.learn(octets, start, end);
    for (const slot of slots) {
      table.received[slot.row] = received;
      table.readAt[slot.row] = readAt;
      this.store(slot, octets, view, start);
    }
    return start + shape.total;
  }

  private store(slot: Slot, octets: Buffer, view: DataView, start: number): void {
    const { table, shape } = this;
    const { row } = slot;
    let quality = NO_QUALITY;
    let time = NaN;
    let timeQuality = NO_TIME_QUALITY;
    if (slot.qualityTarget >= 0) {
      const word = view.getUint16(start + (shape.contentAt[slot.qualityTarget] as number) + 1);
      quality = word === 0 ? 0 : qualityBitsFromWire(word);
    }
    if (slot.timeTarget >= 0) {
      const at = start + (shape.contentAt[slot.timeTarget] as number);
      const low = view.getUint32(at + 4);
      time = utcTimeToMs(view.getUint32(at), low >>> 8);
      timeQuality = low & 0xff;
    }
    const at = start + (shape.contentAt[slot.valueTarget] as number);
    const length = shape.contentLength[slot.valueTarget] as number;
    switch (slot.kind) {
      case Kind.float32:
        table.setNumber(row, view.getFloat32(at + 1), quality, time, timeQuality);
        return;
      case Kind.boolean:
        table.setNumber(row, view.getUint8(at) === 0 ? 0 : 1, quality, time, timeQuality);
        return;
      case Kind.bits2:
        table.setNumber(row, view.getUint8(at + 1) >>> 6, quality, time, timeQuality);
        return;
      case Kind.float64:
        table.setNumber(row, view.getFloat64(at + 1), quality, time, timeQuality);
        return;
      case Kind.integer:
        if (length <= MAX_NUMBER_OCTETS) {
          const value = length === 1 ? view.getInt8(at) : octets.readIntBE(at, length);
          table.setNumber(row, value, quality, time, timeQuality);
          return;
        }
        break;
      default:
    }
    const from = start + (shape.headerAt[slot.valueTarget] as number);
    const decode = () => dataValue(decodeDataAt(octets, from, at + length), slot.type, slot.name);
    table.setOther(row, octets.subarray(from, at + length), decode, quality, time, timeQuality);
  }

  private learn(octets: Buffer, start: number, end: number): void {
    this.shape.learn(octets, start, end);
    try {
      for (const slot of this.slots) this.check(slot, octets, start);
    } catch (error) {
      this.shape.forget();
      throw error;
    }
  }

  /** Checks tag and length of each value, quality and time, and notes what else a value's first octet must be. */
  private check(slot: Slot, octets: Buffer, start: number): void {
    const { shape } = this;
    const target = (index: number): { tag: number; at: number; length: number } => ({
      tag: octets[start + (shape.headerAt[index] as number)] as number,
      at: start + (shape.contentAt[index] as number),
      length: shape.contentLength[index] as number,
    });
    if (slot.qualityTarget >= 0) {
      const { tag, length } = target(slot.qualityTarget);
      if (tag !== DataTag.bitString || length < 3) throw new DecodeError('quality is no bit string of 13 bits');
    }
    if (slot.timeTarget >= 0) {
      const { tag, length } = target(slot.timeTarget);
      if (tag !== DataTag.utcTime || length !== 8) throw new DecodeError('time is no UtcTime of 8 octets');
    }
    const { tag, at, length } = target(slot.valueTarget);
    switch (slot.kind) {
      case Kind.float32:
      case Kind.float64: {
        const width = slot.kind === Kind.float32 ? 8 : 11;
        const octetCount = slot.kind === Kind.float32 ? 5 : 9;
        if (tag !== DataTag.float || length !== octetCount || octets[at] !== width) {
          throw new DecodeError('value is no IEEE 754 float of its type');
        }
        shape.alsoCheck(octets, start, at - 1);
        return;
      }
      case Kind.boolean:
        if (tag !== DataTag.boolean || length !== 1) throw new DecodeError('value is no BOOLEAN');
        return;
      case Kind.bits2:
        if (tag !== DataTag.bitString || length !== 2) throw new DecodeError('value is no bit string of two bits');
        return;
      case Kind.integer:
        if ((tag !== DataTag.integer && tag !== DataTag.unsigned) || length < 1) {
          throw new DecodeError('value is no INTEGER');
        }
        return;
      default:
    }
  }
}

function valueKind(type: TypeDescription | undefined, layout: TagLayout): number {
  switch (type?.type) {
    case 'float':
      return type.formatWidth > 32 ? Kind.float64 : Kind.float32;
    case 'boolean':
      return Kind.boolean;
    case 'integer':
    case 'unsigned':
      return Kind.integer;
    case 'bit-string':
      return layout.type === 'Dbpos' ? Kind.bits2 : Kind.other;
    default:
      return Kind.other;
  }
}
