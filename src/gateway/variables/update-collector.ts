import { MAX_TAGS } from '../../limits.js';
import type { Update } from '../../server/update.js';

/** Updates that wait for the next cycle: of each reference the newest. */
export class UpdateCollector {
  private waiting = new Map<string, Update>();
  /** Updates that found no room. */
  dropped = 0;

  get size(): number {
    return this.waiting.size;
  }

  add(updates: readonly Update[]): void {
    for (const update of updates) {
      const key = update.fc === undefined ? update.reference : `${update.reference}[${update.fc}]`;
      const older = this.waiting.get(key);
      if (!older && this.waiting.size >= MAX_TAGS) this.dropped++;
      // One that brings only quality or time leaves the value that waits.
      else this.waiting.set(key, update.value === undefined ? { ...older, ...update } : update);
    }
  }

  /** Takes all that wait. */
  drain(): Update[] {
    const updates = [...this.waiting.values()];
    this.waiting = new Map();
    return updates;
  }
}
