/** The entries of a buffered report control block, oldest first, bounded in octets (IEC 61850-7-2 §17.2.2). */
import type { ReportBody } from './report-body.js';

export interface BufferEntry {
  /** Counts entries from 1; EntryIDs rise with it. */
  readonly number: number;
  /** When it was made, in ms since 1970. */
  readonly time: number;
  readonly body: ReportBody;
  /** A scan of all members, of which the newest says all that the older ones said. */
  readonly integrity: boolean;
}

/** Dropped entries at the front of the array, beyond which it is made anew. */
const MAX_GAP = 1024;

export class EventBuffer {
  /** Number of the newest entry that was ever made; 0 before the first. */
  last = 0;
  /** Entries that nobody was sent have been dropped for want of room, and no report said so yet. */
  overflow = false;
  private entries: BufferEntry[] = [];
  /** Position of the oldest one in {@link entries}. */
  private first = 0;
  private octets = 0;
  /** Number of the entry that is to be sent next, or a lower one. */
  private next = 1;
  /** Lowest number after which nothing is missing. */
  private known = 0;

  /** @param limit octets that all entries together may take; the newest one stays whatever it takes */
  constructor(private readonly limit: number) {}

  get length(): number {
    return this.entries.length - this.first;
  }

  get oldest(): BufferEntry | undefined {
    return this.entries[this.first];
  }

  get newest(): BufferEntry | undefined {
    return this.length > 0 ? this.entries.at(-1) : undefined;
  }

  /** Oldest entry that was not sent since {@link resume} or {@link restart}. */
  get pending(): BufferEntry | undefined {
    const at = this.position(this.next);
    return this.entries[at];
  }

  /** Entries in order, oldest first. */
  *[Symbol.iterator](): Generator<BufferEntry> {
    for (let at = this.first; at < this.entries.length; at++) yield this.entries[at] as BufferEntry;
  }

  add(body: ReportBody, time: number, integrity: boolean): BufferEntry {
    const before = this.newest;
    // A scan that was not sent yet is outdated by the next one, where no event lies between that it would follow.
    if (integrity && before?.integrity && before.number >= this.next) this.dropNewest();
    const entry: BufferEntry = { number: ++this.last, time, body, integrity };
    this.put(entry);
    return entry;
  }

  /** Puts in an entry that has a number already; they must rise. */
  put(entry: BufferEntry): void {
    this.last = entry.number;
    this.entries.push(entry);
    this.octets += entry.body.size;
    while (this.octets > this.limit && this.length > 1) this.dropOldest();
  }

  /** The entry has been sent. */
  sent(entry: BufferEntry): void {
    this.next = entry.number + 1;
  }

  /** Goes on after an entry; 0 starts with the oldest one. Returns false when it is not known any more. */
  resume(number: number): boolean {
    if (number === 0) {
      this.restart();
      return true;
    }
    if (number < this.known || number > this.last) return false;
    this.next = number + 1;
    return true;
  }

  /** Starts with the oldest entry. */
  restart(): void {
    this.next = this.entries[this.first]?.number ?? this.last + 1;
  }

  /** Discards all entries; none of them is known any more. */
  purge(): void {
    this.entries = [];
    this.first = 0;
    this.octets = 0;
    this.overflow = false;
    this.next = this.last + 1;
    this.known = this.last + 1;
  }

  /** Numbers after which a client may resume, and from which on entries are new to it. */
  get state(): { known: number; next: number; last: number; overflow: boolean } {
    const { known, next, last, overflow } = this;
    return { known, next, last, overflow };
  }

  /** Takes over the state of an earlier start, before entries are put in. */
  restore({ known, next, last, overflow }: EventBuffer['state']): void {
    this.known = known;
    this.next = next;
    this.last = last;
    this.overflow = overflow;
  }

  private dropNewest(): void {
    const entry = this.entries.pop();
    if (entry) this.octets -= entry.body.size;
  }

  private dropOldest(): void {
    const entry = this.entries[this.first] as BufferEntry;
    (this.entries as (BufferEntry | undefined)[])[this.first++] = undefined;
    this.octets -= entry.body.size;
    this.known = entry.number;
    if (entry.number >= this.next) {
      this.overflow = true;
      this.next = entry.number + 1;
    }
    if (this.first > MAX_GAP && this.first > this.entries.length / 2) {
      this.entries.splice(0, this.first);
      this.first = 0;
    }
  }

  /** Position of the first entry whose number is not below `number`. */
  private position(number: number): number {
    let low = this.first;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] as BufferEntry).number < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
