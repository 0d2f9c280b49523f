/** What an `iec61850-write` node does with its messages: writes one after the other, and says how it went. */
import { substitute, type IedSession } from '../../src/client/index.js';
import { ArgumentError, ConnectionError, Iec61850Error, TimeoutError } from '../../src/errors.js';
import { GuardedSession } from '../shared/guarded-session.js';
import type { SessionLease } from '../shared/ied-connection.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import { isDataSetJob, runDataSetJob } from './data-set-jobs.js';
import { jobsOf, jobText, type WriteAction, type WriteJob, type WriteSettings } from './write-settings.js';

export interface WriterOutput {
  status: StatusLine;
  log(text: string): void;
}

export class Writer {
  private readonly guarded: GuardedSession;

  /** @param lease of the session; undefined while the node may not write */
  constructor(
    private readonly ied: string,
    lease: SessionLease | undefined,
    private readonly settings: WriteSettings,
    private readonly out: WriterOutput,
  ) {
    this.guarded = new GuardedSession(lease, out.status);
  }

  close(): void {
    this.guarded.close();
  }

  /**
   * Writes what a message asks for, in its order, and stops at the first failure.
   * @returns the message to send
   * @throws Iec61850Error that names the object, and says what was written before it
   */
  async input(msg: NodeMessage): Promise<NodeMessage> {
    const { out } = this;
    const { session } = this.guarded;
    try {
      if (!session) {
        throw new ArgumentError(
          'this node may not write',
          'Tick "This flow may write to the IED" in the node and deploy.',
        );
      }
      const jobs = jobsOf(msg, this.settings);
      const written: string[] = [];
      for (const job of jobs) {
        written.push(...(await this.write(session, job, written)));
        out.log(`${this.ied}: ${jobText(job)} done`);
      }
      const [first] = jobs;
      out.status.ok(jobs.length > 1 ? `${jobs.length} written` : DONE[first?.action ?? 'write']);
      return { ...msg, topic: msg.topic ?? `${this.ied}/${first?.reference ?? ''}`, written };
    } catch (error) {
      if (session?.state === 'online' || !session) out.status.warn(session ? 'refused' : 'not allowed');
      throw error;
    }
  }

  /** @returns what was written */
  private async write(session: IedSession, job: WriteJob, written: readonly string[]): Promise<string[]> {
    const sending = session.state === 'online';
    try {
      if (isDataSetJob(job)) return await runDataSetJob(session, job);
      if (job.action === 'write') await session.write(job.reference, job.value);
      else await substitute(session, job.reference, job.substitution);
      return [job.reference];
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      const open = sending && (error instanceof TimeoutError || error instanceof ConnectionError);
      const before = written.length > 0 ? `; written before it: ${written.slice(0, 10).join(', ')}` : '';
      throw new Iec61850Error(
        error.code,
        `${jobText(job)}: ${error.message}${open ? '; whether it was written is not known' : ''}${before}`,
        open ? 'Read it back before you write again.' : error.hint,
        { ied: this.ied, tag: job.reference, cause: error },
      );
    }
  }
}

const DONE: Readonly<Record<WriteAction, string>> = {
  write: 'written',
  substitute: 'substituted',
  release: 'released',
  writeDataSet: 'data set written',
  createDataSet: 'data set created',
  deleteDataSet: 'data set deleted',
};
