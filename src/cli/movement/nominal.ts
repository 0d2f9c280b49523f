/** What a measured value is about in a 110 kV bay, by its unit and by its name. */
import { attributeOf, type FoundObject } from './objects.js';

/** Nominal values by SIUnit (IEC 61850-7-3 Annex A), in the unit without a multiplier. */
const BY_UNIT: Readonly<Record<number, number>> = {
  4: 10, // s
  5: 400, // A
  6: 318, // K
  9: 12, // °
  23: 45, // °C
  29: 63_500, // V
  30: 20, // Ω
  31: 1e9, // J
  33: 50, // Hz
  38: 50e6, // W
  39: 6e5, // Pa
  43: 8, // m/s
  61: 52e6, // VA
  62: 50e6, // W
  63: 12e6, // VAr
  64: 0.97, // phase angle
  65: 0.97, // cos φ
  72: 1e9, // Wh
  73: 2e8, // VArh
};
const BY_NAME: readonly (readonly [name: RegExp, value: number])[] = [
  [/^(Hz|HzClc|Freq)/, 50],
  [/^(TotPF|PF|PhPF)/, 0.97],
  [/^(PPV|Vol.*PP)/, 110_000],
  [/^(PhV|Vol|V)/, 63_500],
  [/^(A|Amp|I)(\d|$|Max|Av)/, 400],
  [/^(TotW|W|Watt)(\d|$|Av)/, 50e6],
  [/^(TotVAr|VAr)/, 12e6],
  [/^(TotVA|VA)/, 52e6],
  [/Tmp|Temp/, 45],
  [/Hum/, 60],
  [/WdSpd|Spd/, 8],
  [/WdDir|Dir|Ang/, 180],
  [/Pres/, 6e5],
];
const OTHERS = 50;

/** How far values go from nominal as a rule, as a part of it, by SIUnit; the first names that fit go before. */
const DEVIATION_BY_NAME: readonly (readonly [name: RegExp, part: number])[] = [
  [/^(Hz|HzClc|Freq)/, 0.0004],
  [/^(PPV|PhV|Vol|V)(\d|$|\.|P|Av)/, 0.01],
  [/^(Wd|Rot|Gn|Trb)/, 0.1],
  [/^(A|Amp|I|TotW|W|TotVAr|VAr|TotVA|VA)(\d|$|Max|Av)/, 0.06],
];
const DEVIATION_BY_UNIT: Readonly<Record<number, number>> = { 29: 0.01, 33: 0.0004, 43: 0.15, 64: 0.005, 65: 0.005 };
const OTHER_DEVIATION = 0.03;
/** Sequence components and phases that are not near the nominal value. */
const FACTORS: Readonly<Record<string, number>> = { c2: 0.02, c3: 0.01, neut: 0.02, res: 0.02, net: 0.02 };

/** What the value of an object wanders round, in its own unit and multiplier. */
export function nominalValue(found: FoundObject): number {
  const { object, path } = found;
  const own = initialNumber(found);
  if (own !== undefined) return own;
  const unit = numberIn(object, 'SIUnit');
  const named = BY_NAME.find(([name]) => path.some((step) => name.test(step)))?.[1];
  // A voltage between phases has the unit of all voltages, and a direction that of all angles.
  const moreTold = (unit === 29 && named === 110_000) || (unit === 9 && named !== undefined);
  const base = (moreTold || unit === undefined ? undefined : BY_UNIT[unit]) ?? named;
  const factor = FACTORS[path.at(-1) ?? ''] ?? 1;
  return ((base ?? OTHERS) * factor) / 10 ** (numberIn(object, 'multiplier') ?? 0);
}

/** How far the value of an object goes from nominal as a rule, as a part of it. */
export function usualDeviation({ object, path }: FoundObject): number {
  const named = DEVIATION_BY_NAME.find(([name]) => path.some((step) => name.test(step)))?.[1];
  return named ?? DEVIATION_BY_UNIT[numberIn(object, 'SIUnit') ?? 0] ?? OTHER_DEVIATION;
}

/** A value that the file gives, and that is not just a zero. */
function initialNumber({ object }: FoundObject): number | undefined {
  for (const path of [
    ['mag', 'f'],
    ['instMag', 'f'],
    ['cVal', 'mag', 'f'],
    ['instCVal', 'mag', 'f'],
  ]) {
    const value = Number(attributeOf(object, 'MX', ...path)?.value);
    if (Number.isFinite(value) && value !== 0) return value;
  }
  return undefined;
}

const MULTIPLIERS: Readonly<Record<string, number>> = {
  ...{ a: -18, f: -15, p: -12, n: -9, µ: -6, u: -6, m: -3, c: -2, d: -1, '': 0 },
  ...{ da: 1, h: 2, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 },
};

/** A number of `units`, which a file writes as a number or as a literal. */
function numberIn(object: FoundObject['object'], name: 'SIUnit' | 'multiplier'): number | undefined {
  const attribute = attributeOf(object, 'CF', 'units', name);
  const text = attribute?.value;
  if (text === undefined) return undefined;
  const literal = Object.entries(attribute?.enumLiterals ?? {}).find(([, one]) => one === text)?.[0];
  if (literal !== undefined) return Number(literal);
  if (/^-?\d+$/.test(text)) return Number(text);
  return name === 'multiplier' ? MULTIPLIERS[text] : undefined;
}
