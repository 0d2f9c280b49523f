/** Comma-separated values as RFC 4180 has them, and as spreadsheets write them: semicolons, tabs, BOM, any line end. */
import { LimitError } from '../errors.js';
import { MAX_CSV_LENGTH } from '../limits.js';

export interface CsvRecord {
  /** Line on which the record starts, from 1. */
  line: number;
  fields: string[];
}

export interface CsvTable {
  records: CsvRecord[];
  delimiter: string;
  /** Line of a quote that is never closed. */
  openQuote?: number;
}

/**
 * Takes the text apart; empty lines are left out.
 * @throws LimitError when the text is longer than `MAX_CSV_LENGTH`.
 */
export function parseCsv(input: string): CsvTable {
  if (input.length > MAX_CSV_LENGTH) throw new LimitError(`The CSV file is longer than ${MAX_CSV_LENGTH} characters`);
  const text = input.charCodeAt(0) === 0xfeff ? input.slice(1) : input;
  const delimiter = guessDelimiter(text);
  const table: CsvTable = { records: [], delimiter };
  let record: CsvRecord = { line: 1, fields: [] };
  let line = 1;
  let position = 0;
  const finish = (): void => {
    if (record.fields.some((field) => field !== '')) table.records.push(record);
    record = { line, fields: [] };
  };
  while (position < text.length) {
    let field: string;
    if (text[position] === '"') {
      const quoted = quotedField(text, position);
      if (quoted === undefined) {
        table.openQuote = line;
        break;
      }
      field = quoted.value;
      position = quoted.end;
      line += countLines(text, quoted.start, quoted.end);
    } else {
      const end = fieldEnd(text, position, delimiter);
      field = text.slice(position, end);
      position = end;
    }
    record.fields.push(field.trim());
    const next = text[position];
    if (next === delimiter) {
      position++;
      // A delimiter at the very end of the text leaves an empty last field.
      if (position === text.length) record.fields.push('');
      continue;
    }
    position += next === '\r' && text[position + 1] === '\n' ? 2 : 1;
    line++;
    finish();
  }
  if (record.fields.length > 0) finish();
  return table;
}

/** The candidate that the first line holds most of; a comma when there is none. */
function guessDelimiter(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const count = (candidate: string): number => header.split(candidate).length;
  return [',', ';', '\t'].reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best));
}

function fieldEnd(text: string, from: number, delimiter: string): number {
  let end = from;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++;
  return end;
}

interface QuotedField {
  value: string;
  start: number;
  end: number;
}

function quotedField(text: string, start: number): QuotedField | undefined {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { value, start, end: quote + 1 };
    value += '"';
    from = quote + 2;
  }
}

function countLines(text: string, start: number, end: number): number {
  let lines = 0;
  for (let i = start; i < end; i++) {
    if (text[i] === '\n' || (text[i] === '\r' && text[i + 1] !== '\n')) lines++;
  }
  return lines;
}

const FORMULA_START = /^[=+\-@\t\r]/;
const GUARDED = /^'(?=[=+\-@\t\r])/;

/** Text of a table; fields that a spreadsheet would run as a formula get an apostrophe in front. */
export function formatCsv(records: ReadonlyArray<ReadonlyArray<string | number | undefined>>): string {
  return records.map((fields) => fields.map(formatField).join(',') + '\r\n').join('');
}

function formatField(field: string | number | undefined): string {
  if (field === undefined) return '';
  if (typeof field === 'number') return String(field);
  const guarded = FORMULA_START.test(field) ? `'${field}` : field;
  return /[",;\r\n\t]|^\s|\s$/.test(guarded) ? `"${guarded.replace(/"/g, '""')}"` : guarded;
}

/** Takes off the apostrophe that {@link formatCsv} puts in front of a formula. */
export const unguard = (field: string): string => field.replace(GUARDED, '');
