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

/** So many late ones with none between them that follows: the publisher has begun anew. */
const LATE_IN_ROW = 16;

/** What a sample is among those before it. */
export type SampleOrder = 'first' | 'next' | 'afterLoss' | 'jump' | 'late';

export class SampleCounter {
  readonly statistics: SampleStatistics = { samples: 0, lost: 0, outOfOrder: 0, syncChanges: 0, jumps: 0 };
  /** Samples that are missing before the one that was taken last. */
  missing = 0;
  private last: number | undefined;
  private synch: number | undefined;
  /** Count of the first of those samples that followed each other without a gap until now. */
  private runFrom = 0;
  private lateInRow = 0;
  /** A round that was shorter than those before it, and what was counted as lost because of it. */
  private shorter: { cycle: number; lost: number } | undefined;
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

  /** Nothing came for so long that the next count says nothing of how much is missing. */
  interrupted(): void {
    if (this.last === undefined) return;
    this.last = undefined;
    this.shorter = undefined;
    this.statistics.jumps++;
  }

  take(smpCnt: number, smpSynch: number): SampleOrder {
    const { statistics, last } = this;
    statistics.samples++;
    if (this.synch !== undefined && this.synch !== smpSynch) statistics.syncChanges++;
    this.synch = smpSynch;
    const order = this.order(smpCnt, last);
    this.lateInRow = order === 'late' ? this.lateInRow + 1 : 0;
    if (order === 'late') return order;
    this.last = smpCnt;
    if (order !== 'next' || smpCnt === 0) this.runFrom = smpCnt;
    return order;
  }

  private order(smpCnt: number, last: number | undefined): SampleOrder {
    const { statistics } = this;
    this.missing = 0;
    if (last === undefined) return 'first';
    if (smpCnt === 0 && last > 0) this.learn(last);
    const steps = this.steps(last, smpCnt);
    if (steps === 1) return 'next';
    if (steps > 1 && steps <= LARGEST_LOSS) {
      this.missing = steps - 1;
      statistics.lost += this.missing;
      if (smpCnt === 0 && this.runFrom === 0) this.shorter = { cycle: last + 1, lost: this.missing };
      return 'afterLoss';
    }
    if (steps <= 0 && steps > -LARGEST_LOSS && this.lateInRow < LATE_IN_ROW) {
      statistics.outOfOrder++;
      return 'late';
    }
    if (smpCnt === 0 && this.runFrom === 0) this.shorter = { cycle: last + 1, lost: 0 };
    statistics.jumps++;
    return 'jump';
  }

  /** A publisher that is synchronised begins at 0 each second; the round before tells how many there are. */
  private learn(last: number): void {
    const { cycle, shorter, runFrom } = this;
    if (last + 1 === cycle) this.shorter = undefined;
    // A round that goes on beyond the end of the known one is longer; a single count that was garbled is not.
    else if (cycle === undefined || (last + 1 > cycle && runFrom < cycle)) this.cycle = last + 1;
    // One that ends too soon has lost its end, unless the next one ends there as well.
    else if (shorter?.cycle === last + 1 && runFrom === 0) {
      this.cycle = last + 1;
      this.statistics.lost -= shorter.lost;
      this.shorter = undefined;
    }
  }

  /** Signed: how far it is from one count to the other, by the shorter way round. */
  private steps(last: number, next: number): number {
    const plain = next - last;
    const cycle = this.cycle ?? RANGE;
    if (plain < -cycle / 2) return plain + cycle;
    return plain > cycle / 2 ? plain - cycle : plain;
  }
}
