/** What an `iec61850-file` node does: one job after the other, with its progress in the status. */
import {
  type FileChunk,
  type FileProgress,
  type GetFileOptions,
  type IedFiles,
  type IedSession,
} from '../../src/client/index.js';
import { ConnectionError, FileError, Iec61850Error, LimitError } from '../../src/errors.js';
import { GuardedSession } from '../shared/guarded-session.js';
import type { SessionLease } from '../shared/ied-connection.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import { jobOf, maxSizeOf, type FileConfig, type FileJob } from './file-job.js';
import {
  bufferMessage,
  chunkMessage,
  directoryMessage,
  recordBufferMessage,
  recordSavedMessage,
  savedMessage,
} from './file-messages.js';

export interface FileOutput {
  status: StatusLine;
  log(text: string): void;
  /** A file that the IED has given by itself, or an error with one. */
  send(message: NodeMessage): void;
  error(error: Error): void;
  newId(): string;
}

type Overrides = NodeMessage & Record<'action' | 'output' | 'newPath' | 'filename', unknown>;

/** Jobs that may wait for their turn. */
const MAX_WAITING = 100;

export class FileWorker {
  private readonly session: IedSession;
  private readonly guarded: GuardedSession;
  private turn: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private running: AbortController | undefined;
  private acknowledged: (() => void) | undefined;
  private endReceiving: (() => void) | undefined;
  private closed = false;

  constructor(
    lease: SessionLease,
    private readonly ied: string,
    private readonly config: FileConfig,
    private readonly out: FileOutput,
  ) {
    this.session = lease.session;
    this.guarded = new GuardedSession(lease, out.status);
    if (config.action === 'receive') void this.receive();
  }

  close(): void {
    this.closed = true;
    this.stop();
    this.endReceiving?.();
    this.guarded.close();
  }

  /**
   * Does what a message asks for, and sends what came of it.
   * @throws Iec61850Error that names IED and file
   */
  input(msg: NodeMessage, send: (message: NodeMessage) => void): Promise<void> {
    const { acknowledge, action } = msg as { acknowledge?: unknown; action?: unknown };
    if (acknowledge === true) {
      this.acknowledged?.();
      return Promise.resolve();
    }
    if (action === 'stop') {
      this.stop();
      return Promise.resolve();
    }
    return this.inTurn(async () => {
      try {
        // What one node was told to do is not for the next one that gets the message.
        const { action: _action, output: _output, newPath: _newPath, filename: _filename, ...rest } = msg as Overrides;
        await this.work(jobOf(msg, this.config), rest, send);
      } catch (error) {
        if (!this.closed && this.session.state === 'online') this.out.status.warn(stateOf(error));
        throw error;
      }
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    if (this.waiting >= MAX_WAITING)
      return Promise.reject(new LimitError(`${MAX_WAITING} file jobs wait already`, 'Ask less often.'));
    this.waiting++;
    const mine = this.turn.then(work).finally(() => this.waiting--);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Ends the job that is running. */
  private stop(): void {
    this.running?.abort();
    this.acknowledged?.();
  }

  private async work(job: FileJob, msg: NodeMessage, send: (message: NodeMessage) => void): Promise<void> {
    if (this.closed) throw new ConnectionError('the node was closed', '');
    const { status } = this.out;
    const { files } = this.session;
    const topic = `${this.ied}/${job.path}`;
    this.running = new AbortController();
    try {
      switch (job.action) {
        case 'directory': {
          status.busy('listing');
          const entries = await files.directory(job.path);
          status.ok(entries.length === 1 ? '1 file' : `${entries.length} files`);
          send(directoryMessage(msg, topic, entries));
          return;
        }
        case 'get':
          await this.get(files, job, msg, topic, send);
          return;
        case 'put': {
          const { size } = await files.put(job.content, job.path, this.transfer());
          this.changed(`put ${job.path}, ${size} octets`, `put ${sizeText(size)}`);
          send({ ...msg, topic, file: { path: job.path, size } });
          return;
        }
        case 'delete':
          await files.delete(job.path);
          this.changed(`delete ${job.path}`, 'deleted');
          send({ ...msg, topic, file: { path: job.path } });
          return;
        case 'rename':
          await files.rename(job.path, job.newPath);
          this.changed(`rename ${job.path} to ${job.newPath}`, 'renamed');
          send({ ...msg, topic, file: { path: job.newPath, renamedFrom: job.path } });
          return;
      }
    } finally {
      this.running = undefined;
    }
  }

  /** A change of the IED's files is written down. */
  private changed(what: string, status: string): void {
    this.out.log(`${this.ied}: ${what} done`);
    this.out.status.ok(status);
  }

  private async get(
    files: IedFiles,
    { path, output, filename, comtrade }: Extract<FileJob, { action: 'get' }>,
    msg: NodeMessage,
    topic: string,
    send: (message: NodeMessage) => void,
  ): Promise<void> {
    const { folder, resumeWithin } = this.config;
    const options: GetFileOptions = { ...this.transfer(), maxSize: maxSizeOf(this.config, output), resumeWithin };
    let size: number;
    if (output === 'stream') {
      const names = comtrade ? await files.recordFiles(path) : [path];
      size = 0;
      for (const name of names) size += await this.stream(files, name, options, msg, topic, send);
    } else if (output === 'file') {
      const target = { folder, ...(filename !== '' && { name: filename }) };
      const saved = comtrade
        ? await files.saveRecord(path, target, options)
        : [await files.save(path, target, options)];
      size = saved.reduce((sum, one) => sum + one.size, 0);
      const [only] = saved;
      send(comtrade || !only ? recordSavedMessage(msg, topic, saved) : savedMessage(msg, topic, only));
    } else {
      const got = comtrade ? await files.getRecord(path, options) : [await files.get(path, options)];
      size = got.reduce((sum, one) => sum + one.data.length, 0);
      const [only] = got;
      send(comtrade || !only ? recordBufferMessage(msg, topic, got) : bufferMessage(msg, topic, only));
    }
    this.out.status.ok(`got ${sizeText(size)}`);
  }

  /** Sends a file chunk by chunk; each is held back until the next one is there, so that the last one tells how many there were. */
  private async stream(
    files: IedFiles,
    name: string,
    options: GetFileOptions,
    msg: NodeMessage,
    topic: string,
    send: (message: NodeMessage) => void,
  ): Promise<number> {
    const id = this.out.newId();
    let index = 0;
    let held: FileChunk | undefined;
    const give = async (chunk: FileChunk, last: boolean): Promise<void> => {
      const { data, position, path, size, lastModified, resumed } = chunk;
      const details = { data, position, path, size, lastModified, resumed };
      const parts = { id, index: index++, ...(last && { count: index }) };
      const taken = this.config.acknowledge ? this.acknowledgement() : new Promise<void>((go) => setImmediate(go));
      send(chunkMessage(msg, topic, details, parts));
      await taken;
      if (options.signal?.aborted)
        throw new FileError('STOPPED', `${path}: the transfer was stopped`, '', { ied: this.ied, tag: path });
    };
    for await (const chunk of files.stream(name, options)) {
      if (held) await give(held, false);
      held = chunk;
    }
    if (held) await give(held, true);
    return held?.received ?? 0;
  }

  private acknowledgement(): Promise<void> {
    return new Promise((go) => {
      this.acknowledged = () => {
        this.acknowledged = undefined;
        go();
      };
    });
  }

  private transfer(): Pick<GetFileOptions, 'signal' | 'onProgress'> {
    const { running } = this;
    return { ...(running && { signal: running.signal }), onProgress: (progress) => this.progress(progress) };
  }

  private progress({ path, received, size }: FileProgress): void {
    if (this.closed) return;
    const done = size === null || size === 0 ? sizeText(received) : `${Math.floor((received / size) * 100)} %`;
    const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    const room = MAX_NAME - done.length;
    this.out.status.busy(`${name.length > room ? `${name.slice(0, room - 1)}…` : name} ${done}`);
  }

  private async receive(): Promise<void> {
    const { folder } = this.config;
    try {
      const end = await this.session.files.receive(folder, {
        maxSize: maxSizeOf(this.config, 'file'),
        onReceived: (saved) => {
          this.out.status.ok(`got ${sizeText(saved.size)}`);
          this.out.send(savedMessage({}, `${this.ied}/${saved.path}`, saved));
        },
        onFailed: (error) => this.out.error(error),
      });
      if (this.closed) end();
      else this.endReceiving = end;
    } catch (error) {
      this.out.status.bad('check settings');
      this.out.error(error as Error);
    }
  }
}

/** Characters of a status that name and progress share, less the blank between them. */
const MAX_NAME = 18;

function sizeText(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  if (octets < 1_000_000) return `${(octets / 1000).toFixed(1)} kB`;
  return `${(octets / 1_000_000).toFixed(1)} MB`;
}

function stateOf(error: unknown): string {
  if (!(error instanceof Iec61850Error)) return 'failed';
  if (error.code === 'IEC61850_FILE_STOPPED') return 'stopped';
  if (error.code === 'IEC61850_FILE_NOT_ALLOWED') return 'not allowed';
  return 'refused';
}
