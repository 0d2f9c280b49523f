/** All tags of all nodes as one table: who they are once, and values of the rows that are looked at. */
import { createHash } from 'node:crypto';
import { ArgumentError } from '../../../src/errors.js';
import { MAX_MONITOR_ROWS } from '../../../src/limits.js';
import type { TagValue } from '../../../src/model/tag-value.js';
import type { Monitor, Watched, WatchedTags } from './registry.js';

/** A node with its tags: `[tag, reference[FC], ied]` each; the IED is left out where it is that of the row before. */
export interface TagTable extends Watched {
  kind: WatchedTags['kind'];
  rows: [tag: string, reference: string, ied?: string][];
}

/**
 * `[status, text, timestamp, quality, type, number to sort by, received, error]` of one row, the error where there is
 * one; null before the first value.
 */
export type ValueCells =
  | [
      status: string,
      text: string,
      timestamp: string | null,
      quality: string | null,
      type: string,
      sortable: number | string | null,
      received: string,
      error?: string,
    ]
  | null;

/** Characters of a value that the table shows; a structure may be long. */
const MAX_TEXT = 200;

/** What names the present rows: another text when they are others. */
export function tagRevision(monitor: Monitor): string {
  const parts = monitor.list('tags').map(({ id, rows }) => `${id}:${rows.revision}:${rows.size}`);
  return createHash('sha1').update(`${monitor.revision} ${parts.join()}`).digest('base64url');
}

export function tagTables(monitor: Monitor): TagTable[] {
  let room = MAX_MONITOR_ROWS;
  return monitor.list('tags').map(({ rows, polls: _polls, blocks: _blocks, iedId: _iedId, ...where }) => {
    const count = Math.min(rows.size, room);
    room -= count;
    let ied: string | undefined;
    const table: TagTable = { ...where, rows: [] };
    for (let row = 0; row < count; row++) {
      const identity = rows.identity(row);
      const shown: TagTable['rows'][number] = [identity.tag, `${identity.reference}[${identity.fc}]`];
      if (identity.ied !== ied) shown.push((ied = identity.ied));
      table.rows.push(shown);
    }
    return table;
  });
}

/**
 * Values of rows in the order of {@link tagTables}.
 * @param ranges `[first, end]`, the end not included
 * @throws ArgumentError
 */
export function valueCells(monitor: Monitor, ranges: unknown): ValueCells[] {
  const result: ValueCells[] = [];
  const tables = monitor.list('tags');
  let room = MAX_MONITOR_ROWS;
  for (const range of Array.isArray(ranges) ? (ranges as unknown[]) : []) {
    const [first, end] = rangeOf(range);
    room -= end - first;
    if (room < 0) throw new ArgumentError(`More than ${MAX_MONITOR_ROWS} rows are asked for`);
    let offset = 0;
    for (const { rows } of tables) {
      const size = rows.size;
      for (let row = Math.max(first, offset); row < Math.min(end, offset + size); row++)
        result.push(cellsOf(rows.value(row - offset)));
      offset += size;
    }
  }
  return result;
}

function rangeOf(range: unknown): [number, number] {
  const [first, end] = Array.isArray(range) ? (range as unknown[]) : [];
  if (
    !Number.isInteger(first) ||
    !Number.isInteger(end) ||
    (first as number) < 0 ||
    (end as number) < (first as number)
  )
    throw new ArgumentError('A range of rows is [first, end]');
  return [first as number, end as number];
}

function cellsOf(value: TagValue | undefined): ValueCells {
  if (!value) return null;
  const { status, text, timestamp, quality, type, received, error } = value;
  const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  const cells: ValueCells = [status, shown, timestamp, quality?.text ?? null, type, sortable(value), received];
  if (error) cells.push(error.message);
  return cells;
}

function sortable({ value, text }: TagValue): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null ? null : text.slice(0, MAX_TEXT);
}
