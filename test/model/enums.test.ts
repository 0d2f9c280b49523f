import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { standardEnum } from '../../src/model/enums.js';

describe('standard enumerations', () => {
  const rows: ReadonlyArray<readonly [place: string, number: number, literal: string]> = [
    ['LLN0 Beh stVal', 1, 'on'],
    ['XCBR Mod stVal', 5, 'off'],
    ['XCBR Mod Oper.ctlVal', 4, 'test/blocked'],
    ['XCBR Health stVal', 3, 'Alarm'],
    ['LPHD PhyHealth stVal', 1, 'Ok'],
    ['PTOC Str dirGeneral', 3, 'both'],
    ['PTOC Str dirPhsA', 2, 'backward'],
    ['CSWI Pos ctlModel', 4, 'sbo-with-enhanced-security'],
    ['CSWI Pos origin.orCat', 3, 'remote-control'],
    ['CSWI Pos Oper.origin.orCat', 8, 'process'],
    ['MMXU TotW range', 4, 'low-low'],
    ['MSQI SeqA seqT', 0, 'pos-neg-zero'],
    ['MMXU A angRef', 6, 'Vab'],
    ['MMXU A.phsA angRef', 1, 'A'],
    ['XCBR CBOpCap stVal', 4, 'Open-Close-Open'],
    ['XSWI SwTyp stVal', 2, 'Disconnector'],
    ['XSWI SwOpCap stVal', 4, 'Open and Close'],
    ['RREC AutoRecSt stVal', 3, 'Successful'],
    ['RFLO FltLoop stVal', 1, 'PhaseAtoGround'],
    ['PDIS DirMod setVal', 2, 'Forward'],
    ['PTRC TrMod setVal', 1, '3 phase tripping'],
    ['PTOC TmACrv setCharact', 9, 'IEC Normal Inverse'],
    ['GSAL AuthFail sev', 1, 'critical'],
  ];
  for (const [place, number, literal] of rows) {
    it(`name ${number} of ${place} ${literal}`, () => {
      const [lnClass = '', doName = '', daName = ''] = place.split(' ');
      assert.equal(standardEnum(lnClass, doName, daName)?.[number], literal);
    });
  }

  it('name nothing that the standard does not enumerate', () => {
    assert.equal(standardEnum('GGIO', 'IntIn1', 'stVal'), undefined);
    assert.equal(standardEnum('XXXX', 'TrMod', 'setVal'), undefined);
    assert.equal(standardEnum('MMXU', 'Vendor', 'angRef'), undefined);
    assert.equal(standardEnum('LLN0', 'Beh', 'q'), undefined);
    assert.equal(standardEnum('LLN0', 'constructor', 'stVal'), undefined);
    assert.equal(standardEnum('LLN0', 'Beh', 'toString'), undefined);
    assert.equal(standardEnum('', '', ''), undefined);
  });
});
