import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../errors.js';
import { incompleteName } from './file-path.js';
import { withFileErrors } from './system-error.js';

/**
 * A file on its way to the disk: under a name of its own beside its place until it is complete, and then put there at once,
 * so that nobody ever sees a part of it.
 */
export class IncomingFile {
  private handle: FileHandle | undefined;
  private octets = 0;

  private constructor(
    handle: FileHandle,
    private readonly temporary: string,
    /** Absolute path where it appears. */
    readonly place: string,
    private readonly name: string,
  ) {
    this.handle = handle;
  }

  static async create(place: string, name: string): Promise<IncomingFile> {
    const temporary = path.join(path.dirname(place), incompleteName());
    return new IncomingFile(await open(temporary, 'wx', 0o644), temporary, place, name);
  }

  /** Octets that were written. */
  get size(): number {
    return this.octets;
  }

  /** Appends. @throws FileError */
  async write(data: Buffer): Promise<void> {
    const { handle } = this;
    if (!handle) throw new FileError('IO', `${this.name} is closed already`);
    await withFileErrors(this.name, () => handle.writeFile(data));
    this.octets += data.length;
  }

  /** Everything is on the disk, and the file can be put in its place. @throws FileError */
  async finish(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    if (!handle) return;
    await withFileErrors(this.name, async () => {
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  /** Puts the file in its place, where it replaces what was there. @throws FileError */
  async commit(): Promise<void> {
    await this.finish();
    await withFileErrors(this.name, () => rename(this.temporary, this.place));
  }

  /** Takes back what was not put in its place. Never throws. */
  async discard(): Promise<void> {
    await this.handle?.close().catch(() => undefined);
    this.handle = undefined;
    await unlink(this.temporary).catch(() => undefined);
  }
}
