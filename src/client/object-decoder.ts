import { BerReader } from '../ber/reader.js';
import { DecodeError } from '../errors.js';
import { qualityBitsFromWire } from '../model/quality.js';
import { utcTimeToMs } from '../model/timestamp.js';
import { NO_QUALITY, NO_TIME_QUALITY, type ValueTable } from '../model/value-table.js';
import { DataTag } from '../mms/data.js';
import { decodeData } from '../mms/data-codec.js';
import type { TypeDescription } from '../mms/type-description.js';
import { dataValue } from './data-value.js';
import { memberIndices, memberType } from './member-type.js';
import type { TagLayout } from './tag-layout.js';

/** How a value's content octets become a number; `other` goes through the general decoder. */
const Kind = { float32: 0, float64: 1, boolean: 2, integer: 3, bits2: 4, other: 5 } as const;
/** Integers up to six octets are exact numbers; longer ones become decimal strings. */
const MAX_NUMBER_OCTETS = 6;

interface Slot {
  row: number;
  kind: number;
  valueTarget: number;
  qualityTarget: number;
  timeTarget: number;
  type: TypeDescription | undefined;
  name: string;
}

interface TargetNode {
  children: Map<number, TargetNode>;
  target: number;
}

/**
 * Decodes the answer for one variable straight into a {@link ValueTable}. The first answer is walked and its shape
 * noted: every identifier and length up to the last octet that is of interest. As long as later answers have exactly
 * these, values are read at known places; an answer of another shape is walked and noted anew.
 */
export class ObjectDecoder {
  private readonly slots: Slot[] = [];
  private readonly root: TargetNode = { children: new Map(), target: -1 };
  private targetCount = 0;
  /** By target: content position and length relative to the object's first octet. */
  private contentAt = new Int32Array(0);
  private contentLength = new Int32Array(0);
  private headerAt = new Int32Array(0);
  /** Positions and 16-bit words that an answer of the noted shape has. */
  private checkAt: number[] = [];
  private checkWord: number[] = [];
  private total = -1;

  /** @param layouts of the tags that this variable brings, by their rows */
  constructor(
    private readonly table: ValueTable,
    layouts: readonly { row: number; layout: TagLayout }[],
    type: TypeDescription,
  ) {
    for (const { row, layout } of layouts) {
      const valueType = memberType(type, layout.value);
      this.slots.push({
        row,
        kind: valueKind(valueType, layout),
        valueTarget: this.target(type, layout.value),
        qualityTarget: layout.quality ? this.target(type, layout.quality) : -1,
        timeTarget: layout.time ? this.target(type, layout.time) : -1,
        type: valueType,
        name: layout.value.at(-1) ?? '',
      });
    }
    this.contentAt = new Int32Array(this.targetCount);
    this.contentLength = new Int32Array(this.targetCount);
    this.headerAt = new Int32Array(this.targetCount);
  }

  private target(type: TypeDescription, path: readonly string[]): number {
    const indices = memberIndices(type, path);
    if (!indices) throw new DecodeError(`the type has no member ${path.join('.')}`);
    let node = this.root;
    for (const index of indices) {
      let child = node.children.get(index);
      if (!child) node.children.set(index, (child = { children: new Map(), target: -1 }));
      node = child;
    }
    if (node.target < 0) node.target = this.targetCount++;
    return node.target;
  }

  /**
   * Decodes the object that starts at `start`, which is Data and no failure, and returns the position after it.
   * @param received ms since 1970 by this machine
   * @param readAt the same moment in monotonic ms
   * @throws DecodeError when the octets do not have the variable's type
   */
  decode(octets: Buffer, view: DataView, start: number, end: number, received: number, readAt: number): number {
    if (!this.matches(view, start, end)) this.learn(octets, start, end);
    const { slots, table } = this;
    for (const slot of slots) {
      table.received[slot.row] = received;
      table.readAt[slot.row] = readAt;
      this.store(slot, octets, view, start);
    }
    return start + this.total;
  }

  private matches(view: DataView, start: number, end: number): boolean {
    const { total, checkAt, checkWord } = this;
    if (total < 0 || start + total > end) return false;
    for (let i = 0; i < checkAt.length; i++) {
      if (view.getUint16(start + (checkAt[i] as number)) !== checkWord[i]) return false;
    }
    return true;
  }

  private store(slot: Slot, octets: Buffer, view: DataView, start: number): void {
    const { table } = this;
    let quality = NO_QUALITY;
    let time = NaN;
    let timeQuality = NO_TIME_QUALITY;
    if (slot.qualityTarget >= 0) {
      const word = view.getUint16(start + (this.contentAt[slot.qualityTarget] as number) + 1);
      quality = word === 0 ? 0 : qualityBitsFromWire(word);
    }
    if (slot.timeTarget >= 0) {
      const at = start + (this.contentAt[slot.timeTarget] as number);
      const low = view.getUint32(at + 4);
      time = utcTimeToMs(view.getUint32(at), low >>> 8);
      timeQuality = low & 0xff;
    }
    const at = start + (this.contentAt[slot.valueTarget] as number);
    const length = this.contentLength[slot.valueTarget] as number;
    switch (slot.kind) {
      case Kind.float32:
        table.setNumber(slot.row, view.getFloat32(at + 1), quality, time, timeQuality);
        return;
      case Kind.boolean:
        table.setNumber(slot.row, view.getUint8(at) === 0 ? 0 : 1, quality, time, timeQuality);
        return;
      case Kind.bits2:
        table.setNumber(slot.row, view.getUint8(at + 1) >>> 6, quality, time, timeQuality);
        return;
      case Kind.integer:
        if (length === 1) table.setNumber(slot.row, view.getInt8(at), quality, time, timeQuality);
        else if (length <= MAX_NUMBER_OCTETS)
          table.setNumber(slot.row, octets.readIntBE(at, length), quality, time, timeQuality);
        else this.storeOther(slot, octets, start, quality, time, timeQuality);
        return;
      case Kind.float64:
        table.setNumber(slot.row, view.getFloat64(at + 1), quality, time, timeQuality);
        return;
      default:
        this.storeOther(slot, octets, start, quality, time, timeQuality);
    }
  }

  private storeOther(
    slot: Slot,
    octets: Buffer,
    start: number,
    quality: number,
    time: number,
    timeQuality: number,
  ): void {
    const from = start + (this.headerAt[slot.valueTarget] as number);
    const to = start + (this.contentAt[slot.valueTarget] as number) + (this.contentLength[slot.valueTarget] as number);
    this.table.setOther(
      slot.row,
      octets.subarray(from, to),
      () => {
        const reader = new BerReader(octets, from, to);
        reader.next();
        return dataValue(decodeData(reader), slot.type, slot.name);
      },
      quality,
      time,
      timeQuality,
    );
  }

  /** Walks an answer and notes its shape. */
  private learn(octets: Buffer, start: number, end: number): void {
    this.total = -1;
    this.checkAt = [];
    this.checkWord = [];
    this.contentLength.fill(-1);
    const reader = new BerReader(octets, start, end);
    if (!reader.next()) throw new DecodeError('the answer ends before its last object');
    const total = reader.end - start;
    this.walk(reader, this.root, start);
    for (const length of this.contentLength)
      if (length < 0) throw new DecodeError('the answer has fewer members than its type');
    for (const slot of this.slots) this.check(slot, octets, start);
    this.total = total;
  }

  private walk(reader: BerReader, node: TargetNode, base: number): void {
    // Every octet of the header is compared later, two by two.
    const last = Math.max(reader.header, reader.start - 2);
    for (let at = reader.header; at <= last; at++) {
      this.checkAt.push(at - base);
      this.checkWord.push(reader.octets.readUInt16BE(at));
    }
    if (node.target >= 0) {
      this.headerAt[node.target] = reader.header - base;
      this.contentAt[node.target] = reader.start - base;
      this.contentLength[node.target] = reader.end - reader.start;
    }
    if (node.children.size === 0) return;
    if (reader.tag !== DataTag.structure)
      throw new DecodeError('the answer has a value where its type has a structure');
    const inner = reader.enter();
    let found = 0;
    for (let index = 0; found < node.children.size && inner.next(); index++) {
      const child = node.children.get(index);
      if (child) found++;
      this.walk(inner, child ?? NOTHING, base);
    }
  }

  /** Checks tag and length of each value, quality and time, and notes what else a value's first octet must be. */
  private check(slot: Slot, octets: Buffer, start: number): void {
    const target = (index: number): { tag: number; at: number; length: number } => ({
      tag: octets[start + (this.headerAt[index] as number)] as number,
      at: start + (this.contentAt[index] as number),
      length: this.contentLength[index] as number,
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
        if (tag !== DataTag.float || length !== octetCount || octets[at] !== width)
          throw new DecodeError('value is no IEEE 754 float of its type');
        this.checkAt.push(at - 1 - start);
        this.checkWord.push(octets.readUInt16BE(at - 1));
        return;
      }
      case Kind.boolean:
        if (tag !== DataTag.boolean || length !== 1) throw new DecodeError('value is no BOOLEAN');
        return;
      case Kind.bits2:
        if (tag !== DataTag.bitString || length !== 2) throw new DecodeError('value is no bit string of two bits');
        return;
      case Kind.integer:
        if ((tag !== DataTag.integer && tag !== DataTag.unsigned) || length < 1)
          throw new DecodeError('value is no INTEGER');
        return;
      default:
    }
  }
}

const NOTHING: TargetNode = { children: new Map(), target: -1 };

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
