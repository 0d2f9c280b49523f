import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../errors.js';
import { filePathParts, isIncompleteName, pathParts, type LeadingSeparator } from './file-path.js';
import { IncomingFile } from './incoming-file.js';
import { withFileErrors } from './system-error.js';

/** An open file and what was found when it was opened. */
export interface OpenedFile {
  handle: FileHandle;
  size: number;
  /** ms since 1970. */
  modifiedMs: number;
}

export interface FolderEntry {
  /** Below the folder, with `/`. */
  name: string;
  size: number;
  modifiedMs: number;
}

// Opening must neither follow a link that was put there meanwhile, nor wait for the other end of a pipe.
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The files below one folder, and nothing outside it: names are checked before anything is touched, and where a link
 * leads is looked at before it is followed (CVE-2022-3976).
 */
export class Folder {
  private constructor(
    /** Absolute path without links. */
    readonly root: string,
    private readonly leading: LeadingSeparator,
  ) {}

  /** @throws FileError when it is no folder that can be used */
  static async at(folder: string, leading: LeadingSeparator = 'relative'): Promise<Folder> {
    if (folder.trim() === '') throw new FileError('NAME', 'no folder is given', 'Give the path of a folder.');
    return withFileErrors(folder, async () => {
      const root = await realpath(path.resolve(folder));
      if (!(await stat(root)).isDirectory())
        throw new FileError('NOT_FOUND', `${folder} is no folder`, 'Give the path of a folder.');
      return new Folder(root, leading);
    });
  }

  /** Opens a file for reading. @throws FileError */
  openForReading(name: string): Promise<OpenedFile> {
    return withFileErrors(name, async () => {
      const place = await this.existing(filePathParts(name, this.leading), name);
      const handle = await open(place, READ_FLAGS);
      try {
        const found = await handle.stat();
        if (!found.isFile()) throw new FileError('NOT_FOUND', `${name} is no file`);
        return { handle, size: found.size, modifiedMs: found.mtimeMs };
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** Begins to write a file, which appears under its name when it is complete. Missing folders are made. @throws FileError */
  create(name: string): Promise<IncomingFile> {
    return withFileErrors(name, async () => {
      const parts = filePathParts(name, this.leading);
      const last = parts.pop() as string;
      let at = this.root;
      for (const part of parts) at = await this.enter(path.join(at, part), name);
      const place = path.join(at, last);
      if ((await lstat(place).catch(() => undefined))?.isDirectory())
        throw new FileError('EXISTS', `${name} is a folder`, 'Give another name.');
      return IncomingFile.create(place, name);
    });
  }

  /** @throws FileError; folders are not deleted */
  delete(name: string): Promise<void> {
    return withFileErrors(name, async () => {
      const place = await this.ownPlace(name);
      await this.mustBeFile(place, name);
      await unlink(place);
    });
  }

  /** Renames a file; one that has the new name already is not replaced. @throws FileError */
  rename(name: string, newName: string): Promise<void> {
    return withFileErrors(name, async () => {
      const from = await this.ownPlace(name);
      await this.mustBeFile(from, name);
      const to = await this.ownPlace(newName);
      if (await lstat(to).catch(() => undefined)) throw new FileError('EXISTS', `${newName}: there is one already`);
      await rename(from, to);
    });
  }

  /**
   * Files below `name`, which may be a folder or a file, in the order of their names. What is no file, leads outside or
   * was never completed is left out.
   * @throws FileError; TOO_LARGE beyond `max` files
   */
  list(name: string, max: number): Promise<FolderEntry[]> {
    return withFileErrors(name, async () => {
      const parts = pathParts(name, this.leading);
      const place = parts.length === 0 ? this.root : await this.existing(parts, name);
      const found: FolderEntry[] = [];
      await this.collect(place, parts.join('/'), found, max, 0);
      return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    });
  }

  private async collect(place: string, name: string, found: FolderEntry[], max: number, depth: number): Promise<void> {
    const seen = await stat(place);
    if (seen.isFile()) {
      if (found.length >= max) throw new FileError('TOO_LARGE', `there are more than ${max} files`);
      found.push({ name, size: seen.size, modifiedMs: seen.mtimeMs });
      return;
    }
    if (!seen.isDirectory() || depth > MAX_DEPTH) return;
    for (const entry of await readdir(place, { withFileTypes: true })) {
      if (isIncompleteName(entry.name)) continue;
      const below = name === '' ? entry.name : `${name}/${entry.name}`;
      const inside = entry.isSymbolicLink()
        ? // A link to a folder could lead in a circle.
          await this.linkedFile(path.join(place, entry.name))
        : path.join(place, entry.name);
      // What went away meanwhile is not there.
      if (inside !== undefined) await this.collect(inside, below, found, max, depth + 1).catch(ignoreAbsent);
    }
  }

  private async linkedFile(link: string): Promise<string | undefined> {
    const place = await realpath(link).catch(() => undefined);
    if (place === undefined || !this.holds(place)) return undefined;
    return (await stat(place).catch(() => undefined))?.isFile() ? place : undefined;
  }

  /** Where something that exists really is. */
  private async existing(parts: readonly string[], name: string): Promise<string> {
    const place = await realpath(path.join(this.root, ...parts));
    if (!this.holds(place)) throw leaves(name);
    return place;
  }

  /** Where a name stands, its folder being an existing one; the last part is not followed if it is a link. */
  private async ownPlace(name: string): Promise<string> {
    const parts = filePathParts(name, this.leading);
    const last = parts.pop() as string;
    return path.join(parts.length === 0 ? this.root : await this.existing(parts, name), last);
  }

  private async mustBeFile(place: string, name: string): Promise<void> {
    const found = await lstat(place);
    if (!found.isFile() && !found.isSymbolicLink()) throw new FileError('NOT_FOUND', `${name} is no file`);
  }

  /** A folder below, made when it is missing. */
  private async enter(folder: string, name: string): Promise<string> {
    await mkdir(folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    const place = await realpath(folder);
    if (!this.holds(place)) throw leaves(name);
    return place;
  }

  private holds(place: string): boolean {
    return place === this.root || place.startsWith(this.root.endsWith(path.sep) ? this.root : this.root + path.sep);
  }
}

const MAX_DEPTH = 32;

function leaves(name: string): FileError {
  return new FileError('OUTSIDE', `${name} leads out of the folder`, 'Remove the link, or choose another folder.');
}

function ignoreAbsent(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EPERM') throw error;
}
