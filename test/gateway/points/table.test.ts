import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { LimitError } from '../../../src/errors.js';
import { MAX_CSV_LENGTH } from '../../../src/limits.js';
import type { Tag } from '../../../src/model/tag.js';
import { recommendPoints } from '../../../src/gateway/points/recommend.js';
import { pointRows, tagsFromCsv, tagsToCsv } from '../../../src/gateway/points/table.js';
import * as m from './models.js';

const tags: Tag[] = [
  {
    tag: 'CTRL.XCBR1.Pos',
    reference: 'BAY1CTRL/XCBR1.Pos',
    fc: 'ST',
    type: 'Dbpos',
    cdc: 'DPC',
    description: 'QA1, "main"',
  },
  {
    tag: 'MEAS.MMXU1.TotW',
    reference: 'BAY1MEAS/MMXU1.TotW',
    fc: 'MX',
    type: 'Float32',
    unit: 'MW',
    interval: 500,
    deadband: 0.1,
  },
  {
    tag: 'CTRL.LLN0.Beh',
    reference: 'BAY1CTRL/LLN0.Beh',
    fc: 'ST',
    type: 'Enum',
    enumLiterals: { '-1': 'a|b\\', 1: 'on', 5: 'off=0' },
  },
];

describe('points as a table', () => {
  it('has tag, reference, FC, type, unit, description and rank', () => {
    assert.deepEqual(pointRows(recommendPoints(m.ied(m.ln('MMXU1', m.mv('TotW', m.units('W', 'M')))))), [
      {
        tag: 'CTRL.MMXU1.TotW',
        reference: 'BAY1CTRL/MMXU1.TotW',
        fc: 'MX',
        type: 'Float32',
        unit: 'MW',
        description: '',
        rank: 2,
      },
    ]);
  });
});

describe('tags as CSV', () => {
  it('come back as they went', () => {
    assert.deepEqual(tagsFromCsv(tagsToCsv(tags)), { tags, problems: [], more: 0 });
  });

  it('come back whatever people write into them', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map((it) =>
      it
        .replace(/[\p{Cc}\u2028\u2029\uFEFF]/gu, '')
        .trim()
        .replace(/^'+/, ''),
    );
    const literals = fc.dictionary(fc.integer({ min: -9, max: 99 }).map(String), text, { maxKeys: 4 });
    fc.assert(
      fc.property(text, text, literals, (unit, description, enumLiterals) => {
        const tag = {
          ...(tags[0] as Tag),
          ...(unit !== '' && { unit }),
          description: description || 'x',
          ...(Object.keys(enumLiterals).length > 0 && { enumLiterals }),
        };
        assert.deepEqual(
          JSON.parse(JSON.stringify(tagsFromCsv(tagsToCsv([tag])).tags)),
          JSON.parse(JSON.stringify([tag])),
        );
      }),
    );
  });

  it('run nothing in a spreadsheet', () => {
    for (const description of ['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://x")']) {
      const csv = tagsToCsv([{ ...(tags[0] as Tag), description }]);
      assert.equal(csv.includes(`,${description}`), false);
      assert.ok(csv.includes(`'${description.slice(0, 4)}`));
      assert.equal(tagsFromCsv(csv).tags[0]?.description, description);
    }
  });

  it('come from spreadsheets with semicolons, decimal commas, BOM and other columns in any order', () => {
    const { tags: read, problems } = tagsFromCsv(
      '\uFEFFFC;Reference;Colour;Deadband\r\nMX;BAY1MEAS/MMXU1.TotW;red;0,5\r\n\r\nST;BAY1CTRL/XCBR1.Pos\r\n',
      { ied: 'BAY1' },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(read, [
      { tag: 'MEAS.MMXU1.TotW', reference: 'BAY1MEAS/MMXU1.TotW', fc: 'MX', deadband: 0.5 },
      { tag: 'CTRL.XCBR1.Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' },
    ]);
  });

  it('name the line of a problem, also after a field of several lines', () => {
    const { tags: read, problems } = tagsFromCsv(
      'reference,description\nA/X1.B[ST],"two\nlines"\nA/X1.C[XX],\nA/X1.D,\n',
    );
    assert.equal(read.length, 1);
    assert.deepEqual(
      problems.map(({ code, line }) => [code, line]),
      [
        ['REFERENCE', 4],
        ['FC', 5],
      ],
    );
  });

  it('refuse a file without the heading that is needed', () => {
    for (const text of ['', 'a,b\n1,2', 'tag,fc\nx,ST', 'reference,reference\nA/B1.C[ST],x']) {
      const { tags: read, problems } = tagsFromCsv(text);
      assert.deepEqual([read.length, problems[0]?.code, problems[0]?.line], [0, 'CSV', 1]);
    }
  });

  it('say that a quotation mark is never closed', () => {
    const { problems } = tagsFromCsv('reference\nA/B1.C[ST]\n"A/B1.D[ST]\n');
    assert.deepEqual(
      problems.map(({ code, line }) => [code, line]),
      [['CSV', 3]],
    );
  });

  it('refuse literals that cannot be read', () => {
    const { problems } = tagsFromCsv('reference,literals\nA/B1.C[ST],on|off\n');
    assert.deepEqual(
      problems.map(({ code, line }) => [code, line]),
      [['LITERALS', 2]],
    );
  });

  it('refuse a file that is too long before they read it', () => {
    assert.throws(() => tagsFromCsv('x'.repeat(MAX_CSV_LENGTH + 1)), LimitError);
  });
});
