import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ArgumentError } from '../../../src/errors.js';
import { pointAt } from '../../../src/gateway/points/point-at.js';
import { allPoints } from './all-points.js';
import * as m from './models.js';

const model = m.ied(
  m.ln('XCBR1', ...m.common(), m.dpc('Pos')),
  m.ln('MMXU1', m.dataObject('A', 'WYE', m.cmv('phsA', m.units('A', 'k')), m.da('angRef', 'CF', 'Enum'))),
);

describe('the tag of one place of the tree', () => {
  it('is the principal value of a data object', () => {
    assert.deepEqual(pointAt(model, 'BAY1CTRL/MMXU1.A.phsA'), {
      tag: 'CTRL.MMXU1.A.phsA',
      reference: 'BAY1CTRL/MMXU1.A.phsA',
      fc: 'MX',
      type: 'Float32',
      cdc: 'CMV',
      unit: 'kA',
    });
  });

  it('is an attribute, with the unit of its data object', () => {
    const tag = pointAt(model, 'BAY1CTRL/MMXU1.A.phsA.cVal.mag.f[MX]');
    assert.deepEqual([tag.tag, tag.type, tag.unit], ['CTRL.MMXU1.A.phsA.cVal.mag.f', 'Float32', 'kA']);
  });

  it('is a data object as a whole in another functional constraint', () => {
    assert.deepEqual(pointAt(model, 'BAY1CTRL/XCBR1.Pos[CF]'), {
      tag: 'CTRL.XCBR1.Pos',
      reference: 'BAY1CTRL/XCBR1.Pos',
      fc: 'CF',
      type: 'Structure',
      cdc: 'DPC',
    });
  });

  it('is the same as in the list of all points', () => {
    for (const tag of allPoints(model)) assert.deepEqual(pointAt(model, `${tag.reference}[${tag.fc}]`), tag);
  });

  it('is an element of an array, of data objects or of attributes', () => {
    const harmonics = m.ied(
      m.ln(
        'MHAI1',
        m.dataObject('HA', 'HWYE', { ...m.cmv('phsAHar', m.units('A')), count: 4 }),
        m.dataObject(
          'HCrv',
          'CSD',
          m.da('crvPts', 'DC', 'Structure', { count: 2, attributes: [m.da('xVal', 'DC', 'Float32')] }),
        ),
      ),
    );
    assert.deepEqual(pointAt(harmonics, 'BAY1CTRL/MHAI1.HA.phsAHar(3)'), {
      tag: 'CTRL.MHAI1.HA.phsAHar(3)',
      reference: 'BAY1CTRL/MHAI1.HA.phsAHar(3)',
      fc: 'MX',
      type: 'Float32',
      cdc: 'CMV',
      unit: 'A',
    });
    assert.equal(pointAt(harmonics, 'BAY1CTRL/MHAI1.HA.phsAHar').type, 'Array');
    assert.equal(pointAt(harmonics, 'BAY1CTRL/MHAI1.HCrv.crvPts(1).xVal[DC]').type, 'Float32');
    assert.equal(pointAt(harmonics, 'BAY1CTRL/MHAI1.HCrv.crvPts(1)').type, 'Structure');
    for (const wrong of ['HA.phsAHar(4)', 'HA(0)', 'HA.phsAHar.cVal[MX]', 'HCrv.crvPts(2)', 'HCrv.crvPts.xVal']) {
      assert.throws(() => pointAt(harmonics, `BAY1CTRL/MHAI1.${wrong}`), ArgumentError, wrong);
    }
  });

  it('names what the model does not have', () => {
    for (const reference of [
      'X/XCBR1.Pos',
      'BAY1CTRL/XCBR2.Pos',
      'BAY1CTRL/XCBR1.Neg',
      'BAY1CTRL/XCBR1.Pos.x',
      'BAY1CTRL/XCBR1.Pos.stVal[CF]',
      'BAY1CTRL/XCBR1.Pos[MX]',
      'BAY1CTRL/XCBR1',
    ]) {
      assert.throws(() => pointAt(model, reference), ArgumentError, reference);
    }
  });
});
