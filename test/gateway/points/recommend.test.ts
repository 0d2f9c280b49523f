import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ArgumentError } from '../../../src/errors.js';
import type { IedModel } from '../../../src/model/ied-model.js';
import { recommendPoints } from '../../../src/gateway/points/recommend.js';
import { allPoints } from './all-points.js';
import type { PointCandidate } from '../../../src/gateway/points/point.js';
import * as m from './models.js';

const byName = (points: readonly PointCandidate[], tag: string): PointCandidate => {
  const found = points.find((point) => point.tag.tag === tag);
  assert.ok(found, `${tag} is among ${points.map((point) => point.tag.tag).join(', ')}`);
  return found;
};
const names = (points: readonly PointCandidate[]): string[] => points.map((point) => point.tag.tag);

/** A bay with something of everything that the gateway is asked for. */
function bay(): IedModel {
  return m.ied(
    m.ln('LLN0', ...m.common(), m.sps('LocKey')),
    m.ln('LPHD1', m.status('PhyHealth', 'ENS', 'Enum')),
    m.ln('CSWI1', ...m.common(), m.dpc('Pos'), m.act('OpOpn')),
    m.ln(
      'XCBR1',
      ...m.common(),
      m.dpc('Pos'),
      m.sps('Loc'),
      m.status('CBOpCap', 'ENS', 'Enum'),
      m.status('OpCnt', 'INS', 'Int32'),
    ),
    m.ln('XSWI1', m.dpc('Pos')),
    m.ln('PTOC1', ...m.common(), m.acd('Str'), m.act('Op'), m.asg('StrVal')),
    m.ln('PTRC1', m.act('Tr')),
    m.ln('CILO1', m.sps('EnaOpn'), m.sps('EnaCls')),
    m.ln('RBRF1', m.act('OpEx'), m.act('OpIn')),
    m.ln('RREC1', m.act('Op'), m.status('AutoRecSt', 'ENS', 'Enum')),
    m.ln(
      'YLTC1',
      m.dataObject(
        'TapPos',
        'ISC',
        m.struct('valWTr', 'ST', m.da('posVal', 'ST', 'Int8'), m.da('transInd', 'ST', 'Boolean')),
      ),
    ),
    m.ln(
      'MMXU1',
      m.mv('TotW', m.units('W', 'M')),
      m.mv('Hz', m.units('Hz')),
      m.dataObject('PPV', 'DEL', m.cmv('phsAB', m.units('V', 'k')), m.cmv('phsBC', m.units('29', '3'))),
      m.dataObject('A', 'WYE', m.cmv('phsA', m.units('A')), m.cmv('neut'), m.da('angRef', 'CF', 'Enum')),
    ),
    m.ln('MSQI1', m.dataObject('SeqA', 'SEQ', m.cmv('c1'), m.cmv('c2'), m.cmv('c3'))),
    m.ln('MMTR1', m.bcr('SupWh', m.units('Wh', 'k'))),
    m.ln('GGIO1', m.sps('Ind1'), m.sps('Ind2'), m.sps('Alm1'), m.mv('AnIn1')),
    m.ln('SIMG1', m.sps('InsAlm'), m.mv('Pres')),
    m.ln('WTUR1', m.mv('W'), m.status('TurSt', 'INS', 'Int32')),
  );
}

describe('recommended points', () => {
  it('puts switch positions and trips first', () => {
    const points = recommendPoints(bay());
    assert.deepEqual(names(points).slice(0, 2), ['CTRL.CSWI1.Pos', 'CTRL.PTRC1.Tr']);
    assert.deepEqual(
      points.map((point) => point.rank),
      points.map((point) => point.rank).toSorted((a, b) => a - b),
    );
  });

  it('prefers the position of CSWI and keeps that of XCBR', () => {
    const points = recommendPoints(bay());
    assert.equal(byName(points, 'CTRL.CSWI1.Pos').rank, 1);
    assert.equal(byName(points, 'CTRL.XCBR1.Pos').rank, 2);
    assert.equal(byName(points, 'CTRL.XCBR1.Pos').recommended, true);
  });

  it('names the data object, so that value, quality and time are read together', () => {
    const { tag } = byName(recommendPoints(bay()), 'CTRL.XCBR1.Pos');
    assert.deepEqual(tag, {
      tag: 'CTRL.XCBR1.Pos',
      reference: 'BAY1CTRL/XCBR1.Pos',
      fc: 'ST',
      type: 'Dbpos',
      cdc: 'DPC',
    });
  });

  const expected: ReadonlyArray<readonly [tag: string, category: string, fc: string, type: string]> = [
    ['CTRL.XSWI1.Pos', 'position', 'ST', 'Dbpos'],
    ['CTRL.PTOC1.Str', 'protection', 'ST', 'Boolean'],
    ['CTRL.PTOC1.Op', 'protection', 'ST', 'Boolean'],
    ['CTRL.RBRF1.OpEx', 'protection', 'ST', 'Boolean'],
    ['CTRL.RREC1.Op', 'protection', 'ST', 'Boolean'],
    ['CTRL.RREC1.AutoRecSt', 'protection', 'ST', 'Enum'],
    ['CTRL.CILO1.EnaOpn', 'status', 'ST', 'Boolean'],
    ['CTRL.YLTC1.TapPos', 'position', 'ST', 'Int8'],
    ['CTRL.MMXU1.TotW', 'measurement', 'MX', 'Float32'],
    ['CTRL.MMXU1.Hz', 'measurement', 'MX', 'Float32'],
    ['CTRL.MMXU1.PPV.phsAB', 'measurement', 'MX', 'Float32'],
    ['CTRL.MMXU1.A.phsA', 'measurement', 'MX', 'Float32'],
    ['CTRL.MMXU1.A.neut', 'measurement', 'MX', 'Float32'],
    ['CTRL.MSQI1.SeqA.c2', 'measurement', 'MX', 'Float32'],
    ['CTRL.MMTR1.SupWh', 'energy', 'ST', 'Int64'],
    ['CTRL.GGIO1.Ind2', 'status', 'ST', 'Boolean'],
    ['CTRL.GGIO1.Alm1', 'alarm', 'ST', 'Boolean'],
    ['CTRL.GGIO1.AnIn1', 'measurement', 'MX', 'Float32'],
    ['CTRL.SIMG1.InsAlm', 'alarm', 'ST', 'Boolean'],
    ['CTRL.SIMG1.Pres', 'measurement', 'MX', 'Float32'],
    ['CTRL.LLN0.LocKey', 'status', 'ST', 'Boolean'],
    ['CTRL.XCBR1.Loc', 'status', 'ST', 'Boolean'],
    ['CTRL.XCBR1.CBOpCap', 'status', 'ST', 'Enum'],
    ['CTRL.LPHD1.PhyHealth', 'health', 'ST', 'Enum'],
    ['CTRL.WTUR1.W', 'measurement', 'MX', 'Float32'],
  ];
  for (const [origin, model] of [
    ['from SCL', bay()],
    ['by name online', m.asBrowsed(bay())],
  ] as const) {
    for (const [tag, category, fc, type] of expected) {
      it(`recommends ${tag} ${origin}`, () => {
        const point = byName(recommendPoints(model), tag);
        assert.deepEqual(
          { category: point.category, fc: point.tag.fc, type: point.tag.type, recommended: point.recommended },
          { category, fc, type, recommended: true },
        );
        assert.match(point.reason, /\w/);
        assert.match(point.reasonKey, /^[a-z]+\.[a-zA-Z]+$/);
      });
    }
  }

  it('covers start and operate of every class of group P', () => {
    for (const lnClass of ['PDIF', 'PDIS', 'PIOC', 'PTOV', 'PTUV', 'PTEF', 'PHIZ', 'PVPH', 'PDUP']) {
      const points = recommendPoints(m.ied(m.ln(`${lnClass}7`, m.acd('Str'), m.act('Op'))));
      assert.deepEqual(
        points.map(({ tag, category, recommended }) => [tag.reference, category, recommended]),
        [
          [`BAY1CTRL/${lnClass}7.Op`, 'protection', true],
          [`BAY1CTRL/${lnClass}7.Str`, 'protection', true],
        ],
      );
    }
  });

  it('sees the class behind a prefix: DPDOesGGIO1', () => {
    const [point] = recommendPoints(m.ied(m.ln('DPDOesGGIO1', m.sps('Ind1'))));
    assert.equal(point?.tag.tag, 'CTRL.DPDOesGGIO1.Ind1');
    assert.equal(point.reasonKey, 'status.generic');
  });

  it('hides Mod, Beh, Health, NamPlt and single attributes unless asked', () => {
    const shown = names(recommendPoints(bay()));
    assert.equal(
      shown.some((name) => /\.(Mod|Beh|Health|NamPlt)$|stVal|\.q$/.test(name)),
      false,
    );
    const all = recommendPoints(bay(), { hidden: true });
    for (const name of [
      'CTRL.XCBR1.Beh',
      'CTRL.XCBR1.Mod',
      'CTRL.XCBR1.Health',
      'CTRL.XCBR1.NamPlt.vendor',
      'CTRL.XCBR1.Pos.q',
    ]) {
      assert.equal(byName(all, name).recommended, false);
    }
  });

  it('leaves settings in the list, but does not recommend them', () => {
    const point = byName(recommendPoints(bay()), 'CTRL.PTOC1.StrVal');
    assert.deepEqual([point.category, point.tag.fc, point.recommended], ['setting', 'SP', false]);
  });

  it('gives no candidate to objects without a value of their own', () => {
    const shown = names(recommendPoints(bay()));
    assert.equal(shown.includes('CTRL.MMXU1.A'), false);
    assert.equal(shown.includes('CTRL.MSQI1.SeqA'), false);
  });

  it('recommends trips also where the file calls them transient, and says so', () => {
    const [point, other] = recommendPoints(m.ied(m.ln('PTOC1', { ...m.act('Op'), transient: true }, m.acd('Str'))));
    assert.deepEqual([point?.recommended, point?.rank, point?.transient], [true, 2, true]);
    assert.equal(other?.transient, undefined);
  });

  it('names the literals of standard enumerations that were found online', () => {
    const point = byName(recommendPoints(m.asBrowsed(bay())), 'CTRL.LPHD1.PhyHealth');
    assert.equal(point.tag.enumLiterals?.[2], 'Warning');
  });

  it("keeps a file's own literals", () => {
    const model = m.ied(m.ln('LPHD1', m.status('PhyHealth', 'ENS', 'Enum', { enumLiterals: { 1: 'fine' } })));
    assert.deepEqual(recommendPoints(model)[0]?.tag.enumLiterals, { 1: 'fine' });
  });

  it('describes a point by its logical node and its own description', () => {
    const described = { ...m.sps('Ind1'), description: 'Door open' };
    const byValue = m.dataObject(
      'Ind2',
      'SPS',
      m.da('stVal', 'ST', 'Boolean'),
      m.da('d', 'DC', 'VisibleString', { value: 'Spring charged' }),
    );
    const points = recommendPoints(m.ied({ ...m.ln('GGIO1', described, byValue), description: 'Feeder 7' }));
    assert.deepEqual(
      points.map(({ tag }) => tag.description),
      ['Feeder 7: Door open', 'Feeder 7: Spring charged'],
    );
  });

  it('keeps names unique when the template does not tell points apart', () => {
    const points = recommendPoints(bay(), { template: '{do}' });
    assert.equal(new Set(names(points)).size, points.length);
    assert.ok(names(points).includes('Pos_2'));
  });

  it('refuses a template that it does not know', () => {
    assert.throws(() => recommendPoints(bay(), { template: '{foo}' }), ArgumentError);
  });

  it('survives an empty model', () => {
    assert.deepEqual(recommendPoints({ name: '', logicalDevices: [] }), []);
    assert.deepEqual(
      recommendPoints(m.ied(m.ln('GGIO1', { name: 'Ind1', attributes: [], dataObjects: [] })), { hidden: true }),
      [],
    );
  });

  it('lists every phase of a model with more than 40,000 attributes', () => {
    const nodes = Array.from({ length: 400 }, (_, i) =>
      m.ln(
        `MMXU${i}`,
        ...['W', 'VAr', 'VA', 'A', 'PhV'].map((name) =>
          m.dataObject(name, 'WYE', m.cmv('phsA'), m.cmv('phsB'), m.cmv('phsC')),
        ),
      ),
    );
    assert.equal(recommendPoints(m.ied(...nodes)).length, 6000);
  });
});

describe('all points', () => {
  it('lists every data object and attribute, with unique names', () => {
    const tags = allPoints(bay());
    const references = new Set(tags.map(({ reference, fc }) => `${reference}[${fc}]`));
    for (const reference of [
      'BAY1CTRL/XCBR1.Pos[ST]',
      'BAY1CTRL/XCBR1.Pos.stVal[ST]',
      'BAY1CTRL/XCBR1.Pos.ctlModel[CF]',
      'BAY1CTRL/XCBR1.NamPlt[DC]',
      'BAY1CTRL/MMXU1.A[CF]',
      'BAY1CTRL/MMXU1.A.phsA[MX]',
      'BAY1CTRL/MMXU1.A.phsA.cVal.ang.f[MX]',
      'BAY1CTRL/MMXU1.A.phsA.units.SIUnit[CF]',
    ]) {
      assert.ok(references.has(reference), reference);
    }
    assert.equal(new Set(tags.map(({ tag }) => tag)).size, tags.length);
  });

  it('appends the attribute to the name when the template has no {da}', () => {
    const tag = allPoints(bay()).find(({ reference }) => reference.endsWith('A.phsA.cVal.ang.f'));
    assert.equal(tag?.tag, 'CTRL.MMXU1.A.phsA.cVal.ang.f');
    assert.equal(tag?.unit, '°');
  });

  it('does not invent members of an array, which stand in its elements', () => {
    const har = m.da('har', 'MX', 'Structure', {
      count: 16,
      attributes: [m.struct('mag', 'MX', m.da('f', 'MX', 'Float32'))],
    });
    const tags = allPoints(m.ied(m.ln('MHAI1', m.dataObject('HA', 'HMV', har))));
    assert.deepEqual(
      tags.map(({ reference, type }) => [reference, type]),
      [
        ['BAY1CTRL/MHAI1.HA', 'Structure'],
        ['BAY1CTRL/MHAI1.HA.har', 'Array'],
      ],
    );
  });
});
