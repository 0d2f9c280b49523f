/** Names of files on the way to and from an IED: separators, leading ones, and characters beyond ASCII. */
import { ServiceError } from '../../errors.js';
import { fileName, latin1FileName, type FileName } from '../../mms/file-name.js';

const SEPARATORS = /[/\\]/g;

/**
 * The forms in which an IED may know a file or folder, as it was given first: with its other separator, and with a leading
 * one, which some devices need.
 */
export function wireNames(name: string): FileName[] {
  const bare = name.replace(/^[/\\]+/, '');
  const forms = [name, name.replace(SEPARATORS, '/'), name.replace(SEPARATORS, '\\')];
  if (bare !== '') forms.push(`/${bare.replace(SEPARATORS, '/')}`, `\\${bare.replace(SEPARATORS, '\\')}`, bare);
  // A device that has Latin-1 is found by that.
  const latin1 = latin1FileName(name);
  return [...[...new Set(forms)].map(fileName), ...(latin1 ? [latin1] : [])];
}

const FINAL_ERRORS = new Set([
  'file-busy',
  'file-access-denied',
  'object-access-denied',
  'position-invalid',
  'duplicate-filename',
  'insufficient-space-in-filestore',
]);

/** Whether an IED that answers so may know the file by another form of its name. */
function mayBeOtherName(error: unknown): boolean {
  return error instanceof ServiceError && error.errorClass !== 'resource' && !FINAL_ERRORS.has(error.errorName);
}

/**
 * Tries the forms of a name one after the other, until one is the IED's.
 * @param attempt gives undefined where there is nothing under this form
 * @returns undefined when there is nothing under any
 * @throws what the first one failed with, when all did; a failure that is not about the name at once
 */
export async function tryNames<N, T>(
  names: readonly N[],
  attempt: (name: N) => Promise<T | undefined>,
): Promise<T | undefined> {
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      const found = await attempt(name);
      if (found !== undefined) return found;
    } catch (error) {
      if (!mayBeOtherName(error)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === names.length) throw errors[0];
  return undefined;
}

/** The last part of a path. */
export function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}

/** The path before its last part, with the separator. */
export function folderOf(name: string): string {
  return name.slice(0, name.length - baseName(name).length);
}

/** A path by which two forms of one name are the same. */
export function plainName(name: string): string {
  return name.replace(SEPARATORS, '/').replace(/^\/+/, '');
}
