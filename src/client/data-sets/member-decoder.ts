import { DataAccessError, dataAccessErrorName, DecodeError } from '../../errors.js';
import { qualityBitsFromWire } from '../../model/quality.js';
import { utcTimeToMs } from '../../model/timestamp.js';
import { NO_QUALITY, NO_TIME_QUALITY, RowState } from '../../model/value-table.js';
import { DataTag } from '../../mms/data.js';
import { decodeDataAt } from '../../mms/data-shape.js';
import { BerReader } from '../../mms/wire.js';
import { dataValue } from '../../mms/data-value.js';
import type { DataSetLayout, MemberPlan } from './layout.js';

/** AccessResult failure (ISO 9506-2 §14.4.3). */
const FAILURE = 0x80;

/** Decodes members of one data set, as a report or a read brings them, into the rows of its layout. */
export class MemberDecoder {
  /** Last quality of the rows whose quality is a member of its own. */
  private readonly heldQuality: Int32Array;
  /** Rows whose time is a member of its own, and the times that came together with what is decoded now. */
  private readonly timedByCompanion: ReadonlySet<number>;
  private readonly companionTime = new Map<number, { time: number; quality: number }>();

  /** @param ied name in errors */
  constructor(
    private readonly layout: DataSetLayout,
    private readonly ied: string,
  ) {
    this.heldQuality = new Int32Array(layout.table.size).fill(NO_QUALITY);
    const companions = layout.members.flatMap((plan) => plan.companions);
    this.timedByCompanion = new Set(companions.filter(({ part }) => part === 'time').map(({ row }) => row));
  }

  /** What comes from now on is of another instant. */
  begin(): void {
    this.companionTime.clear();
  }

  /**
   * Decodes the value at `at` and returns the position after it.
   * @param received ms since 1970 by this machine
   * @param readAt the same moment in monotonic ms
   * @throws DecodeError when it does not have the member's type
   */
  decode(
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

  /**
   * Gives rows the quality and time that came as members of their own. Such a quality stays known until it comes again,
   * as the IED reports each change of it. A time is the time of what came with it, and of nothing else.
   * @param rows that were decoded since {@link begin}
   */
  joinCompanions(rows: readonly number[]): void {
    const { table, splitRows } = this.layout;
    if (splitRows.size === 0) return;
    for (const row of rows) {
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
}
