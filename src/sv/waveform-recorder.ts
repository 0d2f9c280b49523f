/** Samples before and after a trigger. */
import { MAX_SV_GAP, MAX_SV_WINDOW_VALUES } from '../limits.js';
import type { SvChannel } from './channels.js';
import { isGlobal, sampleTime, worse, type SampleRow } from './sample-row.js';
import { ThresholdTrigger, type SvThreshold } from './threshold.js';

export interface WaveformOptions {
  /** ms before and after the trigger. */
  before: number;
  after: number;
  /** Shortest time in ms from one trigger to the next. */
  holdOff: number;
  threshold?: SvThreshold;
}

/** Why a waveform was recorded. */
export type WaveformCause = { kind: 'request' } | { kind: 'threshold'; channel: string; value: number };

export interface WaveformChannel {
  channel: SvChannel;
  /** In the unit of the channel; NaN where a sample is missing. */
  values: Float64Array;
  /** Quality bits of each sample; undefined for a channel without quality. */
  qualities: Uint16Array | undefined;
  /** The worst of them; -1 without. */
  worst: number;
}

export interface SvWaveform {
  svId: string;
  cause: WaveformCause;
  /** Samples a second. */
  rate: number;
  /** Hz */
  nominal: number;
  /** Time of the first sample, ms since 1970. */
  start: number;
  /** Place of the sample with which the trigger fired. */
  triggerIndex: number;
  samples: number;
  /** Samples among them that never came. */
  missing: number;
  /** False when the stream broke off, so that there is less after the trigger than was asked for. */
  complete: boolean;
  /** smpCnt of the first sample; undefined when that one is missing. */
  smpCnt: number | undefined;
  /** Whether every sample was synchronised to a global clock. */
  synchronised: boolean;
  channels: WaveformChannel[];
  /** 1 for each sample that was synchronised to a global clock. */
  synch: Uint8Array;
}

/** What is known of a sample in the ring besides its values. */
const MISSING = 0x02;
const SYNCHRONISED = 0x01;

/** A ring of samples that goes on while nothing happens, and is read out when enough came after a trigger. */
export class WaveformRecorder {
  private readonly before: number;
  private readonly after: number;
  private readonly holdOff: number;
  private readonly size: number;
  private readonly values: Float64Array[];
  private readonly qualities: (Uint16Array | undefined)[];
  private readonly flags: Uint8Array;
  private readonly counts: Uint16Array;
  private readonly trigger: ThresholdTrigger | undefined;
  private at = 0;
  private filled = 0;
  private sinceTrigger = Infinity;
  private recording: { cause: WaveformCause; left: number } | undefined;
  private end = 0;
  private svId = '';

  /** @throws ArgumentError when the threshold names a channel that is not there */
  constructor(
    { before, after, holdOff, threshold }: WaveformOptions,
    private readonly row: SampleRow,
    private readonly nominal: number,
    private readonly rate: number,
  ) {
    const { channels } = row.layout;
    const most = Math.floor(MAX_SV_WINDOW_VALUES / channels.length);
    const samples = (ms: number): number => Math.round((ms * rate) / 1000);
    // The sample of the trigger is the first one after it.
    this.after = Math.min(Math.max(1, samples(after)), most);
    this.before = Math.min(samples(before), most - this.after);
    this.holdOff = samples(holdOff);
    this.size = this.before + this.after;
    this.values = channels.map(() => new Float64Array(this.size));
    this.qualities = channels.map(({ qualityAt }) =>
      qualityAt === undefined ? undefined : new Uint16Array(this.size),
    );
    this.flags = new Uint8Array(this.size);
    this.counts = new Uint16Array(this.size);
    if (threshold) this.trigger = new ThresholdTrigger(threshold, row.layout, Math.round(rate / nominal));
  }

  /** Values that it keeps. */
  static valuesOf({ before, after }: WaveformOptions, channels: number, rate: number): number {
    return Math.min(MAX_SV_WINDOW_VALUES, Math.round(((before + after) * rate * channels) / 1000));
  }

  /** Takes the row as it stands now. @returns what was recorded, when this was its last sample */
  take(): SvWaveform | undefined {
    const { row } = this;
    let broken: SvWaveform | undefined;
    if (row.missing > MAX_SV_GAP) {
      // A waveform that is to begin with this very sample has nothing yet that could be given.
      if (this.recording && this.recording.left < this.after) broken = this.breakOff();
      this.filled = 0;
    } else for (let i = 0; i < row.missing; i++) broken = this.push(MISSING) ?? broken;
    this.svId = row.svId;
    this.end = sampleTime(row, this.rate);
    const hit = this.trigger?.take(row);
    if (hit) this.begin({ kind: 'threshold', ...hit });
    return this.push(isGlobal(row.smpSynch) ? SYNCHRONISED : 0) ?? broken;
  }

  /** Records around the sample that comes next. @returns false while it is recording, or when it just has */
  request(): boolean {
    return this.begin({ kind: 'request' });
  }

  /** The stream is silent: what was recorded so far is given. */
  breakOff(): SvWaveform | undefined {
    return this.recording && this.read(this.recording);
  }

  private begin(cause: WaveformCause): boolean {
    if (this.recording || this.sinceTrigger < this.holdOff) return false;
    this.recording = { cause, left: this.after };
    this.sinceTrigger = 0;
    return true;
  }

  private push(flags: number): SvWaveform | undefined {
    const { row, at } = this;
    const missing = flags === MISSING;
    for (let i = 0; i < this.values.length; i++) {
      (this.values[i] as Float64Array)[at] = missing ? NaN : (row.values[i] as number);
      const qualities = this.qualities[i];
      if (qualities) qualities[at] = missing ? 0 : (row.qualities[i] as number);
    }
    this.flags[at] = flags;
    this.counts[at] = row.smpCnt;
    this.at = (at + 1) % this.size;
    this.filled = Math.min(this.filled + 1, this.size);
    this.sinceTrigger++;
    const { recording } = this;
    if (!recording) return undefined;
    recording.left--;
    return recording.left === 0 ? this.read(recording) : undefined;
  }

  private read({ cause, left }: { cause: WaveformCause; left: number }): SvWaveform | undefined {
    this.recording = undefined;
    const afterwards = this.after - left;
    if (afterwards === 0) return undefined;
    const samples = Math.min(this.filled, this.before + afterwards);
    const from = (this.at - samples + this.size) % this.size;
    const copy = <T extends Float64Array | Uint16Array | Uint8Array>(ring: T, made: T): T => {
      const whole = Math.min(samples, this.size - from);
      made.set(ring.subarray(from, from + whole), 0);
      made.set(ring.subarray(0, samples - whole), whole);
      return made;
    };
    const flags = copy(this.flags, new Uint8Array(samples));
    const absent = flags.map((flag) => (flag & MISSING ? 1 : 0));
    const last = flags.findLastIndex((flag) => (flag & MISSING) === 0);
    return {
      svId: this.svId,
      cause,
      rate: this.rate,
      nominal: this.nominal,
      start: this.end - (last * 1000) / this.rate,
      triggerIndex: samples - afterwards,
      samples,
      missing: absent.reduce((sum, one) => sum + one, 0),
      complete: left === 0,
      smpCnt: absent[0] ? undefined : (this.counts[from] as number),
      synchronised: flags.every((flag) => (flag & (SYNCHRONISED | MISSING)) !== 0),
      channels: this.row.layout.channels.map((channel, i) => {
        const ring = this.qualities[i];
        const qualities = ring && copy(ring, new Uint16Array(samples));
        let worst = -1;
        qualities?.forEach((bits, k) => {
          if (!absent[k]) worst = worse(worst, bits);
        });
        return { channel, values: copy(this.values[i] as Float64Array, new Float64Array(samples)), qualities, worst };
      }),
      synch: flags.map((flag) => flag & SYNCHRONISED),
    };
  }
}
