/** RMS, phase, frequency and distortion of sampled waveforms over whole periods. */

export interface Waveform {
  /** Root of the mean square of all samples. */
  rms: number;
  /** RMS of the fundamental. */
  fundamental: number;
  /** Phase of the fundamental against a cosine that has its peak at the first sample, in radians. */
  phase: number;
  /** Total harmonic distortion: RMS of harmonics 2 to 40 over that of the fundamental; NaN without a fundamental. */
  thd: number;
}

const HIGHEST_HARMONIC = 40;

/** Complex amplitude of one frequency (Goertzel's recursion), peak values. */
function amplitude(samples: Float64Array, count: number, radiansPerSample: number): { re: number; im: number } {
  const cosine = Math.cos(radiansPerSample);
  const coefficient = 2 * cosine;
  let s1 = 0;
  let s2 = 0;
  for (let i = 0; i < count; i++) {
    const s = (samples[i] as number) + coefficient * s1 - s2;
    s2 = s1;
    s1 = s;
  }
  const sine = Math.sin(radiansPerSample);
  // Turned back by the length of the window, so that the phase is that at its first sample.
  const [re, im] = [s1 - s2 * cosine, s2 * sine];
  const back = -radiansPerSample * (count - 1);
  const [c, s] = [Math.cos(back), Math.sin(back)];
  return { re: (2 / count) * (re * c - im * s), im: (2 / count) * (re * s + im * c) };
}

/**
 * Squares of the amplitudes of harmonics `first` to `first + 3`, together, as far as `highest`. Each recursion waits for its
 * own last step; four side by side fill that time.
 */
function powerOfFour(samples: Float64Array, count: number, step: number, first: number, highest: number): number {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => 2 * Math.cos((first + i) * step)) as [number, number, number, number];
  let [a1, a2, b1, b2, c1, c2, d1, d2] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const x = samples[i] as number;
    const a0 = x + a * a1 - a2;
    const b0 = x + b * b1 - b2;
    const c0 = x + c * c1 - c2;
    const d0 = x + d * d1 - d2;
    a2 = a1;
    b2 = b1;
    c2 = c1;
    d2 = d1;
    a1 = a0;
    b1 = b0;
    c1 = c0;
    d1 = d0;
  }
  const power = (s1: number, s2: number, coefficient: number): number => s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  const all = [power(a1, a2, a), power(b1, b2, b), power(c1, c2, c), power(d1, d2, d)];
  let sum = 0;
  for (let i = 0; i < 4 && first + i <= highest; i++) sum += Math.max(0, all[i] as number);
  return sum * (2 / count) ** 2;
}

/** Of the samples from `start` to `end`. */
export function sumOfSquares(samples: Float64Array, end: number, start = 0): number {
  let squares = 0;
  for (let i = start; i < end; i++) squares += (samples[i] as number) ** 2;
  return squares;
}

/**
 * @param samples of which the first `count` are used
 * @param frequency of the fundamental in Hz
 * @param rate samples a second
 * @param squares of all `count` samples, where their sum is known already
 */
export function analyse(
  samples: Float64Array,
  count: number,
  frequency: number,
  rate: number,
  squares = sumOfSquares(samples, count),
): Waveform {
  // Whole periods, as near as the samples allow: a part of one would count as distortion.
  const period = rate / frequency;
  const used = Math.max(1, Math.min(count, Math.round(Math.floor(count / period + 0.01) * period) || count));
  const inside = Math.max(0, squares - sumOfSquares(samples, count, used));
  const step = (2 * Math.PI * frequency) / rate;
  const { re, im } = amplitude(samples, used, step);
  const peak = Math.hypot(re, im);
  let harmonics = 0;
  const highest = Math.min(HIGHEST_HARMONIC, Math.ceil(rate / 2 / frequency) - 1);
  for (let k = 2; k <= highest; k += 4) harmonics += powerOfFour(samples, used, step, k, highest);
  return {
    rms: Math.sqrt(inside / used),
    fundamental: peak / Math.SQRT2,
    phase: Math.atan2(im, re),
    thd: peak > 0 ? Math.sqrt(harmonics) / peak : NaN,
  };
}

/**
 * Frequency of a waveform, from how far its phase moves from one part of it to the next. Short parts come first: they are not
 * mistaken for a whole turn more or less, and lead the longer ones, which tell more exactly.
 * @param nominal 50 or 60 Hz; the result is right within a third of it
 * @returns NaN when there is nothing to measure
 */
export function frequencyOf(samples: Float64Array, count: number, nominal: number, rate: number): number {
  let frequency = NaN;
  for (let periods = 1; ; periods *= 2) {
    const at = Number.isFinite(frequency) ? frequency : nominal;
    const most = Math.floor((count * at) / rate / 2);
    if (most < 1) return frequency;
    const length = Math.round((Math.min(periods, most) * rate) / at);
    if (2 * length > count) return frequency;
    const found = shiftedFrequency(samples, length, at, rate);
    if (!Number.isFinite(found) || Math.abs(found - nominal) > nominal / 2) return frequency;
    frequency = found;
    if (periods >= most) return frequency;
  }
}

/** From the phases of the first two parts of a length, which are as far apart. */
function shiftedFrequency(samples: Float64Array, length: number, near: number, rate: number): number {
  const step = (2 * Math.PI * near) / rate;
  const first = amplitude(samples, length, step);
  const second = amplitude(samples.subarray(length), length, step);
  if (Math.hypot(first.re, first.im) === 0 || Math.hypot(second.re, second.im) === 0) return NaN;
  const moved = Math.atan2(second.im, second.re) - Math.atan2(first.im, first.re) - step * length;
  const turns = moved / (2 * Math.PI);
  const rest = turns - Math.round(turns);
  return near + (rest * rate) / length;
}
