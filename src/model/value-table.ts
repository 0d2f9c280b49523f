import type { Iec61850Error } from '../errors.js';
import type { TagData } from './tag-value.js';

/** Quality column: the IED gave none. */
export const NO_QUALITY = -1;
/** Time quality column: the IED gave none. */
export const NO_TIME_QUALITY = -1;

/** What a row holds. */
export const RowState = { neverRead: 0, number: 1, other: 2, error: 3 } as const;

/**
 * Values of many points in columns: numbers where the value is one, so that a poll of thousands of points makes no
 * objects. A row that changed since it was last taken stands in the list of changes; change means another state,
 * value (beyond the row's deadband) or quality, and not a new time alone.
 */
export class ValueTable {
  /** Booleans are 0 and 1, Dbpos and enumerations their number. Meaningful in state `number`. */
  readonly value: Float64Array;
  /** Quality bits as in `quality.ts`, or {@link NO_QUALITY}. */
  readonly quality: Int32Array;
  /** Milliseconds since 1970 by the IED; NaN when it gave none. */
  readonly time: Float64Array;
  /** Quality octet of the time, or {@link NO_TIME_QUALITY}. */
  readonly timeQuality: Int16Array;
  /** Milliseconds since 1970 by this machine when the row was last read with success; NaN before. */
  readonly received: Float64Array;
  /** Monotonic milliseconds of the same moment, which no clock adjustment moves; -Infinity before. */
  readonly readAt: Float64Array;
  readonly state: Uint8Array;
  /** Absolute change of a number that counts; 0: every change. */
  readonly deadband: Float64Array;
  /** Values that are not numbers; last value stays during an error. */
  readonly other: (TagData | undefined)[];
  readonly errors: (Iec61850Error | undefined)[];
  /** Encoded octets behind `other`, to see a change without decoding. */
  private readonly octets: (Buffer | undefined)[];
  /** Whether the row's value column or `other` holds the last known value. */
  private readonly isOther: Uint8Array;
  private readonly takenValue: Float64Array;
  private readonly changedRows: Int32Array;
  private readonly isChanged: Uint8Array;
  private changedCount = 0;

  constructor(readonly size: number) {
    this.value = new Float64Array(size).fill(NaN);
    this.quality = new Int32Array(size).fill(NO_QUALITY);
    this.time = new Float64Array(size).fill(NaN);
    this.timeQuality = new Int16Array(size).fill(NO_TIME_QUALITY);
    this.received = new Float64Array(size).fill(NaN);
    this.readAt = new Float64Array(size).fill(-Infinity);
    this.state = new Uint8Array(size);
    this.deadband = new Float64Array(size);
    this.other = new Array<TagData | undefined>(size).fill(undefined);
    this.errors = new Array<Iec61850Error | undefined>(size).fill(undefined);
    this.octets = new Array<Buffer | undefined>(size).fill(undefined);
    this.isOther = new Uint8Array(size);
    this.takenValue = new Float64Array(size).fill(NaN);
    this.changedRows = new Int32Array(size);
    this.isChanged = new Uint8Array(size);
  }

  /** Stores a number with its quality bits, time in ms and time quality octet. */
  setNumber(row: number, value: number, quality: number, time: number, timeQuality: number): void {
    if (this.state[row] !== RowState.number) {
      this.state[row] = RowState.number;
      this.errors[row] = undefined;
      this.isOther[row] = 0;
      this.markChanged(row);
    } else if (value !== this.takenValue[row] || quality !== this.quality[row]) this.compare(row, value, quality);
    this.value[row] = value;
    this.quality[row] = quality;
    this.time[row] = time;
    this.timeQuality[row] = timeQuality;
  }

  private compare(row: number, value: number, quality: number): void {
    const taken = this.takenValue[row] as number;
    if (quality === this.quality[row]) {
      // Negated so that a change between NaN and a number counts, and NaN to NaN does not.
      if (Number.isNaN(value) && Number.isNaN(taken)) return;
      if (Math.abs(value - taken) <= (this.deadband[row] as number)) return;
    }
    this.markChanged(row);
  }

  /**
   * Stores a value that is no number.
   * @param octets its encoding, kept to see whether the next one differs
   * @param decode called only when it differs
   */
  setOther(
    row: number,
    octets: Uint8Array,
    decode: () => TagData,
    quality: number,
    time: number,
    timeQuality: number,
  ): void {
    const same = this.isOther[row] === 1 && this.octets[row]?.equals(octets) === true;
    if (!same) {
      this.other[row] = decode();
      this.octets[row] = Buffer.from(octets);
      this.isOther[row] = 1;
    }
    if (!same || this.state[row] !== RowState.other || quality !== this.quality[row]) this.markChanged(row);
    this.state[row] = RowState.other;
    this.errors[row] = undefined;
    this.quality[row] = quality;
    this.time[row] = time;
    this.timeQuality[row] = timeQuality;
  }

  /** The row could not be read; value, quality and time stay the last known ones. */
  setError(row: number, error: Iec61850Error): void {
    if (this.state[row] !== RowState.error || this.errors[row]?.code !== error.code) this.markChanged(row);
    this.state[row] = RowState.error;
    this.errors[row] = error;
  }

  /** Whether a value was ever read, in this state or before an error. */
  known(row: number): boolean {
    return this.isOther[row] === 1 || !Number.isNaN(this.received[row] as number);
  }

  /** Whether the last known value stands in `other` and not among the numbers. */
  holdsOther(row: number): boolean {
    return this.isOther[row] === 1;
  }

  /** Puts a row into the list of changes for a reason outside this table. */
  markChanged(row: number): void {
    if (this.isChanged[row] === 1) return;
    this.isChanged[row] = 1;
    this.changedRows[this.changedCount++] = row;
  }

  /** Calls back for each changed row and empties the list; their present values are what later ones compare with. */
  takeChanges(take: (row: number) => void): void {
    const count = this.changedCount;
    for (let i = 0; i < count; i++) {
      const row = this.changedRows[i] as number;
      this.isChanged[row] = 0;
      this.takenValue[row] = this.value[row] as number;
    }
    this.changedCount = 0;
    // The list is only written again after the callbacks, which run on a copy of what was taken.
    for (const row of this.changedRows.slice(0, count)) take(row);
  }

  get changes(): number {
    return this.changedCount;
  }
}
