import { FileError, RejectError, ServiceError } from '../../errors.js';
import { Folder } from '../../files/index.js';
import { DEFAULT_MAX_FILE_BUFFER, MAX_FILE_BUFFER } from '../../limits.js';
import { fileName } from '../../mms/file-name.js';
import type { AssociationSource } from './association-source.js';
import { fileDirectory, type FileEntry } from './directory.js';
import { download, type FileChunk, type GetFileOptions } from './download.js';
import { aboutFile } from './file-context.js';
import { baseName, folderOf, plainName, tryNames, wireNames } from './file-names.js';
import type { FileContent } from './offer.js';
import { receiveFiles, type ReceiveFilesOptions } from './receive.js';
import { checkRecord, guessedRecordFiles, isAbsent, recordFiles, recordName } from './record.js';
import { fetchInto, type ReadyFile, type SavedFile } from './save.js';
import { upload, type PutFileOptions } from './upload.js';

/** A file that was got into memory. */
export interface GotFile {
  /** Name at the IED. */
  path: string;
  data: Buffer;
  /** ISO 8601 UTC; null where the IED tells none. */
  lastModified: string | null;
  /** How often the transfer went on after a failure. */
  resumed: number;
}

/** Where a file goes. */
export interface SaveTarget {
  /** A folder of this machine; nothing is ever written outside it. */
  folder: string;
  /** Name below the folder, with `/`; the last part of the IED's name by default. */
  name?: string;
}

/**
 * The files of one IED (IEC 61850-7-2 §23, IEC 61850-8-1 §23; file services of ISO 9506-2 Annex D). A name has `/` or `\` as
 * separators, as the IED shows it; its other forms are tried where the IED does not know the one that was given.
 */
export class IedFiles {
  private putting: Promise<unknown> = Promise.resolve();
  /** Files that are being got, and how often. */
  private readonly reading = new Map<string, number>();

  constructor(private readonly source: AssociationSource) {}

  /**
   * Lists a folder, one file, or everything.
   * @throws ServiceError, RejectError when the IED refuses; LimitError, TimeoutError, ConnectionError
   */
  directory(folder = '', { timeout }: Pick<GetFileOptions, 'timeout'> = {}): Promise<FileEntry[]> {
    return this.about(folder, () => fileDirectory(this.source.current(), folder, timeout));
  }

  /**
   * Gets a file chunk by chunk: the next one is asked for when this one was taken. Leaving the loop closes the file.
   * @throws ServiceError, TimeoutError, ConnectionError, FileError CHANGED, NOT_RESUMABLE, SHORT, TOO_LARGE, STOPPED
   */
  async *stream(path: string, options?: GetFileOptions): AsyncGenerator<FileChunk, void, undefined> {
    const key = plainName(path);
    this.reading.set(key, (this.reading.get(key) ?? 0) + 1);
    try {
      yield* download(this.source, path, options);
    } finally {
      const left = (this.reading.get(key) ?? 1) - 1;
      if (left === 0) this.reading.delete(key);
      else this.reading.set(key, left);
    }
  }

  /** Gets a file into memory, of 64 MB at the most unless `maxSize` says otherwise. @throws as {@link stream} */
  async get(path: string, options: GetFileOptions = {}): Promise<GotFile> {
    const maxSize = Math.min(options.maxSize ?? DEFAULT_MAX_FILE_BUFFER, MAX_FILE_BUFFER);
    const chunks: Buffer[] = [];
    const got: GotFile = { path, data: Buffer.alloc(0), lastModified: null, resumed: 0 };
    for await (const { data, lastModified, resumed } of this.stream(path, { ...options, maxSize })) {
      chunks.push(data);
      got.lastModified = lastModified;
      got.resumed = resumed;
    }
    got.data = Buffer.concat(chunks);
    return got;
  }

  /**
   * Gets a file into a folder, where it appears when it is complete and replaces one of the same name.
   * @throws as {@link stream}; FileError OUTSIDE, NAME, NO_SPACE, DENIED
   */
  async save(
    path: string,
    { folder, name = baseName(path) }: SaveTarget,
    options?: GetFileOptions,
  ): Promise<SavedFile> {
    const { incoming, saved } = await fetchInto(this.stream(path, options), path, await Folder.at(folder), name);
    await putInPlace([{ incoming, saved }]);
    return saved;
  }

  /**
   * Gets the files of one COMTRADE record into memory: `.cfg`, `.dat`, `.hdr`, `.inf` and `.cff`, as far as there are.
   * @param path of any of them, or that without extension
   * @throws as {@link get}; FileError NOT_FOUND, INCOMPLETE
   */
  async getRecord(path: string, options?: GetFileOptions): Promise<GotFile[]> {
    const files: GotFile[] = [];
    for await (const one of this.record(path, options?.timeout, (file) => this.get(file, options))) files.push(one);
    return files;
  }

  /**
   * Gets the files of one COMTRADE record into a folder: all of them, or none. With a name all of them have it, each with
   * the extension of its own.
   * @throws as {@link save}; FileError NOT_FOUND, INCOMPLETE
   */
  async saveRecord(path: string, target: SaveTarget, options?: GetFileOptions): Promise<SavedFile[]> {
    const folder = await Folder.at(target.folder);
    const ready: ReadyFile[] = [];
    const localName = (file: string): string =>
      target.name === undefined ? baseName(file) : recordName(target.name) + file.slice(recordName(file).length);
    const fetch = (file: string): Promise<ReadyFile> =>
      fetchInto(this.stream(file, options), file, folder, localName(file));
    try {
      for await (const one of this.record(path, options?.timeout, fetch)) ready.push(one);
    } catch (error) {
      for (const { incoming } of ready) await incoming.discard();
      throw error;
    }
    await putInPlace(ready);
    return ready.map(({ saved }) => saved);
  }

  /** Names of the files of one COMTRADE record, by the IED's directory. @throws FileError NOT_FOUND, INCOMPLETE */
  async recordFiles(path: string, options?: Pick<GetFileOptions, 'timeout'>): Promise<string[]> {
    const entries = await this.directory(folderOf(path), options);
    const files = recordFiles(path, entries).map((entry) => entry.path);
    checkRecord(path, files, this.source.ied);
    return files;
  }

  /**
   * Gives a file to the IED, which fetches it from us; one file at a time.
   * @param destination name at the IED
   */
  put(content: FileContent, destination: string, options?: PutFileOptions): Promise<{ size: number }> {
    const put = (): Promise<{ size: number }> =>
      this.about(destination, () => upload(this.source.current(), this.source.ied, destination, content, options));
    const after = this.putting.then(put, put);
    this.putting = after.catch(() => undefined);
    return after;
  }

  /** @throws ServiceError, RejectError when the IED refuses; TimeoutError, ConnectionError; FileError BUSY while it is got */
  async delete(path: string, { timeout }: Pick<GetFileOptions, 'timeout'> = {}): Promise<void> {
    await this.about(path, async () => {
      this.mustBeIdle(path);
      const association = this.source.current();
      await tryNames(wireNames(path), (name) => association.request({ service: 'fileDelete', name }, timeout));
    });
  }

  /** @throws ServiceError, RejectError when the IED refuses; TimeoutError, ConnectionError; FileError BUSY while it is got */
  async rename(path: string, newPath: string, { timeout }: Pick<GetFileOptions, 'timeout'> = {}): Promise<void> {
    await this.about(path, async () => {
      this.mustBeIdle(path);
      const association = this.source.current();
      const newName = fileName(newPath);
      await tryNames(wireNames(path), (currentName) =>
        association.request({ service: 'fileRename', currentName, newName }, timeout),
      );
    });
  }

  /**
   * Lets the IED give us files (ObtainFile in the other direction), into one folder and nowhere else. Off unless this is
   * called; the function returned ends it.
   * @throws FileError when it is no folder
   */
  async receive(folder: string, options: ReceiveFilesOptions = {}): Promise<() => void> {
    const place = await Folder.at(folder, 'rooted');
    return this.source.each((association) => receiveFiles(association, this.source.ied, place, options));
  }

  /** Deleting what is being read confuses devices (libiec61850 #75). */
  private mustBeIdle(path: string): void {
    if (!this.reading.has(plainName(path))) return;
    throw new FileError('BUSY', `${path} is being read`, 'Delete or rename it when it was got.', {
      ied: this.source.ied,
      tag: path,
    });
  }

  private about<T>(path: string, work: () => Promise<T>): Promise<T> {
    return aboutFile(this.source.ied, path, work);
  }

  /** Does something with each file of a record; where the IED has no directory, with those that it knows by name. */
  private async *record<T>(
    path: string,
    timeout: number | undefined,
    fetch: (file: string) => Promise<T>,
  ): AsyncGenerator<T, void, undefined> {
    let listed: string[] | undefined;
    try {
      listed = await this.recordFiles(path, timeout === undefined ? {} : { timeout });
    } catch (error) {
      if (!(error instanceof RejectError || error instanceof ServiceError)) throw error;
    }
    const found: string[] = [];
    for (const file of listed ?? guessedRecordFiles(path)) {
      try {
        yield await fetch(file);
        found.push(file);
      } catch (error) {
        if (listed || !isAbsent(error)) throw error;
      }
    }
    checkRecord(path, found, this.source.ied);
  }
}

/** Puts files in their places, the first of them last: who waits for the `.cfg` of a record finds the others there. */
async function putInPlace(ready: readonly ReadyFile[]): Promise<void> {
  try {
    for (const { incoming } of [...ready].reverse()) await incoming.commit();
  } catch (error) {
    for (const { incoming } of ready) await incoming.discard();
    throw error;
  }
}
