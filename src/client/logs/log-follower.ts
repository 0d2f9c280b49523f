import { ConnectionError, Iec61850Error, TimeoutError } from '../../errors.js';
import { binaryTimeToMs, isoTime, msToBinaryTime } from '../../model/timestamp.js';
import type { ResumeStore } from '../reports/resume-store.js';
import { unlessRefused } from '../service-host.js';
import type { LogControlBlockState, LogPosition } from './log-control-block.js';
import type { LogQuery, Logs, QueryOptions } from './logs.js';

export interface FollowOptions extends QueryOptions {
  /** Where it begins when nothing is known of it: at the oldest entry, or behind the newest. */
  start?: 'oldest' | 'newest';
  /** Where the last entry is kept over a restart, and under which key. */
  store?: ResumeStore;
  key?: string;
}

/** What came since the last time. */
export interface FollowedEntries extends LogQuery {
  /** The log no longer has the entry behind which it went on: others may have gone with it. */
  gap: boolean;
}

/** Octets of a time in a resume point: ms of the day, and days since 1984. */
const TIME_OCTETS = 6;

/**
 * Reads a log on and on, each time from behind the last entry that was delivered. Delivery is at least once: an entry counts
 * when {@link delivered} said so, and comes again otherwise.
 */
export class LogFollower {
  private position: LogPosition | null = null;
  private known = false;
  /** Null when there is none. */
  private controlBlock: string | null | undefined;
  private readonly key: string;

  constructor(
    private readonly logs: Logs,
    private readonly log: string,
    private readonly options: FollowOptions = {},
  ) {
    this.key = options.key ?? log;
  }

  /** The last entry that was delivered; null at the beginning. */
  get last(): LogPosition | null {
    return this.position;
  }

  /** Entries behind the last one. One call at a time. @throws what the query fails with; then the next call begins there again */
  async next(): Promise<FollowedEntries> {
    if (!this.known) await this.begin();
    const { position } = this;
    if (position === null) return { ...(await this.logs.queryByTime(this.log, this.options)), gap: false };
    const gap = await this.forgotten(position);
    if (position.entryId === null) return { ...(await this.sinceTime(position, 1)), gap };
    try {
      return { ...(await this.logs.queryAfter(this.log, position, this.options)), gap };
    } catch (error) {
      if (!(error instanceof Iec61850Error) || error instanceof ConnectionError || error instanceof TimeoutError)
        throw error;
      // The IED refuses an entry that it no longer knows. By time comes what it still has, and what was there already.
      return this.again(position);
    }
  }

  /** The entries of this answer are with whoever wanted them: the next ones are those behind it. */
  delivered({ last }: Pick<LogQuery, 'last'>): void {
    this.known = true;
    if (last === null) return;
    this.position = last;
    this.options.store?.save(this.key, encodePosition(last));
  }

  private async begin(): Promise<void> {
    const saved = await this.options.store?.load(this.key);
    if (saved !== undefined) this.position = decodePosition(saved);
    else if (this.options.start === 'newest') {
      this.position = await this.newest();
      if (this.position) this.options.store?.save(this.key, encodePosition(this.position));
    }
    this.known = true;
  }

  private async newest(): Promise<LogPosition | null> {
    const newest = (await this.block())?.newest;
    return newest?.entryId ? newest : this.logs.last(this.log);
  }

  /** Whether the oldest entry of the log is younger than the position, by what its control block tells. */
  private async forgotten({ entryTime }: LogPosition): Promise<boolean> {
    const oldest = (await this.block())?.oldest?.entryTime;
    return oldest !== undefined && oldest !== null && entryTime !== null && oldest > entryTime;
  }

  /** A control block that writes the log; which one is looked for once. */
  private async block(): Promise<LogControlBlockState | undefined> {
    if (this.controlBlock === undefined) {
      const [block] = (await unlessRefused(() => this.logs.controlBlocksOf(this.log))) ?? [];
      this.controlBlock = block?.reference ?? null;
      return block;
    }
    const reference = this.controlBlock;
    return reference === null ? undefined : unlessRefused(() => this.logs.status(reference));
  }

  private sinceTime({ entryTime }: LogPosition, plusMs: number): Promise<LogQuery> {
    const from = entryTime === null ? undefined : Date.parse(entryTime) + plusMs;
    return this.logs.queryByTime(this.log, { ...this.options, ...(from !== undefined && { from }) });
  }

  private async again(position: LogPosition): Promise<FollowedEntries> {
    const query = await this.sinceTime(position, 0);
    const at = query.entries.findIndex(({ entryId }) => entryId === position.entryId);
    return { ...query, entries: query.entries.slice(at + 1), gap: at < 0 };
  }
}

/** Time and identifier as one hex text, in which form resume points are kept. */
function encodePosition({ entryId, entryTime }: LogPosition): string {
  const { ms, days } = msToBinaryTime(entryTime === null ? 0 : Date.parse(entryTime));
  const octets = Buffer.alloc(TIME_OCTETS);
  octets.writeUInt32BE(ms, 0);
  octets.writeUInt16BE(days, 4);
  return octets.toString('hex') + (entryId ?? '');
}

function decodePosition(saved: string): LogPosition | null {
  const octets = Buffer.from(saved, 'hex');
  if (octets.length < TIME_OCTETS) return null;
  const id = octets.subarray(TIME_OCTETS).toString('hex');
  const ms = binaryTimeToMs(octets.readUInt32BE(0), octets.readUInt16BE(4));
  return { entryId: id === '' ? null : id, entryTime: isoTime(ms) };
}
