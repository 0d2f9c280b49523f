/** One stream of sampled values: its order, its synchronisation, its rate, and what is made of its samples. */
import { SV_EXPIRY_MS } from '../limits.js';
import { ArrivalJitter, type SvJitter } from './arrival-jitter.js';
import type { SvLayout } from './channels.js';
import { Decimator, type DecimationOptions, type SampleBatch } from './decimator.js';
import { MeasuringWindow, type IntervalMeasurement } from './measuring-window.js';
import { RateWatch } from './rate-watch.js';
import { SampleCounter, type SampleStatistics } from './sample-counter.js';
import { SampleRow } from './sample-row.js';
import type { SvAsdu } from './sv-pdu.js';
import { WaveformRecorder, type SvWaveform, type WaveformOptions } from './waveform-recorder.js';

export interface SvStreamOptions {
  layout: SvLayout;
  /** 50 or 60 Hz; a stream that turns out to be of the other one is followed. */
  nominal: number;
  /** Samples a second; a stream that changes its rate is followed. */
  rate: number;
  /** ms between measurements or batches; whole periods are taken, two at least. */
  interval: number;
  /** Gives decimated samples in place of measurements. */
  decimation?: DecimationOptions;
  /** Records waveforms. */
  waveform?: WaveformOptions;
}

export interface SvMeasurement extends IntervalMeasurement {
  svId: string;
  smpSynch: number;
  /** Samples a second, and nominal frequency, as they were taken for. */
  rate: number;
  nominal: number;
  /** How evenly frames came in the interval; null when that cannot be told. */
  jitter: SvJitter | null;
  /** Counts since the stream was first heard. */
  statistics: SampleStatistics;
  /** Intervals that were given up because samples were missing. */
  incomplete: number;
}

/** What a stream tells. */
export interface SvStreamHandler {
  measured(measurement: SvMeasurement): void;
  samples(batch: SampleBatch): void;
  waveform(waveform: SvWaveform): void;
  /** The stream goes on at another rate or frequency. */
  changed(rate: number, nominal: number): void;
}

/** Blocks of a measurement that have to be near the other nominal frequency before the stream is taken for one of it. */
const NOMINAL_BLOCKS = 3;

export class SvStream {
  readonly counter: SampleCounter;
  /** ASDUs whose samples have another length than the layout. */
  mismatches = 0;
  /** Times that the rate or the nominal frequency changed. */
  rateChanges = 0;
  private rate: number;
  private nominal: number;
  private given = 0;
  private heard = Infinity;
  private otherBlocks = 0;
  private readonly row: SampleRow;
  private readonly watch: RateWatch;
  private readonly jitter = new ArrivalJitter();
  private window!: MeasuringWindow;
  private decimator: Decimator | undefined;
  private recorder: WaveformRecorder | undefined;

  /** @throws ArgumentError when the trigger names a channel that is not there */
  constructor(
    private readonly options: SvStreamOptions,
    private readonly handler: SvStreamHandler,
  ) {
    ({ rate: this.rate, nominal: this.nominal } = options);
    this.row = new SampleRow(options.layout);
    this.counter = new SampleCounter(this.rate);
    this.watch = new RateWatch(this.rate);
    this.begin();
  }

  /** Intervals that were given up because samples were missing. */
  get incomplete(): number {
    return this.given + this.window.incomplete;
  }

  /**
   * Takes the samples of an ASDU of this stream.
   * @param time ms since 1970 when its frame came
   */
  take(octets: Buffer, asdu: SvAsdu, time: number): void {
    const { options, counter, row, handler } = this;
    if (asdu.end - asdu.start !== options.layout.length) {
      this.mismatches++;
      return;
    }
    // Half a second is half a round of smpCnt: behind a longer pause a loss cannot be told from a late sample.
    if (time - this.heard > SV_EXPIRY_MS) counter.interrupted();
    this.heard = time;
    const order = counter.take(asdu.smpCnt, asdu.smpSynch);
    if (order === 'late') return;
    row.read(octets, asdu, time, order === 'first' || order === 'jump' ? Infinity : counter.missing);
    const rate = this.watch.take(row, asdu, this.nominal);
    if (rate !== undefined) this.change(rate, this.nominal);
    this.jitter.take(row, this.rate);
    this.measure();
    if (this.decimator) for (const batch of this.decimator.take()) handler.samples(batch);
    const waveform = this.recorder?.take();
    if (waveform) handler.waveform(waveform);
  }

  /** Records a waveform around the next sample. @returns false when there is no recorder, or it is busy */
  trigger(): boolean {
    return this.recorder?.request() ?? false;
  }

  /** The stream is silent. */
  silent(): void {
    const waveform = this.recorder?.breakOff();
    if (waveform) this.handler.waveform(waveform);
  }

  private measure(): void {
    const { window, row, counter, handler, rate, nominal } = this;
    const measured = window.take(row);
    if (measured && !this.decimator) {
      handler.measured({
        svId: row.svId,
        ...measured,
        smpSynch: row.smpSynch,
        rate,
        nominal,
        jitter: this.jitter.result(),
        statistics: { ...counter.statistics },
        incomplete: this.incomplete,
      });
    }
    if (!window.endedBlock) return;
    const other = nominal === 50 ? 60 : 50;
    const { blockFrequency } = window;
    const nearer = Math.abs(blockFrequency - other) < Math.abs(blockFrequency - nominal);
    this.otherBlocks = nearer ? this.otherBlocks + 1 : 0;
    if (this.otherBlocks >= NOMINAL_BLOCKS) this.change(rate, other);
  }

  private change(rate: number, nominal: number): void {
    this.rate = rate;
    this.nominal = nominal;
    this.rateChanges++;
    // What was begun at the old rate is not finished at the new one.
    this.silent();
    this.given += this.window.incomplete + 1;
    this.begin();
    this.row.missing = Infinity;
    this.handler.changed(rate, nominal);
  }

  private begin(): void {
    const { options, row, rate, nominal } = this;
    const { layout, interval, decimation, waveform } = options;
    this.otherBlocks = 0;
    this.window = new MeasuringWindow(layout.channels, nominal, rate, interval);
    this.decimator = decimation && new Decimator(decimation, row, rate, interval);
    this.recorder = waveform && new WaveformRecorder(waveform, row, nominal, rate);
  }
}
