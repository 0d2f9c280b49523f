import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { principalOf, principalValue, qualityAndTimePaths } from '../../src/model/cdc.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';

const among =
  (...members: string[]) =>
  (path: string): boolean =>
    members.includes(path);

describe('the principal value of a data object', () => {
  const rows: ReadonlyArray<
    readonly [cdc: string, fc: FunctionalConstraint, members: string[], value: string | undefined]
  > = [
    ['SPS', 'ST', ['stVal', 'q', 't'], 'stVal'],
    ['DPC', 'ST', ['stVal', 'q', 't', 'stSeld', 'origin', 'ctlNum'], 'stVal'],
    ['ACT', 'ST', ['general', 'phsA', 'q', 't'], 'general'],
    ['ACD', 'ST', ['dirGeneral', 'general', 'dirPhsA', 'phsA', 'q', 't'], 'general'],
    ['SEC', 'ST', ['cnt', 'sev', 't'], 'cnt'],
    ['BCR', 'ST', ['actVal', 'frVal', 'frTm', 'q', 't'], 'actVal'],
    ['BCR', 'ST', ['frVal', 'frTm', 'q', 't'], 'frVal'],
    ['BSC', 'ST', ['valWTr', 'valWTr.posVal', 'valWTr.transInd', 'q', 't'], 'valWTr.posVal'],
    ['HST', 'ST', ['hstVal', 'q', 't'], 'hstVal'],
    ['MV', 'MX', ['instMag', 'instMag.f', 'mag', 'mag.f', 'range', 'q', 't'], 'mag.f'],
    ['MV', 'MX', ['mag', 'mag.i', 'q', 't'], 'mag.i'],
    ['MV', 'MX', ['mag', 'mag.i', 'mag.f', 'q', 't'], 'mag.f'],
    ['SAV', 'MX', ['instMag', 'instMag.i', 'q', 't'], 'instMag.i'],
    ['CMV', 'MX', ['instCVal.mag.f', 'cVal.mag.f', 'cVal.ang.f', 'q', 't'], 'cVal.mag.f'],
    ['CMV', 'MX', ['instCVal.mag.f', 'instCVal.ang.f', 'q', 't'], 'instCVal.mag.f'],
    ['APC', 'MX', ['mxVal', 'mxVal.f', 'q', 't'], 'mxVal.f'],
    ['APC', 'MX', ['setMag', 'setMag.f', 'q', 't'], 'setMag.f'],
    ['SPG', 'SP', ['setVal'], 'setVal'],
    ['ASG', 'SG', ['setMag', 'setMag.f'], 'setMag.f'],
    ['ASG', 'SE', ['setMag', 'setMag.i'], 'setMag.i'],
    ['TSG', 'SP', ['setTm', 'setCal'], 'setTm'],
    ['ORG', 'SP', ['setSrcRef', 'setTstRef'], 'setSrcRef'],
    ['DPC', 'SV', ['subEna', 'subVal', 'subQ', 'subID'], 'subVal'],
    ['DPC', 'CO', ['SBOw', 'SBOw.ctlVal', 'Oper', 'Oper.ctlVal'], 'Oper.ctlVal'],
    ['APC', 'CO', ['Oper', 'Oper.ctlVal', 'Oper.ctlVal.f'], 'Oper.ctlVal.f'],
    ['SPS', 'DC', ['d', 'dU'], 'd'],
    ['LPL', 'DC', ['vendor', 'swRev', 'd'], undefined],
    ['DPL', 'DC', ['vendor', 'hwRev'], undefined],
    ['WYE', 'MX', ['phsA', 'phsA.cVal', 'phsA.cVal.mag', 'phsA.cVal.mag.f'], undefined],
    ['DPC', 'CF', ['ctlModel', 'sboTimeout'], undefined],
    ['CTS', 'SR', ['objRef', 'serviceType', 't'], undefined],
  ];
  for (const [cdc, fc, members, value] of rows) {
    it(`of ${cdc} in ${fc} is ${value ?? 'the whole object'} (${members.length} members)`, () => {
      assert.equal(principalValue(cdc, fc, among(...members)), value);
      assert.equal(principalValue(undefined, fc, among(...members)), value);
    });
  }

  it('is looked for among status, then measurands, then settings', () => {
    const has = (fc: FunctionalConstraint, path: string): boolean =>
      ['ST stVal', 'CF ctlModel', 'SV subVal', 'DC d', 'CO Oper.ctlVal'].includes(`${fc} ${path}`);
    assert.deepEqual(principalOf('SPC', has), { fc: 'ST', path: 'stVal' });
    assert.deepEqual(
      principalOf(undefined, (fc, path) => `${fc} ${path}` === 'SG setVal'),
      { fc: 'SG', path: 'setVal' },
    );
    assert.equal(
      principalOf('LPL', (fc, path) => `${fc} ${path}` === 'DC d'),
      undefined,
    );
  });
});

describe('quality and time of a value', () => {
  it('stand beside it', () => {
    const has = among('cVal.mag.f', 'q', 't');
    assert.deepEqual(qualityAndTimePaths('cVal.mag.f', has), { quality: 'q', time: 't' });
  });

  it('stand in the phase of a WYE', () => {
    const has = among('phsA.cVal.mag.f', 'phsA.q', 'phsA.t', 'phsB.q');
    assert.deepEqual(qualityAndTimePaths('phsA.cVal.mag.f', has), { quality: 'phsA.q', time: 'phsA.t' });
  });

  it('are absent where the object has none', () => {
    assert.deepEqual(qualityAndTimePaths('setVal', among('setVal')), {});
    assert.deepEqual(qualityAndTimePaths('cnt', among('cnt', 't')), { time: 't' });
  });

  it('are those of the substitute for a substituted value', () => {
    const has = among('subVal', 'subQ', 'q', 't');
    assert.deepEqual(qualityAndTimePaths('subVal', has), { quality: 'subQ', time: 't' });
  });

  it('are those of the freeze for a frozen counter', () => {
    const has = among('actVal', 'frVal', 'frTm', 'q', 't');
    assert.deepEqual(qualityAndTimePaths('frVal', has), { quality: 'q', time: 'frTm' });
    assert.deepEqual(qualityAndTimePaths('actVal', has), { quality: 'q', time: 't' });
  });

  it('are not their own quality and time', () => {
    assert.deepEqual(qualityAndTimePaths('q', among('q', 't')), { time: 't' });
    assert.deepEqual(qualityAndTimePaths('t', among('q', 't')), { quality: 'q' });
  });
});
