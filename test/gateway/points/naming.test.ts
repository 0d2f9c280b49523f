import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ArgumentError } from '../../../src/errors.js';
import { MAX_TAG_NAME } from '../../../src/limits.js';
import {
  cleanTagName,
  DEFAULT_TAG_TEMPLATE,
  partsOfReference,
  tagName,
  type TagNameParts,
  uniqueTagNames,
} from '../../../src/gateway/points/naming.js';

const parts: TagNameParts = {
  ied: 'BAY1',
  ld: 'CTRL',
  ldInst: 'CTRL',
  ldName: 'BAY1CTRL',
  ln: 'Q0XCBR1',
  prefix: 'Q0',
  lnClass: 'XCBR',
  lnInst: '1',
  do: 'Pos',
  da: '',
  desc: 'Breaker',
  fc: 'ST',
};

describe('tag names', () => {
  it('follow the default template', () => {
    assert.equal(tagName(DEFAULT_TAG_TEMPLATE, parts), 'CTRL.Q0XCBR1.Pos');
  });

  it('take every placeholder', () => {
    const template = '{ied}/{ldName}/{ldInst}-{prefix}{lnClass}{lnInst}.{do}.{da} {desc} [{fc}]';
    assert.equal(tagName(template, { ...parts, da: 'stVal' }), 'BAY1/BAY1CTRL/CTRL-Q0XCBR1.Pos.stVal Breaker [ST]');
  });

  it('append the attribute when the template has no place for it', () => {
    assert.equal(tagName('{ln}.{do}', { ...parts, da: 'stVal' }), 'Q0XCBR1.Pos.stVal');
  });

  it('leave no doubled or hanging separator where a part is empty', () => {
    assert.equal(tagName('{desc}.{prefix}.{do}', { ...parts, desc: '', prefix: '' }), 'Pos');
    assert.equal(tagName('{ld}.{prefix}.{do}', { ...parts, prefix: '' }), 'CTRL.Pos');
    assert.equal(tagName('{do}_{da}', parts), 'Pos');
  });

  it('refuse a template that is wrong, and say what is possible', () => {
    assert.throws(
      () => tagName('{ld}.{device}', parts),
      (error) => error instanceof ArgumentError && /\{device\}/.test(error.message) && /\{lnClass\}/.test(error.hint),
    );
    assert.throws(() => tagName('breaker', parts), ArgumentError);
    assert.throws(() => tagName('', parts), ArgumentError);
  });

  it('hold neither control characters nor outer blanks, and have a bound', () => {
    assert.equal(cleanTagName(' a\r\nb\u0000c\u2028d '), 'a b c d');
    assert.equal(cleanTagName('x'.repeat(10_000)).length, MAX_TAG_NAME);
  });

  it('are never empty, and never one that would replace a prototype', () => {
    assert.equal(tagName('{desc}', { ...parts, desc: '' }), 'CTRL.Q0XCBR1.Pos');
    assert.equal(tagName('{desc}', { ...parts, desc: ' \n' }), 'CTRL.Q0XCBR1.Pos');
    assert.equal(tagName('{desc}', { ...parts, desc: '__proto__' }), 'CTRL.Q0XCBR1.Pos');
  });

  it('come from a reference alone', () => {
    assert.equal(
      tagName('{ld}.{ln}.{do}', partsOfReference('BAY1CTRL/XCBR1.Pos.stVal', 'ST', 'BAY1')),
      'CTRL.XCBR1.Pos.stVal',
    );
    assert.equal(tagName('{ld}.{ln}.{do}', partsOfReference('BAY1CTRL/XCBR1.Pos', 'ST')), 'BAY1CTRL.XCBR1.Pos');
    // A device that is called as the IED itself keeps its name.
    assert.equal(tagName('{ld}', partsOfReference('BAY1/XCBR1.Pos', 'ST', 'BAY1')), 'BAY1');
  });
});

describe('unique tag names', () => {
  const named = (...names: string[]): string[] => uniqueTagNames(names.map((tag) => ({ tag }))).map(({ tag }) => tag);

  it('number what comes twice', () => {
    assert.deepEqual(named('a', 'b', 'a', 'a'), ['a', 'b', 'a_2', 'a_3']);
  });

  it('leave a name alone that was unique, also when it looks numbered', () => {
    assert.deepEqual(named('a', 'a', 'a_2'), ['a', 'a_3', 'a_2']);
  });

  it('keep away from names that are in use already', () => {
    assert.deepEqual(uniqueTagNames([{ tag: 'a' }], ['a', 'a_2']), [{ tag: 'a_3' }]);
  });

  it('stay within the bound', () => {
    const long = 'x'.repeat(MAX_TAG_NAME);
    const [, second] = named(long, long) as [string, string];
    assert.equal(second.length, MAX_TAG_NAME);
  });

  it('are unique whatever comes in', () => {
    const name = fc.constantFrom('a', 'a_2', 'a_3', 'a_2_2', 'b', '', '__proto__', 'constructor');
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const made = named(...names);
        assert.equal(new Set(made).size, names.length);
        names.forEach((it, i) => names.indexOf(it) === i && assert.equal(made[i], it));
      }),
    );
  });
});
