/** Those who want to hear of single values of a server, whoever sets them. */
import type { Points } from './points.js';
import { readPoint, type ServerValue } from './read-point.js';
import type { ValueStore } from './value-store.js';
import type { Variable } from './variable.js';

/** Hears of a value after each transaction that set it, to another value or the same. */
export type ValueListener = (value: ServerValue) => void;

export class ValueWatches {
  private readonly watches = new Map<Variable, Set<() => void>>();

  constructor(
    private readonly points: Points,
    values: ValueStore,
  ) {
    values.whenStored(({ values: stored }) => {
      if (this.watches.size === 0) return;
      for (const leaf of stored.keys()) for (const tell of this.watches.get(leaf) ?? []) tell();
    });
  }

  /**
   * @returns ends it
   * @throws ArgumentError, DataAccessError when there is no such object
   */
  add(reference: string, listener: ValueListener): () => void {
    const { value } = this.points.find(reference);
    const listeners = this.watches.get(value) ?? new Set();
    const tell = (): void => listener(readPoint(this.points, reference));
    this.watches.set(value, listeners.add(tell));
    return () => {
      listeners.delete(tell);
      if (listeners.size === 0) this.watches.delete(value);
    };
  }
}
