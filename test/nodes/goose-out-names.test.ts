import assert from 'node:assert/strict';
import { withReferences } from '../../nodes/goose-out/named-values.js';

const REFERENCES = new Map([
  ['Pos', 'T/GGIO1.V1.v1'],
  ['Level', 'T/GGIO1.V2.v2'],
]);

describe('names of members that were typed in, in messages', () => {
  const payload = (value: unknown): unknown => withReferences({ payload: value }, REFERENCES).payload;

  it('stand for references in an object, an array and the topic', () => {
    assert.deepEqual(payload({ Pos: 'Open', Level: 5 }), [
      { reference: 'T/GGIO1.V1.v1', value: 'Open' },
      { reference: 'T/GGIO1.V2.v2', value: 5 },
    ]);
    assert.deepEqual(payload([{ name: 'Level', value: 5, quality: 'good' }]), [
      { name: 'Level', reference: 'T/GGIO1.V2.v2', fc: 'ST', value: 5, quality: 'good' },
    ]);
    assert.deepEqual(payload([{ reference: 'Pos', value: 1 }]), [{ reference: 'T/GGIO1.V1.v1', fc: 'ST', value: 1 }]);
    assert.equal(withReferences({ topic: 'Pos', payload: 1 }, REFERENCES).topic, 'T/GGIO1.V1.v1');
  });

  it('stand for references as the tags of tag values, alone, in an object and in an array', () => {
    const tag = { ied: 'B', tag: 'Pos', reference: 'B/XCBR1.Pos', value: 2 };
    const expected = { ...tag, reference: 'T/GGIO1.V1.v1', fc: 'ST' };
    const tags = (value: unknown): unknown => withReferences({ iec61850: value }, REFERENCES).iec61850;
    assert.deepEqual(tags(tag), expected);
    assert.deepEqual(tags([tag]), [expected]);
    assert.deepEqual(tags({ Pos: tag }), { Pos: expected });
  });

  it('that are not known stay, so that the error names them; plain values stay as they are', () => {
    assert.deepEqual(payload({ Pos: 1, Other: 2 }), [
      { reference: 'T/GGIO1.V1.v1', value: 1 },
      { reference: 'Other', value: 2 },
    ]);
    assert.deepEqual(payload({ a: 1 }), { a: 1 });
    assert.equal(payload('Open'), 'Open');
    assert.equal(withReferences({ topic: 'x', payload: 1 }, REFERENCES).topic, 'x');
  });
});
