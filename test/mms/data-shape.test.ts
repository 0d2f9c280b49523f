import assert from 'node:assert/strict';
import { DecodeError } from '../../src/errors.js';
import { MAX_KNOWN_SHAPES } from '../../src/limits.js';
import type { MmsData } from '../../src/mms/data.js';
import { encodeData } from '../../src/mms/data-codec.js';
import { DataShapes, decodeDataAt } from '../../src/mms/data-shape.js';

/** `{ name, { value }, quality }` as a relay sends it, its text and number as long as they need to be. */
function octetsOf(name: string, value: number | bigint): Buffer {
  const data: MmsData = {
    type: 'structure',
    items: [
      { type: 'visible-string', value: name },
      { type: 'structure', items: [{ type: 'integer', value }] },
      { type: 'boolean', value: true },
    ],
  };
  return encodeData(data);
}

const VALUE = [1, 0];

function shapesOf(check: () => void = () => undefined): DataShapes {
  return new DataShapes([VALUE, [2]], check);
}

function valueIn(shapes: DataShapes, octets: Buffer): number | bigint {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const shape = shapes.of(octets, view, 0, octets.length);
  assert.equal(shape.total, octets.length);
  const header = shape.headerAt[0] as number;
  const data = decodeDataAt(octets, header, (shape.contentAt[0] as number) + (shape.contentLength[0] as number));
  assert.equal(data.type, 'integer');
  return (data as { value: number | bigint }).value;
}

describe('the shapes of a type', () => {
  it('tell where a member stands, however long what comes before it is', () => {
    const shapes = shapesOf();
    for (const [name, value] of [
      ['a', 1],
      ['abc', 70_000],
      ['', -5],
      ['abc', 1],
      ['a', 2],
    ] as const) {
      assert.equal(valueIn(shapes, octetsOf(name, value)), value);
    }
  });

  it('are walked once for all variables that look alike', () => {
    let walked = 0;
    const shapes = shapesOf(() => walked++);
    const first = octetsOf('Q1', 5);
    const again = octetsOf('Q2', 6);
    const of = (octets: Buffer) =>
      shapes.of(octets, new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length);
    assert.equal(of(first), of(again));
    assert.equal(walked, 1);
  });

  it('are remembered up to a bound, and right beyond it', () => {
    let walked = 0;
    const shapes = shapesOf(() => walked++);
    const lengths = Array.from({ length: MAX_KNOWN_SHAPES + 10 }, (_, i) => i);
    for (let round = 0; round < 2; round++) {
      for (const length of lengths) assert.equal(valueIn(shapes, octetsOf('x'.repeat(length), 7)), 7);
    }
    assert.equal(walked, lengths.length + 10);
  });

  it('do not remember one that the caller refuses', () => {
    let refuse = true;
    const shapes = shapesOf(() => {
      if (refuse) throw new DecodeError('not what it should be');
    });
    assert.throws(() => valueIn(shapes, octetsOf('a', 1)), DecodeError);
    refuse = false;
    assert.equal(valueIn(shapes, octetsOf('a', 1)), 1);
  });

  it('fail for data with fewer members than the type', () => {
    const octets = encodeData({ type: 'structure', items: [{ type: 'boolean', value: true }] });
    assert.throws(() => valueIn(shapesOf(), octets), DecodeError);
  });
});
