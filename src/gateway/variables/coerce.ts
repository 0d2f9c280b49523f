import { ArgumentError } from '../../errors.js';
import type { TagType } from '../../model/tag-value.js';
import { isNumeric, type VariableRow } from './variable-row.js';

const TRUE = /^(true|on|yes|1)$/i;
const FALSE = /^(false|off|no|0)$/i;
const WHOLE = /^[+-]?\d{1,39}$/;

/** The value of a variable as its attribute takes it: scaled, and rounded for whole numbers. @throws ArgumentError */
export function coerce(row: VariableRow, type: TagType | undefined, value: unknown): unknown {
  if (type === 'Boolean') return toBoolean(row, value);
  if (type !== undefined && isNumeric(type)) return toNumber(row, type, value);
  // Positions and enumerations come as numbers, texts or truth values; the server knows their literals.
  return value;
}

function wrong(row: VariableRow, value: unknown, hint: string): never {
  const shown = typeof value === 'object' ? 'what it got' : `"${String(value as string).slice(0, 60)}"`;
  throw new ArgumentError(`variable ${row.variable}: ${shown} cannot be a value of ${row.reference}`, hint);
}

function toBoolean(row: VariableRow, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  const text = typeof value === 'string' ? value.trim() : '';
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  return wrong(row, value, 'Give true or false, 1 or 0, on or off.');
}

function toNumber(row: VariableRow, type: TagType, value: unknown): number | bigint | string {
  const { scale = 1, offset = 0 } = row;
  // Whole numbers beyond 2^53 stay exact where nothing is calculated with them.
  const plain = scale === 1 && offset === 0;
  if (plain && (typeof value === 'bigint' || (typeof value === 'string' && WHOLE.test(value.trim())))) {
    return type === 'Int64' ? value : Number(value);
  }
  const number = asNumber(value);
  if (number === undefined) return wrong(row, value, 'Give a number.');
  const scaled = plain ? number : number * scale + offset;
  return type.startsWith('Float') ? scaled : Math.round(scaled);
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === 'NaN') return Number.NaN;
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? undefined : number;
}
