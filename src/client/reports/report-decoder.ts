import { DecodeError } from '../../errors.js';
import type { TagValue } from '../../model/tag-value.js';
import { isoTime } from '../../model/timestamp.js';
import { RowState } from '../../model/value-table.js';
import { DataTag } from '../../mms/data.js';
import { BerReader } from '../../mms/wire.js';
import type { DataSetLayout, MemberPlan } from '../data-sets/layout.js';
import { MemberDecoder } from '../data-sets/member-decoder.js';
import { buildTagValue, type TagRow } from '../tag-value-builder.js';
import { OptFld, reasonsOf } from './control-block-bits.js';
import type { ReportHeader } from './report-header.js';

/** Decodes the reports of one data set into tag values, by the shape of the data set's members. */
export class ReportDecoder {
  /** Reason octets of the last report, those of all members together; 0 without reasons. */
  lastReasons = 0;
  private readonly sequence: Uint32Array;
  /** By row: the last report that touched it, and its reasons then. */
  private readonly touchedBy: Float64Array;
  private readonly reasons: Uint8Array;
  private readonly decoder: MemberDecoder;
  private readonly included: number[] = [];
  private readonly touched: number[] = [];
  private report = 0;

  /** @param ied name in tag values */
  constructor(
    readonly layout: DataSetLayout,
    private readonly ied: string,
  ) {
    const { size } = layout.table;
    this.sequence = new Uint32Array(size);
    this.touchedBy = new Float64Array(size);
    this.reasons = new Uint8Array(size);
    this.decoder = new MemberDecoder(layout, ied);
  }

  /**
   * The tag values of a report, in the order of its data set.
   * @param parts the report, or its segments, each of which brings members of its own
   * @param received ms since 1970 by this machine
   * @param readAt the same moment in monotonic ms
   * @throws DecodeError when the report does not fit the data set, which is then to be read anew
   */
  decode(parts: readonly Segment[], received: number, readAt: number): TagValue[] {
    this.report++;
    this.touched.length = 0;
    this.lastReasons = 0;
    this.decoder.begin();
    for (const { octets, header } of parts) this.segment(octets, header, received, readAt);
    return this.finish((parts[0] as Segment).header, received);
  }

  /** The last known values of all rows with another status, of rows that ever had a value. */
  withStatus(status: 'stale' | 'disconnected', now: number): TagValue[] {
    const { table } = this.layout;
    const values: TagValue[] = [];
    for (let row = 0; row < table.size; row++) {
      if (table.state[row] === RowState.neverRead) continue;
      this.sequence[row] = ((this.sequence[row] as number) + 1) >>> 0;
      values.push(this.value(row, status, now));
    }
    return values;
  }

  private segment(octets: Buffer, header: ReportHeader, received: number, readAt: number): void {
    const { members } = this.layout;
    const reader = new BerReader(octets, header.inclusionAt, header.end);
    reader.next();
    this.readInclusion(octets, reader.start, reader.end);
    let at = reader.end;
    if (header.optFlds[OptFld.dataRef] === '1') at = this.skipReferences(octets, at, header.end);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    for (const index of this.included) {
      if (at >= header.end) throw new DecodeError('the report has fewer values than its inclusion bit string');
      at = this.decoder.decode(members[index] as MemberPlan, octets, view, at, header.end, received, readAt);
    }
    const withReasons = header.optFlds[OptFld.reasonCode] === '1';
    for (const index of this.included) {
      let reason = 0;
      if (withReasons) {
        reason = reasonAt(octets, at, header.end);
        at += 2 + (octets[at + 1] as number);
      }
      this.touch((members[index] as MemberPlan).rows, reason);
    }
    if (at !== header.end) throw new DecodeError('the report has more values than its inclusion bit string');
  }

  /** Which members come; the octets of the bit string must be those of the data set. */
  private readInclusion(octets: Buffer, start: number, end: number): void {
    const count = this.layout.members.length;
    // Padding counts of real devices can be wrong; the number of octets cannot.
    if (end - start - 1 !== (count + 7) >> 3) {
      throw new DecodeError(`the report's inclusion bit string does not fit a data set of ${count} members`);
    }
    const { included } = this;
    included.length = 0;
    for (let at = start + 1; at < end; at++) {
      let octet = octets[at] as number;
      for (let index = (at - start - 1) * 8; octet !== 0; index++, octet = (octet << 1) & 0xff) {
        if ((octet & 0x80) === 0) continue;
        if (index >= count) throw new DecodeError(`the report includes member ${index + 1} of a data set of ${count}`);
        included.push(index);
      }
    }
  }

  private skipReferences(octets: Buffer, at: number, end: number): number {
    const reader = new BerReader(octets, at, end);
    let last = at;
    for (let i = 0; i < this.included.length; i++) {
      last = reader.expect(DataTag.visibleString, 'data reference of the report').end;
    }
    return last;
  }

  private touch(rows: readonly number[], reason: number): void {
    this.lastReasons |= reason;
    for (const row of rows) {
      if (this.touchedBy[row] !== this.report) {
        this.touchedBy[row] = this.report;
        this.reasons[row] = reason;
        this.touched.push(row);
      } else this.reasons[row] = (this.reasons[row] as number) | reason;
    }
  }

  private finish(header: ReportHeader, received: number): TagValue[] {
    this.decoder.joinCompanions(this.touched);
    const { table } = this.layout;
    const entryTime = header.timeOfEntry === undefined ? null : isoTime(header.timeOfEntry);
    const withReasons = header.optFlds[OptFld.reasonCode] === '1';
    const values: TagValue[] = [];
    for (const row of this.touched) {
      const state = table.state[row];
      // Quality or time alone, of a value that never came.
      if (state === RowState.neverRead) continue;
      this.sequence[row] = ((this.sequence[row] as number) + 1) >>> 0;
      const value = this.value(row, state === RowState.error ? 'error' : 'live', received);
      if (entryTime !== null) value.entryTime = entryTime;
      if (header.entryId !== undefined) value.entryId = header.entryId;
      if (withReasons) value.reason = reasonsOf(this.reasons[row] as number);
      values.push(value);
    }
    return values;
  }

  private value(row: number, status: 'live' | 'stale' | 'disconnected' | 'error', now: number): TagValue {
    const { table, rows } = this.layout;
    return buildTagValue(
      table,
      row,
      rows[row] as TagRow,
      this.ied,
      status,
      'report',
      this.sequence[row] as number,
      now,
    );
  }
}

/** One part of a report, with its octets kept until the last part came. */
export interface Segment {
  header: ReportHeader;
  octets: Buffer;
}

/** First octet of the reason bit string at `at`, of six or seven bits. */
function reasonAt(octets: Buffer, at: number, end: number): number {
  const length = octets[at + 1] as number;
  if (at + 4 > end || octets[at] !== DataTag.bitString || length < 2 || length > 5 || at + 2 + length > end) {
    throw new DecodeError('a reason for inclusion is missing');
  }
  return octets[at + 3] as number;
}
