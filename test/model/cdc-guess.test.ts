import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { guessCdc, looksLikeSubDataObject } from '../../src/model/cdc-guess.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import type { DataAttribute, DataObject } from '../../src/model/ied-model.js';
import type { TagType } from '../../src/model/tag-value.js';

/** `stVal[ST] Boolean`, `Oper[CO](ctlVal Boolean)`: members as browsing finds them. */
function attribute(text: string): DataAttribute {
  const [, name = '', fc = '', inside, type = 'Structure'] =
    /^(\w+)\[(\w\w)\](?:\((.*)\))?(?: (\w+))?$/.exec(text) ?? [];
  const members = (inside ?? '')
    .split(',')
    .filter((it) => it !== '')
    .map((it) => {
      const [member = '', memberType = 'Int32'] = it.split(' ');
      return attribute(`${member}[${fc}] ${memberType}`);
    });
  const kind = type === 'Bits2' ? 'BitString' : (type as TagType);
  return {
    name,
    fc: fc as FunctionalConstraint,
    type: kind,
    basicType: 'Struct',
    attributes: members,
    ...(type === 'Bits2' && { size: 2 }),
  };
}

function object(name: string, attributes: string[], subs: string[] = []): DataObject {
  return {
    name,
    attributes: attributes.map(attribute),
    dataObjects: subs.map((sub) => object(sub, ['cVal[MX](mag)', 'q[MX] Quality', 't[MX] Timestamp'])),
  };
}

const stamp = ['q[ST] Quality', 't[ST] Timestamp'];
const rows: ReadonlyArray<readonly [cdc: string | undefined, attributes: string[], subs?: string[], name?: string]> = [
  ['SPS', ['stVal[ST] Boolean', ...stamp]],
  ['SPC', ['stVal[ST] Boolean', ...stamp, 'Oper[CO](ctlVal Boolean)']],
  ['SPC', ['stVal[ST] Boolean', ...stamp, 'ctlModel[CF] Int8']],
  ['SPC', ['Oper[CO](ctlVal Boolean)', 'ctlModel[CF] Int8']],
  ['DPS', ['stVal[ST] Dbpos', ...stamp]],
  ['DPS', ['stVal[ST] Bits2', ...stamp]],
  ['DPC', ['stVal[ST] Bits2', ...stamp, 'SBOw[CO](ctlVal Boolean)', 'Oper[CO](ctlVal Boolean)']],
  ['ENS', ['stVal[ST] Int8', ...stamp]],
  ['ENC', ['stVal[ST] Enum', ...stamp, 'Oper[CO](ctlVal Int8)']],
  ['INS', ['stVal[ST] Int32', ...stamp]],
  ['INC', ['stVal[ST] Int32', ...stamp, 'ctlModel[CF] Int8']],
  ['VSS', ['stVal[ST] VisibleString', ...stamp]],
  ['ACT', ['general[ST] Boolean', 'phsA[ST] Boolean', ...stamp]],
  ['ACD', ['general[ST] Boolean', 'dirGeneral[ST] Int8', ...stamp]],
  ['BCR', ['actVal[ST] Int64', 'units[CF](SIUnit Int8)', ...stamp]],
  ['BCR', ['frVal[ST] Int64', 'frTm[ST] Timestamp', ...stamp]],
  ['SEC', ['cnt[ST] UInt32', 'sev[ST] Int8', 't[ST] Timestamp']],
  ['HST', ['hstVal[ST] Array', ...stamp]],
  ['BSC', ['valWTr[ST](posVal Int8,transInd Boolean)', ...stamp]],
  ['BSC', ['valWTr[ST](posVal Int8)', ...stamp, 'Oper[CO](ctlVal Bits2)']],
  ['ISC', ['valWTr[ST](posVal Int8)', ...stamp, 'Oper[CO](ctlVal Int8)']],
  ['MV', ['mag[MX](f Float32)', 'q[MX] Quality']],
  ['SAV', ['instMag[MX](i Int32)', 'q[MX] Quality']],
  ['CMV', ['cVal[MX](mag)', 'q[MX] Quality']],
  ['CMV', ['instCVal[MX](mag)', 'q[MX] Quality']],
  ['APC', ['mxVal[MX](f Float32)', 'q[MX] Quality', 'Oper[CO](ctlVal Structure)']],
  ['BAC', ['mxVal[MX](f Float32)', 'q[MX] Quality', 'Oper[CO](ctlVal Bits2)']],
  ['APC', ['setMag[MX](f Float32)', 'q[MX] Quality']],
  ['HMV', ['har[MX] Array', 'q[MX] Quality']],
  ['HWYE', ['phsAHar[MX] Array', 'q[MX] Quality']],
  ['HDEL', ['phsABHar[MX] Array', 'q[MX] Quality']],
  ['WYE', ['angRef[CF] Int8'], ['phsA', 'phsB', 'phsC', 'neut']],
  ['WYE', [], ['net']],
  ['DEL', [], ['phsAB', 'phsBC', 'phsCA']],
  ['SEQ', ['seqT[MX] Int8'], ['c1', 'c2', 'c3']],
  ['HWYE', [], ['phsAHar', 'phsBHar']],
  ['HDEL', [], ['phsABHar']],
  ['HMV', [], ['har']],
  ['SPG', ['setVal[SP] Boolean']],
  ['ING', ['setVal[SG] Int32', 'setVal[SE] Int32']],
  ['ENG', ['setVal[SE] Int8']],
  ['VSG', ['setVal[SP] VisibleString']],
  ['ASG', ['setMag[SP](f Float32)']],
  ['TSG', ['setTm[SP] Timestamp']],
  ['ORG', ['setSrcRef[SP] VisibleString']],
  ['CUG', ['cur[SP] VisibleString']],
  ['CURVE', ['setCharact[SG] UInt8']],
  ['CSG', ['numPts[SP] UInt16', 'crvPts[SP] Array']],
  ['CSD', ['numPts[DC] UInt16', 'crvPts[DC] Array']],
  ['LPL', ['vendor[DC] VisibleString', 'swRev[DC] VisibleString'], [], 'NamPlt'],
  ['DPL', ['vendor[DC] VisibleString', 'hwRev[DC] VisibleString'], [], 'PhyNam'],
  ['DPL', ['vendor[DC] VisibleString'], [], 'PhyNam'],
  ['CST', ['objRef[SR] VisibleString', 'serviceType[SR] Int8']],
  ['CTS', ['objRef[SR] VisibleString', 'serviceType[SR] Int8', 'ctlVal[SR] Boolean']],
  ['BTS', ['serviceType[SR] Int8', 'rptID[SR] VisibleString', 'purgeBuf[SR] Boolean']],
  ['UTS', ['serviceType[SR] Int8', 'rptID[SR] VisibleString', 'resv[SR] Boolean']],
  [undefined, ['d[DC] VisibleString']],
  [undefined, []],
];

describe('the class of a data object that was found online', () => {
  for (const [cdc, attributes, subs = [], name = 'X'] of rows) {
    it(`is ${cdc ?? 'unknown'} for ${[...attributes, ...subs].join(', ') || 'nothing'}`, () => {
      assert.equal(guessCdc(object(name, attributes, subs)), cdc);
    });
  }
});

describe('a structure below a data object', () => {
  it('is a sub data object when it has what only those have', () => {
    assert.equal(looksLikeSubDataObject('phsA', []), true);
    assert.equal(looksLikeSubDataObject('c1', ['cVal']), true);
    assert.equal(looksLikeSubDataObject('vendorPhase', ['instCVal', 'q', 't']), true);
  });

  it('is an attribute otherwise', () => {
    assert.equal(looksLikeSubDataObject('cVal', ['mag', 'ang']), false);
    assert.equal(looksLikeSubDataObject('Oper', ['ctlVal', 'origin', 'ctlNum', 'T', 'Test', 'Check']), false);
    assert.equal(looksLikeSubDataObject('origin', ['orCat', 'orIdent']), false);
    assert.equal(looksLikeSubDataObject('valWTr', ['posVal', 'transInd']), false);
    assert.equal(looksLikeSubDataObject('units', ['SIUnit', 'multiplier']), false);
    assert.equal(looksLikeSubDataObject('rangeC', ['hhLim', 'hLim', 'min', 'max', 'limDb']), false);
  });
});
