import assert from 'node:assert/strict';
import { checkVariables } from '../../../src/gateway/variables/check-variables.js';
import { templateRows, variableTemplate } from '../../../src/gateway/variables/template.js';
import { variablesFromCsv, variablesToCsv } from '../../../src/gateway/variables/variable-csv.js';
import { MAX_TABLE_PROBLEMS } from '../../../src/limits.js';
import { da, dataObject, logicalNode, struct, testModel } from '../../server/fixture.js';

const HEADER = 'variable,reference[FC],type,scale,offset,deadband,description';
const POWER = 'TESTLD2/MMXU1.TotW.mag.f[MX]';
const POSITION = 'TESTLD1/XCBR1.Pos.stVal[ST]';

const complaints = (text: string): string[] =>
  variablesFromCsv(text).problems.map(({ line, column, message }) => `${line} ${column ?? '-'}: ${message}`);

describe('a mapping file of process variables', () => {
  it('gives a variable, its attribute, type, scale, offset, deadband and description', () => {
    const { rows, problems } = variablesFromCsv(
      `${HEADER}\nplc.power,${POWER},Float32,0.001,-5,0.5,"Active power, total"\nq0,${POSITION},,,,,`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(rows, [
      {
        line: 2,
        variable: 'plc.power',
        reference: POWER,
        type: 'Float32',
        scale: 0.001,
        offset: -5,
        deadband: 0.5,
        description: 'Active power, total',
      },
      { line: 3, variable: 'q0', reference: POSITION },
    ]);
  });

  it('takes semicolons with decimal commas, comments, empty lines, a BOM and columns in any order', () => {
    const { rows, problems } = variablesFromCsv(
      `\uFEFF# of the turbine\r\n\r\nscale; Reference ;Variable\r\n# said "twice\r\n0,1;${POWER};p\r\n;${POSITION};q\r\n`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      rows.map(({ line, variable, scale }) => [line, variable, scale]),
      [
        [5, 'p', 0.1],
        [6, 'q', undefined],
      ],
    );
  });

  it('needs no header row when the columns stand in their order', () => {
    const { rows } = variablesFromCsv(`p,${POWER},REAL,2\nq,${POSITION}`);
    assert.deepEqual(
      rows.map(({ line, variable, type, scale }) => [line, variable, type, scale]),
      [
        [1, 'p', 'Float32', 2],
        [2, 'q', undefined, undefined],
      ],
    );
  });

  it('lists every wrong line with its number and the reason, and keeps the others', () => {
    const text = [
      HEADER,
      `,${POWER}`,
      'a,nowhere',
      `b,${POWER},Flot32`,
      `c,${POWER},Float32,x,y,-1`,
      `d,${POSITION},Dbpos,2,1,3`,
      `e,${POWER},,0`,
      `__proto__,${POWER}`,
      `good,${POWER}`,
      `again,${POWER}`,
      'f,TESTLD1/XCBR1[ST]',
      `${'n'.repeat(300)},${POSITION}`,
    ].join('\n');
    const found = complaints(text);
    for (const wanted of [
      /^2 variable: variable is empty/,
      /^3 reference: "nowhere" is not a reference/,
      /^4 type: "Flot32" is no type/,
      /^5 scale: "x" is not a number/,
      /^5 offset: "y" is not a number/,
      /^5 deadband: deadband is negative/,
      /^6 scale: a Dbpos cannot be scaled/,
      /^6 offset: a Dbpos has no offset/,
      /^6 deadband: a Dbpos has no deadband/,
      /^7 scale: scale is 0/,
      /^8 variable: "__proto__" cannot be/,
      /^10 reference: .* has a variable already, in line 9/,
      /^11 reference: .* names no data object/,
      /^12 variable: the name is longer/,
    ]) {
      assert.ok(
        found.some((line) => wanted.test(line)),
        `${wanted}\n${found.join('\n')}`,
      );
    }
    assert.deepEqual(
      variablesFromCsv(text).rows.map(({ variable }) => variable),
      ['good'],
    );
  });

  it('says what is wrong with the header, an open quote and an empty file', () => {
    assert.match(complaints('variable,place\np,x').join(), /"place" is not known.*no column reference/);
    assert.match(complaints(`variable,variable,reference\np,p,${POWER}`).join(), /is there twice/);
    assert.match(complaints(`${HEADER}\n"p,${POWER}`).join(), /^2 -: a quote is opened/);
    assert.match(complaints('# nothing\n').join(), /no lines/);
  });

  it('bounds what it lists', () => {
    const { problems, more } = variablesFromCsv(`${HEADER}\n${'x,nowhere\n'.repeat(MAX_TABLE_PROBLEMS + 5)}`);
    assert.equal(problems.length, MAX_TABLE_PROBLEMS);
    assert.equal(more, 5);
  });

  it('survives being written and read again, formulas of spreadsheets guarded', () => {
    const rows = [{ variable: '=cmd', reference: POWER, scale: 2, description: 'a, "b"' }];
    const text = variablesToCsv(rows);
    assert.match(text, /^variable,reference\[FC\],type,scale,offset,deadband,description\r\n'=cmd,/);
    assert.deepEqual(variablesFromCsv(text).rows, [{ line: 2, ...rows[0] }]);
  });
});

describe('a mapping file held against the model', () => {
  it('fills in the types, and names lines whose attribute is not there or is of another type', () => {
    const { rows, problems } = checkVariables(
      [
        HEADER,
        `p,${POWER}`,
        `q,${POSITION},Boolean`,
        'r,TESTLD1/XCBR9.Pos.stVal[ST]',
        's,TESTLD2/MMXU1.TotW.mag[MX]',
        't,TESTLD1/GGIO1.Ind1.stVal[ST],,2',
        'u,TESTLD2/MMXU1.TotW[MX],Int16',
      ].join('\n'),
      testModel(),
    );
    assert.deepEqual(
      rows.map(({ variable, type }) => [variable, type]),
      [
        ['p', 'Float32'],
        ['u', 'Float32'],
      ],
    );
    assert.deepEqual(
      problems.map(({ line, message }) => [line, message.replace(/;.*/, '')]),
      [
        [3, `${POSITION} is a Dbpos and no Boolean`],
        [4, 'TEST has no TESTLD1/XCBR9.Pos.stVal[ST]'],
        [5, 'TESTLD2/MMXU1.TotW.mag[MX] has members of its own'],
        [6, 'TESTLD1/GGIO1.Ind1.stVal[ST] is a Boolean, which has no scale, offset or deadband'],
      ],
    );
  });

  it('is offered as a template with every status and measurand, which fits the model', () => {
    const model = testModel();
    const { rows, problems } = checkVariables(variableTemplate(model), model);
    assert.deepEqual(problems, []);
    const references = rows.map(({ reference }) => reference);
    for (const wanted of [
      POWER,
      POSITION,
      'TESTLD2/MMXU1.A.phsA.cVal.mag.f[MX]',
      'TESTLD2/MMXU1.A.phsA.cVal.ang.f[MX]',
    ]) {
      assert.ok(references.includes(wanted), wanted);
    }
    assert.ok(
      !references.some((reference) => /\[(CF|SP|CO|DC|SV)\]|\.q\[|\.t\[|\.Beh\./.test(reference)),
      references.join(),
    );
  });

  it('names the instantaneous value where the model has one, so that the server does the dead band', () => {
    const magnitude = (name: string) => struct('MX', name, da('MX', 'f', 'FLOAT32'));
    const model = testModel();
    model.logicalDevices[1]?.logicalNodes.push(
      logicalNode('MMXN1', [
        dataObject('Watt', 'MV', [magnitude('instMag'), magnitude('mag'), da('MX', 'q', 'Quality')]),
      ]),
    );
    assert.ok(templateRows(model).some(({ reference }) => reference === 'TESTLD2/MMXN1.Watt.instMag.f[MX]'));
  });
});
