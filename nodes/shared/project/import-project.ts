/** A project that came in: what it would bring, and then its files on this machine. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ArgumentError } from '../../../src/errors.js';
import { MAX_PENDING_PROJECTS, PENDING_PROJECT_MS } from '../../../src/limits.js';
import type { SclLibrary } from '../scl-library.js';
import type { FlowNode, Project, ProjectFile } from './project-file.js';
import { stateOfPlace, writeAtPlace } from './project-place.js';

export interface FileState {
  name: string;
  path?: string;
  /** Octets. */
  size: number;
  /** `different`: another one stands at its path; `refused`: nothing may be written there. */
  state: 'new' | 'same' | 'different' | 'refused';
  problem?: string;
}

export interface ProjectPreview {
  id: string;
  name: string;
  created: string;
  /** Names of the tabs that come. */
  tabs: string[];
  /** Nodes by type. */
  types: Record<string, number>;
  files: FileState[];
}

/** What became of a file: `kept` is the one that was here before. */
export interface ImportedFile {
  name: string;
  path?: string;
  result: 'written' | 'same' | 'kept' | 'failed';
  problem?: string;
}

/** Projects that wait for a person's word, a few and for a while. */
export class PendingProjects {
  private readonly pending = new Map<string, { project: Project; expiry: NodeJS.Timeout }>();

  constructor(
    private readonly library: SclLibrary,
    private readonly userDir: string,
  ) {}

  async add(project: Project): Promise<ProjectPreview> {
    const files = await Promise.all(project.files.map((file) => this.stateOf(file)));
    const oldest = this.pending.size >= MAX_PENDING_PROJECTS ? this.pending.keys().next().value : undefined;
    if (oldest !== undefined) this.remove(oldest);
    const id = randomUUID();
    const expiry = setTimeout(() => this.remove(id), PENDING_PROJECT_MS);
    expiry.unref();
    this.pending.set(id, { project, expiry });
    const { name, created, flows } = project;
    return { id, name, created, tabs: tabsOf(flows), types: typesOf(flows), files };
  }

  /**
   * Puts the files of a project where its flows look for them.
   * @param overwrite paths of files that take the place of different ones
   * @throws ArgumentError when the project was forgotten meanwhile
   */
  async apply(id: string, overwrite: ReadonlySet<string>): Promise<{ files: ImportedFile[]; flows: FlowNode[] }> {
    const entry = this.pending.get(id);
    if (!entry) throw new ArgumentError('This project waited too long', 'Choose the file again.');
    const files: ImportedFile[] = [];
    for (const file of entry.project.files) {
      const about = { name: file.name, ...(file.path !== undefined && { path: file.path }) };
      try {
        files.push({ ...about, result: await this.put(file, overwrite) });
      } catch (error) {
        files.push({ ...about, result: 'failed', problem: error instanceof Error ? error.message : String(error) });
      }
    }
    this.remove(id);
    return { files, flows: entry.project.flows };
  }

  remove(id: string): void {
    const entry = this.pending.get(id);
    if (!entry) return;
    clearTimeout(entry.expiry);
    this.pending.delete(id);
  }

  private async stateOf({ name, path, sha256, octets }: ProjectFile): Promise<FileState> {
    const about = { name, ...(path !== undefined && { path }), size: octets.length };
    if (path !== undefined) return { ...about, ...(await stateOfPlace(this.userDir, path, sha256)) };
    const stored = await this.library.store.list();
    return { ...about, state: stored.some(({ hash }) => hash === sha256) ? 'same' : 'new' };
  }

  private async put(file: ProjectFile, overwrite: ReadonlySet<string>): Promise<ImportedFile['result']> {
    const { name, path, octets } = file;
    const state = await this.stateOf(file);
    if (state.state === 'refused') throw new ArgumentError(state.problem ?? 'It may not be written');
    if (state.state === 'same') return 'same';
    if (state.state === 'different' && !overwrite.has(path as string)) return 'kept';
    const { store } = this.library;
    const stored = await store.save(Readable.from([octets]), name);
    try {
      // What is no SCL file stays out, under whatever name it came.
      await this.library.open({ name: stored.name, hash: stored.hash });
      if (path !== undefined) await writeAtPlace(this.userDir, path, octets);
    } catch (error) {
      if (stored.isNew) await store.remove(stored.hash);
      throw error;
    }
    if (path !== undefined && stored.isNew) await store.remove(stored.hash);
    return 'written';
  }
}

function tabsOf(flows: readonly FlowNode[]): string[] {
  return flows.filter(({ type }) => type === 'tab').map(({ label, id }) => (typeof label === 'string' ? label : id));
}

function typesOf(flows: readonly FlowNode[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of flows) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Object.fromEntries(counts);
}
