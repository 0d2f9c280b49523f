import assert from 'node:assert/strict';
import { adoptBlocks, type AssignableTag, assignTags, placeRows } from '../../../src/gateway/modbus/assign.js';
import { formatAddress, parseAddress } from '../../../src/gateway/modbus/address.js';
import { DEFAULT_LAYOUT, type MapRow, type ModbusMap } from '../../../src/gateway/modbus/map.js';
import { validateMap } from '../../../src/gateway/modbus/validate.js';
import type { TagType } from '../../../src/model/tag-value.js';
import { row } from './support.js';

const EMPTY: ModbusMap = { rows: [], blocks: [] };
const tags = (ied: string, ...list: Array<[string, TagType]>): AssignableTag[] =>
  list.map(([tag, type]) => ({ ied, tag, type }));
const place = ({ unit, area, address }: MapRow): string => `${unit} ${area} ${address}`;
const placesByTag = (map: ModbusMap): Record<string, string> =>
  Object.fromEntries(map.rows.map((entry) => [`${entry.ied}/${entry.tag}`, place(entry)]));

describe('Modbus addresses', () => {
  it('are written in both notations, with six digits from 10,000 on', () => {
    assert.equal(formatAddress('holding', 0), '40001');
    assert.equal(formatAddress('discrete', 0), '10001');
    assert.equal(formatAddress('input', 9998), '39999');
    assert.equal(formatAddress('holding', 9999), '410000');
    assert.equal(formatAddress('holding', 65535), '465536');
    assert.equal(formatAddress('coil', 0), '00001');
  });

  it('are read in both lengths, and nothing else is', () => {
    assert.deepEqual(parseAddress('40001'), { area: 'holding', address: 0 });
    assert.deepEqual(parseAddress(' 400001 '), { area: 'holding', address: 0 });
    assert.deepEqual(parseAddress('310000'), { area: 'input', address: 9999 });
    for (const text of ['', '0', '40000', '20001', '465537', '4000a', '4000001', '-40001']) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });

  it('survive a round trip in every area', () => {
    for (const area of ['coil', 'discrete', 'input', 'holding'] as const) {
      for (const address of [0, 1, 9998, 9999, 10000, 65535]) {
        assert.deepEqual(parseAddress(formatAddress(area, address)), { area, address });
      }
    }
  });
});

describe('Automatic assignment', () => {
  it('puts booleans into FC02, positions and enums into FC04, analogues and integers into FC03', () => {
    const { rows } = assignTags(
      EMPTY,
      tags(
        'BAY1',
        ['Op', 'Boolean'],
        ['Pos', 'Dbpos'],
        ['Beh', 'Enum'],
        ['TotW', 'Float32'],
        ['Cnt', 'Int32'],
        ['Supply', 'Int64'],
        ['Tap', 'Int8'],
        ['Big', 'Float64'],
      ),
      { ...DEFAULT_LAYOUT, metadata: false },
    );
    assert.deepEqual(
      rows.map((entry) => `${place(entry)} ${entry.type}`),
      [
        '1 discrete 0 Bool',
        '1 input 0 UInt16',
        '1 input 1 Int16',
        '1 holding 0 Float32',
        '1 holding 2 Int32',
        '1 holding 4 Int64',
        '1 holding 8 Int16',
        '1 holding 10 Float32',
      ],
    );
  });

  it('knows protection states, positions and analogues by their common data class when the type is not known yet', () => {
    const { rows, skipped } = assignTags(
      EMPTY,
      [
        { ied: 'A', tag: 'PTOC1.Op', cdc: 'ACT', fc: 'ST' },
        { ied: 'A', tag: 'PTOC1.Str', cdc: 'ACD', fc: 'ST' },
        { ied: 'A', tag: 'XCBR1.Pos', cdc: 'DPC', fc: 'ST' },
        { ied: 'A', tag: 'MMXU1.Hz', fc: 'MX' },
        { ied: 'A', tag: 'LPHD1.PhyNam', cdc: 'DPL', fc: 'DC' },
        { ied: 'A', tag: 'evil', cdc: 'constructor', fc: 'ST' },
      ],
      DEFAULT_LAYOUT,
    );
    assert.deepEqual(
      rows.map((entry) => entry.area),
      ['discrete', 'discrete', 'input', 'holding'],
    );
    assert.deepEqual(
      skipped.map((entry) => entry.tag),
      ['LPHD1.PhyNam', 'evil'],
    );
  });

  it('leaves strings, times and structures out, and says so', () => {
    const { rows, skipped } = assignTags(
      EMPTY,
      tags('A', ['d', 'VisibleString'], ['t', 'Timestamp'], ['s', 'Structure']),
      DEFAULT_LAYOUT,
    );
    assert.equal(rows.length, 0);
    assert.deepEqual(
      skipped.map((entry) => entry.reason),
      ['type', 'type', 'type'],
    );
  });

  it('gives every tag three metadata registers from +400 on', () => {
    const { rows } = assignTags(EMPTY, tags('A', ['x', 'Boolean'], ['y', 'Float32']), DEFAULT_LAYOUT);
    assert.deepEqual(
      rows.map((entry) => entry.meta),
      [400, 403],
    );
  });

  it('gives each further IED its own block of 1,000 addresses', () => {
    const { rows, blocks } = assignTags(
      EMPTY,
      [...tags('A', ['x', 'Boolean']), ...tags('B', ['x', 'Boolean'])],
      DEFAULT_LAYOUT,
    );
    assert.deepEqual(rows.map(place), ['1 discrete 0', '1 discrete 1000']);
    assert.deepEqual(
      blocks.map(({ ied, unit, start, size }) => [ied, unit, start, size]),
      [
        ['A', 1, 0, 1000],
        ['B', 1, 1000, 1000],
      ],
    );
  });

  it('gives each further IED its own unit id when that is chosen', () => {
    const layout = { ...DEFAULT_LAYOUT, mode: 'unit' as const, unit: 5 };
    const { rows } = assignTags(EMPTY, [...tags('A', ['x', 'Boolean']), ...tags('B', ['x', 'Boolean'])], layout);
    assert.deepEqual(rows.map(place), ['5 discrete 0', '6 discrete 0']);
  });

  it('never moves an address when tags or IEDs are added or removed', () => {
    const first = assignTags(
      EMPTY,
      [...tags('A', ['a', 'Float32'], ['b', 'Float32'], ['c', 'Float32']), ...tags('B', ['d', 'Float32'])],
      DEFAULT_LAYOUT,
    );
    const before = placesByTag(first);
    const without: ModbusMap = { rows: first.rows.filter((entry) => entry.tag !== 'b'), blocks: first.blocks };
    const second = assignTags(
      without,
      [...tags('C', ['e', 'Float32']), ...tags('A', ['z', 'Float32'], ['a', 'Float32'])],
      DEFAULT_LAYOUT,
    );
    const after = placesByTag(second);
    for (const name of ['A/a', 'A/c', 'B/d']) assert.equal(after[name], before[name]);
    assert.equal(second.added.length, 2);
  });

  it('does not give the address of a removed tag to another one', () => {
    const first = assignTags(EMPTY, tags('A', ['a', 'Float32'], ['b', 'Float32']), DEFAULT_LAYOUT);
    const second = assignTags(
      { rows: first.rows.slice(0, 1), blocks: first.blocks },
      tags('A', ['c', 'Float32']),
      DEFAULT_LAYOUT,
    );
    assert.equal(second.rows[1]?.address, 4);
    const third = assignTags({ rows: [], blocks: second.blocks }, tags('B', ['x', 'Float32']), DEFAULT_LAYOUT);
    assert.equal(third.rows[0]?.address, 1000);
  });

  it('keeps clear of rows that a person placed', () => {
    const map: ModbusMap = { rows: [row('mine', { ied: 'X', address: 10 })], blocks: [] };
    const assigned = assignTags(map, tags('A', ['a', 'Float32']), DEFAULT_LAYOUT);
    assert.equal(assigned.rows[1]?.address, 1000);
    assert.deepEqual(
      validateMap(assigned).issues.filter((issue) => issue.severity === 'error'),
      [],
    );
  });

  it('takes a further block when one is full', () => {
    const many = Array.from({ length: 250 }, (_, i): [string, TagType] => [`t${i}`, 'Float32']);
    const { rows, blocks, skipped } = assignTags(
      EMPTY,
      [...tags('A', ...many), ...tags('B', ['x', 'Float32'])],
      DEFAULT_LAYOUT,
    );
    assert.equal(skipped.length, 0);
    assert.deepEqual(
      blocks.map(({ ied, start }) => [ied, start]),
      [
        ['A', 0],
        ['A', 1000],
        ['B', 2000],
      ],
    );
    assert.equal(rows[199]?.address, 398);
    assert.equal(rows[200]?.address, 1000);
    assert.equal(validateMap({ rows, blocks }).badRows.size, 0);
  });

  it('goes on with the next unit id when 65 blocks are used, and says when nothing is left', () => {
    const ieds = Array.from({ length: 70 }, (_, i) => tags(`I${i}`, ['x', 'Boolean'])).flat();
    const { rows, blocks } = assignTags(EMPTY, ieds, DEFAULT_LAYOUT);
    assert.deepEqual(
      [rows[64], rows[65]].map((entry) => place(entry as MapRow)),
      ['1 discrete 64000', '2 discrete 0'],
    );
    assert.equal(validateMap({ rows, blocks }).badRows.size, 0);
    const last = assignTags(EMPTY, ieds, { ...DEFAULT_LAYOUT, unit: 247 });
    assert.equal(last.skipped.length, 5);
    assert.equal(last.skipped[0]?.reason, 'full');
  });

  it('places 20,000 tags of 100 IEDs without an overlap', () => {
    const all = Array.from({ length: 100 }, (_, ied) =>
      Array.from({ length: 200 }, (__, i): AssignableTag => ({
        ied: `I${ied}`,
        tag: `t${i}`,
        type: i % 2 ? 'Float32' : 'Boolean',
      })),
    ).flat();
    const { rows, blocks } = assignTags(EMPTY, all, DEFAULT_LAYOUT);
    assert.equal(rows.length, 20_000);
    assert.equal(validateMap({ rows, blocks }).badRows.size, 0);
  });

  it('moves only the rows that a person asks it to place', () => {
    const map = assignTags(EMPTY, tags('A', ['a', 'Float32'], ['b', 'Float32']), DEFAULT_LAYOUT);
    const { ied, tag, area, type } = map.rows[0] as MapRow;
    const placed = placeRows(
      { rows: map.rows.slice(1), blocks: map.blocks },
      [{ ied, tag, area, type }],
      DEFAULT_LAYOUT,
    );
    assert.deepEqual(
      placed.rows.map((entry) => [entry.tag, entry.address]),
      [
        ['b', 2],
        ['a', 4],
      ],
    );
  });

  it('finds the blocks of imported rows', () => {
    const map: ModbusMap = {
      rows: [row('x', { ied: 'B', address: 2010, meta: 2400 }), row('y', { ied: 'A', address: 5 })],
      blocks: [],
    };
    assert.deepEqual(
      adoptBlocks(map, DEFAULT_LAYOUT).map(({ ied, start }) => [ied, start]),
      [
        ['B', 2000],
        ['A', 0],
      ],
    );
  });
});
