/** Mapping files: `variable, reference[FC], type, scale, offset, deadband, description`, as spreadsheets read and write them. */
import { Iec61850Error } from '../../errors.js';
import { MAX_TAG_NAME, MAX_TAGS } from '../../limits.js';
import { parseReference } from '../../model/reference.js';
import type { TagType } from '../../model/tag-value.js';
import { type CsvRecord, formatCsv, parseCsv, unguard } from '../csv.js';
import { RESERVED_NAME } from '../points/naming.js';
import { ProblemList } from './problem-list.js';
import { isNumeric, type VariableProblem, type VariableRow } from './variable-row.js';

const COLUMNS = ['variable', 'reference', 'type', 'scale', 'offset', 'deadband', 'description'] as const;
type Column = (typeof COLUMNS)[number];

const TAG_TYPES: readonly TagType[] = [
  ...(['Boolean', 'Dbpos', 'Enum', 'Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32'] as const),
  ...(['Float32', 'Float64', 'Quality', 'Timestamp', 'VisibleString', 'UnicodeString'] as const),
  ...(['OctetString', 'BitString'] as const),
];
/** Types as they are written here, in SCL and in PLC programs, in lower case. */
const TYPE_NAMES: ReadonlyMap<string, TagType> = new Map<string, TagType>([
  ...TAG_TYPES.map((type) => [type.toLowerCase(), type] as const),
  ...(
    [
      ['bool', 'Boolean'],
      ['int8u', 'UInt8'],
      ['int16u', 'UInt16'],
      ['int32u', 'UInt32'],
      ['byte', 'UInt8'],
      ['usint', 'UInt8'],
      ['uint', 'UInt16'],
      ['word', 'UInt16'],
      ['udint', 'UInt32'],
      ['dword', 'UInt32'],
      ['sint', 'Int8'],
      ['int', 'Int16'],
      ['dint', 'Int32'],
      ['lint', 'Int64'],
      ['real', 'Float32'],
      ['float', 'Float32'],
      ['lreal', 'Float64'],
      ['double', 'Float64'],
      ['string', 'VisibleString'],
    ] as const
  ).map(([name, type]) => [name, type] as const),
]);

export interface VariableFile {
  rows: VariableRow[];
  /** What could not be read; these lines are left out. */
  problems: VariableProblem[];
  /** Problems beyond those that are listed. */
  more: number;
}

/**
 * Reads a mapping file. Columns may stand in any order, separated by commas, semicolons or tabs; lines that begin with `#`
 * are comments. Only `variable` and `reference` are needed. A variable may go to several attributes, but an attribute has one.
 * @throws LimitError when the text is too long.
 */
export function variablesFromCsv(text: string): VariableFile {
  const problems = new ProblemList();
  const { text: table, skipped } = withoutComments(text);
  const { records, delimiter, openQuote } = parseCsv(table);
  if (openQuote !== undefined) problems.add(openQuote + skipped, 'a quote is opened here and never closed');
  const [header, ...rest] = records.map((record) => ({ ...record, line: record.line + skipped }));
  const rows: VariableRow[] = [];
  if (!header) problems.add(1, 'the file has no lines');
  else if (rest.length > MAX_TAGS) problems.add(header.line, `${rest.length} lines are more than ${MAX_TAGS}`);
  else {
    const { columns, data } = columnsOf(header, rest, problems);
    for (const record of data) {
      const row = new LineReader(record, columns, delimiter, problems).row();
      if (row) rows.push(row);
    }
  }
  return { rows: withoutTwins(rows, problems), problems: problems.sorted(), more: problems.more };
}

/** A mapping file with its header row. */
export function variablesToCsv(rows: readonly Omit<VariableRow, 'line'>[]): string {
  return formatCsv([
    ['variable', 'reference[FC]', ...COLUMNS.slice(2)],
    ...rows.map((row) => COLUMNS.map((column) => row[column])),
  ]);
}

/** The text from its first line that says something, with comments made empty; and how many lines stood before that. */
function withoutComments(text: string): { text: string; skipped: number } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const plain = lines.map((line) => (/^\s*#/.test(line) ? '' : line));
  const first = plain.findIndex((line) => line.trim() !== '');
  return first < 0 ? { text: '', skipped: 0 } : { text: plain.slice(first).join('\n'), skipped: first };
}

/** Where each column stands. A file without a header row has them in the order of the standard form. */
function columnsOf(
  header: CsvRecord,
  rest: readonly CsvRecord[],
  problems: ProblemList,
): { columns: ReadonlyMap<Column, number>; data: readonly CsvRecord[] } {
  if (header.fields[1]?.includes('/')) {
    return { columns: new Map(COLUMNS.map((column, index) => [column, index])), data: [header, ...rest] };
  }
  const columns = new Map<Column, number>();
  header.fields.forEach((field, index) => {
    const name = field.toLowerCase().replace(/\s*\[fc\]$/, '') as Column;
    if (field === '') return;
    if (!COLUMNS.includes(name))
      problems.add(header.line, `column "${field.slice(0, 40)}" is not known and is left out`);
    else if (columns.has(name)) problems.add(header.line, `column "${field}" is there twice`, name);
    else columns.set(name, index);
  });
  const missing = (['variable', 'reference'] as const).filter((column) => !columns.has(column));
  if (missing.length === 0) return { columns, data: rest };
  problems.add(header.line, `the header row has no column ${missing.join(' and ')}; write ${COLUMNS.join(', ')}`);
  return { columns, data: [] };
}

/** Reads one line; every field that is wrong is named, and then there is no row. */
class LineReader {
  private sound = true;

  constructor(
    private readonly record: CsvRecord,
    private readonly columns: ReadonlyMap<Column, number>,
    private readonly delimiter: string,
    private readonly problems: ProblemList,
  ) {}

  row(): VariableRow | undefined {
    const variable = this.variable();
    const reference = this.reference();
    const type = this.type();
    const scale = this.number('scale');
    const offset = this.number('offset');
    const deadband = this.number('deadband');
    const description = this.text('description');
    if (scale === 0) this.fail('scale', 'scale is 0, which makes every value the same');
    if (deadband !== undefined && deadband < 0) this.fail('deadband', 'deadband is negative');
    if (type !== undefined && !isNumeric(type)) this.mustBeNumeric(type, { scale, offset, deadband });
    const { line } = this.record;
    if (!this.sound) return undefined;
    return {
      line,
      variable,
      reference,
      ...(type !== undefined && { type }),
      ...(scale !== undefined && scale !== 1 && { scale }),
      ...(offset !== undefined && offset !== 0 && { offset }),
      ...(deadband !== undefined && deadband !== 0 && { deadband }),
      ...(description !== '' && { description }),
    };
  }

  private mustBeNumeric(type: TagType, given: { scale?: number; offset?: number; deadband?: number }): void {
    if (given.scale !== undefined && given.scale !== 1) this.fail('scale', `a ${type} cannot be scaled`);
    if (given.offset !== undefined && given.offset !== 0) this.fail('offset', `a ${type} has no offset`);
    if (given.deadband !== undefined && given.deadband !== 0) this.fail('deadband', `a ${type} has no deadband`);
  }

  private fail(column: Column, message: string): void {
    this.sound = false;
    this.problems.add(this.record.line, message, column);
  }

  private text(column: Column): string {
    const index = this.columns.get(column);
    return index === undefined ? '' : unguard(this.record.fields[index] ?? '');
  }

  private variable(): string {
    const text = this.text('variable');
    if (text === '') this.fail('variable', 'variable is empty');
    else if (text.length > MAX_TAG_NAME) this.fail('variable', `the name is longer than ${MAX_TAG_NAME} characters`);
    else if (text === RESERVED_NAME) this.fail('variable', `"${text}" cannot be the name of a variable`);
    return text;
  }

  private reference(): string {
    const text = this.text('reference');
    if (text === '') this.fail('reference', 'reference is empty');
    else {
      try {
        const { path } = parseReference(text);
        if (path.length === 0) this.fail('reference', `"${text}" names no data object`);
      } catch (error) {
        if (!(error instanceof Iec61850Error)) throw error;
        this.fail('reference', error.message);
      }
    }
    return text;
  }

  private type(): TagType | undefined {
    const text = this.text('type');
    if (text === '') return undefined;
    const type = TYPE_NAMES.get(text.toLowerCase());
    if (type === undefined)
      this.fail('type', `"${text.slice(0, 40)}" is no type; write one of ${TAG_TYPES.join(', ')}`);
    return type;
  }

  private number(column: 'scale' | 'offset' | 'deadband'): number | undefined {
    const text = this.text(column);
    if (text === '') return undefined;
    // Where a semicolon separates, the comma is the decimal sign.
    const value = Number(this.delimiter === ';' ? text.replace(',', '.') : text);
    if (Number.isFinite(value)) return value;
    this.fail(column, `"${text.slice(0, 40)}" is not a number`);
    return undefined;
  }
}

/** An attribute takes one variable: the second line for it is left out. */
function withoutTwins(rows: readonly VariableRow[], problems: ProblemList): VariableRow[] {
  const lines = new Map<string, number>();
  return rows.filter(({ line, reference }) => {
    const key = reference.replace(/\s/g, '');
    const other = lines.get(key);
    if (other === undefined) lines.set(key, line);
    else problems.add(line, `${reference} has a variable already, in line ${other}`, 'reference');
    return other === undefined;
  });
}
