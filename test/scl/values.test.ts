import assert from 'node:assert/strict';
import { at, codes, nodeNamed, nodeOf, parse } from './fixtures.js';

const TYPES = `
  <DOType id="X" cdc="ACD">
    <SDO name="phsA" type="CMV"/><SDO name="har" type="CMV" count="4"/>
    <DA name="stVal" bType="Enum" type="E" fc="ST"><Val>off</Val></DA>
    <DA name="num" bType="INT8" fc="SP"/>
    <DA name="set" bType="FLOAT32" fc="SG"/>
    <DA name="ok" bType="BOOLEAN" fc="ST"/>
    <DA name="pos" bType="Dbpos" fc="ST"/>
    <DA name="curve" bType="Struct" type="Point" fc="SP" count="3"/>
    <DA name="list" bType="INT8" fc="SP" count="3"/>
    <DA name="d" bType="VisString255" fc="DC"/>
  </DOType>
  <DOType id="CMV" cdc="CMV"><DA name="cVal" bType="Struct" type="Vector" fc="MX"/></DOType>
  <DAType id="Vector"><BDA name="mag" bType="Struct" type="Analogue"/></DAType>
  <DAType id="Analogue"><BDA name="f" bType="FLOAT32"/></DAType>
  <DAType id="Point"><BDA name="x" bType="FLOAT32"/><BDA name="ys" bType="FLOAT32" count="2"/></DAType>
  <EnumType id="E"><EnumVal ord="1">on</EnumVal><EnumVal ord="2">off</EnumVal></EnumType>`;
const DOS = '<DO name="X" type="X" desc="of the type"/><DO name="Y" type="X"/>';
const parsed = (ln: string): ReturnType<typeof parse> => parse({ dos: DOS, types: TYPES, ln });
const node = (ln: string): ReturnType<typeof nodeOf> => nodeOf({ dos: DOS, types: TYPES, ln });

describe('SCL: values of instances', () => {
  it('lays DOI, SDI and DAI over the type, and leaves the type and its other users alone', () => {
    const { dataObjects, ...rest } = node(
      `<DOI name="X" desc="of the instance">
         <DAI name="stVal"><Val>on</Val></DAI>
         <SDI name="phsA"><SDI name="cVal"><SDI name="mag"><DAI name="f"><Val>1.5</Val></DAI></SDI></SDI></SDI>
         <DAI name="d" desc="label" sAddr="7.1" valKind="Set" valImport="true"><Val>Feeder &amp; co</Val></DAI>
       </DOI>`,
    );
    const ggio = { dataObjects, ...rest };
    assert.equal(at(ggio, 'X').description, 'of the instance');
    assert.equal(at(ggio, 'X.stVal').value, 'on');
    assert.equal(at(ggio, 'X.phsA.cVal.mag.f').value, '1.5');
    const { value, description, shortAddress, valKind, valImport } = at(ggio, 'X.d');
    assert.deepEqual(
      [value, description, shortAddress, valKind, valImport],
      ['Feeder & co', 'label', '7.1', 'Set', true],
    );
    assert.equal(at(ggio, 'Y.stVal').value, 'off');
    assert.equal(at(ggio, 'Y.phsA.cVal.mag.f').value, undefined);
    assert.equal(at(ggio, 'X.list'), at(ggio, 'Y.list'));
  });

  it('takes values in any order of SDI and DAI, and in two DOI of one object', () => {
    const ggio = node(
      `<DOI name="X"><DAI name="stVal"><Val>on</Val></DAI><SDI name="phsA"><SDI name="cVal"/></SDI><DAI name="num"><Val>3</Val></DAI></DOI>
       <DOI name="X"><DAI name="ok"><Val>true</Val></DAI></DOI>`,
    );
    assert.deepEqual(
      ['stVal', 'num', 'ok'].map((name) => at(ggio, `X.${name}`).value),
      ['on', '3', 'true'],
    );
  });

  it('keeps the values of array elements by their index', () => {
    const ggio = node(
      `<DOI name="X">
         <DAI name="list" ix="0"><Val>5</Val></DAI><DAI name="list" ix="2"><Val>7</Val></DAI>
         <SDI name="curve" ix="1"><DAI name="x"><Val>2.5</Val></DAI></SDI>
         <SDI name="har" ix="3"><SDI name="cVal"><SDI name="mag"><DAI name="f"><Val>0.1</Val></DAI></SDI></SDI></SDI>
       </DOI>`,
    );
    assert.deepEqual(at(ggio, 'X.list').values, { 0: '5', 2: '7' });
    assert.deepEqual(at(ggio, 'X.curve.x').values, { 1: '2.5' });
    assert.deepEqual(at(ggio, 'X.har.cVal.mag.f').values, { 3: '0.1' });
    assert.equal(at(ggio, 'X.list').value, undefined);
  });

  it('reports an index that cannot be', () => {
    const document = parsed(
      `<DOI name="X"><DAI name="list" ix="3"><Val>5</Val></DAI><DAI name="num" ix="0"><Val>7</Val></DAI>
       <SDI name="curve" ix="1"><DAI name="ys" ix="1"><Val>1</Val></DAI></SDI></DOI>`,
    );
    assert.deepEqual(codes(document), ['SCL_INVALID_INDEX', 'SCL_INVALID_INDEX', 'SCL_INVALID_INDEX']);
    const ggio = nodeNamed(document.model('IED1'), 'GGIO1');
    assert.deepEqual([at(ggio, 'X.list').values, at(ggio, 'X.num').value], [undefined, undefined]);
  });

  it('keeps the values of setting groups by their number', () => {
    const ggio = node('<DOI name="X"><DAI name="set"><Val sGroup="1">1.0</Val><Val sGroup="2">2.0</Val></DAI></DOI>');
    assert.deepEqual([at(ggio, 'X.set').groupValues, at(ggio, 'X.set').value], [{ 1: '1.0', 2: '2.0' }, undefined]);
  });

  it('reports values for what the type does not have', () => {
    const document = parsed(
      '<DOI name="Gone"/><DOI name="X"><DAI name="gone"/><SDI name="none"/><SDI name="num"/><DAI name="curve"><Val>1</Val></DAI></DOI>',
    );
    assert.deepEqual(codes(document).sort(), ['SCL_INVALID_VALUE', ...Array<string>(4).fill('SCL_UNKNOWN_DATA')]);
  });

  it('reports values that are none of their type, and keeps them as written', () => {
    const bad = { num: '300', stVal: 'maybe', ok: 'yes', pos: 'ajar', set: '1,5' };
    const good = { num: '-128', stVal: '2', ok: '1', pos: 'on', set: '1e-3' };
    const dai = (values: Record<string, string>): string =>
      `<DOI name="X">${Object.entries(values)
        .map(([name, value]) => `<DAI name="${name}"><Val>${value}</Val></DAI>`)
        .join('')}</DOI>`;
    const document = parsed(dai(bad));
    assert.deepEqual(codes(document), Array<string>(5).fill('SCL_INVALID_VALUE'));
    assert.equal(at(nodeNamed(document.model('IED1'), 'GGIO1'), 'X.num').value, '300');
    assert.deepEqual(codes(parsed(dai(good))), []);
  });

  it('does not take an empty value for a wrong one', () => {
    const document = parsed('<DOI name="X"><DAI name="num"><Val/></DAI></DOI>');
    assert.deepEqual(codes(document), []);
    assert.equal(at(nodeNamed(document.model('IED1'), 'GGIO1'), 'X.num').value, '');
  });
});
