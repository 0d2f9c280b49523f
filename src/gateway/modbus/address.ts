/** Both notations of an address: `40001` as HMIs show it, and the zero-based number on the wire. */
import { ADDRESS_SPACE, AREAS, type Area } from './map.js';

const AREA_DIGITS: Readonly<Record<Area, string>> = { coil: '0', discrete: '1', input: '3', holding: '4' };
/** Highest number that the five-digit notation can hold. */
const FIVE_DIGIT_LIMIT = 9999;

/** `40001` for holding register 0; from zero-based 9999 on six digits, `410000`. */
export function formatAddress(area: Area, address: number): string {
  const number = address + 1;
  return AREA_DIGITS[area] + String(number).padStart(number <= FIVE_DIGIT_LIMIT ? 4 : 5, '0');
}

/** `40001–40002`, or one address alone. */
export function formatRange(area: Area, address: number, count: number): string {
  const first = formatAddress(area, address);
  return count > 1 ? `${first}–${formatAddress(area, address + count - 1)}` : first;
}

/**
 * Reads `40001` or `400001`.
 * @returns undefined when the text is no such address.
 */
export function parseAddress(text: string): { area: Area; address: number } | undefined {
  const match = /^([0134])(\d{4,5})$/.exec(text.trim());
  if (!match) return undefined;
  const area = AREAS.find((candidate) => AREA_DIGITS[candidate] === match[1]) as Area;
  const address = Number(match[2]) - 1;
  return address >= 0 && address < ADDRESS_SPACE ? { area, address } : undefined;
}
