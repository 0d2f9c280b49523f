import assert from 'node:assert/strict';
import { LimitError } from '../../src/errors.js';
import { formatCsv, parseCsv, unguard } from '../../src/gateway/csv.js';
import { MAX_CSV_LENGTH } from '../../src/limits.js';

describe('CSV text', () => {
  it('keeps quotes, delimiters and line ends inside quoted fields, and counts lines', () => {
    const { records } = parseCsv('a,b\r\n"x ""y"", z","two\nlines"\n\nlast,1');
    assert.deepEqual(
      records.map(({ line, fields }) => [line, ...fields]),
      [
        [1, 'a', 'b'],
        [2, 'x "y", z', 'two\nlines'],
        [5, 'last', '1'],
      ],
    );
  });

  it('takes semicolons, tabs, a BOM and old Mac line ends', () => {
    assert.deepEqual(
      parseCsv('\uFEFFa;b\n1;2').records.map((record) => record.fields),
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    );
    assert.deepEqual(
      parseCsv('a\tb\r1\t2').records.map((record) => record.fields),
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    );
  });

  it('names the line of a quote that is never closed', () => {
    assert.equal(parseCsv('a,b\n1,"2\n3').openQuote, 2);
  });

  it('guards formulas on the way out and takes the guard off on the way in', () => {
    for (const text of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\tx', '\rx']) {
      const [record] = parseCsv(formatCsv([[text, 'end']])).records;
      assert.equal(record?.fields[0]?.startsWith("'"), true, JSON.stringify(text));
      assert.equal(unguard(record?.fields[0] ?? ''), text);
    }
    assert.equal(formatCsv([[-5, 'a']]), '-5,a\r\n');
  });

  it('refuses a text without bounds', () => {
    assert.throws(() => parseCsv('x'.repeat(MAX_CSV_LENGTH + 1)), LimitError);
  });
});
