/** Points as table rows, and tags as CSV files that people edit in a spreadsheet. */
import type { Tag } from '../../model/tag.js';
import { formatCsv, parseCsv, unguard } from '../csv.js';
import type { PointCandidate } from './point.js';
import { checkTags, Problems, type CheckOptions, type TagCheck } from './validate.js';

/** What a flow gets of a point. */
export interface PointRow {
  tag: string;
  reference: string;
  fc: string;
  type: string;
  unit: string;
  description: string;
  rank: number;
}

/** Every row has every field; text that is unknown is empty. */
export function pointRows(points: readonly PointCandidate[]): PointRow[] {
  return points.map(({ tag, rank }) => ({
    tag: tag.tag,
    reference: tag.reference,
    fc: tag.fc,
    type: tag.type ?? '',
    unit: tag.unit ?? '',
    description: tag.description ?? '',
    rank,
  }));
}

/** Columns of a tag file; an import finds them by their heading, in any order. */
const COLUMNS: ReadonlyArray<readonly [heading: string, field: keyof Tag]> = [
  ['tag', 'tag'],
  ['reference', 'reference'],
  ['fc', 'fc'],
  ['type', 'type'],
  ['cdc', 'cdc'],
  ['unit', 'unit'],
  ['description', 'description'],
  ['interval', 'interval'],
  ['deadband', 'deadband'],
  ['literals', 'enumLiterals'],
];

/** CSV text of tags, with a heading, for {@link tagsFromCsv}. */
export function tagsToCsv(tags: readonly Tag[]): string {
  return formatCsv([
    COLUMNS.map(([heading]) => heading),
    ...tags.map((tag) => COLUMNS.map(([, field]) => cell(tag, field))),
  ]);
}

/**
 * Tags from CSV text with a heading: `reference` is needed, `fc` too unless the references carry it, the rest is
 * optional and unknown columns are left out. Problems name the line.
 * @throws LimitError when the text is too long.
 */
export function tagsFromCsv(input: string, options: CheckOptions = {}): TagCheck {
  const { records, delimiter, openQuote } = parseCsv(input);
  const report = new Problems();
  if (openQuote !== undefined) {
    report.add({ severity: 'error', code: 'CSV', line: openQuote, message: 'A quotation mark is never closed' });
  }
  const [heading, ...body] = records;
  const fields = (heading?.fields ?? []).map((name) => fieldOf(name));
  if (!heading || !fields.includes('reference')) {
    const message = `The first line must name the columns: ${COLUMNS.map(([name]) => name).join(', ')}`;
    report.add({ severity: 'error', code: 'CSV', line: heading?.line ?? 1, message });
    return { tags: [], problems: report.list, more: report.more };
  }
  const twice = fields.find((field, i) => field !== undefined && fields.indexOf(field) !== i);
  if (twice !== undefined) {
    report.add({ severity: 'error', code: 'CSV', line: heading.line, message: `The column ${twice} stands twice` });
    return { tags: [], problems: report.list, more: report.more };
  }
  const check = checkTags(
    body.map((record) => rowOf(record.fields, fields, delimiter)),
    options,
  );
  for (const problem of check.problems) {
    const line = problem.row === undefined ? undefined : body[problem.row]?.line;
    report.add({ ...problem, ...(line !== undefined && { line }) });
  }
  return { tags: check.tags, problems: report.list, more: report.more + check.more };
}

function fieldOf(heading: string): keyof Tag | undefined {
  const name = heading.trim().toLowerCase();
  return COLUMNS.find(([known]) => known === name)?.[1];
}

function rowOf(
  cells: readonly string[],
  fields: ReadonlyArray<keyof Tag | undefined>,
  delimiter: string,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  fields.forEach((field, i) => {
    const value = unguard(cells[i] ?? '');
    if (field === undefined || value === '') return;
    if (field === 'enumLiterals') row[field] = parseLiterals(value);
    // A spreadsheet that separates by semicolons writes decimal commas.
    else if (field === 'deadband' && delimiter === ';') row[field] = value.replace(',', '.');
    else row[field] = value;
  });
  return row;
}

function cell(tag: Tag, field: keyof Tag): string | number | undefined {
  const value = tag[field];
  return typeof value === 'object' ? formatLiterals(value) : value;
}

/** `1=on|2=blocked`; a bar or backslash in a literal gets a backslash in front. */
function formatLiterals(literals: Record<number, string>): string {
  return Object.entries(literals)
    .map(([number, literal]) => `${number}=${literal.replace(/[\\|]/g, '\\$&')}`)
    .join('|');
}

/** The literals of {@link formatLiterals}; the text itself when it is something else, which the check then refuses. */
function parseLiterals(value: string): Record<string, string> | string {
  const literals: Record<string, string> = {};
  for (const part of value.match(/(?:\\.|[^\\|])+/gs) ?? []) {
    const pair = /^\s*(-?\d{1,10})\s*=(.*)$/s.exec(part);
    if (!pair) return value;
    literals[pair[1] as string] = (pair[2] as string).replace(/\\(.)/gs, '$1');
  }
  return literals;
}
