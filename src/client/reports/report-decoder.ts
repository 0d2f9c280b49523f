import { DataAccessError, dataAccessErrorName, DecodeError } from '../../errors.js';
import { qualityBitsFromWire } from '../../model/quality.js';
import type { TagValue } from '../../model/tag-value.js';
import { isoTime, utcTimeToMs } from '../../model/timestamp.js';
import { NO_QUALITY, NO_TIME_QUALITY, RowState } from '../../model/value-table.js';
import { DataTag } from '../../mms/data.js';
import { decodeDataAt } from '../../mms/data-shape.js';
import { BerReader } from '../../mms/wire.js';
import { dataValue } from '../data-value.js';
import { buildTagValue, type TagRow } from '../tag-value-builder.js';
import { OptFld, reasonsOf } from './control-block-bits.js';
import type { ReportHeader } from './report-header.js';
import type { MemberPlan, DataSetLayout } from '../data-sets/layout.js';

const FAILURE = 0x80;

/** Decodes the reports of one data set into tag values, by the shape of the data set's members. */
export class ReportDecoder {
  /** Reason octets of the last report, those of all members together; 0 without reasons. */
  lastReasons = 0;
  private readonly sequence: Uint32Array;
  /** Last quality of the rows whose quality is a member of its own. */
  private readonly heldQuality: Int32Array;
  /** By row: the last report that touched it, and its reasons then. */
  private readonly touchedBy: Float64Array;
  private readonly reasons: Uint8Array;
  /** Rows whose time is a member of its own, and the times that came in this report. */
  private readonly timedByCompanion: ReadonlySet<number>;
  private readonly companionTime = new Map<number, { time: number; quality: number }>();
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
    this.heldQuality = new Int32Array(size).fill(NO_QUALITY);
    this.touchedBy = new Float64Array(size);
    this.reasons = new Uint8Array(size);
    const companions = layout.members.flatMap((plan) => plan.companions);
    this.timedByCompanion = new Set(companions.filter(({ part }) => part === 'time').map(({ row }) => row));
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
    this.companionTime.clear();
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
      at = this.member(members[index] as MemberPlan, octets, view, at, header.end, received, readAt);
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

  private member(
    plan: MemberPlan,
    octets: Buffer,
    view: DataView,
    at: number,
    end: number,
    received: number,
    readAt: number,
  ): number {
    if (octets[at] !== FAILURE && plan.decoder && plan.companions.length === 0) {
      return plan.decoder.decode(octets, view, at, end, received, readAt);
    }
    const reader = new BerReader(octets, at, end);
    reader.next();
    if (reader.tag === FAILURE) this.failed(plan, reader.integer());
    else {
      plan.decoder?.decode(octets, view, at, end, received, readAt);
      if (plan.untyped >= 0) this.untyped(plan.untyped, octets, at, reader.end, received, readAt);
      for (const { row, part } of plan.companions) this.companion(row, part, reader, received, readAt);
    }
    return reader.end;
  }

  private untyped(row: number, octets: Buffer, at: number, end: number, received: number, readAt: number): void {
    const { table } = this.layout;
    const decode = () => dataValue(decodeDataAt(octets, at, end), undefined);
    table.setOther(row, octets.subarray(at, end), decode, NO_QUALITY, NaN, NO_TIME_QUALITY);
    table.received[row] = received;
    table.readAt[row] = readAt;
  }

  private companion(row: number, part: 'quality' | 'time', reader: BerReader, received: number, readAt: number): void {
    const { table } = this.layout;
    const { octets, start, end, tag } = reader;
    if (part === 'quality') {
      if (tag !== DataTag.bitString || end - start < 3) throw new DecodeError('quality is no bit string of 13 bits');
      this.heldQuality[row] = qualityBitsFromWire(octets.readUInt16BE(start + 1));
    } else {
      if (tag !== DataTag.utcTime || end - start !== 8) throw new DecodeError('time is no UtcTime of 8 octets');
      this.companionTime.set(row, {
        time: utcTimeToMs(octets.readUInt32BE(start), octets.readUIntBE(start + 4, 3)),
        quality: octets[start + 7] as number,
      });
    }
    if (table.state[row] === RowState.neverRead) return;
    table.received[row] = received;
    table.readAt[row] = readAt;
  }

  private failed(plan: MemberPlan, code: number): void {
    const { reference } = plan.member;
    const error = new DataAccessError(code, `${this.ied}, ${reference}: ${dataAccessErrorName(code)}`, {
      ied: this.ied,
      tag: reference,
    });
    for (const row of plan.rows) this.layout.table.setError(row, error);
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
    if (this.layout.splitRows.size > 0) this.joinCompanions();
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

  /**
   * Quality that is a member of its own stays known until it comes again, as the IED reports each change of it. A time
   * is the time of what came with it, and of nothing else.
   */
  private joinCompanions(): void {
    const { table, splitRows } = this.layout;
    for (const row of this.touched) {
      if (!splitRows.has(row) || table.state[row] === RowState.error) continue;
      const held = this.heldQuality[row] as number;
      if (held !== NO_QUALITY) table.quality[row] = held;
      const came = this.companionTime.get(row);
      if (came) {
        table.time[row] = came.time;
        table.timeQuality[row] = came.quality;
      } else if (this.timedByCompanion.has(row)) {
        table.time[row] = NaN;
        table.timeQuality[row] = NO_TIME_QUALITY;
      }
    }
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
