/** SCL files as the nodes and the editor use them: found, read off the event loop, and kept for a while. */
import { stat } from 'node:fs/promises';
import { loadScl, type SclDocument } from '../../src/scl/index.js';
import { userDirectory, userSetting, type RED } from './red.js';
import type { SclSource } from './scl-source.js';
import { SclStore } from './scl-store.js';

/** Documents kept: an edit dialog, a browse and a deploy of the same file come one after the other. */
const KEPT_DOCUMENTS = 3;
const KEPT_MS = 10 * 60_000;

interface Kept {
  key: string;
  document: Promise<SclDocument>;
  timer: NodeJS.Timeout;
}

export class SclLibrary {
  private kept: Kept[] = [];

  constructor(readonly store: SclStore) {}

  /**
   * Reads a file, or takes what was read before when the file has not changed.
   * @throws ArgumentError when it is not there or may not be read; SclError when it is no SCL file.
   */
  async open(source: SclSource): Promise<SclDocument> {
    const file = await this.store.resolve(source);
    const { mtimeMs, size } = await stat(file);
    const key = `${file}|${mtimeMs}|${size}`;
    const known = this.kept.find((entry) => entry.key === key);
    if (known) {
      known.timer.refresh();
      return known.document;
    }
    const document = loadScl(file, { path: true });
    const entry: Kept = { key, document, timer: setTimeout(() => this.forget(entry), KEPT_MS) };
    entry.timer.unref();
    this.kept.push(entry);
    if (this.kept.length > KEPT_DOCUMENTS) this.forget(this.kept[0] as Kept);
    document.catch(() => this.forget(entry));
    return document;
  }

  private forget(entry: Kept): void {
    clearTimeout(entry.timer);
    this.kept = this.kept.filter((other) => other !== entry);
  }
}

const libraries = new Map<string, SclLibrary>();

/** The library of this Node-RED, shared by all nodes. */
export function sclLibrary(red: RED): SclLibrary {
  const userDir = userDirectory(red);
  const allowAbsolute = userSetting(red, 'iec61850AllowAbsolutePaths') === true;
  const key = `${allowAbsolute}|${userDir}`;
  const library = libraries.get(key) ?? new SclLibrary(new SclStore({ userDir, allowAbsolute }));
  libraries.set(key, library);
  return library;
}
