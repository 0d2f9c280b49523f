/**
 * SCL files that were uploaded in the editor: `<userDir>/iec61850/scl/<sha256>.scl`, and beside each a small
 * `<sha256>.json` with the name it came with. Flows hold name and hash, never the file.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError, LimitError } from '../../src/errors.js';
import { MAX_SCL_BYTES, MAX_STORED_SCL_FILES } from '../../src/limits.js';
import { isHash, resolveSclPath, type PathRules, type SclSource, type StoredScl } from './scl-source.js';

export interface StoredSclFile extends StoredScl {
  /** Octets. */
  size: number;
  /** When it was uploaded, ISO 8601 UTC. */
  uploaded: string;
}

/** Uploads that were cut off are removed after this many ms. */
const ABANDONED_UPLOAD_MS = 3_600_000;
const UPLOAD_PREFIX = '.upload-';

export class SclStore {
  readonly folder: string;

  constructor(private readonly rules: PathRules) {
    this.folder = path.join(rules.userDir, 'iec61850', 'scl');
  }

  /**
   * Stores what a stream brings, under its hash. The file appears whole or not at all; `isNew` tells whether it was not
   * stored before.
   * @throws LimitError when the file, or the number of files, is too large.
   */
  async save(
    octets: AsyncIterable<Uint8Array>,
    name: string,
    maxBytes = MAX_SCL_BYTES,
  ): Promise<StoredSclFile & { isNew: boolean }> {
    await mkdir(this.folder, { recursive: true });
    await this.removeAbandoned();
    if ((await this.list()).length >= MAX_STORED_SCL_FILES) {
      throw new LimitError(`${MAX_STORED_SCL_FILES} SCL files are stored`, `Remove some from ${this.folder}.`);
    }
    const temporary = path.join(this.folder, UPLOAD_PREFIX + randomBytes(8).toString('hex'));
    try {
      const { hash, size } = await writeHashed(temporary, octets, maxBytes);
      const stored = { name: cleanName(name, hash), hash, size, uploaded: new Date().toISOString() };
      const isNew = !(await exists(this.path(hash)));
      await rename(temporary, this.path(hash));
      await writeFile(this.metaPath(hash), JSON.stringify(stored));
      return { ...stored, isNew };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Every stored file, newest first. */
  async list(): Promise<StoredSclFile[]> {
    const names = await readdir(this.folder).catch(() => [] as string[]);
    const hashes = names.filter((name) => name.endsWith('.scl')).map((name) => name.slice(0, -'.scl'.length));
    const files = await Promise.all(hashes.filter(isHash).map((hash) => this.describe(hash)));
    return files.filter((file) => file !== undefined).sort((a, b) => b.uploaded.localeCompare(a.uploaded));
  }

  async remove(hash: string): Promise<void> {
    await rm(this.path(hash), { force: true });
    await rm(this.metaPath(hash), { force: true });
  }

  /**
   * The file that a node's `sclFile` means.
   * @throws ArgumentError when it is not there, or not where files may be.
   */
  async resolve(source: SclSource): Promise<string> {
    if (typeof source === 'string') return resolveSclPath(source, this.rules);
    const file = this.path(source.hash);
    if (await exists(file)) return file;
    throw new ArgumentError(
      `The SCL file "${source.name}" is not on this machine`,
      'Flows carry only the name of an uploaded file: open the node and upload it again.',
    );
  }

  private path(hash: string): string {
    if (!isHash(hash)) throw new ArgumentError(`"${String(hash).slice(0, 80)}" is not the hash of a file`);
    return path.join(this.folder, `${hash}.scl`);
  }

  private metaPath(hash: string): string {
    return path.join(this.folder, `${hash}.json`);
  }

  private async describe(hash: string): Promise<StoredSclFile | undefined> {
    const file = await stat(this.path(hash)).catch(() => undefined);
    if (!file) return undefined;
    const meta = await readFile(this.metaPath(hash), 'utf8').then(parseMeta, () => undefined);
    return {
      name: cleanName(meta?.name ?? '', hash),
      hash,
      size: file.size,
      uploaded: meta?.uploaded ?? file.mtime.toISOString(),
    };
  }

  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!name.startsWith(UPLOAD_PREFIX)) continue;
      const file = path.join(this.folder, name);
      const age = await stat(file).then(
        (found) => Date.now() - found.mtimeMs,
        () => 0,
      );
      if (age > ABANDONED_UPLOAD_MS) await rm(file, { force: true });
    }
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function writeHashed(
  file: string,
  octets: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ hash: string; size: number }> {
  const digest = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  let size = 0;
  try {
    for await (const chunk of octets) {
      size += chunk.length;
      if (size > maxBytes) throw new LimitError(`The SCL file is larger than ${maxBytes} octets`);
      digest.update(chunk);
      await handle.appendFile(chunk);
    }
    if (size === 0) throw new ArgumentError('The SCL file is empty');
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { hash: digest.digest('hex'), size };
}

function parseMeta(text: string): { name?: string; uploaded?: string } | undefined {
  try {
    const { name, uploaded } = JSON.parse(text) as Record<string, unknown>;
    return { ...(typeof name === 'string' && { name }), ...(typeof uploaded === 'string' && { uploaded }) };
  } catch {
    return undefined;
  }
}

/** A file name without its folders and control characters; it is only ever shown. */
function cleanName(name: string, hash: string): string {
  const base = name.slice(-1024).split(/[\\/]/).pop() ?? '';
  const clean = base
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(-128);
  return clean === '' ? `${hash.slice(0, 8)}.scl` : clean;
}
