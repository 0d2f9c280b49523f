/** Finds what is wrong with a map before it is served: overlaps, addresses out of range, forms that do not fit, gaps. */
import { MAX_MODBUS_ISSUES, MAX_MODBUS_ROWS } from '../../limits.js';
import { formatAddress, formatRange } from './address.js';
import { blockEnd, BlockIndex } from './block-index.js';
import {
  ADDRESS_SPACE,
  type Area,
  AREAS,
  type IedBlock,
  isBitArea,
  isFloat,
  type MapRow,
  MAX_BCD_LENGTH,
  MAX_LATCH_MS,
  MAX_TEXT_LENGTH,
  MAX_UNIT,
  META_REGISTERS,
  type ModbusMap,
  ORDERS,
  POLICIES,
  REGISTER_TYPES,
  rowName,
  rowSize,
} from './map.js';

export type IssueCode =
  | 'NAME'
  | 'UNIT'
  | 'AREA'
  | 'ADDRESS'
  | 'TYPE'
  | 'LENGTH'
  | 'BIT'
  | 'ORDER'
  | 'SCALE'
  | 'POLICY'
  | 'SENTINEL'
  | 'LATCH'
  | 'OVERLAP'
  | 'META_OVERLAP'
  | 'BLOCK'
  | 'FOREIGN_BLOCK'
  | 'GAP'
  | 'ROWS';

export interface MapIssue {
  /** An error keeps the row from being served; a warning does not; an info is for the reader. */
  severity: 'error' | 'warning' | 'info';
  code: IssueCode;
  message: string;
  /** Index of the row; absent when the map as a whole is meant. */
  row?: number;
  /** The other row of an overlap. */
  other?: number;
}

export interface MapCheck {
  issues: MapIssue[];
  /** Issues that were found beyond those that are listed. */
  more: number;
  /** Indices of the rows that have an error. */
  badRows: Set<number>;
}

/** Checks a whole map. Rows come from people and files: any field may hold anything. */
export function validateMap(map: ModbusMap): MapCheck {
  const check = new IssueList();
  if (map.rows.length > MAX_MODBUS_ROWS) {
    check.add({ severity: 'error', code: 'ROWS', message: `${map.rows.length} rows are more than ${MAX_MODBUS_ROWS}` });
    map.rows.forEach((_row, index) => check.badRows.add(index));
    return check;
  }
  map.rows.forEach((row, index) => {
    for (const { code, message } of rowProblems(row)) check.error(code, `${rowName(row)}: ${message}`, index);
  });
  const spans = spansOf(map.rows, check.badRows);
  checkOverlaps(map.rows, spans, check);
  checkBlocks(map, spans, check);
  return check;
}

class IssueList implements MapCheck {
  readonly issues: MapIssue[] = [];
  readonly badRows = new Set<number>();
  more = 0;

  add(issue: MapIssue): void {
    if (this.issues.length < MAX_MODBUS_ISSUES) this.issues.push(issue);
    else this.more++;
  }

  error(code: IssueCode, message: string, row: number, other?: number): void {
    this.badRows.add(row);
    if (other !== undefined) this.badRows.add(other);
    this.add({ severity: 'error', code, message, row, ...(other !== undefined && { other }) });
  }
}

interface Problem {
  code: IssueCode;
  message: string;
}

const isWhole = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

function rowProblems(row: MapRow): Problem[] {
  const problems: Problem[] = [];
  const fail = (code: IssueCode, message: string): void => void problems.push({ code, message });
  if (!row.ied || !row.tag) fail('NAME', 'IED and tag must be named');
  if (!isWhole(row.unit, 1, MAX_UNIT) && row.unit !== 255)
    fail('UNIT', `unit id ${row.unit} is not 1–${MAX_UNIT} or 255`);
  if (!AREAS.includes(row.area)) fail('AREA', `"${row.area}" is no area; use ${AREAS.join(', ')}`);
  if (!REGISTER_TYPES.includes(row.type)) fail('TYPE', `"${row.type}" is no type; use ${REGISTER_TYPES.join(', ')}`);
  if (problems.length > 0) return problems;
  formProblems(row, fail);
  if (problems.length === 0) addressProblems(row, fail);
  return problems;
}

type Fail = (code: IssueCode, message: string) => void;

function formProblems(row: MapRow, fail: Fail): void {
  if (isBitArea(row.area) !== (row.type === 'Bool')) {
    fail(
      'TYPE',
      row.type === 'Bool' ? 'Bool is for coils and discrete inputs; use Bit' : `${row.type} needs a register`,
    );
  }
  const maxLength = row.type === 'BCD' ? MAX_BCD_LENGTH : row.type === 'Text' ? MAX_TEXT_LENGTH : undefined;
  if (maxLength !== undefined && row.length !== undefined && !isWhole(row.length, 1, maxLength)) {
    fail('LENGTH', `${row.length} registers are not 1–${maxLength}`);
  }
  if (row.type === 'Bit' && !isWhole(row.bit, 0, 15)) fail('BIT', `bit ${row.bit ?? 'missing'} is not 0–15`);
  if (row.order !== undefined && !ORDERS.includes(row.order)) fail('ORDER', `"${row.order}" is no order of octets`);
  if (row.scale !== undefined && !(Number.isFinite(row.scale) && row.scale !== 0)) {
    fail('SCALE', `scale ${row.scale} must be a number other than 0`);
  }
  if (row.offset !== undefined && !Number.isFinite(row.offset)) fail('SCALE', `offset ${row.offset} is not a number`);
  if (row.latch !== undefined && !isWhole(row.latch, 0, MAX_LATCH_MS)) {
    fail('LATCH', `latch time ${row.latch} ms is not 0–${MAX_LATCH_MS}`);
  }
  policyProblems(row, fail);
}

function policyProblems(row: MapRow, fail: Fail): void {
  const oneBit = row.type === 'Bool' || row.type === 'Bit';
  if (row.latch && !oneBit) fail('LATCH', 'only a Bool or Bit can be latched');
  if (row.policy !== undefined && !POLICIES.includes(row.policy)) fail('POLICY', `"${row.policy}" is no policy`);
  if (row.policy === 'nan' && oneBit && row.sentinel === undefined) {
    fail('POLICY', 'one bit has no NaN; give a sentinel, 0 or 1');
  }
  if (row.sentinel === undefined) return;
  if (isFloat(row.type) ? !Number.isFinite(row.sentinel) : !Number.isInteger(row.sentinel)) {
    fail('SENTINEL', `sentinel ${row.sentinel} does not fit ${row.type}`);
  } else if (oneBit && !isWhole(row.sentinel, 0, 1)) {
    fail('SENTINEL', `sentinel ${row.sentinel} is not 0 or 1`);
  }
}

function addressProblems(row: MapRow, fail: Fail): void {
  const size = rowSize(row);
  if (!isWhole(row.address, 0, ADDRESS_SPACE - size)) {
    fail('ADDRESS', `address ${row.address} with ${size} places is outside 0–${ADDRESS_SPACE - 1}`);
  }
  if (row.meta !== undefined && !isWhole(row.meta, 0, ADDRESS_SPACE - META_REGISTERS)) {
    fail('ADDRESS', `metadata address ${row.meta} is outside 0–${ADDRESS_SPACE - META_REGISTERS}`);
  }
}

/** Addresses that one row takes, its value or its metadata. */
interface Span {
  unit: number;
  area: Area;
  start: number;
  end: number;
  row: number;
  meta: boolean;
  bit?: number;
}

/** Spans of the sound rows by unit id and area, in order of address. */
function spansOf(rows: readonly MapRow[], bad: ReadonlySet<number>): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  const add = (span: Span): void => {
    const key = `${span.unit} ${span.area}`;
    const list = spans.get(key);
    if (list) list.push(span);
    else spans.set(key, [span]);
  };
  rows.forEach((row, index) => {
    if (bad.has(index)) return;
    const { unit, area, address: start } = row;
    const value: Span = { unit, area, start, end: start + rowSize(row), row: index, meta: false };
    add(row.type === 'Bit' ? { ...value, bit: row.bit as number } : value);
    if (row.meta === undefined) return;
    add({ unit, area: 'holding', start: row.meta, end: row.meta + META_REGISTERS, row: index, meta: true });
  });
  for (const list of spans.values()) list.sort((a, b) => a.start - b.start || a.row - b.row);
  return spans;
}

function checkOverlaps(rows: readonly MapRow[], spans: Map<string, Span[]>, check: IssueList): void {
  for (const list of spans.values()) {
    let furthest: Span | undefined;
    /** Bits that are taken in the register where `furthest` stands. */
    let bits = new Map<number, Span>();
    for (const span of list) {
      if (!furthest || span.start >= furthest.end) {
        furthest = span;
        bits = new Map(span.bit === undefined ? [] : [[span.bit, span]]);
        continue;
      }
      const other = furthest.bit !== undefined && span.bit !== undefined ? bits.get(span.bit) : furthest;
      if (other) report(other, span);
      else bits.set(span.bit as number, span);
      if (span.end > furthest.end) furthest = span;
    }
  }

  function report(a: Span, b: Span): void {
    const start = Math.max(a.start, b.start);
    const where = formatRange(b.area, start, Math.min(a.end, b.end) - start);
    const bit = b.bit !== undefined && a.bit !== undefined ? ` bit ${b.bit}` : '';
    const name = (span: Span): string => `${rowName(rows[span.row] as MapRow)}${span.meta ? ' (metadata)' : ''}`;
    const message = `unit ${b.unit}, ${where} (${start})${bit} is taken by ${name(a)} and by ${name(b)}`;
    check.error(a.meta || b.meta ? 'META_OVERLAP' : 'OVERLAP', message, b.row, a.row);
  }
}

function checkBlocks(map: ModbusMap, spans: Map<string, Span[]>, check: IssueList): void {
  const hasBlock = new Set(map.blocks.map((block) => block.ied));
  const index = new BlockIndex(map.blocks);
  for (const list of spans.values()) {
    const blocks = index.of((list[0] as Span).unit);
    let next = 0;
    let previousEnd: number | undefined;
    for (const span of list) {
      while (next < blocks.length && span.start >= blockEnd(blocks[next] as IedBlock)) {
        next++;
        previousEnd = undefined;
      }
      const block = blocks[next];
      const inside = block !== undefined && span.start >= block.start;
      checkPlace(span, inside ? block : undefined);
      if (!inside) continue;
      // Values and metadata have zones of their own; what lies between these is no gap.
      const metaStart = block.start + block.metaOffset;
      const zoneStart = span.area === 'holding' && span.start >= metaStart ? metaStart : 0;
      if (previousEnd !== undefined && span.start > previousEnd && previousEnd > zoneStart) gap(span, previousEnd);
      previousEnd = Math.max(previousEnd ?? 0, span.end);
    }
  }

  function gap(span: Span, from: number): void {
    const count = span.start - from;
    // One register before an even address is there by intention.
    if (count === 1 && !isBitArea(span.area) && (span.start & 1) === 0) return;
    const where = `unit ${span.unit}, ${formatRange(span.area, from, count)} (${from})`;
    const message = `${where}: ${count} unused before ${rowName(map.rows[span.row] as MapRow)}`;
    check.add({ severity: 'info', code: 'GAP', message, row: span.row });
  }

  function checkPlace(span: Span, block: IedBlock | undefined): void {
    const row = map.rows[span.row] as MapRow;
    const where = `${rowName(row)}: ${formatAddress(span.area, span.start)} (${span.start})`;
    if (block && block.ied !== row.ied) {
      const message = `${where} is in the block of ${block.ied}`;
      check.add({ severity: 'warning', code: 'FOREIGN_BLOCK', message, row: span.row });
    } else if (hasBlock.has(row.ied) && (!block || span.end > blockEnd(block))) {
      const message = `${where} is outside the block of ${row.ied}`;
      check.add({ severity: 'warning', code: 'BLOCK', message, row: span.row });
    }
  }
}
