import assert from 'node:assert/strict';
import { MAX_DATA_NESTING, MAX_LIST_LENGTH } from '../../src/limits.js';
import { at, codes, modelOf, nodeNamed, nodeOf, parse } from './fixtures.js';

const MV = `
  <DOType id="MV" cdc="MV" desc="a measured value">
    <DA name="mag" bType="Struct" type="AnalogueValue" fc="MX" dchg="true"/>
    <DA name="q" bType="Quality" fc="MX" qchg="true"/>
    <DA name="t" bType="Timestamp" fc="MX"/>
    <DA name="units" bType="Struct" type="Unit" fc="CF"/>
  </DOType>
  <DAType id="AnalogueValue"><BDA name="f" bType="FLOAT32"/></DAType>
  <DAType id="Unit">
    <BDA name="SIUnit" bType="Enum" type="SIUnit"><Val>W</Val></BDA>
    <BDA name="multiplier" bType="Enum" type="multiplier"><Val>k</Val></BDA>
  </DAType>
  <EnumType id="SIUnit"><EnumVal ord="62">W</EnumVal><EnumVal ord="1"/></EnumType>
  <EnumType id="multiplier"><EnumVal ord="3">k</EnumVal><EnumVal ord="-3">m</EnumVal></EnumType>`;

describe('SCL: types', () => {
  it('unfolds LNodeType, DOType, DAType and BDA, and hands the functional constraint and triggers down', () => {
    const node = nodeOf({ dos: '<DO name="TotW" type="MV"/>', types: MV });
    const { dataObjects } = node;
    assert.deepEqual(
      dataObjects.map(({ name, cdc, description }) => ({ name, cdc, description })),
      [{ name: 'TotW', cdc: 'MV', description: 'a measured value' }],
    );
    assert.deepEqual(at(node, 'TotW.mag'), {
      name: 'mag',
      fc: 'MX',
      basicType: 'Struct',
      type: 'Structure',
      dchg: true,
      attributes: [{ name: 'f', fc: 'MX', basicType: 'FLOAT32', type: 'Float32', dchg: true, attributes: [] }],
    });
    assert.deepEqual(at(node, 'TotW.q'), {
      name: 'q',
      fc: 'MX',
      basicType: 'Quality',
      type: 'Quality',
      size: -13,
      qchg: true,
      attributes: [],
    });
  });

  it('keeps units as the values of their attributes, and literals by number', () => {
    const node = nodeOf({ dos: '<DO name="TotW" type="MV"/>', types: MV });
    const unit = at(node, 'TotW.units.SIUnit');
    assert.deepEqual(
      [unit.fc, unit.value, unit.enumType, unit.enumLiterals],
      ['CF', 'W', 'SIUnit', { 1: '', 62: 'W' }],
    );
    const multiplier = at(node, 'TotW.units.multiplier');
    assert.deepEqual([multiplier.value, multiplier.enumLiterals], ['k', { 3: 'k', '-3': 'm' }]);
  });

  it('unfolds sub data objects, also as arrays', () => {
    const node = nodeOf({
      dos: '<DO name="A" type="WYE" desc="Currents"/>',
      types: `${MV}<DOType id="WYE" cdc="WYE"><SDO name="phsA" type="MV" desc="L1"/><SDO name="har" type="MV" count="3"/>
        <DA name="angRef" bType="INT8" fc="CF"/></DOType>`,
    });
    assert.deepEqual([at(node, 'A').description, at(node, 'A.phsA').description], ['Currents', 'L1']);
    assert.equal(at(node, 'A.phsA.mag.f').type, 'Float32');
    assert.equal(at(node, 'A.har').count, 3);
    assert.equal(at(node, 'A.angRef').fc, 'CF');
  });

  it('shares what is of one type among data objects, logical nodes and access points', () => {
    const model = modelOf({
      dos: '<DO name="TotW" type="MV"/><DO name="TotVAr" type="MV"/>',
      types: MV,
      more: '<LN lnClass="GGIO" inst="2" lnType="GGIO"/>',
    });
    const [one, two] = [nodeNamed(model, 'GGIO1'), nodeNamed(model, 'GGIO2')];
    assert.equal(one.dataObjects, two.dataObjects);
    assert.equal(at(one, 'TotW').attributes, at(one, 'TotVAr').attributes);
  });

  it('knows each basic type of the standard with its tag type and size', () => {
    const bTypes: Array<[bType: string, type: string, size?: number]> = [
      ['BOOLEAN', 'Boolean'],
      ['INT8', 'Int8'],
      ['INT16', 'Int16'],
      ['INT24', 'Int32'],
      ['INT32', 'Int32'],
      ['INT64', 'Int64'],
      ['INT128', 'Int64'],
      ['INT8U', 'UInt8'],
      ['INT16U', 'UInt16'],
      ['INT24U', 'UInt32'],
      ['INT32U', 'UInt32'],
      ['FLOAT32', 'Float32'],
      ['FLOAT64', 'Float64'],
      ['Dbpos', 'Dbpos', 2],
      ['Tcmd', 'BitString', 2],
      ['Quality', 'Quality', -13],
      ['Timestamp', 'Timestamp'],
      ['VisString32', 'VisibleString', -32],
      ['VisString64', 'VisibleString', -64],
      ['VisString65', 'VisibleString', -65],
      ['VisString129', 'VisibleString', -129],
      ['VisString255', 'VisibleString', -255],
      ['Unicode255', 'UnicodeString', -255],
      ['Octet6', 'OctetString', -6],
      ['Octet16', 'OctetString', -16],
      ['Octet64', 'OctetString', -64],
      ['EntryTime', 'Timestamp'],
      ['EntryID', 'OctetString', 8],
      ['Check', 'BitString', -2],
      ['ObjRef', 'VisibleString', -129],
      ['Currency', 'VisibleString', -3],
      ['TrgOps', 'BitString', -6],
      ['OptFlds', 'BitString', -10],
      ['SvOptFlds', 'BitString', -5],
    ];
    const das = bTypes.map(([bType], n) => `<DA name="a${n}" bType="${bType}" fc="ST"/>`).join('');
    const node = nodeOf({ dos: '<DO name="X" type="X"/>', types: `<DOType id="X" cdc="X">${das}</DOType>` });
    assert.deepEqual(
      at(node, 'X').attributes.map(({ basicType, type, size }) => [
        basicType,
        type,
        ...(size === undefined ? [] : [size]),
      ]),
      bTypes,
    );
  });

  it('gives a PhyComAddr the members that SCL does not spell out', () => {
    const node = nodeOf({
      dos: '<DO name="X" type="X"/>',
      types: '<DOType id="X" cdc="X"><DA name="addr" bType="PhyComAddr" fc="SP"/></DOType>',
    });
    const { type, attributes } = at(node, 'X.addr');
    assert.equal(type, 'Structure');
    assert.deepEqual(
      attributes.map(({ name, fc }) => `${name} ${fc}`),
      ['Addr SP', 'PRIORITY SP', 'VID SP', 'APPID SP'],
    );
  });

  it('reads what else a DA says', () => {
    const node = nodeOf({
      dos: '<DO name="X" type="X" transient="true"/>',
      types: `<DOType id="X" cdc="X"><DA name="setVal" bType="INT32" fc="SP" dupd="true" sAddr="5.1" valKind="RO" valImport="true"
        desc="a setting"><Val>5</Val></DA></DOType>`,
    });
    assert.equal(at(node, 'X').transient, true);
    assert.deepEqual(at(node, 'X.setVal'), {
      name: 'setVal',
      fc: 'SP',
      basicType: 'INT32',
      type: 'Int32',
      description: 'a setting',
      attributes: [],
      dupd: true,
      shortAddress: '5.1',
      valKind: 'RO',
      valImport: true,
      value: '5',
    });
  });

  it('does not care in which order types and their parts stand', () => {
    const document = parse({
      dos: '<DO name="B" type="X"/>',
      types:
        '<DAType id="D"><BDA name="f" bType="FLOAT32"/></DAType><DOType id="X" cdc="X"><DA name="a" bType="Struct" type="D" fc="MX"/><SDO name="s" type="SPS"/><DA name="b" bType="INT8" fc="MX"/></DOType>',
    });
    assert.deepEqual(codes(document), []);
    const node = nodeNamed(document.model('IED1'), 'GGIO1');
    assert.deepEqual([at(node, 'B.a.f').fc, at(node, 'B.s.stVal').fc, at(node, 'B.b').fc], ['MX', 'ST', 'MX']);
  });

  it('takes in Edition 1 the LNodeType of the class, where two have one id', () => {
    const document = parse({
      version: '',
      more: '<LN lnClass="XCBR" inst="1" lnType="GGIO"/>',
      types: '<LNodeType id="GGIO" lnClass="XCBR"><DO name="Pos" type="SPS"/></LNodeType>',
    });
    assert.deepEqual(codes(document), []);
    assert.equal(nodeNamed(document.model('IED1'), 'XCBR1').dataObjects[0]?.name, 'Pos');
    assert.equal(nodeNamed(document.model('IED1'), 'GGIO1').dataObjects[0]?.name, 'Ind1');
  });
});

describe('SCL: arrays', () => {
  const HWYE = `${MV}<DOType id="HWYE" cdc="HWYE"><SDO name="phsAHar" type="MV" count="numHar"/>
    <DA name="numHar" bType="INT16U" fc="CF"/><DA name="maxPts" bType="INT16U" fc="CF"><Val>4</Val></DA>
    <DA name="crvPts" bType="Struct" type="Point" fc="SP" count="maxPts"/></DOType>
    <DAType id="Point"><BDA name="xVal" bType="FLOAT32"/><BDA name="names" bType="VisString64" count="2"/></DAType>`;
  const dos = '<DO name="HA" type="HWYE"/>';

  it('takes a count from the value of another attribute, of the type or of the instance', () => {
    const document = parse({
      dos,
      types: HWYE,
      ln: '<DOI name="HA"><DAI name="numHar"><Val>16</Val></DAI></DOI>',
      more: '<LN lnClass="GGIO" inst="2" lnType="GGIO"><DOI name="HA"><DAI name="numHar"><Val>8</Val></DAI><DAI name="maxPts"><Val>2</Val></DAI></DOI></LN>',
    });
    assert.deepEqual(codes(document), []);
    const counts = ['GGIO1', 'GGIO2'].map((name) => {
      const node = nodeNamed(document.model('IED1'), name);
      return [at(node, 'HA.phsAHar').count, at(node, 'HA.crvPts').count, at(node, 'HA.crvPts.names').count];
    });
    assert.deepEqual(counts, [
      [16, 4, 2],
      [8, 2, 2],
    ]);
  });

  it('assumes no element, and says so, when nothing tells the count', () => {
    const document = parse({ dos, types: HWYE });
    assert.deepEqual(codes(document), ['SCL_COUNT_UNRESOLVED']);
    assert.equal(at(nodeNamed(document.model('IED1'), 'GGIO1'), 'HA.phsAHar').count, 0);
  });

  it('takes a count of 0 for no array', () => {
    const types = '<DOType id="X" cdc="X"><DA name="a" bType="INT8" fc="ST" count="0"/></DOType>';
    assert.equal('count' in at(nodeOf({ dos: '<DO name="X" type="X"/>', types }), 'X.a'), false);
  });

  it('leaves out an array that is too large', () => {
    const types = `<DOType id="X" cdc="X"><DA name="a" bType="INT8" fc="ST" count="${MAX_LIST_LENGTH + 1}"/><DA name="b" bType="INT8" fc="ST" count="b"><Val>4000000000</Val></DA></DOType>`;
    const document = parse({ dos: '<DO name="X" type="X"/>', types });
    assert.deepEqual(codes(document).filter((code) => code === 'SCL_ARRAY_TOO_LARGE').length, 2);
    assert.deepEqual(
      at(nodeNamed(document.model('IED1'), 'GGIO1'), 'X').attributes.map(({ name, count }) => [name, count]),
      [['b', 0]],
    );
  });
});

describe('SCL: types that are wrong', () => {
  const one = (types: string, dos = '<DO name="X" type="X"/>'): string[] => codes(parse({ dos, types }));

  it('leaves out what has no type, and the rest stays', () => {
    const document = parse({
      dos: '<DO name="X" type="X"/><DO name="Gone" type="none"/><DO name="Ind1" type="SPS"/>',
      types:
        '<DOType id="X" cdc="X"><DA name="a" bType="Struct" type="none" fc="ST"/><DA name="e" bType="Enum" type="none" fc="ST"/></DOType>',
      more: '<LN lnClass="XCBR" inst="1" lnType="none"/>',
    });
    assert.deepEqual(codes(document).sort(), [
      'SCL_MISSING_DATYPE',
      'SCL_MISSING_DOTYPE',
      'SCL_MISSING_ENUMTYPE',
      'SCL_MISSING_LNODETYPE',
    ]);
    const model = document.model('IED1');
    assert.deepEqual(
      model.logicalDevices[0]?.logicalNodes.map(({ name }) => name),
      ['LLN0', 'GGIO1'],
    );
    const node = nodeNamed(model, 'GGIO1');
    assert.deepEqual(
      node.dataObjects.map(({ name }) => name),
      ['X', 'Ind1'],
    );
    assert.deepEqual(
      at(node, 'X').attributes.map(({ name }) => name),
      ['e'],
    );
  });

  it('says where, by line, column and path', () => {
    const { diagnostics } = parse({ more: '<LN prefix="Q0" lnClass="XCBR" inst="1" lnType="none"/>' });
    assert.deepEqual(
      diagnostics.map(({ code, severity, line, column, path }) => ({ code, severity, line, column, path })),
      [
        {
          code: 'SCL_MISSING_LNODETYPE',
          severity: 'error',
          line: 12,
          column: 11,
          path: 'SCL/IED[IED1]/AccessPoint[P1]/Server/LDevice[LD0]/LN[Q0XCBR1]',
        },
      ],
    );
  });

  it('breaks circles of DOTypes and of DATypes', () => {
    assert.deepEqual(
      one(
        '<DOType id="X" cdc="X"><SDO name="y" type="Y"/></DOType><DOType id="Y" cdc="X"><SDO name="x" type="X"/></DOType>',
      ),
      ['SCL_RECURSIVE_TYPE'],
    );
    assert.deepEqual(
      one(
        '<DOType id="X" cdc="X"><DA name="a" bType="Struct" type="D" fc="ST"/></DOType><DAType id="D"><BDA name="d" bType="Struct" type="D"/></DAType>',
      ),
      ['SCL_RECURSIVE_TYPE'],
    );
  });

  it('ends a chain of types that is too long, whichever end of it is used first', () => {
    const chain = Array.from(
      { length: 3 * MAX_DATA_NESTING },
      (_, n) => `<DAType id="D${n}"><BDA name="d" bType="Struct" type="D${n + 1}"/></DAType>`,
    );
    chain.push(`<DAType id="D${chain.length}"><BDA name="d" bType="INT8"/></DAType>`);
    const user = (id: number): string =>
      `<DOType id="X${id}" cdc="X"><DA name="a" bType="Struct" type="D${id}" fc="ST"/></DOType>`;
    const types = chain.join('') + chain.map((_, n) => user(n)).join('');
    const forwards = chain.map((_, n) => `<DO name="X${n}" type="X${n}"/>`);
    for (const dos of [forwards, [...forwards].reverse()]) {
      const document = parse({ dos: dos.join(''), types });
      assert.ok(codes(document).includes('SCL_TYPE_TOO_DEEP'));
      let deepest = 0;
      const walk = (attributes: ReturnType<typeof at>['attributes'], depth: number): void => {
        deepest = Math.max(deepest, depth);
        for (const attribute of attributes) walk(attribute.attributes, depth + 1);
      };
      for (const object of nodeNamed(document.model('IED1'), 'GGIO1').dataObjects) walk(object.attributes, 1);
      assert.ok(deepest > 10 && deepest <= MAX_DATA_NESTING + 1, `${deepest} levels`);
    }
  });

  it('bounds types that multiply: a billion laughs of structures', () => {
    const levels = Array.from({ length: 15 }, (_, n) => {
      const members = Array.from({ length: 10 }, (__, m) => `<BDA name="m${m}" bType="Struct" type="D${n + 1}"/>`).join(
        '',
      );
      return `<DAType id="D${n}">${members}</DAType>`;
    });
    const types = `${levels.join('')}<DAType id="D15"><BDA name="d" bType="INT8" count="n"/></DAType>
      <DOType id="X" cdc="X"><DA name="a" bType="Struct" type="D0" fc="ST"/><DA name="n" bType="INT8" fc="CF"/></DOType>`;
    const document = parse({ dos: '<DO name="X" type="X"/>', types });
    assert.deepEqual(codes(document), ['SCL_TOO_MANY_ATTRIBUTES']);
    assert.equal(document.model('IED1').logicalDevices[0]?.logicalNodes.length, 1);
  });

  it('leaves out a literal whose number is none', () => {
    const types =
      '<DOType id="X" cdc="X"><DA name="a" bType="Enum" type="E" fc="ST"/></DOType><EnumType id="E"><EnumVal ord="x">bad</EnumVal><EnumVal ord="1">good</EnumVal></EnumType>';
    assert.deepEqual(one(types), ['SCL_INVALID_ATTRIBUTE']);
    assert.deepEqual(at(nodeOf({ dos: '<DO name="X" type="X"/>', types }), 'X.a').enumLiterals, { 1: 'good' });
  });

  it('names unknown functional constraints and basic types, and forgives letter case', () => {
    const types =
      '<DOType id="X" cdc="X"><DA name="a" bType="INT8" fc="XX"/><DA name="b" bType="INT9" fc="ST"/><DA name="c" bType="boolean" fc="ST"/><DA name="d" bType="INT8"/></DOType>';
    assert.deepEqual(one(types), ['SCL_UNKNOWN_FC', 'SCL_UNKNOWN_BTYPE', 'SCL_UNKNOWN_FC']);
    assert.equal(at(nodeOf({ dos: '<DO name="X" type="X"/>', types }), 'X.c').basicType, 'BOOLEAN');
  });

  it('keeps the first of equal names, and leaves out what has none or an impossible one', () => {
    const types =
      '<DOType id="X" cdc="X"><DA name="a" bType="INT8" fc="ST"/><DA name="a" bType="INT16" fc="ST"/><DA bType="INT8" fc="ST"/><DA name="a$b" bType="INT8" fc="ST"/><DA name="ä" bType="INT8" fc="ST"/></DOType><DOType id="X" cdc="Y"/><DOType cdc="Z"/>';
    assert.deepEqual(one(types), [
      'SCL_DUPLICATE_NAME',
      'SCL_MISSING_ATTRIBUTE',
      'SCL_INVALID_NAME',
      'SCL_UNUSUAL_NAME',
      'SCL_DUPLICATE_TYPE',
      'SCL_MISSING_ATTRIBUTE',
    ]);
    const object = at(nodeOf({ dos: '<DO name="X" type="X"/>', types }), 'X');
    assert.deepEqual(
      object.attributes.map(({ name, type }) => [name, type]),
      [
        ['a', 'Int8'],
        ['ä', 'Int8'],
      ],
    );
    assert.equal(object.cdc, 'X');
  });
});
