import { FileError, type FileFailure } from '../errors.js';

const FAILURES: Readonly<Record<string, readonly [failure: FileFailure, words: string, hint: string]>> = {
  ENOENT: ['NOT_FOUND', 'there is no such file', ''],
  ENOTDIR: ['NOT_FOUND', 'there is no such file', ''],
  EISDIR: ['NOT_FOUND', 'it is a folder', ''],
  EACCES: ['DENIED', 'this process may not', 'Check the rights of the folder.'],
  EPERM: ['DENIED', 'this process may not', 'Check the rights of the folder.'],
  EROFS: ['DENIED', 'the file system is read-only', ''],
  EBUSY: ['DENIED', 'it is in use', ''],
  EEXIST: ['EXISTS', 'there is one already', ''],
  ENOTEMPTY: ['EXISTS', 'there is one already', ''],
  ENOSPC: ['NO_SPACE', 'the disk is full', 'Make room on the disk.'],
  EDQUOT: ['NO_SPACE', 'the disk quota is used up', 'Make room on the disk.'],
  EFBIG: ['NO_SPACE', 'the file system does not take files of this size', ''],
  ELOOP: ['OUTSIDE', 'it is a link', ''],
  ENAMETOOLONG: ['NAME', 'the name is too long', ''],
  EILSEQ: ['NAME', 'the file system does not take this name', ''],
};

/** What the operating system said about a file; other errors as they are. */
export function fileError(error: unknown, name: string): Error {
  if (error instanceof FileError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const [failure, words, hint] = FAILURES[code] ?? ['IO', `the operating system says ${code}`, 'Look at the disk.'];
  return new FileError(failure, `${name}: ${words}`, hint, { cause: error });
}

/** Runs something with a file, and tells failures by its name. */
export async function withFileErrors<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileError(error, name);
  }
}
