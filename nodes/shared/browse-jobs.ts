/**
 * Browses that the editor started, and their results: a few at a time, each forgotten some time after its last use, so
 * that a dialog that was left open costs nothing.
 */
import { randomUUID } from 'node:crypto';
import { ArgumentError, TimeoutError } from '../../src/errors.js';
import { BROWSE_RESULT_MS, BROWSE_TIMEOUT_MS, MAX_BROWSE_RESULTS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { adminError, type AdminError } from './admin.js';
import { PointIndex } from './point-index.js';
import type { PointSource } from './point-source.js';

export type BrowseState = 'running' | 'done' | 'failed';

/** What the editor asks again and again while a browse runs. */
export interface BrowseProgress {
  id: string;
  state: BrowseState;
  done: number;
  total: number;
  error?: AdminError;
  summary?: ReturnType<PointIndex['summary']> & { canProbe: boolean; via: string };
}

export class BrowseJob {
  readonly id = randomUUID();
  private state: BrowseState = 'running';
  private done = 0;
  private total = 0;
  private error: AdminError | undefined;
  private index: PointIndex | undefined;
  private readonly abort = new AbortController();

  constructor(readonly source: PointSource) {}

  /** Never rejects: a failure becomes the job's state. */
  async run(): Promise<void> {
    const limit = setTimeout(
      () => this.abort.abort(new TimeoutError(`The browse took longer than ${BROWSE_TIMEOUT_MS / 1000} s`)),
      BROWSE_TIMEOUT_MS,
    );
    try {
      const onProgress = (done: number, total: number): void => {
        this.done = done;
        this.total = total;
      };
      this.index = new PointIndex(await untilAborted(this.abort.signal, this.model(onProgress)));
      this.state = 'done';
    } catch (error) {
      this.state = 'failed';
      this.error = adminError(error);
    } finally {
      clearTimeout(limit);
    }
  }

  /** Ends a browse that runs; a result stays usable for requests that are under way. */
  cancel(): void {
    if (this.state === 'running') this.abort.abort(new ArgumentError('The browse was cancelled'));
  }

  progress(): BrowseProgress {
    return {
      id: this.id,
      state: this.state,
      done: this.done,
      total: this.total,
      ...(this.error && { error: this.error }),
      ...(this.index && {
        summary: { ...this.index.summary(), canProbe: this.source.canProbe, via: this.source.via },
      }),
    };
  }

  /** @throws ArgumentError when the browse has not ended well. */
  points(): PointIndex {
    if (!this.index) throw new ArgumentError('This browse has no result', 'Browse again.');
    return this.index;
  }

  private model(onProgress: (done: number, total: number) => void): Promise<IedModel> {
    return this.source.browse(onProgress, this.abort.signal);
  }
}

/** The result, or the reason of the abort as soon as it comes: a source that does not listen holds nobody up. */
function untilAborted<T>(signal: AbortSignal, result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

export class BrowseJobs {
  private readonly jobs = new Map<string, { job: BrowseJob; expiry: NodeJS.Timeout }>();

  start(source: PointSource): BrowseJob {
    const oldest = this.jobs.size >= MAX_BROWSE_RESULTS ? this.jobs.keys().next().value : undefined;
    if (oldest !== undefined) this.remove(oldest);
    const job = new BrowseJob(source);
    const expiry = setTimeout(() => this.remove(job.id), BROWSE_RESULT_MS);
    expiry.unref();
    this.jobs.set(job.id, { job, expiry });
    void job.run();
    return job;
  }

  /** @throws ArgumentError when it was forgotten meanwhile. */
  get(id: string): BrowseJob {
    const entry = this.jobs.get(id);
    if (!entry) throw new ArgumentError('This browse result was removed after a while without use', 'Browse again.');
    // The one that was used last is the last to go.
    this.jobs.delete(id);
    this.jobs.set(id, entry);
    entry.expiry.refresh();
    return entry.job;
  }

  remove(id: string): void {
    const entry = this.jobs.get(id);
    if (!entry) return;
    clearTimeout(entry.expiry);
    this.jobs.delete(id);
    entry.job.cancel();
  }
}
