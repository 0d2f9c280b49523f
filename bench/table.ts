/** The benchmark's table, as Markdown, which also reads well on a terminal. */
import { isMet, type BenchRow } from './bench-row.js';

const HEAD = ['part', 'name', 'figure', 'unit', 'target', 'ratio', 'met', 'note'];
/** Columns of numbers, which stand on the right. */
const RIGHT = new Set([2]);

function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function target({ atLeast, atMost }: BenchRow): string {
  if (atLeast !== undefined) return `≥ ${number(atLeast)}`;
  return atMost === undefined ? '' : `≤ ${number(atMost)}`;
}

function ratio({ ratio: found }: BenchRow): string {
  if (!found) return '';
  const wanted = found.atLeast === undefined ? '' : ` (≥ ${found.atLeast})`;
  return `${found.value.toFixed(2)}${wanted} of ${found.to}`;
}

function cells(part: string, row: BenchRow): string[] {
  const met = isMet(row);
  return [
    part,
    row.name,
    row.figure === undefined ? '–' : number(row.figure),
    row.unit,
    target(row),
    ratio(row),
    met === undefined ? '' : met ? 'yes' : 'NO',
    row.note ?? '',
  ];
}

/** @param rows with the part that each is of */
export function renderTable(rows: readonly (readonly [part: string, row: BenchRow])[]): string {
  const lines = [HEAD, ...rows.map(([part, row]) => cells(part, row))];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0), 3));
  const pad = (text: string, column: number): string =>
    RIGHT.has(column) ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number);
  const print = (line: string[]): string => `| ${line.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) => (RIGHT.has(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [print(HEAD), print(rule), ...lines.slice(1).map(print)].join('\n');
}
