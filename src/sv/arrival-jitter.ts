/** How evenly frames come. */
import type { SampleRow } from './sample-row.js';

/** Deviation of the time between two frames from what their counts say, in ms, over an interval. */
export interface SvJitter {
  rms: number;
  max: number;
}

export class ArrivalJitter {
  private last: number | undefined;
  private samples = 0;
  private squares = 0;
  private max = 0;
  private frames = 0;

  /** @param rate samples a second */
  take({ time, missing }: SampleRow, rate: number): void {
    if (this.last === undefined || missing === Infinity || time < this.last) {
      this.last = time;
      this.samples = 0;
      return;
    }
    this.samples += 1 + missing;
    // Another ASDU of the same frame.
    if (time === this.last) return;
    const deviation = time - this.last - (this.samples * 1000) / rate;
    this.last = time;
    this.samples = 0;
    this.squares += deviation * deviation;
    this.max = Math.max(this.max, Math.abs(deviation));
    this.frames++;
  }

  /** That since the last call; null when not even two frames came. */
  result(): SvJitter | null {
    const { squares, max, frames } = this;
    this.squares = 0;
    this.max = 0;
    this.frames = 0;
    return frames === 0 ? null : { rms: Math.sqrt(squares / frames), max };
  }
}
