import assert from 'node:assert/strict';
import type { DataSet } from '../../src/model/ied-model.js';
import { parseReference } from '../../src/model/reference.js';
import type { SclDocument } from '../../src/scl/index.js';
import { codes, modelOf, nodeNamed, parse, type Parts } from './fixtures.js';

const TYPES = `
  <DOType id="WYE" cdc="WYE"><SDO name="phsA" type="CMV"/><SDO name="har" type="CMV" count="4"/></DOType>
  <DOType id="CMV" cdc="CMV"><DA name="cVal" bType="Struct" type="Vector" fc="MX"/><DA name="q" bType="Quality" fc="MX"/>
    <DA name="pts" bType="FLOAT32" fc="MX" count="5"/></DOType>
  <DAType id="Vector"><BDA name="mag" bType="FLOAT32"/></DAType>`;
const DOS = '<DO name="Ind1" type="SPS"/><DO name="A" type="WYE"/>';

function file(fcda: string, more: Parts = {}): SclDocument {
  return parse({ dos: DOS, types: TYPES, ln0: `<DataSet name="ds" desc="all">${fcda}</DataSet>`, ...more });
}

function dataSet(document: SclDocument): DataSet {
  const [found] = nodeNamed(document.model('IED1'), 'LLN0').dataSets;
  assert.ok(found);
  return found;
}

function members(document: SclDocument): string[] {
  return dataSet(document).members.map(({ reference, fc }) => `${reference}[${fc}]`);
}

describe('SCL: data sets', () => {
  it('reads members down to an attribute, a data object and a sub data object', () => {
    const document = file(
      `<FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1" daName="stVal" fc="ST"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1" fc="ST"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="A.phsA" fc="MX"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="A.phsA" daName="cVal.mag" fc="MX"/>`,
    );
    assert.deepEqual(codes(document), []);
    const { name, description, deletable } = dataSet(document);
    assert.deepEqual([name, description, deletable], ['ds', 'all', false]);
    assert.deepEqual(members(document), [
      'IED1LD0/GGIO1.Ind1.stVal[ST]',
      'IED1LD0/GGIO1.Ind1[ST]',
      'IED1LD0/GGIO1.A.phsA[MX]',
      'IED1LD0/GGIO1.A.phsA.cVal.mag[MX]',
    ]);
    for (const reference of members(document)) assert.ok(parseReference(reference).functionalConstraint);
  });

  it('reads members of other logical devices, also by their functional names', () => {
    const document = file('<FCDA ldInst="MEAS" prefix="Q_" lnClass="GGIO" lnInst="7" doName="Ind1" fc="ST"/>', {
      more: '</LDevice><LDevice inst="MEAS" ldName="Berlin_Meas"><LN0 lnClass="LLN0" lnType="LLN0"/><LN prefix="Q_" lnClass="GGIO" inst="7" lnType="GGIO"/>',
    });
    assert.deepEqual(codes(document), []);
    assert.deepEqual(members(document), ['Berlin_Meas/Q_GGIO7.Ind1[ST]']);
  });

  it('puts ix behind the array that it means', () => {
    const document = file(
      `<FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="A.har" ix="2" fc="MX"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="A.har" daName="cVal.mag" ix="3" fc="MX"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="A.phsA" daName="pts" ix="0" fc="MX"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="A.har(1)" fc="MX"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1" ix="1" fc="ST"/>`,
    );
    assert.deepEqual(members(document), [
      'IED1LD0/GGIO1.A.har(2)[MX]',
      'IED1LD0/GGIO1.A.har(3).cVal.mag[MX]',
      'IED1LD0/GGIO1.A.phsA.pts(0)[MX]',
      'IED1LD0/GGIO1.A.har(1)[MX]',
      'IED1LD0/GGIO1.Ind1[ST]',
    ]);
    assert.deepEqual(codes(document), ['SCL_INVALID_INDEX']);
  });

  it('expands a member that is a whole logical node or device, and says so', () => {
    const document = file('<FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" fc="MX"/><FCDA ldInst="LD0" fc="ST"/>', {
      more: '<LN lnClass="GGIO" inst="2" lnType="GGIO"/>',
    });
    assert.deepEqual(members(document), ['IED1LD0/GGIO1.A[MX]', 'IED1LD0/GGIO1.Ind1[ST]', 'IED1LD0/GGIO2.Ind1[ST]']);
    assert.deepEqual(codes(document), ['SCL_FCDA_EXPANDED', 'SCL_FCDA_EXPANDED']);
  });

  it('keeps the place of a member that the model does not have, since reports count by it', () => {
    const document = file(
      `<FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Gone" fc="ST"/>
       <FCDA ldInst="Other" lnClass="XCBR" lnInst="1" doName="Pos" daName="stVal" fc="ST"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1" fc="MX"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1" daName="stVal" fc="MX"/>`,
    );
    assert.deepEqual(codes(document), Array<string>(4).fill('SCL_FCDA_UNRESOLVED'));
    assert.deepEqual(members(document), [
      'IED1LD0/GGIO1.Gone[ST]',
      'IED1Other/XCBR1.Pos.stVal[ST]',
      'IED1LD0/GGIO1.Ind1[MX]',
      'IED1LD0/GGIO1.Ind1.stVal[MX]',
    ]);
  });

  it('takes a setting that the type gives as SE for the active one as well, as it is online', () => {
    const document = file(
      `<FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Dl" fc="SG"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Dl" daName="setVal" fc="SG"/>`,
      {
        dos: '<DO name="Dl" type="ING"/>',
        types: '<DOType id="ING" cdc="ING"><DA name="setVal" bType="INT32" fc="SE"/></DOType>',
      },
    );
    assert.deepEqual(codes(document), []);
    assert.deepEqual(members(document), ['IED1LD0/GGIO1.Dl[SG]', 'IED1LD0/GGIO1.Dl.setVal[SG]']);
  });

  it('takes a missing functional constraint from the attribute, and none from nowhere', () => {
    const document = file(
      `<FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1" daName="stVal"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="Ind1"/>
       <FCDA/><FCDA ldInst="Gone" fc="ST"/><FCDA lnClass="GGIO" lnInst="1" fc="BR"/>
       <FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="In d" fc="ST"/>`,
    );
    assert.deepEqual(members(document), ['IED1LD0/GGIO1.Ind1.stVal[ST]']);
    assert.deepEqual(codes(document), Array<string>(5).fill('SCL_FCDA_INCOMPLETE'));
  });

  it('keeps the first of two data sets of one name', () => {
    const ln0 = '<DataSet name="ds"/><DataSet name="ds"/><DataSet/>';
    assert.deepEqual(codes(parse({ ln0 })), ['SCL_DUPLICATE_NAME', 'SCL_MISSING_ATTRIBUTE']);
    assert.equal(nodeNamed(modelOf({ ln0 }), 'LLN0').dataSets.length, 1);
  });

  it('bounds members that stand for many', () => {
    const nodes = Array.from({ length: 300 }, (_, n) => `<LN lnClass="GGIO" inst="${n + 2}" lnType="GGIO"/>`).join('');
    const document = file('<FCDA ldInst="LD0" fc="ST"/>'.repeat(300), { more: nodes });
    assert.ok(codes(document).includes('SCL_TOO_MANY_ATTRIBUTES'));
    assert.ok(dataSet(document).members.length <= 65536);
  });
});
