/** The data file of a record (IEEE C37.111-2013 §8). */
import type { ComtradeFormat, ComtradeRecord } from './record.js';
import type { Scaling } from './scaling.js';

/** Number and time of a sample stand before its values. */
const HEADER = 8;
const STATUSES_A_WORD = 16;
/** What stands for a sample that is missing. */
const MISSING_TEXT = '99999';
const MISSING_16 = -0x8000;
const MISSING_32 = -0x80000000;
/** Samples of one part. */
const ROWS_AT_A_TIME = 1000;

/**
 * The data file in parts, so that others have their turn while a long record is written.
 * @param scalings of the analogue channels, in their order
 */
export function* encodeData(
  record: ComtradeRecord,
  scalings: readonly Scaling[],
  samples: number,
  format: ComtradeFormat,
): Generator<Buffer> {
  for (let from = 0; from < samples; from += ROWS_AT_A_TIME) {
    const to = Math.min(samples, from + ROWS_AT_A_TIME);
    yield format === 'ASCII'
      ? encodeText(record, scalings, from, to)
      : encodeBinary(record, scalings, from, to, format);
  }
}

/** Time of a sample in µs since the first one. */
function timestamp(i: number, rate: number): number {
  return Math.round((i * 1e6) / rate);
}

function encodeText(
  { analogs, statuses, rate }: ComtradeRecord,
  scalings: readonly Scaling[],
  from: number,
  to: number,
): Buffer {
  let text = '';
  for (let i = from; i < to; i++) {
    text += `${i + 1},${timestamp(i, rate)}`;
    for (let channel = 0; channel < analogs.length; channel++) {
      const value = analogs[channel]?.values[i] as number;
      text += `,${Number.isFinite(value) ? rawOf(value, scalings[channel] as Scaling) : MISSING_TEXT}`;
    }
    for (const { values } of statuses) text += values[i] ? ',1' : ',0';
    text += '\r\n';
  }
  return Buffer.from(text, 'latin1');
}

function encodeBinary(
  { analogs, statuses, rate }: ComtradeRecord,
  scalings: readonly Scaling[],
  from: number,
  to: number,
  format: Exclude<ComtradeFormat, 'ASCII'>,
): Buffer {
  const width = format === 'BINARY' ? 2 : 4;
  const words = Math.ceil(statuses.length / STATUSES_A_WORD);
  const row = HEADER + width * analogs.length + 2 * words;
  const octets = Buffer.alloc(row * (to - from));
  for (let i = from; i < to; i++) {
    let at = octets.writeUInt32LE(i + 1, (i - from) * row);
    at = octets.writeUInt32LE(timestamp(i, rate), at);
    for (let channel = 0; channel < analogs.length; channel++) {
      const value = analogs[channel]?.values[i] as number;
      const there = Number.isFinite(value);
      const scaling = scalings[channel] as Scaling;
      if (format === 'BINARY') octets.writeInt16LE(there ? rawOf(value, scaling) : MISSING_16, at);
      else if (format === 'BINARY32') octets.writeInt32LE(there ? rawOf(value, scaling) : MISSING_32, at);
      else octets.writeFloatLE(there ? value : NaN, at);
      at += width;
    }
    for (let status = 0; status < statuses.length; status++) {
      if (!statuses[status]?.values[i]) continue;
      const word = at + 2 * Math.floor(status / STATUSES_A_WORD);
      octets.writeUInt16LE(octets.readUInt16LE(word) | (1 << (status % STATUSES_A_WORD)), word);
    }
  }
  return octets;
}

function rawOf(value: number, { a, b, min, max }: Scaling): number {
  return Math.min(max, Math.max(min, Math.round((value - b) / a)));
}
