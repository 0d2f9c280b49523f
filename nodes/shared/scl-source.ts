/**
 * Where a node's SCL file is: uploaded in the editor (name and hash), or at a path. Files stay in their folder: a path
 * reaches only into Node-RED's user directory or into an installed package.
 */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError } from '../../src/errors.js';

/** An SCL file of the store, as flows save it. */
export interface StoredScl {
  name: string;
  hash: string;
}

/** What `sclFile` of a node holds: a path, an uploaded file, or nothing. */
export type SclSource = string | StoredScl;

const OWN_PACKAGE = '@substation/node-red-iec61850';

const HASH = /^[0-9a-f]{64}$/;
const PACKAGE_PATH = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)\/(.+)$/i;

export function isHash(text: unknown): text is string {
  return typeof text === 'string' && HASH.test(text);
}

/**
 * Checks what a form or a flow holds.
 * @returns undefined when no file was chosen.
 * @throws ArgumentError for anything that is neither a path nor a stored file.
 */
export function parseSclSource(value: unknown): SclSource | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  const { name, hash } = value as Partial<StoredScl>;
  if (isHash(hash)) return { hash, name: typeof name === 'string' && name !== '' ? name : `${hash.slice(0, 8)}.scl` };
  throw new ArgumentError('The SCL file of the node is neither a path nor an uploaded file', 'Choose the file again.');
}

/** Name of the file for people. */
export function sclSourceName(source: SclSource): string {
  return typeof source === 'string' ? path.posix.basename(source.replace(/\\/g, '/')) : source.name;
}

export interface PathRules {
  userDir: string;
  /** `iec61850AllowAbsolutePaths` of `settings.js`: absolute paths may lead anywhere. */
  allowAbsolute?: boolean;
}

/**
 * The file of a path: relative to the user directory (`scl/bay.cid`), or in an installed package
 * (`@substation/node-red-iec61850/examples/scl/bay.cid`). An absolute path has to lie in the user directory, unless
 * the user's settings allow others.
 * @throws ArgumentError for `..`, other absolute paths, symbolic links that lead elsewhere, and files that are not there.
 */
export function resolveSclPath(text: string, rules: PathRules): Promise<string> {
  return resolveUserPath(text, rules, 'SCL file');
}

/**
 * As {@link resolveSclPath} for files of another kind.
 * @param kind what the file is, for errors
 */
export async function resolveUserPath(text: string, rules: PathRules, kind: string): Promise<string> {
  const wanted = text.trim();
  if (wanted === '' || wanted.includes('\0')) throw new ArgumentError(`The path of the ${kind} is empty`);
  if (path.isAbsolute(wanted) || path.win32.isAbsolute(wanted)) {
    if (rules.allowAbsolute) return mustExist(wanted, wanted, kind);
    return inside(rules.userDir, wanted, wanted, kind);
  }
  const steps = wanted.split(/[\\/]+/);
  if (steps.includes('..')) throw escapes(wanted);
  const inUserDir = path.join(rules.userDir, ...steps);
  if (existsSync(inUserDir)) return inside(rules.userDir, inUserDir, wanted, kind);
  const match = PACKAGE_PATH.exec(steps.join('/'));
  const root = match && packageRoot(match[1] as string, rules.userDir);
  if (match && root) return inside(root, path.join(root, match[2] as string), wanted, kind);
  throw missing(wanted, kind);
}

async function inside(root: string, file: string, wanted: string, kind: string): Promise<string> {
  const [realRoot, realFile] = [await realpath(root), await mustExist(file, wanted, kind)];
  const relative = path.relative(realRoot, realFile);
  if (relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) {
    throw escapes(wanted);
  }
  return realFile;
}

async function mustExist(file: string, wanted: string, kind: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw missing(wanted, kind, cause);
  }
}

/** Folder of an installed package: ours, or one that Node-RED would find from the user directory. */
function packageRoot(name: string, userDir: string): string | undefined {
  if (name === OWN_PACKAGE) return findUp(__dirname, (folder) => existsSync(path.join(folder, 'package.json')));
  const holder = findUp(userDir, (folder) => existsSync(path.join(folder, 'node_modules', name, 'package.json')));
  return holder && path.join(holder, 'node_modules', name);
}

function findUp(start: string, matches: (folder: string) => boolean): string | undefined {
  let folder = path.resolve(start);
  while (!matches(folder)) {
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return folder;
}

function missing(wanted: string, kind: string, cause?: unknown): ArgumentError {
  return new ArgumentError(
    `There is no ${kind} "${wanted}"`,
    kind === 'SCL file'
      ? 'Give a path relative to the user directory of Node-RED, or upload the file in the editor.'
      : 'Give a path relative to the user directory of Node-RED.',
    { cause },
  );
}

function escapes(wanted: string): ArgumentError {
  return new ArgumentError(
    `The path "${wanted}" leads out of the user directory`,
    'Put the file into the user directory of Node-RED, or set iec61850AllowAbsolutePaths in settings.js.',
  );
}
