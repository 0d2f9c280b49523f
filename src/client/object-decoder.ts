import { QUALITY_MASK, qualityBitsFromWire } from '../model/quality.js';
import { utcTimeToMs } from '../model/timestamp.js';
import { NO_QUALITY, NO_TIME_QUALITY, type ValueTable } from '../model/value-table.js';
import { DataTag } from '../mms/data.js';
import { decodeDataAt, type DataShape } from '../mms/data-shape.js';
import { dataValue } from '../mms/data-value.js';
import { Kind, type ObjectLayout, type Slot } from './object-layout.js';

/** Integers up to six octets are exact numbers; longer ones become decimal strings. */
const MAX_NUMBER_OCTETS = 6;

/**
 * Decodes the answer for one variable straight into a {@link ValueTable}, reading values at the places that the
 * {@link DataShape} of its last answer knows. There is one for each variable, so it holds no more than it must.
 */
export class ObjectDecoder {
  private shape: DataShape | undefined;

  /** @param rows of the tags that this variable brings, in the order of the layout's slots */
  constructor(
    private readonly table: ValueTable,
    readonly rows: readonly number[],
    private readonly layout: ObjectLayout,
  ) {}

  /**
   * Decodes the object that starts at `start`, which is Data and no failure, and returns the position after it.
   * @param received ms since 1970 by this machine
   * @param readAt the same moment in monotonic ms
   * @throws DecodeError when the octets do not have the variable's type
   */
  decode(octets: Buffer, view: DataView, start: number, end: number, received: number, readAt: number): number {
    const { rows, table, layout } = this;
    let { shape } = this;
    if (!shape?.matches(view, start, end)) this.shape = shape = layout.shapes.of(octets, view, start, end);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      this.store(row, layout.slots[i] as Slot, shape, octets, view, start);
      // After the value, which may turn out to be none: a row that was received is one that is known.
      table.received[row] = received;
      table.readAt[row] = readAt;
    }
    return start + shape.total;
  }

  private store(row: number, slot: Slot, shape: DataShape, octets: Buffer, view: DataView, start: number): void {
    const { table } = this;
    let quality = NO_QUALITY;
    let time = NaN;
    let timeQuality = NO_TIME_QUALITY;
    if (slot.qualityTarget >= 0) {
      const word = view.getUint16(start + (shape.contentAt[slot.qualityTarget] as number) + 1);
      quality = word === 0 ? 0 : qualityBitsFromWire(word) & QUALITY_MASK;
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
          let value = length === 1 ? view.getInt8(at) : octets.readIntBE(at, length);
          // A device that forgot the leading zero octet of an unsigned number.
          if (value < 0 && octets[start + (shape.headerAt[slot.valueTarget] as number)] === DataTag.unsigned)
            value += 2 ** (8 * length);
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
}
