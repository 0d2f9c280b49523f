import { MAX_REMEMBERED_ENTRIES, MAX_UNACKNOWLEDGED_ENTRIES } from '../../limits.js';

interface Entry {
  id: string;
  number: number;
}

/**
 * How far the entries of one buffered control block have arrived: the resume point follows the consumer that is
 * furthest behind, and a consumer that acknowledges holds it back until it does.
 */
export class ResumePoint<Consumer extends object> {
  private entries: Entry[] = [];
  private delivered = 0;
  private readonly reached = new Map<Consumer, number>();
  private readonly remembered = new Set<string>();

  /** @param last EntryID after which the IED goes on; undefined for the beginning */
  constructor(public last: string | undefined) {}

  add(consumer: Consumer): void {
    this.reached.set(consumer, this.delivered);
  }

  /** A consumer that leaves holds nobody back. */
  remove(consumer: Consumer): boolean {
    this.reached.delete(consumer);
    return this.advance();
  }

  /** Whether the entry was delivered before. */
  isRepeat(id: string): boolean {
    return this.remembered.has(id);
  }

  /**
   * An entry was delivered to all.
   * @param waits consumers that will acknowledge it; the others have it now
   * @returns whether the resume point moved
   */
  deliver(id: string, waits: ReadonlySet<Consumer>): boolean {
    this.remembered.delete(id);
    this.remembered.add(id);
    if (this.remembered.size > MAX_REMEMBERED_ENTRIES)
      this.remembered.delete(this.remembered.values().next().value as string);
    // Past the bound the point stays where it is, and the IED's buffer keeps the rest.
    if (this.entries.length >= MAX_UNACKNOWLEDGED_ENTRIES) return false;
    this.delivered++;
    this.entries.push({ id, number: this.delivered });
    for (const consumer of this.reached.keys()) if (!waits.has(consumer)) this.reached.set(consumer, this.delivered);
    return this.advance();
  }

  /** A consumer has this entry and all before it. @returns whether the resume point moved */
  acknowledge(consumer: Consumer, id: string): boolean {
    const entry = this.entries.findLast((one) => one.id === id);
    if (!entry || !this.reached.has(consumer)) return false;
    this.reached.set(consumer, Math.max(entry.number, this.reached.get(consumer) as number));
    return this.advance();
  }

  /** The association is gone: what was not acknowledged comes again. */
  restart(): void {
    this.entries = [];
    for (const consumer of this.reached.keys()) this.reached.set(consumer, this.delivered);
  }

  private advance(): boolean {
    const behind = Math.min(...this.reached.values());
    const count = this.entries.findLastIndex(({ number }) => number <= behind) + 1;
    if (count === 0 || this.reached.size === 0) return false;
    const [newest] = this.entries.splice(0, count).slice(-1);
    if (!newest || newest.id === this.last) return false;
    this.last = newest.id;
    return true;
  }
}
