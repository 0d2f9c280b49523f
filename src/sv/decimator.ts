/** Fewer samples than came, in batches. */
import { MAX_SV_BATCH_VALUES, MAX_SV_GAP } from '../limits.js';
import { qualityText, sampleTime, worse, type SampleRow } from './sample-row.js';

export interface DecimationOptions {
  /** Samples a second that are wanted; the next rate that divides that of the stream is taken. */
  rate: number;
  /**
   * Each sample is the mean of those that it stands for, which keeps most of what is above half the new rate from
   * showing up below it; else it is one of them, unfiltered.
   */
  average: boolean;
}

export interface SampleBatch {
  svId: string;
  /** Samples a second as they are here, and how many of the stream each stands for. */
  rate: number;
  factor: number;
  average: boolean;
  /** Time of the first sample, ISO 8601 UTC; that of the middle of those of which it is the mean. */
  start: string;
  samples: number;
  /** Samples among them that are null, because at least one that they stand for is missing. */
  missing: number;
  /** smpCnt of the first sample of the stream that is in here. */
  smpCnt: number;
  smpSynch: number;
  channels: { name: string; unit: string; samples: (number | null)[]; quality: string | null }[];
}

export class Decimator {
  private readonly factor: number;
  private readonly size: number;
  private readonly sums: Float64Array;
  private readonly qualities: Int32Array;
  private lists: (number | null)[][] = [];
  /** Samples of the stream in the group that is being made, and whether one that it needs is missing. */
  private inGroup = 0;
  private gone = false;
  private missing = 0;
  private first: { time: number; smpCnt: number } | undefined;

  /** @param interval ms of a batch */
  constructor(
    private readonly options: DecimationOptions,
    private readonly row: SampleRow,
    private readonly rate: number,
    interval: number,
  ) {
    const count = row.layout.channels.length;
    this.factor = Math.max(1, Math.round(rate / options.rate));
    const wanted = Math.round(((interval / 1000) * rate) / this.factor);
    this.size = Math.max(1, Math.min(wanted, Math.floor(MAX_SV_BATCH_VALUES / count)));
    this.sums = new Float64Array(count);
    this.qualities = new Int32Array(count);
    this.begin();
  }

  /** Takes the row as it stands now. @returns batches that are full, mostly none */
  take(): SampleBatch[] {
    const { row } = this;
    const full: SampleBatch[] = [];
    if (row.missing > MAX_SV_GAP) {
      if (this.first && this.length > 0) full.push(this.batch(this.first));
      this.begin();
    }
    // Those that are missing between two batches are told by when the second one starts.
    for (let i = 0; i < row.missing && this.first; i++) this.step(true, this.first, full);
    this.first ??= { time: this.timeOfFirst(), smpCnt: row.smpCnt };
    this.step(false, this.first, full);
    return full;
  }

  private get length(): number {
    return this.lists[0]?.length ?? 0;
  }

  private begin(): void {
    this.lists = this.row.layout.channels.map(() => []);
    this.qualities.fill(-1);
    this.missing = 0;
    this.first = undefined;
    this.beginGroup();
  }

  private beginGroup(): void {
    this.sums.fill(0);
    this.inGroup = 0;
    this.gone = false;
  }

  private timeOfFirst(): number {
    const middle = this.options.average ? (this.factor - 1) / 2 : 0;
    return sampleTime(this.row, this.rate) + (middle * 1000) / this.rate;
  }

  private step(lost: boolean, first: { time: number; smpCnt: number }, full: SampleBatch[]): void {
    const { row, sums } = this;
    const needed = this.options.average || this.inGroup === 0;
    if (lost) this.gone ||= needed;
    else {
      for (let i = 0; i < sums.length; i++) {
        if (needed) sums[i] = (sums[i] as number) + (row.values[i] as number);
        this.qualities[i] = worse(this.qualities[i] as number, row.qualities[i] as number);
      }
    }
    this.inGroup++;
    if (this.inGroup < this.factor) return;
    this.endGroup();
    if (this.length < this.size) return;
    full.push(this.batch(first));
    this.begin();
  }

  private endGroup(): void {
    const divisor = this.options.average ? this.factor : 1;
    this.lists.forEach((list, i) => list.push(this.gone ? null : (this.sums[i] as number) / divisor));
    if (this.gone) this.missing++;
    this.beginGroup();
  }

  private batch({ time, smpCnt }: { time: number; smpCnt: number }): SampleBatch {
    const { row, lists, missing } = this;
    return {
      svId: row.svId,
      rate: this.rate / this.factor,
      factor: this.factor,
      average: this.options.average,
      start: new Date(time).toISOString(),
      samples: this.length,
      missing,
      smpCnt,
      smpSynch: row.smpSynch,
      channels: row.layout.channels.map(({ name, unit }, i) => ({
        name,
        unit,
        samples: lists[i] as (number | null)[],
        quality: qualityText(this.qualities[i] as number),
      })),
    };
  }
}
