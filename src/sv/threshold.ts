/** A trigger that fires when a channel passes a level. */
import { ArgumentError } from '../errors.js';
import type { SvLayout } from './channels.js';
import type { SampleRow } from './sample-row.js';

export interface SvThreshold {
  /** Names of channels, any of which may fire it. */
  channels: readonly string[];
  /** `rms` over the last period, or `peak`: the magnitude of a single sample. */
  measure: 'rms' | 'peak';
  /** A peak cannot be below: every waveform passes 0. */
  when: 'above' | 'below';
  /** In the unit of the channel. */
  level: number;
}

/** What fired. */
export interface ThresholdHit {
  channel: string;
  value: number;
}

/** Share of the level by which a channel has to go back before it can fire again. */
const HYSTERESIS = 0.02;

/** One channel with the squares of its last period. */
interface Watched {
  name: string;
  index: number;
  squares: Float64Array;
  count: number;
  sum: number;
  /** Sum of the squares since the ring began anew, which takes the place of `sum`: rounding does not add up for ever. */
  fresh: number;
  /** Samples since it was on the other side of the level; fires when it is armed. */
  quiet: number;
  armed: boolean;
}

export class ThresholdTrigger {
  private readonly watched: Watched[];
  private readonly back: number;

  /**
   * @param period samples of one period
   * @throws ArgumentError when the stream has no such channel
   */
  constructor(
    private readonly threshold: SvThreshold,
    { channels }: SvLayout,
    private readonly period: number,
  ) {
    const { level, when } = threshold;
    this.back = level * (when === 'above' ? 1 - HYSTERESIS : 1 + HYSTERESIS);
    for (const wanted of threshold.channels) {
      if (channels.some(({ name }) => name === wanted)) continue;
      const names = channels.map(({ name }) => name).join(', ');
      throw new ArgumentError(`the stream has no channel ${wanted} for the trigger`, `It has ${names}.`);
    }
    this.watched = [...channels.entries()]
      .filter(([, { name }]) => threshold.channels.includes(name))
      .map(([index, { name }]) => ({ name, index, ...this.empty() }));
  }

  /** @returns the first channel that passed the level with this sample */
  take(row: SampleRow): ThresholdHit | undefined {
    if (row.missing !== 0) for (const watched of this.watched) Object.assign(watched, this.empty());
    let hit: ThresholdHit | undefined;
    for (const watched of this.watched) {
      const value = this.measure(watched, row.values[watched.index] as number);
      if (value !== undefined && this.passes(watched, value)) hit ??= { channel: watched.name, value };
    }
    return hit;
  }

  private empty(): Omit<Watched, 'name' | 'index'> {
    const { measure } = this.threshold;
    const squares = new Float64Array(measure === 'rms' ? this.period : 0);
    return { squares, count: 0, sum: 0, fresh: 0, quiet: 0, armed: false };
  }

  private measure(watched: Watched, value: number): number | undefined {
    if (this.threshold.measure === 'peak') return Math.abs(value);
    const { squares } = watched;
    const at = watched.count % this.period;
    const square = value * value;
    watched.sum += square - (squares[at] as number);
    watched.fresh += square;
    squares[at] = square;
    watched.count++;
    if (at === this.period - 1) {
      watched.sum = watched.fresh;
      watched.fresh = 0;
    }
    return watched.count < this.period ? undefined : Math.sqrt(Math.max(0, watched.sum) / this.period);
  }

  /** A level is passed from the other side only: what is beyond it when the stream begins has not just happened. */
  private passes(watched: Watched, value: number): boolean {
    const { when, level, measure } = this.threshold;
    const beyond = when === 'above' ? value > level : value < level;
    const back = when === 'above' ? value < this.back : value > this.back;
    watched.quiet = back ? watched.quiet + 1 : 0;
    // A peak is over when a whole period was without.
    if (watched.quiet >= (measure === 'peak' ? this.period : 1)) watched.armed = true;
    if (!beyond || !watched.armed) return false;
    watched.armed = false;
    return true;
  }
}
