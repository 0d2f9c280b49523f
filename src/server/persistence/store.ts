/** What a server keeps beside its model: settings, setting groups, logs, buffered reports. In memory, or on disk. */
import type { MaybePromise } from '../maybe-promise.js';

/** One entry of a {@link KeptList}. */
export interface KeptEntry {
  /** Grows from entry to entry of its list and is never used again: a safe integer above 0. */
  readonly number: number;
  /** ms since 1970. */
  readonly time: number;
  readonly octets: Buffer;
}

/** Which entries of a list are wanted; all bounds that are given hold. */
export interface EntryRange {
  /** Entries with a greater number. */
  readonly after?: number;
  /** Entries that are not older, in ms since 1970. */
  readonly from?: number;
  /** Entries that are not newer. */
  readonly to?: number;
  /** Entries at the most. */
  readonly limit: number;
}

/** Octets by a text. */
export interface KeptMap {
  entries(): [key: string, octets: Buffer][];
  put(key: string, octets: Buffer): void;
  delete(key: string): void;
  clear(): void;
}

/** Octets in the order of growing numbers: a log, or the buffer of a report control block. */
export interface KeptList {
  /** Entries that it holds, and octets that they take together. */
  readonly count: number;
  readonly octets: number;
  /** Number of the newest entry that it ever had, 0 before the first. */
  readonly last: number;
  /** @param entry its number must be greater than {@link last} */
  append(entry: KeptEntry): void;
  /** In the order of their numbers. */
  read(range: EntryRange): KeptEntry[];
  first(): KeptEntry | undefined;
  newest(): KeptEntry | undefined;
  /** Forgets entries up to a number, this one included. */
  drop(through: number): void;
}

/**
 * Where parts of a server keep what shall survive a restart. Maps and lists are found by name, and are usable from
 * the part's `restore` on. A change is seen at once; it is on disk after `commit`, or a moment later by itself.
 */
export interface Store {
  /** Whether anything survives the end of the process. */
  readonly persistent: boolean;
  /** Counts changes of maps: who finds another number than before has something to commit. */
  readonly changes: number;
  map(name: string): KeptMap;
  list(name: string): KeptList;
  /** Names of the maps that hold something. */
  mapNames(): string[];
  /**
   * Returns when all changes up to now are on disk: what a client is told after that is true after a power cut.
   * @throws StoreError when they cannot be written
   */
  commit(): void;
  /**
   * @param signal ends the wait for another owner's sign of life
   * @throws StoreError when the folder cannot be used, or another process uses it
   */
  open(signal?: AbortSignal): MaybePromise<void>;
  close(): void;
}
