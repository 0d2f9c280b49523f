/** Names of files below a folder, as flows, files and devices write them. */
import { randomBytes } from 'node:crypto';
import { FileError } from '../errors.js';
import { MAX_FILE_NAME_LENGTH, MAX_FILE_NAME_PARTS } from '../limits.js';

/** Octets of one part that file systems take. */
const MAX_PART_OCTETS = 255;
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL_CHARACTERS = /[\x00-\x1f\x7f]/;
/** Under such a name a file stands until it is complete; it is nobody's. */
const INCOMPLETE = /^\.incoming-[0-9a-f]{16}$/;
const DRIVE = /^[A-Za-z]:/;
/** Not possible on Windows, where a colon would also open another stream of a file. */
const WINDOWS_REFUSED = /[<>:"|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** `relative`: a leading separator is refused. `rooted`: it means the folder itself, as in names of devices. */
export type LeadingSeparator = 'relative' | 'rooted';

/**
 * Parts of a name, whose separators are `/` and `\`. Empty parts and `.` are left out; no part is `..` or has a
 * character that file systems do not take. The result may be empty: the folder itself.
 * @throws FileError NAME, OUTSIDE
 */
export function pathParts(name: string, leading: LeadingSeparator): string[] {
  const shown = JSON.stringify(name.slice(0, 100));
  if (Buffer.byteLength(name) > MAX_FILE_NAME_LENGTH)
    throw new FileError('NAME', `the file name ${shown}… is too long`);
  if (CONTROL_CHARACTERS.test(name)) throw new FileError('NAME', `the file name ${shown} has control characters`);
  if (DRIVE.test(name) || (leading === 'relative' && /^[/\\]/.test(name)))
    throw new FileError('OUTSIDE', `${shown} is an absolute path`, 'Write a name below the folder.');
  const parts = name.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  if (parts.length > MAX_FILE_NAME_PARTS) throw new FileError('NAME', `${shown} has too many folders`);
  for (const part of parts) {
    if (part === '..') throw new FileError('OUTSIDE', `${shown} leaves the folder`, 'Write a name below the folder.');
    if (isIncompleteName(part)) throw new FileError('NOT_FOUND', `${shown}: there is no such file`);
    if (Buffer.byteLength(part) > MAX_PART_OCTETS) throw new FileError('NAME', `a part of ${shown} is too long`);
    if (process.platform === 'win32' && WINDOWS_REFUSED.test(part))
      throw new FileError('NAME', `${shown} is no file name on Windows`);
  }
  return parts;
}

/** A name of a file that is on its way; each is another one. */
export function incompleteName(): string {
  return `.incoming-${randomBytes(8).toString('hex')}`;
}

export function isIncompleteName(name: string): boolean {
  return INCOMPLETE.test(name);
}

/** As {@link pathParts}, of a file: not empty. @throws FileError */
export function filePathParts(name: string, leading: LeadingSeparator): string[] {
  const parts = pathParts(name, leading);
  if (parts.length === 0)
    throw new FileError('NAME', `"${name.slice(0, 100)}" names no file`, 'Give the name of a file.');
  return parts;
}
