import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkVariables,
  VariableMapper,
  variablesFromCsv,
  variablesToCsv,
} from '../../../src/gateway/variables/index.js';
import { testModel } from '../../server/fixture.js';

const cell = fc.oneof(
  fc.constantFrom(
    'variable',
    'reference[FC]',
    'TESTLD2/MMXU1.TotW.mag.f[MX]',
    'Float32',
    '0',
    '1e999',
    '-1',
    '"',
    '#',
    '=1',
  ),
  fc.string({ maxLength: 20 }),
);
const text = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc
    .array(fc.array(cell, { maxLength: 8 }), { maxLength: 12 })
    .map((rows) => rows.map((row) => row.join(',')).join('\n')),
);

describe('mapping files of any text', () => {
  it('give rows and problems, never an error', () => {
    const model = testModel();
    fc.assert(
      fc.property(text, (csv) => {
        const { rows, problems } = variablesFromCsv(csv);
        for (const { line } of [...rows, ...problems]) assert.ok(line >= 1);
        const again = variablesFromCsv(variablesToCsv(rows));
        assert.deepEqual(
          again.rows.map(({ line: _line, ...row }) => row),
          rows.map(({ line: _line, ...row }) => row),
        );
        checkVariables(csv, model);
      }),
      { numRuns: 400 },
    );
  });

  it('take messages of any shape', () => {
    const mapper = new VariableMapper(
      ['a', 'b.c', '1'].map((variable, line) => ({ line, variable, reference: variable, deadband: 1, scale: 2 })),
      () => 'Float32',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'b.c', '1', 'x', 'toString'), fc.anything()), (message) => {
        const { updates } = mapper.take(message);
        for (const { reference } of updates) assert.ok(['a', 'b.c', '1'].includes(reference));
      }),
      { numRuns: 400 },
    );
  });
});
