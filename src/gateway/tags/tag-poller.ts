import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { ClientAssociation } from '../../client/client-association.js';
import type { IedSession } from '../../client/ied-session.js';
import { TagReader } from '../../client/tag-reader.js';
import { buildTagValue } from '../../client/tag-value-builder.js';
import type { TypeCache } from '../../client/type-cache.js';
import { Iec61850Error } from '../../errors.js';
import { MIN_POLL_INTERVAL_MS } from '../../limits.js';
import type { Tag } from '../../model/tag.js';
import { areUsable, type TagStatus, type TagValue } from '../../model/tag-value.js';
import { RowState } from '../../model/value-table.js';
import type { TagCounts } from './tag-counts.js';

export interface TagPollerOptions {
  tags: readonly Tag[];
  /** ms, for tags without an interval of their own. */
  interval: number;
  /** Emit a tag only when its value (beyond the deadband), quality or status changed; otherwise at every poll. */
  onChange: boolean;
  /** With `onChange`: emit the first value after start too. */
  initial: boolean;
  /** Absolute deadband of numbers, for tags without one of their own. */
  deadband?: number;
}

/** How one group of tags was polled. */
export interface PollCycle {
  interval: number;
  tags: number;
  /** How long the poll took, in ms. */
  ms: number;
  /** Tags, of all groups, that are not usable now. */
  bad: number;
  /** Whether the interval could not be held. */
  late: boolean;
}

interface PollerEvents {
  values: [TagValue[]];
  cycle: [PollCycle];
  tagError: [Iec61850Error];
}

/** A polled tag is stale when no read of it succeeded for so many intervals, and at least so many ms. */
const STALE_INTERVALS = 3;
const STALE_AT_LEAST_MS = 3000;
/** An object that fails is asked for again after so many intervals, and at least so many ms. */
const RETRY_INTERVALS = 10;
const RETRY_AT_LEAST_MS = 10_000;
const STATUSES: readonly (TagStatus | undefined)[] = [undefined, 'live', 'stale', 'disconnected', 'error'];
const Code = { none: 0, live: 1, stale: 2, disconnected: 3, error: 4 } as const;

interface Schedule {
  interval: number;
  due: number;
  rows: number[];
  running: Promise<void> | undefined;
}

/**
 * Polls tags of one IED at their intervals and says what must leave: values that changed, or all of them, and every
 * change of status. Polls never queue up: one that comes due while its predecessor runs is left out and counted late.
 */
export class TagPoller extends EventEmitter<PollerEvents> {
  private readonly reader: TagReader;
  private readonly schedules: Schedule[];
  private readonly status: Uint8Array;
  private readonly sequence: Uint32Array;
  private readonly intervalOf: Float64Array;
  private release: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private attached = false;
  private closed = false;
  private readonly stateListener = ({ state }: { state: string }): void => {
    if (state === 'offline') this.emitStatusChanges();
  };

  constructor(
    private readonly session: IedSession,
    private readonly options: TagPollerOptions,
  ) {
    super();
    const interval = Math.max(MIN_POLL_INTERVAL_MS, options.interval);
    const tags = options.tags.map((tag) => withDefaults(tag, options.deadband));
    this.reader = new TagReader(tags, session.name, interval, Math.max(RETRY_AT_LEAST_MS, RETRY_INTERVALS * interval));
    this.status = new Uint8Array(tags.length);
    this.sequence = new Uint32Array(tags.length);
    this.intervalOf = Float64Array.from(tags, (tag) => tag.interval ?? interval);
    this.schedules = this.reader.intervals.map((one) => ({
      interval: one,
      due: 0,
      rows: [...this.intervalOf.keys()].filter((row) => this.intervalOf[row] === one),
      running: undefined,
    }));
  }

  start(): void {
    if (this.release || this.closed) return;
    this.session.on('state', this.stateListener);
    this.release = this.session.use({
      attached: (association, types) => this.attach(association, types),
      detached: () => this.detach(),
    });
    // Tags that can never be read are told once, whether the IED is there or not.
    this.emitStatusChanges();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.session.off('state', this.stateListener);
    this.release?.();
    this.release = undefined;
    this.reader.detach();
    this.removeAllListeners();
  }

  /** Reads all tags now and gives their values; while the IED is away the last known ones, which say so. */
  async readNow(): Promise<TagValue[]> {
    for (const schedule of this.schedules) {
      await schedule.running;
      // Another caller who waited too may have started the next poll, which is as new as ours would be.
      await (schedule.running ?? this.poll(schedule, performance.now()));
    }
    return this.snapshot();
  }

  /** Last known values of all tags, with their present status. */
  snapshot(): TagValue[] {
    const now = performance.now();
    return this.reader.rows.map((_info, row) =>
      this.tagValue(row, STATUSES[this.statusOf(row, now)] ?? 'disconnected'),
    );
  }

  get size(): number {
    return this.status.length;
  }

  /** The tag of a row, with what its answer has told since. */
  tag(row: number): Tag {
    const { tag, reference, fc } = this.reader.rows[row] as (typeof this.reader.rows)[number];
    return reference === tag.reference && fc === tag.fc ? tag : { ...tag, reference, fc };
  }

  /** Last known value of one row with its present status; undefined before there was any. */
  value(row: number): TagValue | undefined {
    const status = STATUSES[this.statusOf(row, performance.now())];
    return status && this.tagValue(row, status);
  }

  /** How many tags are in which state now. */
  counts(): TagCounts {
    const counts: TagCounts = { live: 0, stale: 0, disconnected: 0, error: 0, waiting: 0, bad: 0 };
    const now = performance.now();
    const { quality } = this.reader.table;
    for (let row = 0; row < this.status.length; row++) {
      const status = STATUSES[this.statusOf(row, now)] ?? 'waiting';
      counts[status]++;
      if (status === 'live' && !areUsable(quality[row] as number)) counts.bad++;
    }
    return counts;
  }

  private attach(association: ClientAssociation, types: TypeCache): void {
    this.reader.attach(association, types);
    this.attached = true;
    const now = performance.now();
    for (const schedule of this.schedules) schedule.due = now;
    this.tick();
  }

  private detach(): void {
    this.attached = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.reader.detach();
    this.emitStatusChanges();
  }

  private tick(): void {
    if (this.closed || !this.attached) return;
    const now = performance.now();
    for (const schedule of this.schedules) {
      if (schedule.due > now) continue;
      if (schedule.running) {
        schedule.due = now + schedule.interval;
        this.emitCycle(schedule, schedule.interval, true);
        this.emitStatusChanges();
      } else void this.poll(schedule, now);
    }
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.schedules.length === 0 || !this.attached || this.closed) return;
    let earliest = Infinity;
    for (const { due } of this.schedules) if (due < earliest) earliest = due;
    this.timer = setTimeout(() => this.tick(), Math.max(0, earliest - performance.now()));
  }

  private poll(schedule: Schedule, now: number): Promise<void> {
    const late = schedule.due > 0 && now - schedule.due > schedule.interval;
    // The next due time counts from the last one, so that polls keep their rhythm.
    schedule.due = Math.max(schedule.due + schedule.interval, now + schedule.interval / 2);
    const run = this.reader.run(schedule.interval).then(
      () => {
        schedule.running = undefined;
        if (this.closed) return;
        const ms = performance.now() - now;
        // First the values, whose statuses the cycle then counts.
        this.emitAfter(schedule);
        this.emitCycle(schedule, ms, late);
      },
      (error: unknown) => {
        schedule.running = undefined;
        if (!this.closed)
          this.emit(
            'tagError',
            error instanceof Iec61850Error
              ? error
              : new Iec61850Error('IEC61850_POLL', `${this.session.name}: ${String(error)}`, '', { cause: error }),
          );
      },
    );
    schedule.running = run;
    return run;
  }

  private emitCycle(schedule: Schedule, ms: number, late: boolean): void {
    this.emit('cycle', { interval: schedule.interval, tags: schedule.rows.length, ms, bad: this.countBad(), late });
  }

  private countBad(): number {
    const { quality } = this.reader.table;
    let bad = 0;
    for (let row = 0; row < this.status.length; row++) {
      const status = this.status[row] as number;
      // Nothing is known yet of a tag that was never read.
      if (status === Code.none) continue;
      if (status !== Code.live || !areUsable(quality[row] as number)) bad++;
    }
    return bad;
  }

  /** What leaves after a poll. */
  private emitAfter(schedule: Schedule): void {
    const { table } = this.reader;
    const now = performance.now();
    const rows: number[] = [];
    if (this.options.onChange) {
      for (let row = 0; row < this.status.length; row++)
        if (this.status[row] !== this.statusOf(row, now)) table.markChanged(row);
      table.takeChanges((row) => rows.push(row));
    } else {
      table.takeChanges(() => undefined);
      for (const row of schedule.rows) if (table.state[row] !== RowState.neverRead) rows.push(row);
    }
    this.emitRows(rows, now);
  }

  private emitStatusChanges(): void {
    const now = performance.now();
    const rows: number[] = [];
    for (let row = 0; row < this.status.length; row++) if (this.status[row] !== this.statusOf(row, now)) rows.push(row);
    this.emitRows(rows, now);
  }

  private emitRows(rows: readonly number[], now: number): void {
    const values: TagValue[] = [];
    for (const row of rows) {
      const before = this.status[row] as number;
      const code = this.statusOf(row, now);
      if (code === Code.none) continue;
      this.status[row] = code;
      if (code === Code.error && before !== Code.error)
        this.emit('tagError', this.reader.table.errors[row] as Iec61850Error);
      const first = this.sequence[row] === 0 && code === Code.live;
      this.sequence[row] = ((this.sequence[row] as number) + 1) >>> 0;
      if (first && this.options.onChange && !this.options.initial) continue;
      values.push(this.tagValue(row, STATUSES[code] as TagStatus));
    }
    if (values.length > 0) this.emit('values', values);
  }

  private statusOf(row: number, now: number): number {
    const { table } = this.reader;
    const state = table.state[row];
    const readAt = table.readAt[row] as number;
    // A reference that is none is wrong whether the IED is there or not.
    if (this.reader.invalid.has(row)) return Code.error;
    if (!this.attached) {
      const { state: session } = this.session;
      return session === 'idle' || session === 'connecting' ? (this.status[row] as number) : Code.disconnected;
    }
    if (state === RowState.error) return Code.error;
    if (state === RowState.neverRead) return this.status[row] === Code.disconnected ? Code.disconnected : Code.none;
    const limit = Math.max(STALE_AT_LEAST_MS, STALE_INTERVALS * (this.intervalOf[row] as number));
    return now - readAt > limit ? Code.stale : Code.live;
  }

  private tagValue(row: number, status: TagStatus): TagValue {
    const { table, rows } = this.reader;
    return buildTagValue(
      table,
      row,
      rows[row] as (typeof rows)[number],
      this.session.name,
      status,
      'poll',
      this.sequence[row] as number,
      Date.now(),
    );
  }
}

/** The tag with the node's deadband and an interval that can be held; itself when it has both, as most have. */
function withDefaults(tag: Tag, nodeDeadband: number | undefined): Tag {
  const interval = tag.interval === undefined ? undefined : Math.max(MIN_POLL_INTERVAL_MS, tag.interval);
  const deadband = tag.deadband ?? (nodeDeadband === 0 ? undefined : nodeDeadband);
  if (interval === tag.interval && deadband === tag.deadband) return tag;
  return {
    ...tag,
    ...(interval !== undefined && { interval }),
    ...(deadband !== undefined && { deadband }),
  };
}
