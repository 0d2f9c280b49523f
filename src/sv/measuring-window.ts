/** What the waveforms of a stream are over an interval. */
import type { SvChannel } from './channels.js';
import { analyse, frequencyOf, sumOfSquares } from './phasors.js';
import { qualityText, worse, type SampleRow } from './sample-row.js';

export interface ChannelMeasurement {
  name: string;
  unit: string;
  rms: number;
  /** RMS of the fundamental. */
  fundamental: number;
  /** Degrees against the reference channel, above -180 and up to 180; NaN without a fundamental. */
  angle: number;
  /** Share of the fundamental, 0.05 for 5 %; NaN without a fundamental. */
  thd: number;
  /** The worst quality of the interval; `null` when the stream has none for it. */
  quality: string | null;
}

/** What an interval brings. */
export interface IntervalMeasurement {
  /** Hz, NaN when no channel has a fundamental. */
  frequency: number;
  /** Name of the channel that angles refer to: the first voltage that is there, else the first channel that is. */
  reference: string | null;
  channels: ChannelMeasurement[];
  /** Samples of the interval, and the first one's count. */
  samples: number;
  smpCnt: number;
}

/** A fundamental below this share of the largest of its unit is noise, and has no angle. */
const NOISE = 0.001;
/** Blocks a second: 10 periods of 50 Hz or 12 of 60 Hz each, as in IEC 61000-4-30. */
const BLOCKS_A_SECOND = 5;

/** Sums of a channel over the interval. */
interface ChannelSums {
  squares: number;
  fundamental: number;
  harmonics: number;
  quality: number;
}

/** Fundamentals of all channels in one block: turned together, so that they can be compared with each other alone. */
type Phasors = { re: number; im: number }[];

/**
 * Takes samples and gives up what it has when one is missing: a gap would count as distortion. The interval is worked on in blocks
 * as they come, so that a long one does not hold up others at its end.
 */
export class MeasuringWindow {
  /** Intervals that were given up because samples were missing. */
  incomplete = 0;
  /** Whether the sample that was taken last ended a block, and the frequency of that; NaN when it had none. */
  endedBlock = false;
  blockFrequency = NaN;
  /** Samples from the beginning of the interval to the end of each block. */
  private readonly ends: number[] = [];
  private readonly block: Float64Array[];
  private sums: ChannelSums[] = [];
  private phasors: Phasors[] = [];
  private frequencies: number[] = [];
  private count = 0;
  private blockBegin = 0;
  private firstCount = 0;

  /** @param interval ms; whole periods are taken, two at least */
  constructor(
    private readonly channels: readonly SvChannel[],
    private readonly nominal: number,
    private readonly rate: number,
    interval: number,
  ) {
    const periods = Math.max(2, Math.round((interval / 1000) * nominal));
    const blocks = Math.ceil((periods * BLOCKS_A_SECOND) / nominal);
    for (let i = 1; i <= blocks; i++) this.ends.push(Math.round((Math.floor((periods * i) / blocks) * rate) / nominal));
    const longest = Math.max(...this.ends.map((end, i) => end - (this.ends[i - 1] ?? 0)));
    this.block = channels.map(() => new Float64Array(longest));
    this.begin();
  }

  /** @returns what the interval was, when this was its last sample */
  take(row: SampleRow): IntervalMeasurement | undefined {
    if (row.missing !== 0 && this.count > 0) {
      this.incomplete++;
      this.begin();
    }
    if (this.count === 0) this.firstCount = row.smpCnt;
    const at = this.count - this.blockBegin;
    for (let i = 0; i < this.block.length; i++) {
      (this.block[i] as Float64Array)[at] = row.values[i] as number;
      const sums = this.sums[i] as ChannelSums;
      sums.quality = worse(sums.quality, row.qualities[i] as number);
    }
    this.count++;
    this.endedBlock = false;
    if (this.count < (this.ends[this.phasors.length] as number)) return undefined;
    this.endBlock();
    if (this.phasors.length < this.ends.length) return undefined;
    const measurement = this.measurement();
    this.begin();
    return measurement;
  }

  private begin(): void {
    this.count = 0;
    this.blockBegin = 0;
    this.phasors = [];
    this.frequencies = [];
    this.sums = this.channels.map(() => ({ squares: 0, fundamental: 0, harmonics: 0, quality: -1 }));
  }

  private endBlock(): void {
    const size = this.count - this.blockBegin;
    const squares = this.block.map((samples) => sumOfSquares(samples, size));
    const reference = this.referenceOf(squares);
    const frequency =
      reference === undefined ? NaN : frequencyOf(this.block[reference] as Float64Array, size, this.nominal, this.rate);
    this.endedBlock = true;
    this.blockFrequency = frequency;
    if (Number.isFinite(frequency)) this.frequencies.push(frequency);
    const at = Number.isFinite(frequency) ? frequency : this.nominal;
    this.phasors.push(
      this.block.map((samples, i) => {
        const { fundamental, phase, thd } = analyse(samples, size, at, this.rate, squares[i]);
        const sums = this.sums[i] as ChannelSums;
        sums.squares += squares[i] as number;
        sums.fundamental += fundamental ** 2;
        if (Number.isFinite(thd)) sums.harmonics += (thd * fundamental) ** 2;
        return { re: fundamental * Math.cos(phase), im: fundamental * Math.sin(phase) };
      }),
    );
    this.blockBegin = this.count;
  }

  /** Channels that are more than noise beside others of their unit. */
  private present(squares: readonly number[]): number[] {
    const largest = new Map<string, number>();
    this.channels.forEach(({ unit }, i) => largest.set(unit, Math.max(largest.get(unit) ?? 0, squares[i] as number)));
    return [...this.channels.keys()].filter((i) => {
      const level = squares[i] as number;
      return level > 0 && level > NOISE ** 2 * (largest.get((this.channels[i] as SvChannel).unit) ?? 0);
    });
  }

  private referenceOf(squares: readonly number[]): number | undefined {
    const present = this.present(squares);
    return present.find((i) => (this.channels[i] as SvChannel).unit.endsWith('V')) ?? present[0];
  }

  private measurement(): IntervalMeasurement {
    const { channels, sums, frequencies } = this;
    const squares = sums.map((sum) => sum.squares);
    const present = new Set(this.present(squares));
    const reference = this.referenceOf(squares);
    const blocks = this.phasors.length;
    return {
      frequency: frequencies.reduce((sum, one) => sum + one, 0) / frequencies.length,
      reference: reference === undefined ? null : (channels[reference] as SvChannel).name,
      channels: channels.map(({ name, unit }, i) => {
        const { fundamental, harmonics, quality } = sums[i] as ChannelSums;
        return {
          name,
          unit,
          rms: Math.sqrt((squares[i] as number) / this.count),
          fundamental: Math.sqrt(fundamental / blocks),
          angle: reference !== undefined && present.has(i) ? this.angle(i, reference) : NaN,
          thd: present.has(i) && fundamental > 0 ? Math.sqrt(harmonics / fundamental) : NaN,
          quality: qualityText(quality),
        };
      }),
      samples: this.count,
      smpCnt: this.firstCount,
    };
  }

  /** Degrees of a channel against another, over all blocks. */
  private angle(channel: number, reference: number): number {
    let re = 0;
    let im = 0;
    for (const phasors of this.phasors) {
      const a = phasors[channel] as Phasors[number];
      const b = phasors[reference] as Phasors[number];
      re += a.re * b.re + a.im * b.im;
      im += a.im * b.re - a.re * b.im;
    }
    const degrees = (Math.atan2(im, re) * 180) / Math.PI;
    return degrees === -180 ? 180 : degrees;
  }
}
