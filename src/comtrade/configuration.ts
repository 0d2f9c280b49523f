/** The configuration file of a record (IEEE C37.111-2013 §7). */
import type { ComtradeFormat, ComtradeRecord } from './record.js';
import type { Scaling } from './scaling.js';

const REVISION = 2013;
const MAX_TEXT = 64;
const MAX_ID = 128;
/** Time code and local code: UTC, and no local time is told. */
const TIME_CODES = '0,0';
/** Quality of the times: 0 a clock that is locked, F none that can be relied on; and 3, leap seconds are not known. */
const LOCKED = '0,3';
const UNRELIABLE = 'F,3';

/** @param scalings of the analogue channels, in their order */
export function encodeConfiguration(
  record: ComtradeRecord,
  scalings: readonly Scaling[],
  samples: number,
  format: ComtradeFormat,
): Buffer {
  const { station, device, analogs, statuses, frequency, rate, start, trigger, synchronised } = record;
  const lines = [
    [plain(station, MAX_TEXT), plain(device, MAX_TEXT), REVISION],
    [analogs.length + statuses.length, `${analogs.length}A`, `${statuses.length}D`],
    ...analogs.map(({ name, phase = '', unit }, i) => {
      const { a, b, min, max } = scalings[i] as Scaling;
      const numbers = [a, b, 0, min, max].map(number);
      // Primary and secondary are the same: values are primary ones, and no ratio is known.
      return [i + 1, plain(name, MAX_ID), plain(phase, 2), '', plain(unit, 32), ...numbers, 1, 1, 'P'];
    }),
    ...statuses.map(({ name }, i) => [i + 1, plain(name, MAX_ID), '', '', 0]),
    [number(frequency)],
    [1],
    [number(rate), samples],
    [time(start)],
    [time(trigger)],
    [format],
    [1],
    [TIME_CODES],
    [synchronised ? LOCKED : UNRELIABLE],
  ];
  return Buffer.from(lines.map((fields) => `${fields.join(',')}\r\n`).join(''), 'latin1');
}

/** Commas part fields, and other characters than those of ASCII are read differently by readers. */
function plain(text: string, length: number): string {
  return text
    .replace(/[^\x20-\x7e]|,/g, '_')
    .trim()
    .slice(0, length);
}

function number(value: number): string {
  return String(value).replace('e', 'E');
}

/** `dd/mm/yyyy,hh:mm:ss.ssssss` in UTC, of ms since 1970 with fractions. */
function time(ms: number): string {
  const microseconds = Math.round(ms * 1000);
  const date = new Date(Math.floor(microseconds / 1000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${String(date.getUTCFullYear()).padStart(4, '0')}`;
  const fraction = String(date.getUTCMilliseconds() * 1000 + (microseconds % 1000)).padStart(6, '0');
  return `${day},${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${fraction}`;
}
