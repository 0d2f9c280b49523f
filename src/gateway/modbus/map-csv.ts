/** The map as a CSV file, for spreadsheets and HMI engineering tools, and back. */
import { MAX_MODBUS_ISSUES, MAX_MODBUS_ROWS } from '../../limits.js';
import type { TagType } from '../../model/tag-value.js';
import { formatAddress, parseAddress } from './address.js';
import { placeRows, type UnplacedRow } from './assign.js';
import { type CsvRecord, formatCsv, parseCsv, unguard } from '../csv.js';
import {
  type Area,
  AREAS,
  defaultPolicy,
  type MapLayout,
  type MapRow,
  type ModbusMap,
  ORDERS,
  POLICIES,
  type Policy,
  REGISTER_TYPES,
  type RegisterOrder,
  type RegisterType,
  rowName,
} from './map.js';

/** Header of the file. `address` is the notation of HMIs, `address0` the zero-based one. */
const COLUMNS = [
  'ied',
  'tag',
  'unit_id',
  'area',
  'address',
  'address0',
  'bit',
  'type',
  'length',
  'order',
  'scale',
  'offset',
  'policy',
  'sentinel',
  'latch_ms',
  'meta_address',
  'meta_address0',
  'tag_type',
  'reference',
  'engineering_unit',
  'description',
] as const;
type Column = (typeof COLUMNS)[number];

export function mapToCsv(rows: readonly MapRow[]): string {
  return formatCsv([COLUMNS, ...rows.map(fieldsOf)]);
}

function fieldsOf(row: MapRow): Array<string | number | undefined> {
  const fields: Record<Column, string | number | undefined> = {
    ied: row.ied,
    tag: row.tag,
    unit_id: row.unit,
    area: row.area,
    address: formatAddress(row.area, row.address),
    address0: row.address,
    bit: row.bit,
    type: row.type,
    length: row.length,
    order: row.order ?? 'ABCD',
    scale: row.scale ?? 1,
    offset: row.offset ?? 0,
    policy: row.policy ?? defaultPolicy(row.type),
    sentinel: row.sentinel,
    latch_ms: row.latch ?? 0,
    meta_address: row.meta === undefined ? undefined : formatAddress('holding', row.meta),
    meta_address0: row.meta,
    tag_type: row.tagType,
    reference: row.reference,
    engineering_unit: row.engineeringUnit,
    description: row.description,
  };
  return COLUMNS.map((column) => fields[column]);
}

export interface CsvProblem {
  /** Line of the file, from 1. */
  line: number;
  column?: string;
  message: string;
}

export interface CsvImport extends ModbusMap {
  /** What could not be read; the lines are left out. */
  problems: CsvProblem[];
  /** Problems beyond those that are listed. */
  more: number;
}

/**
 * Reads a map. Rows without an address get one, beside those of the file and in the blocks of `map`; the rows of `map`
 * itself are not taken over. Columns may stand in any order; only `ied` and `tag` and either `type` or `tag_type` are
 * needed.
 */
export function mapFromCsv(text: string, map: ModbusMap, layout: MapLayout): CsvImport {
  const problems = new ProblemList();
  const table = parseCsv(text);
  if (table.openQuote !== undefined) problems.add(table.openQuote, 'a quote is opened here and never closed');
  const placed: MapRow[] = [];
  const unplaced: Array<{ line: number; row: UnplacedRow }> = [];
  const [header, ...records] = table.records;
  const columns = header ? columnsOf(header, problems) : undefined;
  if (!header) problems.add(1, 'the file is empty');
  if (records.length > MAX_MODBUS_ROWS) problems.add(1, `${records.length} rows are more than ${MAX_MODBUS_ROWS}`);
  else if (columns) {
    for (const record of records) {
      const row = new RecordReader(record, columns, table.delimiter, problems).row(layout.unit);
      if (row && row.address !== undefined) placed.push(row as MapRow);
      else if (row) unplaced.push({ line: record.line, row });
    }
  }
  const assignment = placeRows(
    { rows: placed, blocks: map.blocks },
    unplaced.map((entry) => entry.row),
    layout,
  );
  const skipped = new Set(assignment.skipped.map(rowName));
  for (const { line, row } of unplaced) {
    if (skipped.has(rowName(row))) problems.add(line, 'no address is left for this tag', 'address');
  }
  return { rows: assignment.rows, blocks: assignment.blocks, problems: problems.list, more: problems.more };
}

class ProblemList {
  readonly list: CsvProblem[] = [];
  more = 0;

  add(line: number, message: string, column?: string): void {
    if (this.list.length < MAX_MODBUS_ISSUES) this.list.push({ line, message, ...(column && { column }) });
    else this.more++;
  }
}

function columnsOf(header: CsvRecord, problems: ProblemList): Map<Column, number> | undefined {
  const columns = new Map<Column, number>();
  header.fields.forEach((field, index) => {
    const name = field.toLowerCase().replace(/[\s-]+/g, '_') as Column;
    if (!COLUMNS.includes(name)) problems.add(header.line, `column "${field}" is not known and is left out`);
    else if (columns.has(name)) problems.add(header.line, `column "${field}" is there twice`, name);
    else columns.set(name, index);
  });
  const missing = (['ied', 'tag'] as const).filter((column) => !columns.has(column));
  if (missing.length === 0) return columns;
  problems.add(header.line, `the header row has no column ${missing.join(' and ')}; it needs ${COLUMNS.join(', ')}`);
  return undefined;
}

/** Reads one record; every field that is wrong is named, and then there is no row. */
class RecordReader {
  private sound = true;

  constructor(
    private readonly record: CsvRecord,
    private readonly columns: Map<Column, number>,
    private readonly delimiter: string,
    private readonly problems: ProblemList,
  ) {}

  row(defaultUnit: number): UnplacedRow | undefined {
    const ied = this.needed('ied');
    const tag = this.needed('tag');
    const place = this.place('area', 'address', 'address0');
    const area = place.area ?? this.choice('area', AREAS);
    const type = this.choice('type', REGISTER_TYPES);
    if (area === undefined && this.sound)
      this.fail('area', `give an area, ${AREAS.join(', ')}, or an address such as 40001`);
    if (type === undefined && this.sound) this.fail('type', `give a type, ${REGISTER_TYPES.join(', ')}`);
    const unit = this.number('unit_id', true);
    const meta = this.place(undefined, 'meta_address', 'meta_address0').address;
    const order = this.choice('order', ORDERS);
    const policy = this.choice('policy', POLICIES);
    const optional: Partial<MapRow> = {
      bit: this.number('bit', true),
      length: this.number('length', true),
      scale: this.number('scale', false),
      offset: this.number('offset', false),
      sentinel: this.number('sentinel', false),
      latch: this.number('latch_ms', true),
      meta,
      tagType: (this.text('tag_type') || undefined) as TagType | undefined,
      reference: this.text('reference') || undefined,
      engineeringUnit: this.text('engineering_unit') || undefined,
      description: this.text('description') || undefined,
    };
    if (!this.sound || area === undefined || type === undefined) return undefined;
    const row: UnplacedRow = { ied, tag, area, type, ...withoutDefaults(type, optional, order, policy) };
    if (place.address !== undefined) Object.assign(row, { unit: unit ?? defaultUnit, address: place.address });
    return row;
  }

  private fail(column: Column, message: string): void {
    this.sound = false;
    this.problems.add(this.record.line, message, column);
  }

  private text(column: Column): string {
    const index = this.columns.get(column);
    return index === undefined ? '' : unguard(this.record.fields[index] ?? '');
  }

  private needed(column: Column): string {
    const text = this.text(column);
    if (text === '') this.fail(column, `${column} is empty`);
    return text;
  }

  private number(column: Column, whole: boolean): number | undefined {
    const text = this.text(column);
    if (text === '') return undefined;
    // Where a semicolon separates, the comma is the decimal sign.
    const value = Number(this.delimiter === ';' ? text.replace(',', '.') : text);
    if (Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
    this.fail(column, `"${text}" is not a ${whole ? 'whole ' : ''}number`);
    return undefined;
  }

  private choice<T extends string>(column: Column, allowed: readonly T[]): T | undefined {
    const text = this.text(column);
    if (text === '') return undefined;
    const found = allowed.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (found === undefined) this.fail(column, `"${text}" is none of ${allowed.join(', ')}`);
    return found;
  }

  /** An address in either notation, or in both when they agree. */
  private place(areaColumn: 'area' | undefined, shown: Column, zeroBased: Column): { area?: Area; address?: number } {
    const zero = this.number(zeroBased, true);
    let text = this.text(shown);
    if (text === '') return zero === undefined ? {} : { address: zero };
    // Spreadsheets drop the leading zeros of coils.
    const area = areaColumn && this.choice(areaColumn, AREAS);
    if (area === 'coil' && /^\d{1,5}$/.test(text)) text = text.padStart(5, '0');
    const parsed = parseAddress(text);
    if (!parsed) {
      this.fail(shown, `"${text}" is no address; write 40001 or 400001, or the zero-based number in ${zeroBased}`);
    } else if (zero !== undefined && zero !== parsed.address) {
      this.fail(shown, `${text} is zero-based ${parsed.address}, but ${zeroBased} says ${zero}`);
    } else if (area !== undefined && area !== parsed.area) {
      this.fail(shown, `${text} is an address of area ${parsed.area}, but the row says ${area}`);
    } else if (areaColumn === undefined && parsed.area !== 'holding') {
      this.fail(shown, `metadata stands in holding registers, and ${text} is none`);
    } else {
      return parsed;
    }
    return {};
  }
}

/** Saved flows stay small and plain: what is the default anyway is not kept. */
function withoutDefaults(
  type: RegisterType,
  optional: Partial<MapRow>,
  order: RegisterOrder | undefined,
  policy: Policy | undefined,
): Partial<MapRow> {
  const row: Partial<MapRow> = { ...optional };
  if (order !== undefined && order !== 'ABCD') row.order = order;
  if (policy !== undefined && policy !== defaultPolicy(type)) row.policy = policy;
  if (row.scale === 1) delete row.scale;
  if (row.offset === 0) delete row.offset;
  if (row.latch === 0) delete row.latch;
  for (const key of Object.keys(row) as Array<keyof MapRow>) if (row[key] === undefined) delete row[key];
  return row;
}
