/** What flows work with besides themselves: their SCL files and maps, and what an export has to leave out. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Iec61850Error } from '../../../src/errors.js';
import { mapToCsv } from '../../../src/gateway/modbus/map-csv.js';
import { parseMap } from '../../../src/gateway/modbus/parse-map.js';
import { MAX_PROJECT_BYTES } from '../../../src/limits.js';
import { parseSclSource, sclSourceName, type SclSource } from '../scl-source.js';
import type { SclLibrary } from '../scl-library.js';
import { stepsOfPlace } from './project-place.js';
import { sha256, tooLarge, type FlowNode, type ProjectFile, type ProjectMap } from './project-file.js';

/** A file that a node names and the project does not hold. */
export interface LeftOut {
  node: string;
  file: string;
  /**
   * `package`: it comes with a package; `variable`: its path is one of the environment; `outside`: it lies outside of the
   * user directory; `unreadable`: see `problem`; `other`: a key, a certificate or a capture.
   */
  reason: 'package' | 'variable' | 'outside' | 'unreadable' | 'other';
  problem?: string;
}

export interface Collected {
  files: ProjectFile[];
  maps: ProjectMap[];
  leftOut: LeftOut[];
}

/** Fields that name files which never go into a project: secrets, what belongs to one machine, and captures. */
const OTHER_FILES = [
  'tlsCert',
  'tlsKey',
  'tlsCa',
  'tlsCrl',
  'tlsKnownPeers',
  'clientsFile',
  'capture',
  'keyFile',
] as const;

/**
 * @param userDir of this Node-RED
 * @throws LimitError when all files together are too large
 */
export async function collectFiles(
  flows: readonly FlowNode[],
  library: SclLibrary,
  userDir: string,
): Promise<Collected> {
  const collected: Collected = { files: [], maps: [], leftOut: [] };
  const seen = new Set<string>();
  let total = 0;
  for (const node of flows) {
    const leaveOut = (file: string, reason: LeftOut['reason'], problem?: string): void => {
      collected.leftOut.push({ node: nameOf(node), file, reason, ...(problem && { problem }) });
    };
    for (const field of OTHER_FILES) {
      const file = node[field];
      if (typeof file === 'string' && file.trim() !== '') leaveOut(file, 'other');
    }
    addMap(node, collected.maps);
    const source = sourceOf(node);
    if (source === undefined) continue;
    const key = typeof source === 'string' ? `path ${source}` : source.hash;
    if (seen.has(key)) continue;
    seen.add(key);
    const found = await locate(source, library, userDir);
    if ('reason' in found) {
      leaveOut(sclSourceName(source), found.reason, found.problem);
      continue;
    }
    total += (await stat(found.file)).size;
    if (total > MAX_PROJECT_BYTES) throw tooLarge();
    const octets = await readFile(found.file);
    const { place } = found;
    collected.files.push({
      name: sclSourceName(source),
      sha256: sha256(octets),
      octets,
      ...(place && { path: place }),
    });
  }
  return collected;
}

function sourceOf(node: FlowNode): SclSource | undefined {
  try {
    return parseSclSource(node.sclFile);
  } catch {
    return undefined;
  }
}

async function locate(
  source: SclSource,
  library: SclLibrary,
  userDir: string,
): Promise<{ file: string; place?: string } | Pick<LeftOut, 'reason' | 'problem'>> {
  if (typeof source === 'string' && source.includes('${')) return { reason: 'variable' };
  try {
    const file = await library.store.resolve(source);
    // Flows name what they like: nothing leaves that is not an SCL file.
    await library.open(source);
    if (typeof source !== 'string') return { file };
    const steps = source.trim().split(/[\\/]+/);
    const inUserDir = !path.isAbsolute(source) && (await isThere(path.join(userDir, ...steps)));
    if (inUserDir) return { file, place: stepsOfPlace(source.trim()).join('/') };
    return { reason: path.isAbsolute(source) ? 'outside' : 'package' };
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return { reason: 'unreadable', problem: error.message };
  }
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function addMap(node: FlowNode, maps: ProjectMap[]): void {
  const about = { node: node.id, title: nameOf(node) };
  if (node.type === 'modbus-map-out' && Array.isArray(node.rows) && node.rows.length > 0) {
    const csv = csvOf(node);
    if (csv !== undefined) maps.push({ ...about, kind: 'modbus', csv });
  } else if (node.type === 'iec61850-server-out' && typeof node.mapping === 'string' && node.mapping.trim() !== '') {
    maps.push({ ...about, kind: 'variables', csv: node.mapping });
  }
}

/** A map that cannot be read is in the flows as it is, and has no table for people. */
function csvOf({ rows, blocks }: FlowNode): string | undefined {
  try {
    return mapToCsv(parseMap(rows, blocks).rows);
  } catch {
    return undefined;
  }
}

function nameOf({ name, type, id }: FlowNode): string {
  return typeof name === 'string' && name !== '' ? name : `${type} ${id}`;
}
