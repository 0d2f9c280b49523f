/** Where a file of a project goes by its path: below the user directory, and nowhere else. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError } from '../../../src/errors.js';
import { MAX_PROJECT_BYTES } from '../../../src/limits.js';
import { sha256 } from './project-file.js';

/** What SCL files are called; nothing else is written by an import. */
const SCL_NAMES = /\.(icd|cid|scd|iid|ssd|sed|scl|xml)$/i;

/**
 * The steps of a path that a project names.
 * @throws ArgumentError for one that is absolute, leads up, is hidden, lies in a package or in the store, or is no SCL file's
 */
export function stepsOfPlace(wanted: string): string[] {
  const refuse = (why: string): never => {
    throw new ArgumentError(
      `"${wanted.slice(0, 200)}" is no place for a file of a project: it ${why}`,
      'Upload that file by hand.',
    );
  };
  if (path.isAbsolute(wanted) || path.win32.isAbsolute(wanted) || /[\p{Cc}:]/u.test(wanted))
    refuse('is no relative path');
  const steps = wanted.split(/[\\/]+/);
  if (steps.some((step) => step === '' || step.startsWith('.'))) refuse('leads up or is hidden');
  if (steps.includes('node_modules')) refuse('lies in a package');
  // There, the name of a file is the hash of its content.
  if (/^iec61850[\\/]+scl[\\/]/i.test(wanted)) refuse('lies in the store of uploaded files');
  if (!SCL_NAMES.test(wanted)) refuse('is not the name of an SCL file');
  return steps;
}

/** Whether that file is there, and holds the same; `refused` with the reason where nothing may be written. */
export async function stateOfPlace(
  userDir: string,
  wanted: string,
  hash: string,
): Promise<{ state: 'new' | 'same' | 'different' } | { state: 'refused'; problem: string }> {
  try {
    const steps = stepsOfPlace(wanted);
    const file = path.join(userDir, ...steps);
    await insideOf(userDir, file);
    const known = await stat(file).catch(() => undefined);
    if (!known) return { state: 'new' };
    if (!known.isFile()) throw new ArgumentError(`"${wanted.slice(0, 200)}" is a folder on this machine`);
    const same = known.size <= MAX_PROJECT_BYTES && sha256(await readFile(file)) === hash;
    return { state: same ? 'same' : 'different' };
  } catch (error) {
    return { state: 'refused', problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Writes a file whole or not at all.
 * @throws ArgumentError where it may not be
 */
export async function writeAtPlace(userDir: string, wanted: string, octets: Uint8Array): Promise<void> {
  const file = path.join(userDir, ...stepsOfPlace(wanted));
  await insideOf(userDir, file);
  await mkdir(path.dirname(file), { recursive: true });
  // Once more, now that all folders are there.
  await insideOf(userDir, file);
  const temporary = path.join(path.dirname(file), `.project-${randomBytes(8).toString('hex')}`);
  try {
    await writeFile(temporary, octets, { flag: 'wx' });
    // A symbolic link is replaced, and not followed.
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The nearest folder that is there lies in the user directory, links followed. */
async function insideOf(userDir: string, file: string): Promise<void> {
  const root = await realpath(userDir);
  let folder = path.dirname(file);
  let found: string | undefined;
  while (found === undefined) {
    found = await realpath(folder).catch(() => undefined);
    if (found === undefined) folder = path.dirname(folder);
  }
  const relative = path.relative(root, found);
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) {
    throw new ArgumentError(`"${path.basename(file)}" would leave the user directory`, 'Upload that file by hand.');
  }
}
