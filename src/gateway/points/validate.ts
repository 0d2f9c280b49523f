/** Finds what is wrong with a list of tags: for the editor, for CSV files, and for tags that a message brings. */
import { Iec61850Error } from '../../errors.js';
import { MAX_TABLE_PROBLEMS, MAX_TAG_NAME, MAX_TAGS, MIN_POLL_INTERVAL_MS } from '../../limits.js';
import {
  FUNCTIONAL_CONSTRAINTS,
  isFunctionalConstraint,
  type FunctionalConstraint,
} from '../../model/functional-constraint.js';
import { objectReference, parseReference } from '../../model/reference.js';
import type { Tag } from '../../model/tag.js';
import type { TagType } from '../../model/tag-value.js';
import { cleanTagName, compileTagTemplate, DEFAULT_TAG_TEMPLATE, partsOfReference, RESERVED_NAME } from './naming.js';

export type TagProblemCode =
  | 'NOT_A_TAG'
  | 'NAME'
  | 'DUPLICATE_NAME'
  | 'DUPLICATE_REFERENCE'
  | 'REFERENCE'
  | 'FC'
  | 'TYPE'
  | 'NUMBER'
  | 'LITERALS'
  | 'CONTROL'
  | 'ROWS'
  | 'CSV';

export interface TagProblem {
  /** A row with an error is not used; a warning is for the reader. */
  severity: 'error' | 'warning';
  code: TagProblemCode;
  /** Index of the row from 0; absent when the list as a whole is meant. */
  row?: number;
  /** Line of a CSV file, from 1. */
  line?: number;
  /** Field that the problem is about, as it is called in a tag. */
  field?: keyof Tag;
  message: string;
}

export interface TagCheck {
  /** The rows without an error, in the form in which they are used. */
  tags: Tag[];
  problems: TagProblem[];
  /** Problems that were found beyond those that are listed. */
  more: number;
}

const TAG_TYPES: readonly TagType[] = [
  ...(['Boolean', 'Dbpos', 'Enum', 'Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32'] as const),
  ...(['Float32', 'Float64', 'Quality', 'Timestamp', 'VisibleString', 'UnicodeString', 'OctetString'] as const),
  ...(['BitString', 'Structure', 'Array'] as const),
];

/** The longest that a timer of Node.js can wait. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;

export interface CheckOptions {
  /** Name of the IED, which is taken off the logical device in names that are made here. */
  ied?: string;
  /** Template of the names of rows that have none. */
  template?: string;
}

/**
 * Checks rows as people, files and messages give them: tags, or references as text, `LD/LN.DO[FC]`. A reference may
 * carry the functional constraint; a row without a name gets one by the template. Never throws for a row.
 * @throws ArgumentError when the template cannot be used.
 */
export function checkTags(rows: readonly unknown[], options: CheckOptions = {}): TagCheck {
  const report = new Problems();
  const nameOf = compileTagTemplate(options.template ?? DEFAULT_TAG_TEMPLATE);
  const made = (reference: string, fc: string): string => nameOf(partsOfReference(reference, fc, options.ied));
  const tags: Tag[] = [];
  const names = new Map<string, number>();
  const points = new Map<string, number>();
  for (let row = 0; row < rows.length; row++) {
    if (tags.length >= MAX_TAGS) {
      report.add({
        severity: 'error',
        code: 'ROWS',
        message: `More than ${MAX_TAGS} tags: those from row ${row + 1} on are left out`,
      });
      break;
    }
    const tag = readRow(rows[row], row, made, report);
    if (!tag) continue;
    const twin = names.get(tag.tag);
    if (twin !== undefined) {
      const message = `The name "${tag.tag}" is already that of row ${twin + 1}`;
      report.add({ severity: 'error', code: 'DUPLICATE_NAME', row, field: 'tag', message });
      continue;
    }
    names.set(tag.tag, row);
    const point = `${tag.reference}[${tag.fc}]`;
    const same = points.get(point);
    if (same === undefined) points.set(point, row);
    else {
      const message = `${point} is also the point of row ${same + 1}`;
      report.add({ severity: 'warning', code: 'DUPLICATE_REFERENCE', row, field: 'reference', message });
    }
    tags.push(tag);
  }
  return { tags, problems: report.list, more: report.more };
}

/** The problems that are kept, and the number of those that are not. */
export class Problems {
  readonly list: TagProblem[] = [];
  more = 0;

  add(problem: TagProblem): void {
    if (this.list.length < MAX_TABLE_PROBLEMS) this.list.push(problem);
    else this.more++;
  }
}

function readRow(row: unknown, index: number, made: MakeName, report: Problems): Tag | undefined {
  const fields = typeof row === 'string' ? { reference: row } : row;
  const fail = (code: TagProblemCode, message: string, field?: keyof Tag): undefined => {
    report.add({ severity: 'error', code, row: index, ...(field && { field }), message });
    return undefined;
  };
  if (!isRecord(fields)) return fail('NOT_A_TAG', 'Not a tag: write { tag, reference, fc } or "LD/LN.DO[FC]"');
  const point = readPoint(fields, fail);
  if (!point) return undefined;
  const tag = readName(fields, point, made, fail);
  if (tag === undefined) return undefined;
  const type = text(fields['type']);
  if (type !== '' && !isTagType(type))
    return fail('TYPE', `"${type}" is no type; known are ${TAG_TYPES.join(', ')}`, 'type');
  const interval = readNumber(fields, 'interval', 1, MAX_INTERVAL_MS, fail);
  const deadband = readNumber(fields, 'deadband', 0, Number.MAX_VALUE, fail);
  if (interval === null || deadband === null) return undefined;
  const literals = readLiterals(fields['enumLiterals']);
  if (literals === null) return fail('LITERALS', 'Literals are texts by their number, { "1": "on" }', 'enumLiterals');
  if (interval !== undefined && interval < MIN_POLL_INTERVAL_MS) {
    const message = `An interval below ${MIN_POLL_INTERVAL_MS} ms is not held: the tag is polled every ${MIN_POLL_INTERVAL_MS} ms`;
    report.add({ severity: 'warning', code: 'NUMBER', row: index, field: 'interval', message });
  }
  if (point.fc === 'CO') {
    const message = 'Control attributes are written; many IEDs refuse to read them';
    report.add({ severity: 'warning', code: 'CONTROL', row: index, field: 'fc', message });
  }
  return {
    tag,
    ...point,
    ...(isTagType(type) && { type }),
    ...optionalText(fields, 'cdc'),
    ...optionalText(fields, 'unit'),
    ...optionalText(fields, 'description'),
    ...(literals && { enumLiterals: literals }),
    ...(interval !== undefined && { interval }),
    ...(deadband !== undefined && { deadband }),
  };
}

type Fail = (code: TagProblemCode, message: string, field?: keyof Tag) => undefined;
/** The name of a row that has none. */
type MakeName = (reference: string, fc: string) => string;
type Fields = Record<string, unknown>;

/** Reference without its functional constraint, and that from the reference or from its own field. */
function readPoint(fields: Fields, fail: Fail): { reference: string; fc: FunctionalConstraint } | undefined {
  const written = text(fields['reference']);
  if (written === '') return fail('REFERENCE', 'The reference is missing: write LD/LN.DO', 'reference');
  let parsed;
  try {
    parsed = parseReference(written);
  } catch (error) {
    return fail('REFERENCE', error instanceof Iec61850Error ? error.message : String(error), 'reference');
  }
  if (parsed.path.length === 0) {
    return fail('REFERENCE', `"${written}" is a logical node: add a data object, such as .Pos`, 'reference');
  }
  const inReference = parsed.functionalConstraint;
  const fc = text(fields['fc']).toUpperCase() || inReference || '';
  const known = Object.keys(FUNCTIONAL_CONSTRAINTS).join(', ');
  if (fc === '') return fail('FC', `"${written}" needs a functional constraint, such as [ST] or [MX]`, 'fc');
  if (!isFunctionalConstraint(fc)) return fail('FC', `"${fc}" is no functional constraint; known are ${known}`, 'fc');
  if (inReference && inReference !== fc)
    return fail('FC', `The reference says [${inReference}], the row says ${fc}`, 'fc');
  return { reference: objectReference(parsed), fc };
}

function readName(
  fields: Fields,
  point: { reference: string; fc: FunctionalConstraint },
  made: MakeName,
  fail: Fail,
): string | undefined {
  const written = fields['tag'];
  if (written !== undefined && written !== null && typeof written !== 'string' && typeof written !== 'number') {
    return fail('NAME', 'The name is not a text', 'tag');
  }
  const name = text(written);
  if (name.length > MAX_TAG_NAME) return fail('NAME', `The name is longer than ${MAX_TAG_NAME} characters`, 'tag');
  if (name === RESERVED_NAME) return fail('NAME', `"${RESERVED_NAME}" cannot be a name`, 'tag');
  if (name !== cleanTagName(name)) return fail('NAME', 'The name holds control characters', 'tag');
  if (name !== '') return name;
  return made(point.reference, point.fc);
}

/** Undefined when the field is empty, null when it was refused. */
function readNumber(
  fields: Fields,
  field: 'interval' | 'deadband',
  min: number,
  max: number,
  fail: Fail,
): number | null | undefined {
  const written = fields[field];
  if (written === undefined || written === null || written === '') return undefined;
  const value = typeof written === 'string' ? Number(written.trim()) : written;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  fail('NUMBER', `The ${field} must be a number of at least ${min}`, field);
  return null;
}

/** Undefined when there are none, null when they cannot be used. */
function readLiterals(value: unknown): Record<number, string> | null | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) return null;
  const entries = Object.entries(value);
  if (!entries.every(([number, literal]) => /^-?\d{1,10}$/.test(number) && typeof literal === 'string')) return null;
  return entries.length > 0 ? (Object.fromEntries(entries) as Record<number, string>) : undefined;
}

function optionalText<F extends 'cdc' | 'unit' | 'description'>(fields: Fields, field: F): { [K in F]?: string } {
  const value = text(fields[field]);
  return (value === '' ? {} : { [field]: value }) as { [K in F]?: string };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

function isTagType(value: string): value is TagType {
  return (TAG_TYPES as readonly string[]).includes(value);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
