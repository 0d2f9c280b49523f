import { ArgumentError } from '../../errors.js';
import { DEFAULT_MAX_RECEIVED_FILE, MAX_FILE_SIZE } from '../../limits.js';

/** Files that clients get (IEC 61850-7-2 §23). Without it there are none, and the file services are rejected. */
export interface ServedFiles {
  /** Folder of this machine; clients see what is below it, and nothing else. */
  folder: string;
  /** Whether clients may delete and rename files, and give new ones (ObtainFile). Not by default. */
  writable?: boolean;
  /** Octets that a file may have which a client gives, 100 MB by default. */
  maxSize?: number;
}

/** @throws ArgumentError */
export function checkFiles(files: ServedFiles | undefined): Required<ServedFiles> | undefined {
  if (files === undefined) return undefined;
  const { folder, writable = false, maxSize = DEFAULT_MAX_RECEIVED_FILE } = files;
  if (typeof folder !== 'string' || folder.trim() === '' || folder.includes('\0'))
    throw new ArgumentError('the folder of served files is none', 'Give the path of a folder, or leave files out.');
  if (!Number.isInteger(maxSize) || maxSize < 0 || maxSize > MAX_FILE_SIZE)
    throw new ArgumentError(`maxSize is ${maxSize}`, `Give a whole number from 0 to ${MAX_FILE_SIZE}.`);
  return { folder, writable, maxSize };
}
