import { READ_CACHE_ENTRIES, READ_CACHE_OCTETS } from '../limits.js';

interface Entry<T> {
  readonly value: T;
  readonly weight: number;
}

/** What was found out about requests, by their octets as Latin-1 text; the oldest ones make room for new ones. */
export class RequestCache<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private total = 0;

  get(key: string): T | undefined {
    return this.entries.get(key)?.value;
  }

  clear(): void {
    this.entries.clear();
    this.total = 0;
  }

  /** @param octets that the value takes, about */
  set(key: string, value: T, octets: number): void {
    const weight = key.length + octets;
    // One request never takes more than a part of the room, or two large ones would drive each other out.
    if (weight > READ_CACHE_OCTETS / 8) return;
    this.entries.set(key, { value, weight });
    this.total += weight;
    for (const [oldest, entry] of this.entries) {
      if (this.entries.size <= READ_CACHE_ENTRIES && this.total <= READ_CACHE_OCTETS) break;
      this.entries.delete(oldest);
      this.total -= entry.weight;
    }
  }
}
