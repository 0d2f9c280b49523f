import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { DataAttribute, DataObject } from '../../../src/model/ied-model.js';
import type { TagData } from '../../../src/model/tag-value.js';
import { recommendPoints } from '../../../src/gateway/points/recommend.js';
import { applyUnits, unitReferences } from '../../../src/gateway/points/unit.js';
import * as m from './models.js';

const unitOf = (object: DataObject): string | undefined => recommendPoints(m.ied(m.ln('MMXU1', object)))[0]?.tag.unit;
const integerMv = (...more: DataAttribute[]): DataObject =>
  m.dataObject('TotW', 'MV', m.struct('mag', 'MX', m.da('i', 'MX', 'Int32')), ...more);
const scale = (factor: string, offset: string): DataAttribute =>
  m.struct(
    'sVC',
    'CF',
    m.da('scaleFactor', 'CF', 'Float32', { value: factor }),
    m.da('offset', 'CF', 'Float32', { value: offset }),
  );
const pulse = (value?: string): DataAttribute => m.da('pulsQty', 'CF', 'Float32', value === undefined ? {} : { value });

describe('units of points', () => {
  it('come from names or numbers in the file', () => {
    assert.equal(unitOf(m.mv('TotW', m.units('W', 'M'))), 'MW');
    assert.equal(unitOf(m.mv('TotW', m.units('38', '6'))), 'MW');
    assert.equal(unitOf(m.mv('Hz', m.units('Hz'))), 'Hz');
  });

  it("resolve a vendor's number by the file's own literals", () => {
    const units = m.struct('units', 'CF', m.da('SIUnit', 'CF', 'Enum', { value: '-7', enumLiterals: { [-7]: '%' } }));
    assert.equal(unitOf(m.mv('Load', units)), '%');
  });

  it('are absent when the file gives none', () => {
    assert.equal(unitOf(m.mv('TotW')), undefined);
    assert.equal(unitOf(m.mv('TotW', m.units())), undefined);
  });

  it('belong to a raw integer only when its scale is known to be 1', () => {
    assert.equal(unitOf(integerMv(m.units('W'), scale('0.1', '0'))), undefined);
    assert.equal(unitOf(integerMv(m.units('W'))), undefined);
    assert.equal(unitOf(integerMv(m.units('W'), scale('1', '0'))), 'W');
  });

  it('carry what one pulse of a counter stands for', () => {
    assert.equal(unitOf(m.bcr('SupWh', m.units('Wh', 'k'))), 'kWh');
    assert.equal(unitOf(m.bcr('SupWh', m.units('Wh', 'k'), pulse('1'))), 'kWh');
    assert.equal(unitOf(m.bcr('SupWh', m.units('Wh', 'k'), pulse('0.1'))), '×0.1 kWh');
    assert.equal(unitOf(m.bcr('SupWh', m.units('Wh', 'k'), pulse('ten'))), undefined);
  });
});

describe('units of a live IED', () => {
  const points = recommendPoints(
    m.asBrowsed(
      m.ied(
        m.ln('MMXU1', m.mv('TotW', m.units()), m.mv('Hz'), m.dataObject('A', 'WYE', m.cmv('phsA', m.units()))),
        m.ln('MMTR1', m.bcr('SupWh', m.units(), pulse())),
      ),
    ),
  );
  const read = (values: Record<string, TagData>): Record<string, string | undefined> =>
    Object.fromEntries(
      applyUnits(points, new Map(Object.entries(values))).map(({ tag }) => [tag.reference.slice(9), tag.unit]),
    );

  it('are read where the IED has them', () => {
    assert.deepEqual(unitReferences(points), [
      'BAY1CTRL/MMXU1.TotW.units[CF]',
      'BAY1CTRL/MMXU1.A.phsA.units[CF]',
      'BAY1CTRL/MMTR1.SupWh.units[CF]',
      'BAY1CTRL/MMTR1.SupWh.pulsQty[CF]',
    ]);
  });

  it('complete the points', () => {
    const units = read({
      'BAY1CTRL/MMXU1.TotW.units[CF]': { SIUnit: 62, multiplier: 6 },
      'BAY1CTRL/MMXU1.A.phsA.units[CF]': { SIUnit: 5 },
      'BAY1CTRL/MMTR1.SupWh.units[CF]': { SIUnit: 72, multiplier: 3 },
      'BAY1CTRL/MMTR1.SupWh.pulsQty[CF]': 0.10000000149011612,
    });
    assert.deepEqual(units, {
      'MMXU1.TotW': 'MW',
      'MMXU1.Hz': undefined,
      'MMXU1.A.phsA': 'A',
      'MMTR1.SupWh': '×0.1 kWh',
    });
  });

  it('stay unknown when they could not be read, or make no sense', () => {
    assert.deepEqual(Object.values(read({})), [undefined, undefined, undefined, undefined]);
    assert.equal(read({ 'BAY1CTRL/MMTR1.SupWh.units[CF]': { SIUnit: 72, multiplier: 3 } })['MMTR1.SupWh'], undefined);
    for (const value of [null, 29, 'V', [29, 3], { SIUnit: 999 }, { SIUnit: 29, multiplier: 4 }, {}] as TagData[]) {
      assert.equal(read({ 'BAY1CTRL/MMXU1.TotW.units[CF]': value })['MMXU1.TotW'], undefined);
    }
  });
});
