import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MAX_TABLE_PROBLEMS, MAX_TAGS } from '../../../src/limits.js';
import { checkTags } from '../../../src/gateway/points/validate.js';

const good = { tag: 'Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' };

describe('checking tags', () => {
  it('passes what is right and keeps every field', () => {
    const tag = {
      ...good,
      type: 'Enum',
      cdc: 'ENS',
      unit: 'kV',
      description: 'Breaker',
      enumLiterals: { 1: 'on', '-1': 'bad' },
      interval: 500,
      deadband: 0.5,
    };
    assert.deepEqual(checkTags([tag]), { tags: [tag], problems: [], more: 0 });
  });

  it('takes references as a flow writes them', () => {
    const { tags, problems } = checkTags(
      ['BAY1CTRL/XCBR1.Pos[ST]', { reference: ' BAY1CTRL/XCBR1$MX$TotW ', fc: 'mx' }],
      { ied: 'BAY1' },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(tags, [
      { tag: 'CTRL.XCBR1.Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' },
      { tag: 'CTRL.XCBR1.TotW', reference: 'BAY1CTRL/XCBR1.TotW', fc: 'MX' },
    ]);
  });

  const wrong: ReadonlyArray<readonly [name: string, row: unknown, code: string, field: string | undefined]> = [
    ['a number', 7, 'NOT_A_TAG', undefined],
    ['null', null, 'NOT_A_TAG', undefined],
    ['a list', [good], 'NOT_A_TAG', undefined],
    ['a missing reference', { tag: 'x', fc: 'ST' }, 'REFERENCE', 'reference'],
    ['a reference that does not parse', { ...good, reference: 'XCBR1.Pos' }, 'REFERENCE', 'reference'],
    ['a reference with a bad name', { ...good, reference: 'BAY1/XCBR1.Po s' }, 'REFERENCE', 'reference'],
    ['a logical node', { ...good, reference: 'BAY1CTRL/XCBR1' }, 'REFERENCE', 'reference'],
    ['a missing functional constraint', { reference: 'BAY1CTRL/XCBR1.Pos' }, 'FC', 'fc'],
    ['an unknown functional constraint', { ...good, fc: 'XX' }, 'FC', 'fc'],
    ['a name of Object.prototype as constraint', { ...good, fc: 'toString' }, 'FC', 'fc'],
    ['two functional constraints', { ...good, reference: 'BAY1CTRL/XCBR1.Pos[MX]' }, 'FC', 'fc'],
    ['an unknown type', { ...good, type: 'Word' }, 'TYPE', 'type'],
    ['an interval of 0', { ...good, interval: 0 }, 'NUMBER', 'interval'],
    ['an interval that is no number', { ...good, interval: 'often' }, 'NUMBER', 'interval'],
    ['an interval that no timer can hold', { ...good, interval: 2 ** 31 }, 'NUMBER', 'interval'],
    ['a negative deadband', { ...good, deadband: -1 }, 'NUMBER', 'deadband'],
    ['a deadband of NaN', { ...good, deadband: NaN }, 'NUMBER', 'deadband'],
    ['literals that are a list', { ...good, enumLiterals: ['on'] }, 'LITERALS', 'enumLiterals'],
    ['literals without numbers', { ...good, enumLiterals: { on: '1' } }, 'LITERALS', 'enumLiterals'],
    ['a name that is an object', { ...good, tag: {} }, 'NAME', 'tag'],
    ['a name that is too long', { ...good, tag: 'x'.repeat(300) }, 'NAME', 'tag'],
    ['a name with a line end', { ...good, tag: 'a\nb' }, 'NAME', 'tag'],
    ['a name that would replace a prototype', { ...good, tag: '__proto__' }, 'NAME', 'tag'],
  ];
  for (const [name, row, code, field] of wrong) {
    it(`finds ${name} and keeps the other rows`, () => {
      const { tags, problems } = checkTags([{ ...good, tag: 'other' }, row]);
      assert.equal(tags.length, 1);
      assert.deepEqual(
        problems.map((problem) => [problem.severity, problem.code, problem.row, problem.field]),
        [['error', code, 1, field]],
      );
      assert.match(problems[0]?.message ?? '', /\w{3}/);
    });
  }

  it('finds duplicate names, and says which row has the name', () => {
    const { tags, problems } = checkTags([good, { ...good, reference: 'BAY1CTRL/XCBR1.Loc' }]);
    assert.equal(tags.length, 1);
    assert.deepEqual(
      problems.map(({ code, row }) => [code, row]),
      [['DUPLICATE_NAME', 1]],
    );
    assert.match(problems[0]?.message ?? '', /row 1/);
  });

  it('warns of a point that is there twice, and of control attributes', () => {
    const { tags, problems } = checkTags([
      good,
      { ...good, tag: 'again' },
      { tag: 'x', reference: 'A/CSWI1.Pos.Oper', fc: 'CO' },
    ]);
    assert.equal(tags.length, 3);
    assert.deepEqual(
      problems.map(({ severity, code }) => [severity, code]),
      [
        ['warning', 'DUPLICATE_REFERENCE'],
        ['warning', 'CONTROL'],
      ],
    );
  });

  it('warns of an interval that the poller does not hold', () => {
    const { tags, problems } = checkTags([{ ...good, interval: 5 }]);
    assert.equal(tags.length, 1);
    assert.deepEqual(
      problems.map(({ severity, field }) => [severity, field]),
      [['warning', 'interval']],
    );
  });

  it('bounds tags and problems', () => {
    const rows = Array.from({ length: MAX_TAGS + 5 }, (_, i) => `A/GGIO1.Ind${i}[ST]`);
    const { tags, problems } = checkTags(rows);
    assert.equal(tags.length, MAX_TAGS);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['ROWS'],
    );
    const bad = checkTags(new Array<unknown>(MAX_TABLE_PROBLEMS + 7).fill(''));
    assert.equal(bad.problems.length, MAX_TABLE_PROBLEMS);
    assert.equal(bad.more, 7);
  });
});
