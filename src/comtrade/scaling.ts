import type { ComtradeAnalog, ComtradeFormat } from './record.js';

/** How a value stands in the data file: value = a · number + b. */
export interface Scaling {
  a: number;
  b: number;
  /** Lowest and highest number that the data file can have. */
  min: number;
  max: number;
}

/**
 * Largest number of each format that is used, on either side of 0. The lowest binary number, and 99,999 as text, say that a
 * sample is missing.
 */
const LARGEST: Record<Exclude<ComtradeFormat, 'FLOAT32'>, number> = {
  ASCII: 99_998,
  BINARY: 32_767,
  BINARY32: 0x7fffffff,
};

export function scalingOf({ values, scale = 1, offset = 0 }: ComtradeAnalog, format: ComtradeFormat): Scaling {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 0];
  if (format === 'FLOAT32') return { a: 1, b: 0, min: low, max: high };
  const largest = LARGEST[format];
  const limits = { min: -largest, max: largest };
  const original = Math.max(Math.abs((low - offset) / scale), Math.abs((high - offset) / scale));
  const whole = scale !== 1 || areWhole(values);
  if (whole && original <= largest) return { a: scale, b: offset, ...limits };
  // 0 stays 0: a channel without a signal does not begin to tremble.
  return { a: Math.max(Math.abs(low), Math.abs(high)) / largest || 1, b: 0, ...limits };
}

function areWhole(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isFinite(value) && !Number.isInteger(value)) return false;
  }
  return true;
}
