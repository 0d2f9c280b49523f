import { ArgumentError, DecodeError, FileError, LimitError } from '../../errors.js';
import {
  DEFAULT_FILE_RESUME_MS,
  MAX_EMPTY_FILE_READS,
  MAX_FILE_READ_AHEAD,
  MAX_FILE_RESUME_MS,
  MAX_FILE_RESUMES,
  MAX_FILE_SIZE,
} from '../../limits.js';
import type { FileAttributes } from '../../mms/file-attributes.js';
import type { FileName } from '../../mms/file-name.js';
import type { ClientAssociation } from '../client-association.js';
import { throwIfStopped, type AssociationSource } from './association-source.js';
import { fileTime } from './directory.js';
import { namingFile } from './file-context.js';
import { wireNames } from './file-names.js';
import { OpenFile } from './open-file.js';

export interface GetFileOptions {
  /** Time limit of each step in ms (open, read, close); that of the connection by default. */
  timeout?: number;
  /** Largest file in octets. */
  maxSize?: number;
  /** ms to wait for a lost association to come back, to go on where the file was left; 0 to fail at once. */
  resumeWithin?: number;
  /**
   * FileRead requests that may be outstanding at a time, 1 to 16, 8 by default; half of what was negotiated at the most, and
   * never more than the size of the file calls for. An IED that refuses more than one, or answers out of their order, is
   * asked for one at a time.
   */
  readAhead?: number;
  /** Ends the transfer; it fails with IEC61850_FILE_STOPPED, and the file is closed. */
  signal?: AbortSignal;
  /** Told after each chunk. */
  onProgress?: (progress: FileProgress) => void;
}

export interface FileProgress {
  path: string;
  received: number;
  /** Octets in all; null where the IED tells 0 and sends more. */
  size: number | null;
}

export interface FileChunk extends FileProgress {
  data: Buffer;
  /** Position of the first octet of `data` in the file. */
  position: number;
  /** ISO 8601 UTC; null where the IED tells none. */
  lastModified: string | null;
  /** How often the transfer went on after a failure. */
  resumed: number;
}

const DEFAULT_READ_AHEAD = 8;

/**
 * Gets a file chunk by chunk (FileOpen, FileRead, FileClose; IEC 61850-8-1 §23, GetFile). The next chunk is asked for
 * when the last one was taken, so that memory stays flat however large the file is. An empty file gives one empty
 * chunk. When the association is lost, or a read fails after others succeeded, the file is opened again at the position
 * that was reached, if its size and time are still the same.
 * @throws ServiceError, TimeoutError, ConnectionError, FileError CHANGED, NOT_RESUMABLE, SHORT, TOO_LARGE, STOPPED
 */
export async function* download(
  source: AssociationSource,
  path: string,
  options: GetFileOptions = {},
): AsyncGenerator<FileChunk, void, undefined> {
  const transfer = new Transfer(source, path, options);
  try {
    await transfer.open();
    for (let chunk = await transfer.next(); chunk; chunk = await transfer.next()) yield chunk;
  } catch (error) {
    throw namingFile(error, source.ied, path);
  } finally {
    await transfer.close();
  }
}

class Transfer {
  private association: ClientAssociation | undefined;
  private file: OpenFile | undefined;
  private names: readonly FileName[];
  private attributes: FileAttributes | undefined;
  private lastModified: string | null = null;
  private position = 0;
  private failures = 0;
  private resumed = 0;
  private chunks = 0;
  private done = false;
  private readonly maxSize: number;
  private readAhead: number;
  private readonly resumeWithin: number;

  constructor(
    private readonly source: AssociationSource,
    private readonly path: string,
    private readonly options: GetFileOptions,
  ) {
    this.names = wireNames(path);
    this.maxSize = checked('maxSize', options.maxSize, 0, MAX_FILE_SIZE, MAX_FILE_SIZE);
    this.readAhead = checked('readAhead', options.readAhead, 1, MAX_FILE_READ_AHEAD, DEFAULT_READ_AHEAD);
    this.resumeWithin = checked('resumeWithin', options.resumeWithin, 0, MAX_FILE_RESUME_MS, DEFAULT_FILE_RESUME_MS);
  }

  async open(): Promise<void> {
    throwIfStopped(this.options.signal, this.source.ied);
    const file = await this.openAt(this.source.current(), 0);
    this.attributes = file.attributes;
    this.lastModified = fileTime(file.attributes.lastModified);
    this.names = [file.name];
    if (file.attributes.size > this.maxSize) throw this.tooLarge(file.attributes.size);
  }

  /** The next chunk; undefined at the end. */
  async next(): Promise<FileChunk | undefined> {
    if (this.done) return undefined;
    for (let empty = 0; empty < MAX_EMPTY_FILE_READS; empty++) {
      throwIfStopped(this.options.signal, this.source.ied);
      const answer = await this.read();
      if (!answer) return this.ended();
      this.done = !answer.moreFollows;
      if (this.done) this.checkEnd(this.position + answer.data.length);
      if (answer.data.length > 0) return this.chunk(answer.data);
      if (this.done) return this.ended();
    }
    throw new DecodeError(`${this.path}: the IED promises more of the file and sends nothing`, this.context);
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  /** One answer; undefined when the file ended by what the IED said of its size. */
  private async read(): Promise<{ data: Buffer; moreFollows: boolean } | undefined> {
    for (;;) {
      try {
        const file = (this.file ??= await this.reopen());
        const answer = await file.read();
        if (answer.data.length > 0) this.failures = 0;
        return answer;
      } catch (error) {
        // Some IEDs never say that the file is at its end, and refuse to read on.
        const wasOpen = this.file !== undefined;
        if (wasOpen && this.position > 0 && this.position === this.attributes?.size) return undefined;
        await this.recover(error);
      }
    }
  }

  /** Makes ready to go on after a failure. @throws the failure, when there is no going on */
  private async recover(error: unknown): Promise<void> {
    const lost = this.association?.open !== true;
    await this.close();
    if (error instanceof FileError || error instanceof LimitError) throw error;
    // It may be the reading ahead that the IED cannot stand.
    if (!lost) this.readAhead = 1;
    this.failures++;
    if (this.failures > (lost ? MAX_FILE_RESUMES : 1)) throw error;
    if (!lost) {
      // Without an octet between two failures nothing would be different the next time.
      if (this.position === 0) throw error;
      return;
    }
    if (!this.source.reconnects || this.resumeWithin === 0) throw error;
    await this.source.next(this.resumeWithin, this.options.signal);
  }

  private async reopen(): Promise<OpenFile> {
    const before = this.attributes as FileAttributes;
    if (this.position > 0 && before.size === 0 && before.lastModified === undefined)
      throw new FileError(
        'NOT_RESUMABLE',
        `${this.path}: the IED tells neither size nor time of the file, so that nobody knows whether it is still the same`,
        'Get the file again.',
        this.context,
      );
    const file = await this.openAt(this.source.current(), this.position);
    const { size, lastModified } = file.attributes;
    if (size !== before.size || lastModified !== before.lastModified)
      throw new FileError(
        'CHANGED',
        `${this.path} has changed since the transfer began: ${size} octets of ${lastModified ?? 'no time'} in place of ${before.size} of ${before.lastModified ?? 'no time'}`,
        'Get the file again.',
        this.context,
      );
    this.resumed++;
    return file;
  }

  private async openAt(association: ClientAssociation, position: number): Promise<OpenFile> {
    const { timeout } = this.options;
    this.association = association;
    const half = Math.max(1, association.negotiated.maxOutstanding >> 1);
    this.file = await OpenFile.open(association, this.names, position, Math.min(this.readAhead, half), timeout);
    return this.file;
  }

  private chunk(data: Buffer): FileChunk {
    const position = this.position;
    this.position += data.length;
    if (this.position > this.maxSize) throw this.tooLarge(this.position);
    this.chunks++;
    const progress = { path: this.path, received: this.position, size: this.size };
    this.options.onProgress?.(progress);
    return {
      ...progress,
      data,
      position,
      lastModified: this.lastModified,
      resumed: this.resumed,
    };
  }

  /** What an empty file gives, and nothing after other chunks. */
  private ended(): FileChunk | undefined {
    this.done = true;
    return this.chunks === 0 ? this.chunk(Buffer.alloc(0)) : undefined;
  }

  private get size(): number | null {
    const told = this.attributes?.size ?? 0;
    return told === 0 && this.position > 0 ? null : told;
  }

  private checkEnd(received: number): void {
    const told = this.attributes?.size ?? 0;
    if (received > told && told > 0 && this.resumed > 0)
      throw new FileError(
        'NOT_RESUMABLE',
        `${this.path} has ${told} octets, and ${received} came: the IED did not go on where the transfer was left`,
        'Get the file again.',
        this.context,
      );
    if (received >= told) return;
    throw new FileError(
      'SHORT',
      `${this.path} ended after ${received} of ${told} octets: it became shorter while it was read`,
      'Get the file again when the IED has finished with it.',
      this.context,
    );
  }

  private tooLarge(size: number): FileError {
    return new FileError(
      'TOO_LARGE',
      `${this.path} has ${size} octets, more than the ${this.maxSize} that are allowed`,
      'Raise the limit, or write it to a file in place of memory.',
      this.context,
    );
  }

  private get context(): { ied: string; tag: string } {
    return { ied: this.source.ied, tag: this.path };
  }
}

function checked(name: string, given: number | undefined, min: number, max: number, fallback: number): number {
  if (given === undefined) return fallback;
  if (!Number.isInteger(given) || given < min || given > max)
    throw new ArgumentError(`${name} ${given} is not a whole number from ${min} to ${max}`);
  return given;
}
