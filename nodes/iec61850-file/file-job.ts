/** What an `iec61850-file` node was told in its form, and what a message asks of it. */
import type { FileContent } from '../../src/client/index.js';
import { ArgumentError, FileError } from '../../src/errors.js';
import { DEFAULT_FILE_RESUME_MS, DEFAULT_MAX_FILE_BUFFER, MAX_FILE_RESUME_MS } from '../../src/limits.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import { refusalOf } from '../shared/message-guard.js';
import type { NodeMessage, VersionedDef } from '../shared/red.js';

const ACTIONS = ['directory', 'get', 'put', 'delete', 'rename', 'receive'] as const;
const OUTPUTS = ['buffer', 'file', 'stream'] as const;
const CHANGES: readonly FileAction[] = ['put', 'delete', 'rename'];

export type FileAction = (typeof ACTIONS)[number];
export type FileOutput = (typeof OUTPUTS)[number];

export interface FileDef extends VersionedDef {
  ied?: string;
  action?: string;
  path?: string;
  newPath?: string;
  output?: string;
  folder?: string;
  filename?: string;
  comtrade?: boolean;
  acknowledge?: boolean;
  from?: string;
  maxSize?: string | number;
  resumeWithin?: string | number;
  allowed?: boolean;
}

export interface FileConfig {
  action: FileAction;
  /** Name at the IED; empty when messages name it, or for the whole directory. */
  path: string;
  newPath: string;
  output: FileOutput;
  /** Local folder, outside which nothing is read or written; empty when there is none. */
  folder: string;
  /** Name below the folder; empty for the IED's own. */
  filename: string;
  /** Whether the files of a COMTRADE record are got together. */
  comtrade: boolean;
  /** Whether the next chunk waits for an acknowledgement of the last one. */
  acknowledge: boolean;
  /** Where the content of `put` comes from. */
  from: 'payload' | 'file';
  /** Octets; undefined for the default of the output. */
  maxSize?: number;
  /** ms */
  resumeWithin: number;
  /** Whether this flow may change files of the IED. */
  allowed: boolean;
}

/** One thing to do. */
export type FileJob =
  | { action: 'directory'; path: string }
  | { action: 'get'; path: string; output: FileOutput; filename: string; comtrade: boolean }
  | { action: 'put'; path: string; content: FileContent }
  | { action: 'delete'; path: string }
  | { action: 'rename'; path: string; newPath: string };

const MEGABYTE = 1 << 20;
const MAX_MEGABYTES = 4095;
/** Octets of a file that is written or streamed, where nothing is configured. */
const DEFAULT_MAX_SAVED = 1024 * MEGABYTE;

/** @throws ArgumentError that names the field */
export function fileConfig(def: FileDef, lookup: EnvironmentLookup): FileConfig {
  const field = (name: 'path' | 'newPath' | 'folder' | 'filename' | 'maxSize' | 'resumeWithin'): string =>
    expandEnvironment(text(def[name]), lookup, name);
  const maxSize = wholeNumber(field('maxSize'), 'maxSize', 0, MAX_MEGABYTES, 0);
  const seconds = [MAX_FILE_RESUME_MS / 1000, DEFAULT_FILE_RESUME_MS / 1000] as const;
  const config: FileConfig = {
    action: oneOf(ACTIONS, def.action || 'directory', 'action'),
    path: field('path'),
    newPath: field('newPath'),
    output: oneOf(OUTPUTS, def.output || 'buffer', 'output'),
    folder: field('folder'),
    filename: field('filename'),
    comtrade: def.comtrade === true,
    acknowledge: def.acknowledge === true,
    from: def.from === 'file' ? 'file' : 'payload',
    ...(maxSize > 0 && { maxSize: maxSize * MEGABYTE }),
    resumeWithin: wholeNumber(field('resumeWithin'), 'resumeWithin', 0, ...seconds) * 1000,
    allowed: def.allowed === true,
  };
  const { action, output, from } = config;
  const local =
    action === 'receive' || (action === 'get' && output === 'file') || (action === 'put' && from === 'file');
  if (local) requireFolder(config);
  return config;
}

/** Largest file that a job takes, in octets. */
export function maxSizeOf({ maxSize }: FileConfig, output: FileOutput): number {
  return maxSize ?? (output === 'buffer' ? DEFAULT_MAX_FILE_BUFFER : DEFAULT_MAX_SAVED);
}

/**
 * What a message asks for: `msg.action`, `msg.path`, `msg.newPath`, `msg.filename`, `msg.output` and `msg.comtrade`, where they
 * are given, in place of the node's own. The folder is the node's alone.
 * @throws ArgumentError, FileError NOT_ALLOWED
 */
export function jobOf(msg: NodeMessage, config: FileConfig): FileJob {
  const given = msg as Record<string, unknown>;
  const action = oneOf(ACTIONS, given.action ?? config.action, 'msg.action');
  const path = given.path === undefined ? config.path : nameOf(given.path, 'msg.path');
  if (action === 'directory') return { action, path };
  if (action === 'receive')
    throw new ArgumentError('a node that receives files takes no messages', 'Choose another action.');
  if (path === '') throw new ArgumentError('no file is named', 'Name it in the node, or in msg.path.');
  if (CHANGES.includes(action)) mustBeAllowed(msg, config, action, path);
  if (CHANGES.includes(config.action) && config.path !== '' && path !== config.path)
    throw new ArgumentError(
      `msg.path names ${path}, and the node ${config.path}`,
      'Leave the file of the node empty to let messages name it.',
    );
  switch (action) {
    case 'get':
      return getJob(given, config, path);
    case 'put':
      return { action, path, content: contentOf(given, config) };
    case 'delete':
      return { action, path };
    case 'rename': {
      const newPath = given.newPath === undefined ? config.newPath : nameOf(given.newPath, 'msg.newPath');
      if (newPath === '') throw new ArgumentError(`${path}: there is no new name`, 'Give it in msg.newPath.');
      return { action, path, newPath };
    }
  }
}

function getJob(given: Record<string, unknown>, config: FileConfig, path: string): FileJob {
  const output = oneOf(OUTPUTS, given.output ?? config.output, 'msg.output');
  if (output === 'file') requireFolder(config);
  return {
    action: 'get',
    path,
    output,
    filename: output === 'file' ? filenameOf(given, config) : '',
    comtrade: typeof given.comtrade === 'boolean' ? given.comtrade : config.comtrade,
  };
}

function contentOf(given: Record<string, unknown>, config: FileConfig): FileContent {
  if (config.from === 'file') {
    const file = filenameOf(given, config);
    if (file === '') throw new ArgumentError('no local file is named', 'Name it in the node, or in msg.filename.');
    return { file, folder: requireFolder(config) };
  }
  const { payload } = given;
  if (Buffer.isBuffer(payload)) return payload;
  if (typeof payload === 'string') return Buffer.from(payload);
  throw new ArgumentError('msg.payload is no content of a file', 'Give a Buffer or a text.');
}

function filenameOf({ filename }: Record<string, unknown>, config: FileConfig): string {
  return filename === undefined ? config.filename : nameOf(filename, 'msg.filename');
}

function requireFolder({ folder }: FileConfig): string {
  if (folder === '')
    throw new ArgumentError('The node has no folder', 'Enter the folder of this machine that it may use.');
  return folder;
}

function mustBeAllowed(msg: NodeMessage, { allowed }: FileConfig, action: FileAction, path: string): void {
  if (!allowed)
    throw new FileError(
      'NOT_ALLOWED',
      `${action} ${path}: this node may not change files of the IED`,
      'Tick "This flow may change files of the IED" in the node and deploy.',
      { tag: path },
    );
  const refusal = refusalOf(msg, 'request', undefined);
  if (refusal) throw new FileError('NOT_ALLOWED', `${action} ${path}: ${refusal.message}`, refusal.hint, { tag: path });
}

function nameOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new ArgumentError(`${what} is no text`, 'Give the name of a file.');
}

function oneOf<T extends string>(values: readonly T[], value: unknown, what: string): T {
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ArgumentError(`${what} is none of ${values.join(', ')}`, 'Correct it, or leave it out.');
}
