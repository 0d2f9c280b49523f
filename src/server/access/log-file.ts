/**
 * The access log as a file of JSON lines that is only ever appended to. When it is full it becomes `name.1`, what was
 * that `name.2`, and so on; the oldest is deleted. Serving never waits for the disk: events wait in a bounded queue, and
 * how many found no room is written down.
 */
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError } from '../../errors.js';
import {
  DEFAULT_ACCESS_LOG_FILES,
  DEFAULT_ACCESS_LOG_OCTETS,
  MAX_ACCESS_LOG_FILES,
  MAX_ACCESS_LOG_OCTETS,
  MAX_WAITING_ACCESS_EVENTS,
  MIN_ACCESS_LOG_OCTETS,
} from '../../limits.js';
import type { AccessEvent } from '../access-log.js';

export interface AccessLogOptions {
  /** Path of the file; its folder is made when it is missing. */
  file: string;
  /** Octets of one file, 10 MB by default. */
  maxOctets?: number;
  /** Files that are kept, the present one included; 5 by default. */
  files?: number;
}

/** Owner and group may read it. */
const MODE = 0o640;

export class AccessLogFile {
  private readonly file: string;
  private readonly maxOctets: number;
  private readonly files: number;
  private waiting: string[] = [];
  private dropped = 0;
  private size: number | undefined;
  private writing: Promise<void> | undefined;
  private broken = false;

  /** @throws ArgumentError */
  constructor(
    { file, maxOctets = DEFAULT_ACCESS_LOG_OCTETS, files = DEFAULT_ACCESS_LOG_FILES }: AccessLogOptions,
    private readonly failed: (error: unknown) => void,
  ) {
    if (file.trim() === '') throw new ArgumentError('the access log has no file', 'Give a path.');
    if (!(maxOctets >= MIN_ACCESS_LOG_OCTETS && maxOctets <= MAX_ACCESS_LOG_OCTETS)) {
      throw new ArgumentError(
        `the access log cannot have ${maxOctets} octets`,
        `Give ${MIN_ACCESS_LOG_OCTETS} to ${MAX_ACCESS_LOG_OCTETS}.`,
      );
    }
    if (!(Number.isInteger(files) && files >= 1 && files <= MAX_ACCESS_LOG_FILES)) {
      throw new ArgumentError(`the access log cannot keep ${files} files`, `Give 1 to ${MAX_ACCESS_LOG_FILES}.`);
    }
    this.file = path.resolve(file);
    this.maxOctets = maxOctets;
    this.files = files;
  }

  append(event: AccessEvent): void {
    if (this.waiting.length >= MAX_WAITING_ACCESS_EVENTS) {
      this.dropped++;
      return;
    }
    this.waiting.push(`${JSON.stringify(event)}\n`);
    this.writing ??= this.drain().finally(() => {
      this.writing = undefined;
    });
  }

  /** Waits until everything is written, or could not be. */
  async flush(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async drain(): Promise<void> {
    // What comes in this turn leaves together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const lines = this.waiting;
      this.waiting = [];
      if (this.dropped > 0) {
        lines.push(`${JSON.stringify({ time: new Date().toISOString(), dropped: this.dropped })}\n`);
        this.dropped = 0;
      }
      try {
        await this.write(lines);
        this.broken = false;
      } catch (error) {
        this.dropped += lines.length;
        this.size = undefined;
        // A full disk is told once, and not with every event.
        if (!this.broken) this.failed(error);
        this.broken = true;
      }
    }
  }

  private async write(lines: readonly string[]): Promise<void> {
    if (this.size === undefined) {
      await mkdir(path.dirname(this.file), { recursive: true });
      this.size = await stat(this.file).then(
        ({ size }) => size,
        () => 0,
      );
    }
    let part: string[] = [];
    let octets = 0;
    for (const line of lines) {
      const length = Buffer.byteLength(line);
      if (this.size + octets + length > this.maxOctets && this.size + octets > 0) {
        await this.put(part, octets);
        part = [];
        octets = 0;
        await this.rotate();
      }
      part.push(line);
      octets += length;
    }
    await this.put(part, octets);
  }

  private async put(lines: readonly string[], octets: number): Promise<void> {
    if (octets === 0) return;
    await appendFile(this.file, lines.join(''), { mode: MODE });
    this.size = (this.size ?? 0) + octets;
  }

  private async rotate(): Promise<void> {
    const named = (index: number): string => (index === 0 ? this.file : `${this.file}.${index}`);
    await rm(named(this.files - 1), { force: true });
    for (let index = this.files - 2; index >= 0; index--) {
      await rename(named(index), named(index + 1)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
    }
    this.size = 0;
  }
}
