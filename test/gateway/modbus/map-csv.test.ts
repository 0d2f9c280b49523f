import assert from 'node:assert/strict';
import { DEFAULT_LAYOUT, type MapRow, type ModbusMap } from '../../../src/gateway/modbus/map.js';
import { mapFromCsv, mapToCsv } from '../../../src/gateway/modbus/map-csv.js';
import { mapToMarkdown } from '../../../src/gateway/modbus/map-markdown.js';
import { row } from './support.js';

const EMPTY: ModbusMap = { rows: [], blocks: [] };
const read = (text: string, map = EMPTY): ReturnType<typeof mapFromCsv> => mapFromCsv(text, map, DEFAULT_LAYOUT);

describe('The map as CSV', () => {
  const rows: MapRow[] = [
    row('TotW', { meta: 400, description: 'Active power, "total"', engineeringUnit: 'W', tagType: 'Float32' }),
    row('Level', { type: 'Int16', address: 2, scale: 10, offset: -5, policy: 'nan', sentinel: -1, order: 'DCBA' }),
    row('Trip', { area: 'discrete', type: 'Bool', latch: 5000, unit: 3 }),
    row('Flag', { type: 'Bit', bit: 7, address: 3 }),
    row('Name', { type: 'Text', length: 8, address: 20, ied: '=HYPERLINK("x")' }),
    row('Go', { area: 'coil', type: 'Bool', address: 4 }),
  ];

  it('survives a round trip', () => {
    const { rows: read_, problems } = read(mapToCsv(rows));
    assert.deepEqual(problems, []);
    assert.deepEqual(read_, rows);
  });

  it('survives a spreadsheet with semicolons and decimal commas', () => {
    const { rows: got, problems } = read('IED;Tag;Address;Type;Scale;Unit ID\nA;x;40001;Float32;0,5;2\n');
    assert.deepEqual(problems, []);
    assert.deepEqual(got, [{ ied: 'A', tag: 'x', unit: 2, area: 'holding', address: 0, type: 'Float32', scale: 0.5 }]);
  });

  it('takes coils whose leading zeros a spreadsheet has dropped', () => {
    const { rows: got } = read('ied,tag,area,address,type\nA,x,coil,5,Bool\n');
    assert.equal(got[0]?.address, 4);
  });

  it('takes zero-based addresses alone, and gives addresses to rows that have none', () => {
    const { rows: got, blocks } = read('ied,tag,area,address0,type\nA,x,holding,10,Float32\nA,y,holding,,Float32\n');
    assert.deepEqual(
      got.map((entry) => [entry.tag, entry.address]),
      [
        ['x', 10],
        ['y', 1000],
      ],
    );
    assert.equal(blocks[0]?.ied, 'A');
  });

  it('reports what is wrong by line and column, and keeps the other rows', () => {
    const text = [
      'ied,tag,area,address,address0,type,scale,bit',
      'A,ok,holding,40001,0,Float32,1,',
      ',x,holding,40005,,Float32,,',
      'A,y,holding,40007,9,Float32,,',
      'A,z,input,40009,,Float32,,',
      'A,u,holding,99999,,Float32,,',
      'A,v,holding,40011,,Float99,abc,1.5',
    ].join('\n');
    const { rows: got, problems } = read(text);
    assert.deepEqual(
      got.map((entry) => entry.tag),
      ['ok'],
    );
    assert.deepEqual(
      problems.map(({ line, column }) => [line, column]),
      [
        [3, 'ied'],
        [4, 'address'],
        [5, 'address'],
        [6, 'address'],
        [7, 'type'],
        [7, 'bit'],
        [7, 'scale'],
      ],
    );
  });

  it('says which columns are missing, unknown or there twice', () => {
    assert.match(
      read('foo,tag\n1,2')
        .problems.map((problem) => problem.message)
        .join(),
      /no column ied/,
    );
    assert.match(
      read('ied,tag,type,address,colour\nA,x,Float32,40001,red').problems[0]?.message ?? '',
      /"colour" is not known/,
    );
    assert.match(read('').problems[0]?.message ?? '', /empty/);
  });

  it('prints as Markdown in which no name becomes markup', () => {
    const text = mapToMarkdown([row('a|b<script>', { description: '[x](y)\n# z' })], 'Bay *1*');
    assert.match(text, /40001–40002 \| 0–1 \| FC03/);
    assert.ok(text.includes('a\\|b\\<script\\>'));
    assert.ok(text.includes('\\[x\\](y) \\# z'));
    assert.ok(text.startsWith('# Bay \\*1\\*'));
  });

  it('prints both notations, and what the quality register says, bit by bit', () => {
    const text = mapToMarkdown([row('TotW', { meta: 400, engineeringUnit: 'MW', scale: 0.001 })], 'HMI');
    assert.match(text, /\| 40401–40403 \(400\) \|/);
    for (const line of ['| 2 | 4 | overflow |', '| 7 | 128 | oldData |', '| 12 | 4096 | operatorBlocked |'])
      assert.ok(text.includes(line), text);
    assert.match(text, /validity: 0 good, 2 invalid, 3 questionable/);
    assert.match(text, /\| 13 \| 8192 \| stale/);
    assert.doesNotMatch(mapToMarkdown([row('TotW')], 'HMI'), /Quality, age and sequence\n/);
  });
});
