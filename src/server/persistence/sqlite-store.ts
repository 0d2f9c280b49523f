/** A store in one SQLite file: changes are in it as a whole or not at all, whenever the process ends. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
// A type import: the library is 1.3 MB of WebAssembly, loaded only when a store is opened.
import type { Database, Statement } from 'node-sqlite3-wasm';
import { StoreError } from '../../errors.js';
import { STORE_COMMIT_DELAY_MS, STORE_COMMIT_MAX_DELAY_MS, STORE_COMMIT_SHARE } from '../../limits.js';
import { found } from './memory-store.js';
import { OwnerFile } from './owner-file.js';
import { SqliteList, SqliteMap } from './sqlite-collections.js';
import type { KeptList, KeptMap, Store } from './store.js';

/** Of the tables below; a file of a later one is not touched. */
const VERSION = 1;
const TABLES = `
  CREATE TABLE IF NOT EXISTS kept (map TEXT, key TEXT, octets BLOB NOT NULL, PRIMARY KEY (map, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lists (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS entries (
    list INTEGER, number INTEGER, time INTEGER NOT NULL, octets BLOB NOT NULL, PRIMARY KEY (list, number)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};
`;
/** Octets to which the write-ahead log is cut back after it was large. */
const WAL_LIMIT = 4 << 20;

export interface SqliteStoreEvents {
  /** Something that nobody waits for could not be written; told once until writing works again. */
  failed(error: StoreError): void;
  /** The file was damaged and put aside under this name; an empty one took its place. */
  replaced(damaged: string, why: string): void;
}

export class SqliteStore implements Store {
  readonly persistent = true;
  changes = 0;
  private database: Database | undefined;
  private readonly owner: OwnerFile;
  private readonly statements = new Map<string, Statement>();
  private readonly maps = new Map<string, SqliteMap>();
  private readonly lists = new Map<string, SqliteList>();
  private timer: NodeJS.Timeout | undefined;
  private failing = false;
  /** Why a change since the last commit was lost: those who wait for that commit have to know. */
  private lost: StoreError | undefined;
  /** ms that the last commit took: slow media get fewer of them. */
  private cost = 0;

  /** @param file its folder is made when it does not exist */
  constructor(
    private readonly file: string,
    private readonly events: SqliteStoreEvents,
  ) {
    this.owner = new OwnerFile(`${file}.owner`);
  }

  async open(signal?: AbortSignal): Promise<void> {
    const folder = path.dirname(this.file);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await this.owner.take(signal);
    } catch (error) {
      throw error instanceof StoreError ? error : this.failure('cannot be used', error);
    }
    try {
      this.database = this.openDatabase(folder);
    } catch (error) {
      this.owner.release();
      throw error instanceof StoreError ? error : this.failure('cannot be opened', error);
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { database } = this;
    if (!database) return;
    try {
      this.commit();
    } catch (error) {
      this.events.failed(error as StoreError);
    }
    this.database = undefined;
    for (const list of this.lists.values()) list.forget();
    try {
      for (const statement of this.statements.values()) statement.finalize();
      database.close();
    } catch (error) {
      this.events.failed(this.failure('cannot be closed', error));
    } finally {
      this.statements.clear();
      this.owner.release();
    }
  }

  map(name: string): KeptMap {
    return found(this.maps, name, () => new SqliteMap(this, name));
  }

  list(name: string): KeptList {
    return found(this.lists, name, () => new SqliteList(this, name));
  }

  mapNames(): string[] {
    return this.all('SELECT DISTINCT map FROM kept').map(({ map }) => String(map));
  }

  commit(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { database, lost } = this;
    this.lost = undefined;
    if (!database || (!database.inTransaction && !lost)) return;
    try {
      if (lost) throw lost;
      const before = performance.now();
      database.exec('COMMIT');
      this.cost = performance.now() - before;
      this.failing = false;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      for (const list of this.lists.values()) list.forget();
      throw error instanceof StoreError ? error : this.failure('cannot be written', error);
    }
  }

  /** Rows of a query. @throws StoreError when the file cannot be read */
  all(sql: string, ...values: (number | string)[]): Record<string, unknown>[] {
    if (!this.database) return [];
    try {
      return this.statement(sql).all(values) as Record<string, unknown>[];
    } catch (error) {
      throw this.failure('cannot be read', error);
    }
  }

  /** A change, which joins those that are not on disk yet. Nothing happens when the store is closed. */
  change(sql: string, ...values: (number | string | Buffer)[]): void {
    const { database } = this;
    if (!database) return;
    try {
      if (!database.inTransaction) database.exec('BEGIN IMMEDIATE');
      this.statement(sql).run(values);
      this.timer ??= this.later();
    } catch (error) {
      this.lost ??= this.failure('cannot be written', error);
      this.tell(this.lost);
    }
  }

  private later(): NodeJS.Timeout {
    return setTimeout(
      () => {
        try {
          this.commit();
        } catch (error) {
          this.tell(error as StoreError);
        }
      },
      Math.min(STORE_COMMIT_MAX_DELAY_MS, Math.max(STORE_COMMIT_DELAY_MS, this.cost * STORE_COMMIT_SHARE)),
    );
  }

  private tell(error: StoreError): void {
    if (this.failing) return;
    this.failing = true;
    this.events.failed(error);
  }

  private statement(sql: string): Statement {
    return found(this.statements, sql, () => (this.database as Database).prepare(sql));
  }

  private openDatabase(folder: string): Database {
    // Left by a process that was killed: this one owns the file now, and nobody else has it open.
    rmSync(`${this.file}.lock`, { recursive: true, force: true });
    let database: Database;
    try {
      database = connect(this.file);
    } catch (error) {
      if (error instanceof StoreError || !existsSync(this.file)) throw error;
      database = this.replace(error);
    }
    // A file that has just been made is lost in a power cut unless its folder is on disk as well.
    syncFolder(folder);
    return database;
  }

  private replace(why: unknown): Database {
    const aside = `${this.file}.damaged-${new Date().toISOString().replace(/[:.]/g, '')}`;
    rmSync(`${this.file}.lock`, { recursive: true, force: true });
    renameSync(this.file, aside);
    if (existsSync(`${this.file}-wal`)) renameSync(`${this.file}-wal`, `${aside}-wal`);
    const database = connect(this.file);
    this.events.replaced(path.basename(aside), why instanceof Error ? why.message : String(why));
    return database;
  }

  private failure(what: string, cause: unknown): StoreError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StoreError(
      `${this.file} ${what}: ${why}`,
      'Check that the folder exists, is writable by this user and has room.',
      { cause },
    );
  }
}

/** Opens a sound file, and makes its tables when it is new. */
function connect(file: string): Database {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only when it is needed
  const { Database: Sqlite } = require('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm');
  const database = new Sqlite(file);
  try {
    // One process owns the file: no shared memory, and the write-ahead log costs one flush for each commit.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    const mode = database.get('PRAGMA journal_mode = WAL');
    if (mode?.journal_mode !== 'wal') throw new Error('it cannot have a write-ahead log');
    database.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_LIMIT}`);
    const check = database.get('PRAGMA quick_check(1)');
    if (check?.quick_check !== 'ok') throw new Error(`it is damaged: ${String(check?.quick_check as string)}`);
    const version = Number(database.get('PRAGMA user_version')?.user_version);
    if (version > VERSION) {
      throw new StoreError(
        `${file} was written by a later version of this package`,
        'Use that version, or another folder.',
      );
    }
    if (version < VERSION) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function syncFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(folder, 'r');
    fsyncSync(handle);
  } catch {
    // Windows has no handles of folders, and needs none.
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
