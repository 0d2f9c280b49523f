/** Whether samples follow each other (IEC 61850-9-2 §8.5.2: smpCnt). */

/** Counts since the stream was first heard. */
export interface SampleStatistics {
  samples: number;
  /** Samples that the counter says are missing. */
  lost: number;
  /** Samples that came twice, or too late. */
  outOfOrder: number;
  /** Times that smpSynch changed. */
  syncChanges: number;
  /** Times that the counter jumped so far that nobody can say what is missing. */
  jumps: number;
}

const RANGE = 0x10000;
/** More samples than this at a time are a jump, not a loss. */
const LARGEST_LOSS = 2000;

/** What a sample is among those before it. */
export type SampleOrder = 'first' | 'next' | 'afterLoss' | 'jump' | 'late';

export class SampleCounter {
  readonly statistics: SampleStatistics = { samples: 0, lost: 0, outOfOrder: 0, syncChanges: 0, jumps: 0 };
  private last: number | undefined;
  private synch: number | undefined;
  /** Samples from one 0 of the counter to the next; undefined until it is known. */
  private cycle: number | undefined;

  /** @param cycle samples from one 0 of the counter to the next, where it is known: mostly those of one second */
  constructor(cycle?: number) {
    this.cycle = cycle;
  }

  /** Samples of one round of the counter, as configured or as it was seen twice. */
  get samplesPerRound(): number | undefined {
    return this.cycle;
  }

  take(smpCnt: number, smpSynch: number): SampleOrder {
    const { statistics, last } = this;
    statistics.samples++;
    if (this.synch !== undefined && this.synch !== smpSynch) statistics.syncChanges++;
    this.synch = smpSynch;
    this.last = smpCnt;
    if (last === undefined) return 'first';
    const steps = this.steps(last, smpCnt);
    if (steps === 1) return 'next';
    if (steps > 1 && steps <= LARGEST_LOSS) {
      statistics.lost += steps - 1;
      return 'afterLoss';
    }
    if (steps <= 0 && steps > -LARGEST_LOSS) {
      statistics.outOfOrder++;
      this.last = last;
      return 'late';
    }
    statistics.jumps++;
    return 'jump';
  }

  private steps(last: number, next: number): number {
    if (next === 0 && last > 0) {
      // A publisher that is synchronised begins at 0 each second; the round before tells how many there are.
      if (this.cycle === undefined || (this.cycle !== last + 1 && last + 1 > this.cycle)) this.cycle = last + 1;
      return ((next - last) % this.cycle) + (last >= next ? this.cycle : 0);
    }
    const plain = next - last;
    const cycle = this.cycle ?? RANGE;
    if (plain < -cycle / 2) return plain + cycle;
    return plain > cycle / 2 ? plain - cycle : plain;
  }
}
