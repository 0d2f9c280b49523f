/**
 * How much time of each second a server may work, so that one process does not take all of a machine from what runs
 * beside it. Requests are answered at once and counted; reports ask first, and wait in their buffers while it is used up.
 */
import { ArgumentError } from '../errors.js';

const SECOND_MS = 1000;

export class WorkBudget {
  private available: number;
  private countedAt: number | undefined;

  /**
   * @param msPerSecond ms of work in each second, 1 to 1000; without it, or with 1000, there is no limit
   * @throws ArgumentError
   */
  constructor(private readonly msPerSecond = SECOND_MS) {
    if (!(msPerSecond >= 1 && msPerSecond <= SECOND_MS)) {
      throw new ArgumentError(`a work budget of ${msPerSecond} ms a second is none`, 'Give 1 to 1000 ms.');
    }
    this.available = msPerSecond;
  }

  get limited(): boolean {
    return this.msPerSecond < SECOND_MS;
  }

  /**
   * ms to wait before work that can wait; 0 is now.
   * @param now any clock in ms that only goes forward, here and in {@link spent}
   */
  delay(now: number): number {
    if (!this.limited) return 0;
    this.refill(now);
    return this.available > 0 ? 0 : Math.max(1, Math.ceil((-this.available * SECOND_MS) / this.msPerSecond));
  }

  /** Counts `ms` of work that was done. Work that could not wait may overdraw the budget, by ten seconds at the most. */
  spent(ms: number, now: number): void {
    if (!this.limited) return;
    this.refill(now);
    this.available = Math.max(-10 * this.msPerSecond, this.available - ms);
  }

  private refill(now: number): void {
    const since = now - (this.countedAt ?? now);
    this.countedAt = now;
    this.available = Math.min(this.msPerSecond, this.available + (since * this.msPerSecond) / SECOND_MS);
  }
}
