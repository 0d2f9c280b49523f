import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MapRow, RegisterType } from '../../../src/gateway/modbus/map.js';
import { moveRow } from '../../../src/gateway/modbus/move.js';
import { validateMap } from '../../../src/gateway/modbus/validate.js';

const row = (tag: string, address: number, type: RegisterType = 'Float32', more: Partial<MapRow> = {}): MapRow => ({
  ied: 'BAY1',
  tag,
  unit: 1,
  area: 'holding',
  address,
  type,
  ...more,
});
const shown = (rows: readonly MapRow[]): string => rows.map(({ tag, address }) => `${tag}${address}`).join(' ');
const move = (rows: MapRow[], from: number, to: number, after = false): string =>
  shown(moveRow({ rows, blocks: [] }, from, to, after).rows);

describe('a row that is moved by hand', () => {
  it('takes the address of the row before which it is put, and those in between make room', () => {
    const rows = [row('a', 0), row('b', 2), row('c', 4), row('d', 6)];
    assert.equal(move(rows, 3, 1), 'a0 d2 b4 c6');
    assert.equal(move(rows, 0, 2, true), 'b0 c2 a4 d6');
    assert.equal(move(rows, 0, 1), shown(rows));
    assert.equal(shown(rows), 'a0 b2 c4 d6', 'the map that was given stays as it is');
  });

  it('keeps gaps where they are, and moves no row outside of the two', () => {
    const rows = [row('a', 0), row('b', 10), row('c', 20), row('d', 40)];
    assert.equal(move(rows, 0, 2, true), 'b0 c10 a20 d40');
  });

  it('packs rows of several sizes without touching others', () => {
    const rows = [row('a', 0, 'Float64'), row('b', 4, 'UInt16'), row('c', 5, 'Float32'), row('d', 7, 'UInt16')];
    assert.equal(move(rows, 2, 0), 'c0 a2 b6 d7');
  });

  it('moves the bits of one register together, and leaves metadata with its tag', () => {
    const bits = [row('a', 0, 'Bit', { bit: 0 }), row('b', 0, 'Bit', { bit: 1 })];
    const rows = [...bits, row('c', 1, 'UInt16', { meta: 400 })];
    const { rows: moved } = moveRow({ rows, blocks: [] }, 2, 0, false);
    assert.equal(shown(moved), 'c0 a1 b1');
    assert.equal(moved[0]?.meta, 400);
  });

  it('changes only the order of the table where area or unit id differ, or an address is missing', () => {
    const rows = [row('a', 0), row('b', 0, 'UInt16', { area: 'input' }), row('c', 5, 'UInt16', { unit: 2 })];
    assert.equal(move(rows, 2, 0), 'c5 a0 b0');
    assert.equal(move(rows, 0, 1, true), 'b0 a0 c5');
    const unplaced = { ...row('x', 0), address: Number.NaN };
    assert.equal(move([row('a', 0), unplaced], 1, 0), 'xNaN a0');
    assert.equal(move(rows, 0, 9), shown(rows));
  });

  it('never makes rows overlap that did not', () => {
    const types: RegisterType[] = ['UInt16', 'Float32', 'Float64'];
    fc.assert(
      fc.property(
        fc.array(fc.record({ type: fc.constantFrom(...types), gap: fc.nat(5) }), { minLength: 2, maxLength: 12 }),
        fc.nat(11),
        fc.nat(11),
        fc.boolean(),
        (entries, from, to, after) => {
          let next = 0;
          const rows = entries.map(({ type, gap }, index) => {
            const placed = row(`t${index}-`, next + gap, type);
            next = placed.address + { UInt16: 1, Float32: 2, Float64: 4 }[type as 'UInt16' | 'Float32' | 'Float64'];
            return placed;
          });
          const { rows: moved } = moveRow({ rows, blocks: [] }, from, to, after);
          const { issues } = validateMap({ rows: moved, blocks: [] });
          assert.ok(
            issues.every(({ severity }) => severity !== 'error'),
            shown(moved),
          );
          assert.deepEqual(moved.map(({ tag }) => tag).sort(), rows.map(({ tag }) => tag).sort());
        },
      ),
      { numRuns: 200 },
    );
  });
});
