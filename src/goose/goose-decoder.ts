import { LimitError } from '../errors.js';
import { MAX_GOOSE_ENTRIES, MAX_GOOSE_NAME } from '../limits.js';
import { decodeData } from '../mms/data-codec.js';
import type { MmsData } from '../mms/data.js';
import { BerReader } from '../mms/wire.js';
import { checkEntries, decodeGooseHeader, type GoosePdu, type NameReader } from './goose-pdu.js';

/** A name of the last frame, with the octets that it came in. */
interface KnownName {
  octets: Buffer;
  text: string;
}

class RepeatedNames implements NameReader {
  private readonly known: { gocbRef?: KnownName; datSet?: KnownName; goId?: KnownName } = {};

  read(name: 'gocbRef' | 'datSet' | 'goId', field: BerReader): string {
    const before = this.known[name];
    if (
      before &&
      sameOctets(before.octets, 0, field.octets, field.start, field.end - field.start, before.octets.length)
    ) {
      return before.text;
    }
    const text = field.visibleString(MAX_GOOSE_NAME);
    this.known[name] = { octets: Buffer.from(field.content()), text };
    return text;
  }
}

/**
 * Decodes the frames of one publisher, one after the other. Most of a frame is what the last one had: names and values
 * whose octets are the same are not decoded again, so that a retransmission costs little more than reading its numbers.
 */
export class GooseDecoder {
  private readonly names = new RepeatedNames();
  /** Values of the last frame: their octets one after the other, where each begins, and what it means. */
  private data = Buffer.alloc(0);
  private length = 0;
  private begins: number[] = [];
  private values: MmsData[] = [];

  /**
   * The PDU in `octets[start … end)`. Its `allData` is a new array when a value differs from the last frame, else the
   * same one.
   * @throws DecodeError, LimitError
   */
  decode(octets: Buffer, start = 0, end = octets.length): GoosePdu {
    const header = decodeGooseHeader(octets, start, end, this.names);
    const { numDatSetEntries, dataStart, dataEnd } = header;
    const allData =
      this.asBefore(octets, dataStart, dataEnd, numDatSetEntries) ??
      this.afresh(octets, dataStart, dataEnd, numDatSetEntries);
    return {
      gocbRef: header.gocbRef,
      timeAllowedToLive: header.timeAllowedToLive,
      datSet: header.datSet,
      ...(header.goId !== undefined && { goId: header.goId }),
      t: header.t,
      stNum: header.stNum,
      sqNum: header.sqNum,
      simulation: header.simulation,
      confRev: header.confRev,
      ndsCom: header.ndsCom,
      allData,
    };
  }

  /** Values where every element stands at its place of the last frame; undefined when one does not. */
  private asBefore(octets: Buffer, start: number, end: number, entries: number): MmsData[] | undefined {
    const { data, begins, length } = this;
    if (end - start !== length || begins.length !== entries || entries === 0) return undefined;
    let changed: MmsData[] | undefined;
    for (let i = 0; i < begins.length; i++) {
      const from = begins[i] as number;
      const size = (begins[i + 1] ?? length) - from;
      if (sameOctets(data, from, octets, start + from, size, size)) continue;
      const reader = new BerReader(octets, start + from, end);
      if (!reader.next() || reader.after !== start + from + size) return undefined;
      changed ??= [...this.values];
      changed[i] = decodeData(reader);
    }
    if (!changed) return this.values;
    octets.copy(data, 0, start, end);
    this.values = changed;
    return changed;
  }

  private afresh(octets: Buffer, start: number, end: number, entries: number): MmsData[] {
    const reader = new BerReader(octets, start, end);
    const begins: number[] = [];
    const values: MmsData[] = [];
    while (reader.next()) {
      if (values.length >= MAX_GOOSE_ENTRIES) throw new LimitError('the GOOSE data set has too many entries');
      begins.push(reader.header - start);
      values.push(decodeData(reader));
    }
    checkEntries(entries, values.length);
    // Nothing is kept of a frame that could not be read to its end.
    if (this.data.length < end - start) this.data = Buffer.allocUnsafeSlow(end - start);
    this.length = octets.copy(this.data, 0, start, end);
    this.begins = begins;
    this.values = values;
    return values;
  }
}

/** Octets up to which comparing in JavaScript is quicker than a call. */
const SHORT = 64;

function sameOctets(a: Buffer, aStart: number, b: Buffer, bStart: number, size: number, expected: number): boolean {
  if (size !== expected) return false;
  if (size > SHORT) return a.compare(b, bStart, bStart + size, aStart, aStart + size) === 0;
  for (let i = 0; i < size; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}
