/**
 * A project as one file: flows, the SCL files that they work with, and their maps for people to read. JSON, so that two of
 * them can be compared line by line; files are lists of their lines where they are text. Credentials are never in it.
 */
import { createHash } from 'node:crypto';
import { ArgumentError, LimitError } from '../../../src/errors.js';
import { MAX_PROJECT_BYTES, MAX_PROJECT_FILES, MAX_PROJECT_NODES } from '../../../src/limits.js';
import { isHash } from '../scl-source.js';

export const PROJECT_FORMAT = 'iec61850-project';
const PROJECT_VERSION = 1;

/** A node, tab or subflow as flows hold it. */
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

export interface ProjectFile {
  name: string;
  /** Below the user directory, where nodes name the file by its path; absent for one that was uploaded in the editor. */
  path?: string;
  sha256: string;
  octets: Buffer;
}

/** A map for people; what counts is the node in the flows. */
export interface ProjectMap {
  node: string;
  title: string;
  kind: 'modbus' | 'variables';
  csv: string;
}

export interface Project {
  name: string;
  /** ISO 8601 UTC. */
  created: string;
  flows: FlowNode[];
  files: ProjectFile[];
  maps: ProjectMap[];
}

export function formatProject({ name, created, flows, files, maps }: Project): string {
  const document = {
    format: PROJECT_FORMAT,
    version: PROJECT_VERSION,
    name,
    created,
    flows: withoutCredentials(flows),
    files: files.map(({ octets, ...about }) => ({ kind: 'scl', ...about, size: octets.length, ...contentOf(octets) })),
    maps: maps.map(({ csv, ...about }) => ({ ...about, csv: linesOf(csv) })),
  };
  return JSON.stringify(document, undefined, 1);
}

/**
 * Reads a project; everything in it is checked, since it comes from elsewhere.
 * @throws ArgumentError that says what it is not, LimitError when it is too large
 */
export function parseProject(text: string): Project {
  if (text.length > MAX_PROJECT_BYTES) throw tooLarge();
  const document = record(parseJson(text), 'The file');
  if (document.format !== PROJECT_FORMAT) {
    throw new ArgumentError(
      'The file is not a project of these nodes',
      "Choose one that was exported here. A plain flow goes through Node-RED's own import.",
    );
  }
  if (document.version !== PROJECT_VERSION) {
    throw new ArgumentError(
      `The project has version ${String(document.version).slice(0, 20)}, known is ${PROJECT_VERSION}`,
      'Update @substation/node-red-iec61850 on this machine.',
    );
  }
  const flows = list(document.flows, 'flows', MAX_PROJECT_NODES).map(flowNode);
  const files = list(document.files, 'files', MAX_PROJECT_FILES).map(projectFile);
  const places = files.map(({ path, sha256 }) => path ?? sha256);
  if (new Set(places).size < places.length) throw new ArgumentError('Two files of the project have one place');
  return {
    name: shortText(document.name, 'name'),
    created: shortText(document.created, 'created'),
    flows: withoutCredentials(flows),
    files,
    // Only people read the maps.
    maps: [],
  };
}

/** Nodes without what must not leave a machine, or come to one unseen. */
export function withoutCredentials(flows: readonly FlowNode[]): FlowNode[] {
  return flows.map((node) => {
    const { credentials: _credentials, env, ...rest } = node as FlowNode & { credentials?: unknown; env?: unknown };
    return {
      ...rest,
      ...(env !== undefined && { env: Array.isArray(env) ? env.map(withoutSecret) : env }),
    } as FlowNode;
  });
}

/** A variable of a tab or subflow; those of the type `cred` are secrets. */
function withoutSecret(variable: unknown): unknown {
  if (typeof variable !== 'object' || variable === null) return variable;
  const { value: _value, ...rest } = variable as { type?: unknown; value?: unknown };
  return rest.type === 'cred' ? rest : variable;
}

export function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

export function tooLarge(): LimitError {
  return new LimitError(
    `The project is larger than ${MAX_PROJECT_BYTES >> 20} MiB`,
    'Leave flows out, or copy large SCL files by hand.',
  );
}

/** Lines where the octets are UTF-8 that comes back the same, base64 otherwise. */
function contentOf(octets: Buffer): { lines: string[] } | { base64: string } {
  const text = octets.toString('utf8');
  return Buffer.from(text, 'utf8').equals(octets) ? { lines: linesOf(text) } : { base64: octets.toString('base64') };
}

const linesOf = (text: string): string[] => text.split('\n');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArgumentError('The file is not JSON', 'Choose a project that was exported here.', { cause });
  }
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ArgumentError(`${what} is not what a project has`, 'Choose a project that was exported here.');
  }
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, name: string, max: number): unknown[] {
  if (!Array.isArray(value)) throw new ArgumentError(`The ${name} of the project are not a list`);
  if (value.length > max) throw new LimitError(`The project has ${value.length} ${name}, at most ${max} are taken`);
  return value;
}

function shortText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > 200) throw new ArgumentError(`The project has no usable ${name}`);
  return value;
}

function flowNode(value: unknown, index: number): FlowNode {
  const node = record(value, `Node ${index + 1}`);
  shortText(node.id, `id at node ${index + 1}`);
  shortText(node.type, `type at node ${index + 1}`);
  return node as FlowNode;
}

function projectFile(value: unknown, index: number): ProjectFile {
  const what = `File ${index + 1}`;
  const { kind, name, path, sha256: hash, lines, base64 } = record(value, what);
  if (kind !== 'scl' || !isHash(hash))
    throw new ArgumentError(`${what} of the project is not an SCL file with its hash`);
  const octets = octetsOf(lines, base64, what);
  if (sha256(octets) !== hash) {
    throw new ArgumentError(
      `${what} of the project is not what its hash says`,
      'It was changed or cut off: export again.',
    );
  }
  return {
    name: shortText(name, 'name of a file'),
    sha256: hash,
    octets,
    ...(path !== undefined && { path: shortText(path, 'path') }),
  };
}

function octetsOf(lines: unknown, base64: unknown, what: string): Buffer {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (Array.isArray(lines) && lines.every((line) => typeof line === 'string'))
    return Buffer.from(lines.join('\n'), 'utf8');
  throw new ArgumentError(`${what} of the project has no content`);
}
