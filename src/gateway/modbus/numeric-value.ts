/** Numbers and texts out of tag values, as registers take them. Nothing is made up: what is no number is undefined. */
import { qualityBitsFromString } from '../../model/quality.js';
import type { TagValue } from '../../model/tag-value.js';

type Valued = Pick<TagValue, 'type' | 'value'>;

const DECIMAL = /^[+-]?\d+$/;
const DBPOS_OPEN = 1;
const DBPOS_CLOSED = 2;

/**
 * The number of a value: 0 and 1 for a Boolean, the literal's number for an Enum, milliseconds since 1970 for a
 * Timestamp, quality bit k as 2^k for a Quality and the same for another BitString of up to 53 bits. An integer beyond
 * 2^53 is a bigint.
 */
export function numericValue(tagValue: Valued): number | bigint | undefined {
  const { type, value } = tagValue;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  switch (type) {
    case 'Quality':
      return qualityBitsFromString(value);
    case 'BitString':
      return bitStringValue(value);
    case 'Timestamp': {
      const ms = Date.parse(value);
      return Number.isNaN(ms) ? undefined : ms;
    }
    case 'Float32':
    case 'Float64':
      return floatFromText(value);
    case 'VisibleString':
    case 'UnicodeString':
    case 'OctetString':
      return undefined;
    default:
      return integerFromText(value);
  }
}

/** A truth: a Boolean, a number other than 0, and for a Dbpos closed or open; intermediate and bad are neither. */
export function booleanValue(tagValue: Valued): boolean | undefined {
  const number = numericValue(tagValue);
  if (number === undefined || Number.isNaN(number)) return undefined;
  if (tagValue.type !== 'Dbpos') return number !== 0 && number !== 0n;
  if (number === DBPOS_CLOSED) return true;
  return number === DBPOS_OPEN ? false : undefined;
}

/** A text: the value itself when it is one, otherwise what the tag value shows to people. */
export function textValue({ type, value, text }: Valued & Partial<Pick<TagValue, 'text'>>): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string' && type !== 'BitString' && type !== 'Quality') return value;
  // A flow may make tag values that leave the text out.
  return text ?? (typeof value === 'object' ? undefined : String(value));
}

function bitStringValue(text: string): number | undefined {
  if (!/^[01]{1,53}$/.test(text)) return undefined;
  let value = 0;
  for (let i = text.length - 1; i >= 0; i--) value = value * 2 + (text[i] === '1' ? 1 : 0);
  return value;
}

/** JSON has no NaN and no infinities: they travel as these words. */
function floatFromText(text: string): number | undefined {
  if (text === 'NaN') return NaN;
  if (text === 'Infinity') return Infinity;
  if (text === '-Infinity') return -Infinity;
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isNaN(value) ? undefined : value;
}

function integerFromText(text: string): number | bigint | undefined {
  if (!DECIMAL.test(text) || text.length > 40) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
