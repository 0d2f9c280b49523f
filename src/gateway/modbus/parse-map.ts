/** Maps from outside, a flow file or the editor's form, brought into shape. What is wrong in them {@link validateMap} says. */
import { ArgumentError } from '../../errors.js';
import { MAX_MODBUS_ROWS } from '../../limits.js';
import {
  type Area,
  DEFAULT_LAYOUT,
  type IedBlock,
  type MapLayout,
  type MapRow,
  type ModbusMap,
  type Policy,
} from './map.js';
import type { RegisterOrder, RegisterType } from './map.js';
import type { TagType } from '../../model/tag-value.js';

type Fields = Readonly<Record<string, unknown>>;

/** @throws ArgumentError when a list is no list, or far too long */
export function parseMap(rows: unknown, blocks: unknown): ModbusMap {
  return { rows: list(rows, 'rows').map(parseRow), blocks: list(blocks, 'blocks').flatMap(parseBlock) };
}

export function parseLayout(value: unknown): MapLayout {
  const fields = fieldsOf(value);
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const number = numberOf(fields[name]);
    if (number === undefined) return fallback;
    if (!Number.isInteger(number) || number < min || number > max) {
      throw new ArgumentError(
        `${name} ${number} is not a whole number from ${min} to ${max}`,
        'Correct it in the node.',
      );
    }
    return number;
  };
  const blockSize = whole('blockSize', DEFAULT_LAYOUT.blockSize, 10, 65536);
  return {
    mode: fields.mode === 'unit' ? 'unit' : 'block',
    unit: whole('unit', DEFAULT_LAYOUT.unit, 1, 247),
    blockSize,
    metadata: fields.metadata !== false,
    metaOffset: whole('metaOffset', Math.min(DEFAULT_LAYOUT.metaOffset, blockSize), 0, blockSize),
  };
}

function list(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) throw new ArgumentError(`The ${name} of the Modbus map are not a list`);
  if (value.length > MAX_MODBUS_ROWS)
    throw new ArgumentError(`The Modbus map has more than ${MAX_MODBUS_ROWS} ${name}`);
  return value;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** Numbers may come as texts, as form fields give them; what is no number becomes NaN and is found by the check. */
function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : NaN;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

function parseRow(value: unknown): MapRow {
  const fields = fieldsOf(value);
  const row: MapRow = {
    ied: textOf(fields.ied),
    tag: textOf(fields.tag),
    unit: numberOf(fields.unit) ?? DEFAULT_LAYOUT.unit,
    area: textOf(fields.area) as Area,
    address: numberOf(fields.address) ?? NaN,
    type: textOf(fields.type) as RegisterType,
  };
  for (const name of ['bit', 'length', 'scale', 'offset', 'sentinel', 'latch', 'meta'] as const) {
    const number = numberOf(fields[name]);
    if (number !== undefined) row[name] = number;
  }
  if (textOf(fields.order)) row.order = textOf(fields.order) as RegisterOrder;
  if (textOf(fields.policy)) row.policy = textOf(fields.policy) as Policy;
  if (textOf(fields.tagType)) row.tagType = textOf(fields.tagType) as TagType;
  for (const name of ['reference', 'description', 'engineeringUnit'] as const) {
    const text = textOf(fields[name]);
    if (text) row[name] = text;
  }
  return row;
}

/** A block that makes no sense is left out: it only says which addresses are taken and which gaps read 0. */
function parseBlock(value: unknown): IedBlock[] {
  const fields = fieldsOf(value);
  const next = fieldsOf(fields.next);
  const [unit, start, size] = [numberOf(fields.unit), numberOf(fields.start), numberOf(fields.size)];
  if (unit === undefined || start === undefined || size === undefined) return [];
  if (![unit, start, size].every(Number.isInteger) || start < 0 || size < 1 || start + size > 65536) return [];
  const metaOffset = bounded(numberOf(fields.metaOffset), size, size);
  const mark = (name: string, fallback: number): number => bounded(numberOf(next[name]), fallback, size);
  return [
    {
      ied: textOf(fields.ied),
      unit,
      start,
      size,
      metaOffset,
      next: {
        coil: mark('coil', 0),
        discrete: mark('discrete', 0),
        input: mark('input', 0),
        holding: mark('holding', 0),
        meta: Math.max(mark('meta', metaOffset), metaOffset),
      },
    },
  ];
}

function bounded(value: number | undefined, fallback: number, max: number): number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= max ? value : fallback;
}
