import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { multiplierExponent, siUnitSymbol, unitText } from '../../src/model/units.js';

describe('unit texts', () => {
  const rows: ReadonlyArray<
    readonly [siUnit: number | string, multiplier: number | string | undefined, text: string | undefined]
  > = [
    [29, 3, 'kV'],
    ['29', '3', 'kV'],
    ['V', 'k', 'kV'],
    ['V', undefined, 'V'],
    ['V', '', 'V'],
    ['V', 'None', 'V'],
    [5, -3, 'mA'],
    [5, -6, 'µA'],
    ['A', 'u', 'µA'],
    ['A', '\u03bc', 'µA'],
    [38, 6, 'MW'],
    [62, 6, 'MW'],
    ['Watts', 'M', 'MW'],
    [63, 6, 'MVAr'],
    ['var', 'k', 'kVAr'],
    [61, 6, 'MVA'],
    [72, 9, 'GWh'],
    [33, 0, 'Hz'],
    [9, 0, '°'],
    [23, 0, '°C'],
    ['ohm', -3, 'mΩ'],
    [65, 0, 'cos φ'],
    ['cos(phi)', 'none', 'cos φ'],
    [3, 0, 'kg'],
    [3, -3, 'g'],
    [3, 3, 'Mg'],
    ['S', 'm', 'mS'],
    ['s', 'm', 'ms'],
    ['%', 0, '%'],
    ['p.u.', undefined, 'p.u.'],
  ];
  for (const [siUnit, multiplier, text] of rows) {
    it(`are ${text} for ${siUnit} and ${multiplier ?? 'no multiplier'}`, () =>
      assert.equal(unitText(siUnit, multiplier), text));
  }

  it('are absent without a dimension', () => {
    assert.equal(unitText(1, 0), undefined);
    assert.equal(unitText('none', 'none'), undefined);
    assert.equal(unitText(undefined, 3), undefined);
    assert.equal(unitText('', ''), undefined);
  });

  it('keep the power of ten of a number without a dimension', () => {
    assert.equal(unitText(1, 3), '×10^3');
    assert.equal(unitText(1, -2), '%');
  });

  it('do not put a prefix where it would mean another power of ten', () => {
    assert.equal(unitText(41, 3), '×10^3 m²');
    assert.equal(unitText(42, -3), '×10^-3 m³');
    assert.equal(unitText(53, 3), '×10^3 1/s');
    assert.equal(unitText(23, -3), '×10^-3 °C');
    assert.equal(unitText(79, -1), '×10^-1 dB');
  });

  it('are absent when either code is unknown: half a unit would mislead', () => {
    assert.equal(unitText(99, 0), undefined);
    assert.equal(unitText(12, 0), undefined);
    assert.equal(unitText(-1, 0), undefined);
    assert.equal(unitText(29, 4), undefined);
    assert.equal(unitText(29, 'x'), undefined);
    assert.equal(unitText(29, NaN), undefined);
    assert.equal(unitText(29, 1.5), undefined);
    assert.equal(unitText('V', 'toString'), undefined);
  });

  it('know every code of the standard as a symbol, and every prefix by its exponent', () => {
    for (const code of [2, 11, 21, 39, 41, 61, 69, 75, 83, 85]) assert.ok(siUnitSymbol(code));
    for (const exponent of [-24, -12, -2, -1, 0, 1, 2, 3, 24])
      assert.equal(multiplierExponent(String(exponent)), exponent);
    assert.equal(multiplierExponent('da'), 1);
  });
});
