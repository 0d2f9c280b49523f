import assert from 'node:assert/strict';
import type { MapRow } from '../../../src/gateway/modbus/map.js';
import { parseLayout, parseMap } from '../../../src/gateway/modbus/parse-map.js';
import { type MapIssue, validateMap } from '../../../src/gateway/modbus/validate.js';
import { ArgumentError } from '../../../src/errors.js';
import { blockMap, row } from './support.js';

const issuesOf = (...rows: MapRow[]): MapIssue[] => validateMap(blockMap(...rows)).issues;
const codesOf = (...rows: MapRow[]): string[] => issuesOf(...rows).map((issue) => issue.code);

describe('Checking a Modbus map', () => {
  it('finds overlapping addresses and names both tags in both notations', () => {
    const [issue] = issuesOf(row('a', { address: 10 }), row('b', { address: 11 }));
    assert.equal(issue?.code, 'OVERLAP');
    assert.equal(issue?.severity, 'error');
    assert.deepEqual([issue?.row, issue?.other], [1, 0]);
    assert.match(issue?.message ?? '', /40012 \(11\) is taken by BAY1\/a and by BAY1\/b/);
  });

  it('finds an overlap of a long row with one that is not its neighbour', () => {
    const text = row('text', { type: 'Text', length: 20, address: 0 });
    assert.deepEqual(codesOf(text, row('a', { address: 4 }), row('b', { address: 10 })), ['OVERLAP', 'OVERLAP']);
  });

  it('finds metadata that overlaps values', () => {
    assert.ok(codesOf(row('a', { address: 0, meta: 2 }), row('b', { address: 4 })).includes('META_OVERLAP'));
  });

  it('lets bits share a register, but not a bit, and no number beside them', () => {
    const bit = (tag: string, at: number): MapRow => row(tag, { type: 'Bit', bit: at, address: 5 });
    assert.deepEqual(codesOf(bit('a', 0), bit('b', 15)), []);
    assert.deepEqual(codesOf(bit('a', 3), bit('b', 4), bit('c', 3)), ['OVERLAP']);
    assert.deepEqual(codesOf(bit('a', 3), row('n', { type: 'UInt16', address: 5 })), ['OVERLAP']);
  });

  it('lets equal addresses stand in different areas and unit ids', () => {
    assert.deepEqual(
      validateMap({ rows: [row('a'), row('b', { unit: 2 }), row('c', { area: 'input' })], blocks: [] }).issues,
      [],
    );
  });

  it('finds addresses out of range', () => {
    assert.deepEqual(codesOf(row('a', { address: 65535 })), ['ADDRESS']);
    assert.deepEqual(codesOf(row('a', { address: -1 })), ['ADDRESS']);
    assert.deepEqual(codesOf(row('a', { address: 1.5 })), ['ADDRESS']);
    assert.deepEqual(codesOf(row('a', { address: NaN })), ['ADDRESS']);
    assert.deepEqual(codesOf(row('a', { meta: 65534 })), ['ADDRESS']);
  });

  it('warns of rows outside their block and in that of another IED', () => {
    assert.deepEqual(codesOf(row('a', { address: 999 })), ['BLOCK']);
    assert.deepEqual(codesOf(row('a', { address: 1500 })), ['BLOCK']);
    assert.deepEqual(codesOf(row('a', { ied: 'OTHER', address: 2 })), ['FOREIGN_BLOCK']);
  });

  it('tells of gaps, but not of the one register before an even address', () => {
    const [gap] = issuesOf(row('a', { address: 0 }), row('b', { address: 10 }));
    assert.equal(gap?.severity, 'info');
    assert.match(gap?.message ?? '', /40003–40010 \(2\): 8 unused before BAY1\/b/);
    assert.deepEqual(codesOf(row('a', { type: 'Int16', address: 0 }), row('b', { address: 2 })), []);
    assert.deepEqual(codesOf(row('a', { address: 0, meta: 400 }), row('b', { address: 2, meta: 403 })), []);
  });

  it('finds forms that do not fit their area or type', () => {
    const wrong: Array<[Partial<MapRow>, string]> = [
      [{ area: 'discrete', type: 'Float32' }, 'TYPE'],
      [{ area: 'holding', type: 'Bool' }, 'TYPE'],
      [{ type: 'Bit' }, 'BIT'],
      [{ type: 'Bit', bit: 16 }, 'BIT'],
      [{ type: 'BCD', length: 4 }, 'LENGTH'],
      [{ type: 'Text', length: 0 }, 'LENGTH'],
      [{ type: 'Text', length: 126 }, 'LENGTH'],
      [{ scale: 0 }, 'SCALE'],
      [{ scale: NaN }, 'SCALE'],
      [{ offset: Infinity }, 'SCALE'],
      [{ latch: 100 }, 'LATCH'],
      [{ type: 'Bit', bit: 1, latch: -1 }, 'LATCH'],
      [{ type: 'Bit', bit: 1, policy: 'nan' }, 'POLICY'],
      [{ type: 'Bit', bit: 1, policy: 'nan', sentinel: 2 }, 'SENTINEL'],
      [{ type: 'Int16', sentinel: 1.5 }, 'SENTINEL'],
      [{ unit: 0 }, 'UNIT'],
      [{ unit: 248 }, 'UNIT'],
      [{ ied: '' }, 'NAME'],
      [{ tag: '' }, 'NAME'],
    ];
    for (const [fields, code] of wrong) assert.deepEqual(codesOf(row('a', fields)), [code], JSON.stringify(fields));
  });

  it('takes rows from a file of any kind without falling over', () => {
    const map = parseMap(
      [null, 5, 'x', [], { ied: 1, area: '__proto__', type: 'toString', address: {} }],
      [null, { size: -1 }, {}],
    );
    assert.equal(map.rows.length, 5);
    assert.equal(map.blocks.length, 0);
    assert.equal(validateMap(map).badRows.size, 5);
  });

  it('refuses lists that are none', () => {
    assert.throws(() => parseMap({}, []), ArgumentError);
    assert.throws(() => parseLayout({ blockSize: 'many' }), ArgumentError);
    assert.throws(() => parseLayout({ unit: 300 }), ArgumentError);
  });

  it('lists a bounded number of issues and counts the rest', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => row(`t${i}`));
    const { issues, more, badRows } = validateMap(blockMap(...rows));
    assert.equal(issues.length, 1000);
    assert.equal(more, 1999);
    assert.equal(badRows.size, 3000);
  });
});
