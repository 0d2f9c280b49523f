/** One log (IEC 61850-7-2 §17.3.3): entries in the order of their EntryIDs, the oldest of which make room for new ones. */
import { MAX_LOG_ENTRY_OCTETS, MAX_SERVER_LOG_OCTETS } from '../../limits.js';
import { msToBinaryTime } from '../../model/timestamp.js';
import { encodeEntry, type JournalVariable } from '../../mms/services.js';
import type { EntryRange, KeptEntry, KeptList } from '../persistence/store.js';

const ENTRY_ID_LENGTH = 8;
/** Entries of one ms, so that numbers rise from one start of the server to the next. Good for dates up to 2248. */
const PER_MS = 1024;
/** Parts of its bound that a full log frees at a time. */
const FREED = 100;

/** What one member of a data set adds to an entry: its value and why it was logged, with its size. */
export interface LoggedMember {
  readonly variables: readonly JournalVariable[];
  readonly size: number;
}

export class Log {
  /** @param limit entries that it keeps */
  constructor(
    private readonly list: KeptList,
    private readonly limit: number,
  ) {}

  /** Adds what happened at one time: one entry, or several where it is large. */
  append(now: number, members: readonly LoggedMember[]): void {
    let variables: JournalVariable[] = [];
    let size = 0;
    for (const member of members) {
      if (variables.length > 0 && size + member.size > MAX_LOG_ENTRY_OCTETS) {
        this.add(now, variables);
        variables = [];
        size = 0;
      }
      variables.push(...member.variables);
      size += member.size;
    }
    if (variables.length > 0) this.add(now, variables);
    this.trim();
  }

  /** Number of its newest entry, 0 before the first. */
  get last(): number {
    return this.list.last;
  }

  /** Entries as they stand in an answer. */
  read(range: EntryRange): KeptEntry[] {
    return this.list.read(range);
  }

  oldest(): KeptEntry | undefined {
    return this.list.first();
  }

  newest(): KeptEntry | undefined {
    return this.list.newest();
  }

  private add(now: number, variables: JournalVariable[]): void {
    const { list } = this;
    const time = Math.max(0, Math.floor(now));
    const number = Math.max(list.last + 1, time * PER_MS);
    const octets = encodeEntry({ entryId: entryIdOf(number), time: msToBinaryTime(time), variables });
    list.append({ number, time, octets });
  }

  private trim(): void {
    const { list, limit } = this;
    const spare = Math.ceil(limit / FREED);
    while (list.count > limit || list.octets > MAX_SERVER_LOG_OCTETS) {
      const last = list.read({ limit: spare }).at(-1);
      if (!last) return;
      list.drop(last.number);
    }
  }
}

/** EntryID of an entry; eight zero octets for none. */
export function entryIdOf(number: number): Buffer {
  const octets = Buffer.alloc(ENTRY_ID_LENGTH);
  octets.writeBigUInt64BE(BigInt(number));
  return octets;
}

/** Number of the entry with this EntryID; undefined for one that this server never gave. */
export function numberOf(entryId: Buffer): number | undefined {
  if (entryId.length !== ENTRY_ID_LENGTH) return undefined;
  const number = Number(entryId.readBigUInt64BE());
  return Number.isSafeInteger(number) ? number : undefined;
}
