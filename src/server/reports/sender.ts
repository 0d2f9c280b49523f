/**
 * Sends what control blocks have to report: after the answers to the requests that caused it, in turns, not faster than
 * clients take it, and within the server's work budget.
 */
import type { ClientSession } from '../client-session.js';
import {
  MAX_REPORT_COMMIT_MS,
  REPORT_BACKLOG,
  REPORT_COMMIT_MS,
  REPORT_RETRY_MS,
  REPORT_STALL_MS,
} from '../../limits.js';
import type { WorkBudget } from '../work-budget.js';

/** A control block that may have something to send. */
export interface ReportSource {
  /** Who takes its reports; undefined while it is not enabled. */
  readonly session: ClientSession | undefined;
  /** Sends some of what waits, or brings its attributes up to date. Returns whether more waits. */
  send(): boolean;
}

/** Times that a write to disk took, which pass until the next one. */
const COMMIT_SHARE = 4;

interface Stall {
  backlog: number;
  since: number;
}

export class Sender {
  private readonly waiting = new Set<ReportSource>();
  private readonly stalls = new Map<ClientSession, Stall>();
  /** What the last write to disk took. */
  private commitMs = 0;
  private immediate: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param now ms of any clock that only goes forward
   * @param failed hears of what should not have happened; the others go on
   * @param commit puts on disk what will be sent; several turns of the event loop share one
   */
  constructor(
    private readonly budget: WorkBudget,
    private readonly now: () => number,
    private readonly failed: (error: Error) => void,
    private readonly commit?: () => void,
  ) {}

  /** Something of this source has changed. */
  wake(source: ReportSource): void {
    this.waiting.add(source);
    this.soon();
  }

  /** An association is over. */
  forget(session: ClientSession): void {
    this.stalls.delete(session);
  }

  /** The server has closed. */
  stop(): void {
    clearImmediate(this.immediate);
    clearTimeout(this.timer);
    this.immediate = undefined;
    this.timer = undefined;
    this.waiting.clear();
    this.stalls.clear();
  }

  private soon(): void {
    if (this.commit) {
      // A slow disk is not given more than a share of the time, and reports wait a little longer instead.
      const wait = Math.max(REPORT_COMMIT_MS, COMMIT_SHARE * this.commitMs);
      this.later(Math.min(wait, MAX_REPORT_COMMIT_MS));
      return;
    }
    if (this.immediate) return;
    this.immediate = setImmediate(() => {
      this.immediate = undefined;
      this.run();
    });
  }

  private later(ms: number): void {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.run();
    }, ms);
    this.timer.unref();
  }

  private run(): void {
    const { budget } = this;
    const started = this.now();
    const delay = budget.delay(started);
    if (delay > 0) {
      this.later(delay);
      return;
    }
    if (this.commit) {
      this.commit();
      this.commitMs = this.now() - started;
    }
    let more = false;
    let held = false;
    for (const source of [...this.waiting]) {
      const { session } = source;
      if (session && this.stalled(session, started)) held = true;
      else if (this.send(source)) more = true;
      else this.waiting.delete(source);
    }
    budget.spent(this.now() - started, this.now());
    if (more) this.soon();
    else if (held) this.later(REPORT_RETRY_MS);
  }

  private send(source: ReportSource): boolean {
    try {
      return source.send();
    } catch (error) {
      this.failed(error as Error);
      return false;
    }
  }

  /** Whether a client has so much to take that more must wait; one that takes nothing for long is dropped. */
  private stalled(session: ClientSession, now: number): boolean {
    const { backlog } = session;
    if (backlog < REPORT_BACKLOG) {
      this.stalls.delete(session);
      return false;
    }
    const stall = this.stalls.get(session);
    if (!stall || backlog !== stall.backlog) this.stalls.set(session, { backlog, since: now });
    else if (now - stall.since >= REPORT_STALL_MS) session.drop('it does not read the reports that it asked for', now);
    return true;
  }
}
