/** A store of a server that keeps nothing over a restart. */
import type { EntryRange, KeptEntry, KeptList, KeptMap, Store } from './store.js';

export class MemoryStore implements Store {
  readonly persistent = false;
  readonly changes = 0;
  private readonly maps = new Map<string, MemoryMap>();
  private readonly lists = new Map<string, MemoryList>();

  map(name: string): KeptMap {
    return found(this.maps, name, () => new MemoryMap());
  }

  list(name: string): KeptList {
    return found(this.lists, name, () => new MemoryList());
  }

  mapNames(): string[] {
    return [...this.maps].filter(([, map]) => map.size > 0).map(([name]) => name);
  }

  commit(): void {
    // There is no disk.
  }

  open(): void {
    // There is no file.
  }

  close(): void {
    // What is in memory stays as long as the server.
  }
}

/** The one of a name, made when it is asked for first. */
export function found<T>(known: Map<string, T>, name: string, make: () => T): T {
  let one = known.get(name);
  if (!one) known.set(name, (one = make()));
  return one;
}

class MemoryMap implements KeptMap {
  private readonly values = new Map<string, Buffer>();

  get size(): number {
    return this.values.size;
  }

  entries(): [string, Buffer][] {
    return [...this.values];
  }

  put(key: string, octets: Buffer): void {
    this.values.set(key, octets);
  }

  delete(key: string): void {
    this.values.delete(key);
  }

  clear(): void {
    this.values.clear();
  }
}

/** Dropped entries that may stand at the front of the array before it is cut. */
const SPARE = 1024;

class MemoryList implements KeptList {
  private entries: KeptEntry[] = [];
  /** Entries before this one were dropped. */
  private start = 0;
  octets = 0;
  last = 0;

  get count(): number {
    return this.entries.length - this.start;
  }

  append(entry: KeptEntry): void {
    this.entries.push(entry);
    this.octets += entry.octets.length;
    this.last = entry.number;
  }

  read({ after, from, to, limit }: EntryRange): KeptEntry[] {
    const read: KeptEntry[] = [];
    for (let i = after === undefined ? this.start : this.beyond(after); i < this.entries.length; i++) {
      if (read.length >= limit) break;
      const entry = this.entries[i] as KeptEntry;
      // Not in the order of their times: a clock may have been set back.
      if ((from === undefined || entry.time >= from) && (to === undefined || entry.time <= to)) read.push(entry);
    }
    return read;
  }

  first(): KeptEntry | undefined {
    return this.entries[this.start];
  }

  newest(): KeptEntry | undefined {
    return this.count > 0 ? this.entries.at(-1) : undefined;
  }

  drop(through: number): void {
    const end = this.beyond(through);
    for (; this.start < end; this.start++) this.octets -= (this.entries[this.start] as KeptEntry).octets.length;
    if (this.start < SPARE && this.start < this.entries.length) return;
    this.entries = this.entries.slice(this.start);
    this.start = 0;
  }

  /** Position of the first entry with a greater number. */
  private beyond(number: number): number {
    let low = this.start;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] as KeptEntry).number > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
