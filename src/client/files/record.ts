import { FileError, ServiceError } from '../../errors.js';
import type { FileEntry } from './directory.js';
import { baseName, folderOf, plainName } from './file-names.js';

/** Files of a COMTRADE record (IEEE C37.111 / IEC 60255-24 §4), in the order in which they are got. */
export const COMTRADE_EXTENSIONS = ['cfg', 'dat', 'hdr', 'inf', 'cff'] as const;
const EXTENSION = /\.(cfg|dat|hdr|inf|cff)$/i;

/** A name without the extension of a record's file. */
export function recordName(path: string): string {
  return path.replace(EXTENSION, '');
}

/**
 * The files of one record among those of its folder, as the IED writes them: names are compared without regard to upper
 * and lower case where none is the same.
 * @param path of any file of the record, or that without extension
 * @throws FileError NAME when it stands in several folders and the path names none
 */
export function recordFiles(path: string, entries: readonly FileEntry[]): FileEntry[] {
  const name = recordName(baseName(path));
  const candidates = entries.filter((entry) => EXTENSION.test(entry.name));
  const named = (wanted: (found: string) => boolean): FileEntry[] =>
    candidates.filter((entry) => wanted(recordName(baseName(entry.name))));
  const exact = named((found) => found === name);
  const alike = exact.length > 0 ? exact : named((one) => one.toLowerCase() === name.toLowerCase());
  const found = inOneFolder(path, alike);
  return COMTRADE_EXTENSIONS.flatMap((extension) => found.find((entry) => hasExtension(entry.name, extension)) ?? []);
}

/** Those of the folder that the path names; of the only one that there is, where it names none. An IED may list folders within. */
function inOneFolder(path: string, entries: readonly FileEntry[]): readonly FileEntry[] {
  const place = (name: string): string => plainName(folderOf(name));
  const own = entries.filter((entry) => place(entry.path) === place(path));
  if (own.length > 0 || place(path) !== '') return own;
  const folders = [...new Set(entries.map((entry) => place(entry.path)))];
  if (folders.length <= 1) return entries;
  throw new FileError(
    'NAME',
    `${path}: the IED has such a COMTRADE record in ${folders.slice(0, 5).join(', ')}`,
    'Name the folder as well.',
    { tag: path },
  );
}

/** @throws FileError NOT_FOUND, INCOMPLETE when these are not the files of a whole record */
export function checkRecord(path: string, files: readonly string[], ied: string): void {
  const has = (extension: string): boolean => files.some((file) => hasExtension(file, extension));
  const context = { ied, tag: path };
  if (files.length === 0)
    throw new FileError(
      'NOT_FOUND',
      `${path}: the IED has no such COMTRADE record`,
      'List its directory and compare.',
      context,
    );
  if (!has('cff') && !(has('cfg') && has('dat')))
    throw new FileError(
      'INCOMPLETE',
      `${path}: the COMTRADE record has no .${has('cfg') ? 'dat' : 'cfg'}`,
      'The IED may still be writing it; try again later.',
      context,
    );
}

function hasExtension(file: string, extension: string): boolean {
  return file.toLowerCase().endsWith(`.${extension}`);
}

/** What may stand where an IED has no directory: the extensions in the case of the one given, in upper case without one. */
export function guessedRecordFiles(path: string): string[] {
  const given = EXTENSION.exec(path)?.[1];
  const lower = given !== undefined && given === given.toLowerCase();
  const name = recordName(path);
  return COMTRADE_EXTENSIONS.map((extension) => `${name}.${lower ? extension : extension.toUpperCase()}`);
}

/** Whether the IED says that there is no such file. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ServiceError && /non-existent|undefined/.test(error.errorName);
}
