/** The text of a tag value, for people: `Closed`, `True`, `230.4 kV`. */
import { MAX_DATA_NESTING, MAX_VALUE_TEXT } from '../limits.js';
import { qualityBitsFromString, qualityFromBits } from './quality.js';
import type { TagData, TagType } from './tag-value.js';

/** Dbpos by its number (IEC 61850-7-3 §6.3, values as in DESIGN). */
const DBPOS_TEXT: readonly string[] = ['Intermediate', 'Open', 'Closed', 'Bad'];

export interface ValueTextOptions {
  unit?: string;
  /** Literals of an Enum by number; of a BitString by bit position. */
  enumLiterals?: Record<number, string>;
}

/**
 * Text of a value. Never depends on the locale; at most {@link MAX_VALUE_TEXT} characters; empty for null.
 * What does not fit its type is shown as it is.
 */
export function valueText(type: TagType | undefined, value: TagData, options: ValueTextOptions = {}): string {
  if (value === null) return '';
  if (typeof value === 'object') return compactJson(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(type, value, options);
  switch (type) {
    case 'Quality':
      return qualityFromBits(qualityBitsFromString(value)).text;
    case 'BitString':
      return bitsText(value, options.enumLiterals);
    case 'Int64':
      return withUnit(value, options.unit);
    default:
      return bounded(value);
  }
}

function numberText(type: TagType | undefined, value: number, options: ValueTextOptions): string {
  if (type === 'Dbpos') return DBPOS_TEXT[value] ?? String(value);
  if (type === 'Enum') return options.enumLiterals?.[value] ?? String(value);
  if (!Number.isFinite(value)) return String(value);
  return withUnit(decimalText(value), options.unit);
}

/** Six significant digits, but never fewer than the integer part has; no trailing zeros. */
function decimalText(value: number): string {
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) || (magnitude >= 1e5 && magnitude < 1e15)) return String(Math.round(value) + 0);
  return String(Number(value.toPrecision(6)));
}

function withUnit(text: string, unit: string | undefined): string {
  if (!unit) return text;
  return unit === '°' ? `${text}°` : `${text} ${unit}`;
}

/** Names of the bits that are set, or their positions from 0 where they have no names. */
function bitsText(bits: string, names: Record<number, string> | undefined): string {
  const set: string[] = [];
  for (let i = 0; i < bits.length; i++) if (bits[i] === '1') set.push(names?.[i] ?? String(i));
  if (set.length === 0) return 'none';
  return bounded(names ? set.join(', ') : `bits ${set.join(', ')}`);
}

function bounded(text: string): string {
  return text.length <= MAX_VALUE_TEXT ? text : `${text.slice(0, MAX_VALUE_TEXT - 1)}…`;
}

/** JSON that stops at the bound instead of writing a large array in full only to cut it. */
function compactJson(value: TagData): string {
  let text = '';
  const full = (): boolean => text.length > MAX_VALUE_TEXT;
  const write = (data: TagData, depth: number): void => {
    if (full()) return;
    if (data === null || typeof data !== 'object') {
      text +=
        typeof data === 'number' ? (Number.isFinite(data) ? decimalText(data) : `"${data}"`) : JSON.stringify(data);
    } else if (depth >= MAX_DATA_NESTING) {
      text += '"…"';
    } else if (Array.isArray(data)) {
      text += '[';
      for (let i = 0; i < data.length && !full(); i++) {
        if (i > 0) text += ',';
        write(data[i] as TagData, depth + 1);
      }
      text += ']';
    } else {
      text += '{';
      let first = true;
      for (const name of Object.keys(data)) {
        if (full()) break;
        text += `${first ? '' : ','}${JSON.stringify(name)}:`;
        first = false;
        write(data[name] as TagData, depth + 1);
      }
      text += '}';
    }
  };
  write(value, 0);
  return bounded(text);
}
