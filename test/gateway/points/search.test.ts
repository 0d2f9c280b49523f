import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { recommendPoints } from '../../../src/gateway/points/recommend.js';
import { countByCategory, filterPoints, searchPoints } from '../../../src/gateway/points/search.js';
import * as m from './models.js';

const points = recommendPoints(
  m.ied(
    m.ln('Q0XCBR1', m.dpc('Pos'), m.sps('Loc')),
    m.ln('XSWI2', m.dpc('Pos')),
    m.ln('PTOC1', m.acd('Str'), m.act('Op')),
    m.ln('PTEF1', m.acd('Str')),
    m.ln(
      'MMXU1',
      m.mv('TotW', m.units('W', 'M')),
      m.dataObject('PhV', 'WYE', m.cmv('phsA', m.units('V', 'k'))),
      m.dataObject('A', 'WYE', m.cmv('phsA', m.units('A'))),
    ),
    m.ln('MMTR1', m.bcr('SupWh')),
    m.ln('GGIO1', { ...m.sps('Ind1'), description: 'Kühlung läuft' }, m.sps('Alm1')),
  ),
);
const found = (query: string): string[] => searchPoints(points, query).map(({ tag }) => tag.reference.slice(9));

describe('searching points', () => {
  it('finds words of name, reference, class, unit and description in any order', () => {
    assert.deepEqual(found('pos xcbr'), ['Q0XCBR1.Pos']);
    assert.deepEqual(found('cmv'), ['MMXU1.PhV.phsA', 'MMXU1.A.phsA']);
    assert.deepEqual(found('kV'), ['MMXU1.PhV.phsA']);
    assert.deepEqual(found('operate'), ['PTOC1.Op']);
  });

  it('does not mind capitals, umlauts and blanks', () => {
    assert.deepEqual(found('  KUHLUNG   läuft '), ['GGIO1.Ind1']);
  });

  const words: ReadonlyArray<readonly [query: string, references: readonly string[]]> = [
    ['breaker', ['Q0XCBR1.Pos', 'Q0XCBR1.Loc']],
    ['Leistungsschalter Stellung', ['Q0XCBR1.Pos']],
    ['Trenner', ['XSWI2.Pos']],
    ['voltage', ['MMXU1.PhV.phsA']],
    ['Spannung', ['MMXU1.PhV.phsA']],
    ['Strom', ['MMXU1.A.phsA']],
    ['current L1', ['MMXU1.A.phsA']],
    ['current L2', []],
    ['earth fault', ['PTOC1.Op', 'PTOC1.Str', 'PTEF1.Str']],
    ['Anregung', ['PTOC1.Str', 'PTEF1.Str']],
    ['Auslösung', ['PTOC1.Op']],
    ['Ausloesung', ['PTOC1.Op']],
    ['trip', ['PTOC1.Op']],
    ['Überstrom Anregung', ['PTOC1.Str']],
    ['Erdschluss', ['PTOC1.Op', 'PTOC1.Str', 'PTEF1.Str']],
    ['Wirkleistung', ['MMXU1.TotW']],
    ['Zähler', ['MMTR1.SupWh']],
    ['energy', ['MMTR1.SupWh']],
    ['Ort', ['Q0XCBR1.Loc']],
    ['Störung', ['GGIO1.Alm1']],
  ];
  for (const [query, references] of words) {
    it(`understands ${query}`, () => assert.deepEqual(found(query), references));
  }

  it('understands a synonym that is still being typed', () => {
    assert.deepEqual(found('spann'), ['MMXU1.PhV.phsA']);
  });

  it('finds everything for an empty query and nothing for nonsense', () => {
    assert.equal(found(' ').length, points.length);
    assert.deepEqual(found('xyzzy'), []);
    assert.deepEqual(found('(.*'), []);
  });

  it('ends for an endless query', () => {
    assert.equal(found('pos '.repeat(100_000)).length, 2);
  });
});

describe('quick filters', () => {
  it('filter by category, recommendation, device and class', () => {
    assert.deepEqual(
      filterPoints(points, { categories: ['position'] }).map(({ tag }) => tag.tag),
      ['CTRL.Q0XCBR1.Pos', 'CTRL.XSWI2.Pos'],
    );
    assert.equal(filterPoints(points, { lnClass: 'XCBR' }).length, 2);
    assert.equal(filterPoints(points, { logicalDevice: 'BAY1CTRL' }).length, points.length);
    assert.equal(filterPoints(points, { logicalDevice: 'BAY1' }).length, 0);
    assert.equal(filterPoints(points, { recommended: true, categories: [] }).length, points.length);
    assert.equal(filterPoints(points, {}).length, points.length);
  });

  it('say how many each category has', () => {
    assert.deepEqual(countByCategory(points), {
      position: 2,
      protection: 3,
      measurement: 3,
      energy: 1,
      alarm: 1,
      status: 2,
      control: 0,
      setting: 0,
      health: 0,
      other: 0,
    });
  });
});
