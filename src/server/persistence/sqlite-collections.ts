/** Maps and lists of a store in SQLite. */
import type { EntryRange, KeptEntry, KeptList, KeptMap } from './store.js';

/** What they need of the store; prepared statements are found by their text. */
export interface SqliteAccess {
  /** Changes of maps. */
  changes: number;
  all(sql: string, ...values: (number | string)[]): Record<string, unknown>[];
  change(sql: string, ...values: (number | string | Buffer)[]): void;
}

export class SqliteMap implements KeptMap {
  constructor(
    private readonly store: SqliteAccess,
    private readonly name: string,
  ) {}

  entries(): [string, Buffer][] {
    const rows = this.store.all('SELECT key, octets FROM kept WHERE map = ? ORDER BY key', this.name);
    return rows.map(({ key, octets }) => [String(key), bufferOf(octets)]);
  }

  put(key: string, octets: Buffer): void {
    this.store.changes++;
    this.store.change('INSERT OR REPLACE INTO kept (map, key, octets) VALUES (?, ?, ?)', this.name, key, octets);
  }

  delete(key: string): void {
    this.store.changes++;
    this.store.change('DELETE FROM kept WHERE map = ? AND key = ?', this.name, key);
  }

  clear(): void {
    this.store.changes++;
    this.store.change('DELETE FROM kept WHERE map = ?', this.name);
  }
}

/** What is known of a list without asking for it. */
interface Totals {
  id: number;
  last: number;
  count: number;
  octets: number;
}

export class SqliteList implements KeptList {
  private known: Totals | undefined;

  constructor(
    private readonly store: SqliteAccess,
    private readonly name: string,
  ) {}

  /** What was counted does not hold any more. */
  forget(): void {
    this.known = undefined;
  }

  get count(): number {
    return this.totals.count;
  }

  get octets(): number {
    return this.totals.octets;
  }

  get last(): number {
    return this.totals.last;
  }

  append({ number, time, octets }: KeptEntry): void {
    const { totals } = this;
    this.store.change(
      'INSERT INTO entries (list, number, time, octets) VALUES (?, ?, ?, ?)',
      totals.id,
      number,
      time,
      octets,
    );
    totals.last = number;
    totals.count++;
    totals.octets += octets.length;
  }

  read({ after = 0, from, to, limit }: EntryRange): KeptEntry[] {
    const rows = this.store.all(
      `SELECT number, time, octets FROM entries
       WHERE list = ? AND number > ? AND time >= ? AND time <= ? ORDER BY number LIMIT ?`,
      this.totals.id,
      after,
      from ?? Number.MIN_SAFE_INTEGER,
      to ?? Number.MAX_SAFE_INTEGER,
      limit,
    );
    return rows.map(entryOf);
  }

  first(): KeptEntry | undefined {
    return this.at('ASC');
  }

  newest(): KeptEntry | undefined {
    return this.at('DESC');
  }

  drop(through: number): void {
    const { totals } = this;
    const [row] = this.store.all(
      'SELECT count(*) AS count, coalesce(sum(length(octets)), 0) AS octets FROM entries WHERE list = ? AND number <= ?',
      totals.id,
      through,
    );
    this.store.change('DELETE FROM entries WHERE list = ? AND number <= ?', totals.id, through);
    // Numbers go on where they were, also when no entry is left to tell.
    this.store.change('UPDATE lists SET last = ? WHERE id = ?', totals.last, totals.id);
    totals.count -= Number(row?.count ?? 0);
    totals.octets -= Number(row?.octets ?? 0);
  }

  private at(order: 'ASC' | 'DESC'): KeptEntry | undefined {
    const [row] = this.store.all(
      `SELECT number, time, octets FROM entries WHERE list = ? ORDER BY number ${order} LIMIT 1`,
      this.totals.id,
    );
    return row && entryOf(row);
  }

  private get totals(): Totals {
    if (!this.known) {
      const find = (): Record<string, unknown> | undefined =>
        this.store.all(
          `SELECT id, max(last, coalesce(max(number), 0)) AS last, count(number) AS count, coalesce(sum(length(octets)), 0) AS octets
           FROM lists LEFT JOIN entries ON list = id WHERE name = ? GROUP BY id`,
          this.name,
        )[0];
      let row = find();
      if (!row) {
        this.store.change('INSERT INTO lists (name, last) VALUES (?, 0)', this.name);
        row = find();
      }
      this.known = {
        id: Number(row?.id ?? 0),
        last: Number(row?.last ?? 0),
        count: Number(row?.count ?? 0),
        octets: Number(row?.octets ?? 0),
      };
      // A store that is closed has nothing to remember.
      if (!row) {
        const none = this.known;
        this.known = undefined;
        return none;
      }
    }
    return this.known;
  }
}

function entryOf(row: Record<string, unknown>): KeptEntry {
  return { number: Number(row.number), time: Number(row.time), octets: bufferOf(row.octets) };
}

function bufferOf(octets: unknown): Buffer {
  return octets instanceof Uint8Array
    ? Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    : Buffer.alloc(0);
}
