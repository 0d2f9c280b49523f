/** What an `iec61850-log` node does: queries when a message or its interval asks for it, one after the other. */
import {
  LogFollower,
  type IedSession,
  type LogQuery,
  type ResumeStore,
  type SessionStateEvent,
} from '../../src/client/index.js';
import { ConnectionError, Iec61850Error, TimeoutError } from '../../src/errors.js';
import { ErrorMemory, explain } from '../shared/explain.js';
import { GuardedSession } from '../shared/guarded-session.js';
import type { SessionLease } from '../shared/ied-connection.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import { jobOf, ownJob, type LogConfig, type LogJob } from './log-job.js';
import { entryMessage, queryDetails, tableMessage } from './log-messages.js';

export interface ReaderOutput {
  status: StatusLine;
  send(messages: NodeMessage[]): void;
  log(text: string): void;
  /** An error that no input message asked for. */
  error(error: Error, message: NodeMessage): void;
}

/** ms until the next query when the last one did not bring all. */
const CONTINUE_MS = 50;
/** Queries that may wait for their turn. */
const MAX_WAITING = 100;

export class LogReader {
  private readonly session: IedSession;
  private readonly guarded: GuardedSession;
  private readonly follower: LogFollower | undefined;
  private readonly errors = new ErrorMemory();
  private turn: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param key of the resume point, one for each node */
  constructor(
    lease: SessionLease,
    private readonly config: LogConfig,
    private readonly out: ReaderOutput,
    store: ResumeStore,
    key: string,
  ) {
    this.session = lease.session;
    this.guarded = new GuardedSession(lease, out.status);
    if (config.mode === 'follow' && config.log !== '') {
      const { start, maxEntries, resume } = config;
      this.follower = new LogFollower(this.session.logs, config.log, {
        start,
        maxEntries,
        ...(resume && { store, key: `${key}|${config.log}` }),
      });
    }
    this.session.on('state', this.wake);
    if (this.session.state === 'online') this.schedule(0);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.session.off('state', this.wake);
    this.guarded.close();
  }

  /**
   * Does what a message asks for, and sends what came of it.
   * @throws Iec61850Error that names IED and log
   */
  input(msg: NodeMessage, send: (messages: NodeMessage[]) => void): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.work(jobOf(msg, this.config), msg, send, true);
      } catch (error) {
        if (this.session.state === 'online') this.out.status.warn(failureText(error));
        throw error;
      }
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    if (this.waiting >= MAX_WAITING)
      return Promise.reject(
        new Iec61850Error('IEC61850_LIMIT', `${MAX_WAITING} queries wait already`, 'Ask less often.'),
      );
    this.waiting++;
    const mine = this.turn.then(work).finally(() => this.waiting--);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** After an outage the interval begins at once. */
  private readonly wake = ({ state }: Pick<SessionStateEvent, 'state'>): void => {
    if (state === 'online') this.schedule(0);
    else clearTimeout(this.timer);
  };

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (this.config.interval === 0 || this.closed) return;
    this.timer = setTimeout(() => void this.poll(), ms);
  }

  private async poll(): Promise<void> {
    const { log, interval } = this.config;
    let complete = true;
    try {
      await this.inTurn(async () => {
        if (!this.closed)
          complete = await this.work(ownJob(this.config), {}, (messages) => this.out.send(messages), false);
      });
      this.errors.forget(log);
    } catch (error) {
      const code = error instanceof Iec61850Error ? error.code : 'IEC61850_INTERNAL';
      // The session tells an outage, and a lasting refusal is told once.
      if (!this.closed && !(error instanceof ConnectionError)) {
        this.out.status.warn(failureText(error));
        if (this.errors.isNew(log, code))
          this.out.error(explain(error, this.session.name), { topic: `${this.session.name}/${log}` });
      }
    }
    if (this.session.state === 'online') this.schedule(complete ? interval : CONTINUE_MS);
  }

  /** @returns whether the log has no more at present */
  private async work(
    job: LogJob,
    base: NodeMessage,
    send: (messages: NodeMessage[]) => void,
    asked: boolean,
  ): Promise<boolean> {
    const { logs, name } = this.session;
    switch (job.action) {
      case 'follow':
        return this.follow(this.follower as LogFollower, base, send, asked);
      case 'range':
        return this.tell(await logs.queryByTime(job.log, job.range), base, send, asked);
      case 'after':
        return this.tell(await logs.queryAfter(job.log, job.position, job), base, send, asked);
      case 'list': {
        const found = await logs.list();
        this.out.status.ok(`${found.logs.length} logs`);
        send([{ ...base, topic: name, payload: found }]);
        return true;
      }
      case 'status':
      case 'enable':
      case 'disable': {
        const state =
          job.action === 'status'
            ? await logs.status(job.controlBlock)
            : await logs.configure(job.controlBlock, { enabled: job.action === 'enable' });
        if (job.action !== 'status') this.out.log(`${name}: ${state.reference} was ${job.action}d`);
        this.out.status.ok(state.enabled ? 'logging' : 'not logging');
        send([{ ...base, topic: `${name}/${state.reference}`, payload: state }]);
        return true;
      }
    }
  }

  private async follow(
    follower: LogFollower,
    base: NodeMessage,
    send: (messages: NodeMessage[]) => void,
    asked: boolean,
  ): Promise<boolean> {
    const found = await follower.next();
    if (this.closed) return true;
    if (found.gap) {
      const { log } = found;
      const lost = new Iec61850Error(
        'IEC61850_LOG_GAP',
        `${log}: the IED no longer has the entry behind which it was to go on; entries may be lost`,
        'Query more often, or let the IED keep more.',
        { ied: this.session.name, tag: log },
      );
      if (this.errors.isNew('gap', 'gap')) this.out.error(explain(lost), { topic: `${this.session.name}/${log}` });
    } else this.errors.forget('gap');
    const complete = this.tell(found, base, send, asked);
    follower.delivered(found);
    return complete;
  }

  private tell(query: LogQuery, base: NodeMessage, send: (messages: NodeMessage[]) => void, asked: boolean): boolean {
    const { name } = this.session;
    const { entries, complete } = query;
    if (this.closed) return complete;
    if (this.config.output === 'table') {
      if (asked || entries.length > 0) send([tableMessage(name, query, base)]);
    } else {
      const { count, ...details } = queryDetails(query);
      send(entries.map((entry) => ({ ...entryMessage(name, entry, base), log: { ...details, count } })));
    }
    const text = `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`;
    if (complete) this.out.status.ok(entries.length > 0 ? text : 'no new entry');
    else this.out.status.ok(`${text}, more`);
    return complete;
  }
}

function failureText(error: unknown): string {
  return error instanceof TimeoutError ? 'no answer' : 'refused';
}
