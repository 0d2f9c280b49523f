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

/**
 * @param samples of which the first `count` are used
 * @param frequency of the fundamental in Hz
 * @param rate samples a second
 */
export function analyse(samples: Float64Array, count: number, frequency: number, rate: number): Waveform {
  // Whole periods, as near as the samples allow: a part of one would count as distortion.
  const period = rate / frequency;
  const used = Math.max(1, Math.min(count, Math.round(Math.floor(count / period + 0.01) * period) || count));
  let squares = 0;
  for (let i = 0; i < used; i++) squares += (samples[i] as number) ** 2;
  const step = (2 * Math.PI * frequency) / rate;
  const { re, im } = amplitude(samples, used, step);
  const peak = Math.hypot(re, im);
  let harmonics = 0;
  const highest = Math.min(HIGHEST_HARMONIC, Math.ceil(rate / 2 / frequency) - 1);
  for (let k = 2; k <= highest; k += 4) harmonics += powerOfFour(samples, used, step, k, highest);
  return {
    rms: Math.sqrt(squares / used),
    fundamental: peak / Math.SQRT2,
    phase: Math.atan2(im, re),
    thd: peak > 0 ? Math.sqrt(harmonics) / peak : NaN,
  };
}

/**
 * Frequency of a waveform, from how far its phase moved between the two halves of the window.
 * @param nominal 50 or 60 Hz; the result is right within about a fifth of it
 * @returns NaN when there is nothing to measure
 */
export function frequencyOf(samples: Float64Array, count: number, nominal: number, rate: number): number {
  const period = rate / nominal;
  const half = Math.floor(Math.floor(count / 2 / period) * period);
  if (half < period) return NaN;
  const step = (2 * Math.PI * nominal) / rate;
  const first = amplitude(samples, half, step);
  const second = amplitude(samples.subarray(half), half, step);
  if (Math.hypot(first.re, first.im) === 0 || Math.hypot(second.re, second.im) === 0) return NaN;
  const moved = Math.atan2(second.im, second.re) - Math.atan2(first.im, first.re) - step * half;
  const turns = moved / (2 * Math.PI);
  const rest = turns - Math.round(turns);
  return nominal + (rest * rate) / half;
}
