import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ArgumentError } from '../../src/errors.js';
import { FUNCTIONAL_CONSTRAINTS, type FunctionalConstraint } from '../../src/model/functional-constraint.js';
import {
  formatReference,
  fromMmsName,
  objectReference,
  parseReference,
  type Reference,
  splitLogicalNodeName,
  toMmsName,
} from '../../src/model/reference.js';

const letters = 'ABCXYZabcxyz0123456789_'.split('');
const name = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 });
const step = fc.oneof(
  name,
  fc.tuple(name, fc.nat(999_999)).map(([it, index]) => `${it}(${index})`),
);
const constraint = fc.constantFrom(...(Object.keys(FUNCTIONAL_CONSTRAINTS) as FunctionalConstraint[]));
const reference: fc.Arbitrary<Reference> = fc.record(
  {
    logicalDevice: name,
    logicalNode: name,
    path: fc.array(step, { minLength: 1, maxLength: 6 }),
    functionalConstraint: constraint,
  },
  { noNullPrototype: true },
);

describe('references', () => {
  it('come back as they went, with and without functional constraint', () => {
    fc.assert(
      fc.property(reference, (it) => {
        assert.deepEqual(parseReference(formatReference(it)), it);
        const { functionalConstraint: _, ...without } = it;
        assert.deepEqual(parseReference(objectReference(it)), without);
      }),
    );
  });

  it('come back from MMS names', () => {
    fc.assert(
      fc.property(reference, (it) => {
        const { domain, item } = toMmsName(it);
        assert.deepEqual(fromMmsName(domain, item), it);
        assert.deepEqual(parseReference(`${domain}/${item}`), it);
      }),
    );
  });

  it('of any text are a reference or an ArgumentError that quotes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'AB/.$[]()ST1 '.split('')) })), (text) => {
        try {
          const parsed = parseReference(text);
          assert.deepEqual(parseReference(formatReference(parsed)), parsed);
        } catch (error) {
          assert.ok(error instanceof ArgumentError);
          assert.ok(error.message.includes(text));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('need a functional constraint before they become an MMS variable', () => {
    assert.throws(() => toMmsName(parseReference('BAY1CTRL/XCBR1.Pos')), ArgumentError);
    assert.deepEqual(toMmsName(parseReference('BAY1CTRL/XCBR1.Pos[ST]')), { domain: 'BAY1CTRL', item: 'XCBR1$ST$Pos' });
    assert.deepEqual(toMmsName(parseReference('BAY1CTRL/XCBR1')), { domain: 'BAY1CTRL', item: 'XCBR1' });
  });

  it('of an MMS name that is none are undefined', () => {
    for (const item of ['', '$ST$Pos', 'XCBR1$XX$Pos', 'XCBR1$toString'])
      assert.equal(fromMmsName('D', item), undefined);
  });

  it('with an index keep it as one step', () => {
    assert.deepEqual(parseReference('D/MHAI1.HA.phsAHar(3).cVal.mag.f[MX]').path, [
      'HA',
      'phsAHar(3)',
      'cVal',
      'mag',
      'f',
    ]);
  });
});

describe('logical node names', () => {
  it('have prefixes (DPDOesGGIO1): the class is the four capital letters before the instance number', () => {
    assert.deepEqual(splitLogicalNodeName('DPDOesGGIO1'), { prefix: 'DPDOes', lnClass: 'GGIO', inst: '1' });
    assert.deepEqual(splitLogicalNodeName('XCBR12'), { prefix: '', lnClass: 'XCBR', inst: '12' });
    assert.deepEqual(splitLogicalNodeName('Q0_XCBR1'), { prefix: 'Q0_', lnClass: 'XCBR', inst: '1' });
    assert.deepEqual(splitLogicalNodeName('QUAD_PDIS1'), { prefix: 'QUAD_', lnClass: 'PDIS', inst: '1' });
    assert.deepEqual(splitLogicalNodeName('ABCDPTOC1'), { prefix: 'ABCD', lnClass: 'PTOC', inst: '1' });
    assert.deepEqual(splitLogicalNodeName('LLN0'), { prefix: '', lnClass: 'LLN0', inst: '' });
  });

  it('put together again give the name', () => {
    const prefix = fc.string({ unit: fc.constantFrom(...'aQ0_X'.split('')), maxLength: 6 });
    const lnClass = fc.constantFrom('XCBR', 'PTOC', 'GGIO', 'MMXU');
    fc.assert(
      fc.property(prefix, lnClass, fc.integer({ min: 1, max: 99_999 }), (before, is, inst) => {
        assert.deepEqual(splitLogicalNodeName(`${before}${is}${inst}`), {
          prefix: before,
          lnClass: is,
          inst: String(inst),
        });
      }),
    );
  });
});
