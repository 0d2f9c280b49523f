/** Units of measured values: the SIUnit and multiplier codes of IEC 61850-7-3 Annex A as symbols. */

/** Symbols by SIUnit code. 1 has no dimension; 38 and 62 are both watts, mechanical and electrical. */
const SI_UNITS: Readonly<Record<number, string>> = {
  1: '',
  2: 'm',
  3: 'kg',
  4: 's',
  5: 'A',
  6: 'K',
  7: 'mol',
  8: 'cd',
  9: '°',
  10: 'rad',
  11: 'sr',
  21: 'Gy',
  22: 'Bq',
  23: '°C',
  24: 'Sv',
  25: 'F',
  26: 'C',
  27: 'S',
  28: 'H',
  29: 'V',
  30: 'Ω',
  31: 'J',
  32: 'N',
  33: 'Hz',
  34: 'lx',
  35: 'lm',
  36: 'Wb',
  37: 'T',
  38: 'W',
  39: 'Pa',
  41: 'm²',
  42: 'm³',
  43: 'm/s',
  44: 'm/s²',
  45: 'm³/s',
  46: 'm/m³',
  47: 'M',
  48: 'kg/m³',
  49: 'm²/s',
  50: 'W/(m·K)',
  51: 'J/K',
  52: 'ppm',
  53: '1/s',
  54: 'rad/s',
  55: 'W/m²',
  56: 'J/m²',
  57: 'S/m',
  58: 'K/s',
  59: 'Pa/s',
  60: 'J/(kg·K)',
  61: 'VA',
  62: 'W',
  63: 'VAr',
  64: 'φ',
  65: 'cos φ',
  66: 'Vs',
  67: 'V²',
  68: 'As',
  69: 'A²',
  70: 'A²t',
  71: 'VAh',
  72: 'Wh',
  73: 'VArh',
  74: 'V/Hz',
  75: 'Hz/s',
  76: 'char',
  77: 'char/s',
  78: 'kg·m²',
  79: 'dB',
  80: 'J/Wh',
  81: 'W/s',
  82: 'l/s',
  83: 'dBm',
  84: 'h',
  85: 'min',
  86: 'Ω/m',
  87: '%/s',
};

/** Names that SCL files write for a code where it is not the symbol above, in lower case. */
const UNIT_NAMES: Readonly<Record<string, string>> = {
  none: '',
  dimensionless: '',
  deg: '°',
  ohm: 'Ω',
  'ohm/m': 'Ω/m',
  'percent/s': '%/s',
  watts: 'W',
  phi: 'φ',
  'cos(phi)': 'cos φ',
  cosphi: 'cos φ',
  'm^2': 'm²',
  'm^3': 'm³',
  'w/m k': 'W/(m·K)',
  'j/kg k': 'J/(kg·K)',
  kgm2: 'kg·m²',
  'kgm²': 'kg·m²',
};
const SYMBOLS_BY_LOWER_CASE: ReadonlyMap<string, string> = new Map(
  // Two symbols can differ by case only (S and s): those keep the case in which they were written.
  Object.values(SI_UNITS)
    .filter(
      (symbol, _index, all) => new Set(all.filter((other) => other.toLowerCase() === symbol.toLowerCase())).size === 1,
    )
    .map((symbol) => [symbol.toLowerCase(), symbol]),
);

/** Prefixes by multiplier code, which is the power of ten. */
const PREFIXES: Readonly<Record<number, string>> = {
  [-24]: 'y',
  [-21]: 'z',
  [-18]: 'a',
  [-15]: 'f',
  [-12]: 'p',
  [-9]: 'n',
  [-6]: 'µ',
  [-3]: 'm',
  [-2]: 'c',
  [-1]: 'd',
  0: '',
  1: 'da',
  2: 'h',
  3: 'k',
  6: 'M',
  9: 'G',
  12: 'T',
  15: 'P',
  18: 'E',
  21: 'Z',
  24: 'Y',
};
const INTEGER = /^[+-]?\d{1,4}$/;

/** Symbol of a SIUnit code, or of the name that an SCL file gives; undefined for codes that the standard does not know. */
export function siUnitSymbol(siUnit: number | string): string | undefined {
  if (typeof siUnit === 'number') return SI_UNITS[siUnit];
  const name = siUnit.trim();
  if (INTEGER.test(name)) return SI_UNITS[Number(name)];
  const lower = name.toLowerCase();
  // A name that is in no table is a vendor's own unit (`%`, `p.u.`), and shown as the file writes it.
  return UNIT_NAMES[lower] ?? SYMBOLS_BY_LOWER_CASE.get(lower) ?? name;
}

/** Power of ten of a multiplier code or of the prefix that an SCL file gives; undefined for what the standard does not know. */
export function multiplierExponent(multiplier: number | string): number | undefined {
  if (typeof multiplier === 'number') return multiplier in PREFIXES ? multiplier : undefined;
  const name = multiplier.trim();
  if (INTEGER.test(name)) return multiplierExponent(Number(name));
  if (name === '' || name.toLowerCase() === 'none') return 0;
  // The micro sign has a Greek twin (U+03BC) that editors put in, and many files write u.
  const prefix = name === 'u' || name === '\u03bc' ? 'µ' : name;
  const found = Object.entries(PREFIXES).find(([, symbol]) => symbol === prefix);
  return found && Number(found[0]);
}

/**
 * Unit text such as `kV` for (29, 3) or (`V`, `k`).
 * @returns undefined when there is no unit, or when unit or multiplier is not known: half a unit would mislead.
 */
export function unitText(siUnit?: number | string, multiplier?: number | string): string | undefined {
  if (siUnit === undefined) return undefined;
  const symbol = siUnitSymbol(siUnit);
  const exponent = multiplier === undefined ? 0 : multiplierExponent(multiplier);
  if (symbol === undefined || exponent === undefined) return undefined;
  if (symbol === '') return exponent === 0 ? undefined : exponent === -2 ? '%' : `×10^${exponent}`;
  if (exponent === 0) return symbol;
  const gram = symbol.startsWith('kg');
  const prefix = PREFIXES[gram ? exponent + 3 : exponent];
  if (prefix === undefined || !takesPrefix(symbol)) return `×10^${exponent} ${symbol}`;
  return prefix + (gram ? symbol.slice(1) : symbol);
}

/** Whether a prefix before the symbol means the same as the power of ten: not so for m² (km² is 10^6 m²), ° or dB. */
function takesPrefix(symbol: string): boolean {
  return /^(?!(?:cos|char|ppm|dB|min|h$|M$))[A-Za-zΩ]+(?![²³])/.test(symbol) && !/^[A-Za-z]+[²³]/.test(symbol);
}
