/** Folders that forms name. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder of the user directory when it is missing. One elsewhere is left as it is: it may be a disk that is not
 * mounted yet.
 */
export function makeUserFolder(userDirectory: string, folder: string): void {
  const way = path.relative(userDirectory, folder);
  if (way !== '' && !way.startsWith('..') && !path.isAbsolute(way)) mkdirSync(folder, { recursive: true });
}
