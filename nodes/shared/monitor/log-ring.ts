/** What happened lately, for the sidebar's log: a bounded ring that the newest entries stay in. */
import { MAX_MONITOR_LOG, MAX_MONITOR_TEXT } from '../../../src/limits.js';

export type LogLevel = 'error' | 'warn' | 'info';

export interface LogEntry {
  /** Counts from 1, without gaps: what a reader has not seen yet it asks for by this. */
  sequence: number;
  /** ms since 1970. */
  time: number;
  level: LogLevel;
  /** Name of the node, the IED or the server. */
  source: string;
  /** Type of the node, or what else tells the kind of source. */
  kind: string;
  /** Id of the node that the editor can show, where it is one. */
  id?: string;
  text: string;
  /** Stable code of an error. */
  code?: string;
}

export class LogRing {
  private readonly entries: LogEntry[] = [];
  /** Place of the oldest entry once the ring is full. */
  private start = 0;
  private sequence = 0;

  constructor(private readonly capacity = MAX_MONITOR_LOG) {}

  /** Sequence of the newest entry; 0 before the first. */
  get newest(): number {
    return this.sequence;
  }

  note(entry: Omit<LogEntry, 'sequence' | 'time'>): void {
    const { text } = entry;
    const kept: LogEntry = {
      ...entry,
      text: text.length > MAX_MONITOR_TEXT ? `${text.slice(0, MAX_MONITOR_TEXT)}…` : text,
      sequence: ++this.sequence,
      time: Date.now(),
    };
    if (this.entries.length < this.capacity) this.entries.push(kept);
    else {
      this.entries[this.start] = kept;
      this.start = (this.start + 1) % this.capacity;
    }
  }

  /** Entries after one that was seen, oldest first. */
  after(sequence: number): LogEntry[] {
    const { entries, start } = this;
    const held = entries.length;
    const wanted = Math.min(held, this.sequence - sequence);
    const result: LogEntry[] = [];
    for (let i = held - wanted; i < held; i++) result.push(entries[(start + i) % held] as LogEntry);
    return result;
  }
}

/** The log of this process. */
export const monitorLog = new LogRing();
