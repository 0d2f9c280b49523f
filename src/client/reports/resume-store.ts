import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { MAX_RESUME_POINTS } from '../../limits.js';

/** Where the resume points of buffered reports are kept: the EntryID, as hex text, of the last entry that arrived. */
export interface ResumeStore {
  load(key: string): Promise<string | undefined>;
  save(key: string, entryId: string): void;
}

interface SavedPoints {
  version: 1;
  entries: Record<string, string>;
}

/** Least ms between two writes of the file. */
const WRITE_INTERVAL_MS = 200;
const HEX = /^([0-9a-f]{2}){1,64}$/;

/**
 * Resume points in one small JSON file, written whole beside the old one and then put in its place, so that a crash
 * leaves one of both. A point is written after its entry was delivered: what a crash loses is only that entries come
 * again.
 */
export class ResumeFile implements ResumeStore {
  private points: Map<string, string> | undefined;
  private loading: Promise<Map<string, string>> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private dirty = false;

  /** @param onError told when the file cannot be read or written; reports go on without it */
  constructor(
    private readonly file: string,
    private readonly onError: (error: Error) => void = () => undefined,
  ) {}

  async load(key: string): Promise<string | undefined> {
    return (await this.all()).get(key);
  }

  save(key: string, entryId: string): void {
    void this.all().then((points) => {
      if (points.get(key) === entryId) return;
      // The one that was saved last is the last to go.
      points.delete(key);
      points.set(key, entryId);
      while (points.size > MAX_RESUME_POINTS) points.delete(points.keys().next().value as string);
      this.dirty = true;
      this.timer ??= setTimeout(() => void this.flush(), WRITE_INTERVAL_MS);
    });
  }

  /** Writes what was not written yet. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private all(): Promise<Map<string, string>> {
    if (this.points) return Promise.resolve(this.points);
    this.loading ??= this.read().then((points) => (this.points = points));
    return this.loading;
  }

  private async read(): Promise<Map<string, string>> {
    try {
      const saved = JSON.parse(await readFile(this.file, 'utf8')) as Partial<SavedPoints> | null;
      const entries = Object.entries(saved?.entries ?? {}).filter(([, id]) => typeof id === 'string' && HEX.test(id));
      return new Map(entries.slice(-MAX_RESUME_POINTS));
    } catch (error) {
      // No file is how it starts; one that cannot be read means a full replay, which loses nothing.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onError(error as Error);
      return new Map();
    }
  }

  private async write(): Promise<void> {
    if (!this.dirty || !this.points) return;
    this.dirty = false;
    const saved: SavedPoints = { version: 1, entries: Object.fromEntries(this.points) };
    const beside = `${this.file}.${process.pid}.new`;
    try {
      await mkdir(path.dirname(this.file), { recursive: true });
      const handle = await open(beside, 'w', 0o600);
      try {
        await handle.writeFile(JSON.stringify(saved));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, this.file);
    } catch (error) {
      this.onError(error as Error);
    }
  }
}
