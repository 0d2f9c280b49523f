import assert from 'node:assert/strict';
import { encodeComtrade, type ComtradeFormat, type ComtradeRecord } from '../../src/comtrade/index.js';
import { ArgumentError } from '../../src/errors.js';

const START = Date.UTC(2026, 10, 20, 9, 5, 7) + 12.345;

function record(different: Partial<ComtradeRecord> = {}): ComtradeRecord {
  return {
    station: 'Bay 1',
    device: 'MU01',
    analogs: [
      { name: 'Ia', phase: 'A', unit: 'A', values: [0, 1.5, NaN, -1.5], scale: 0.001 },
      { name: 'Va', phase: 'A', unit: 'V', values: [1e6, -2e6, 0, 5] },
    ],
    statuses: [{ name: 'synchronised', values: [1, 1, 0, 1] }],
    frequency: 50,
    rate: 4000,
    start: START,
    trigger: START + 0.5,
    synchronised: true,
    ...different,
  };
}

function encode(format: ComtradeFormat, different: Partial<ComtradeRecord> = {}): { cfg: string[]; dat: Buffer } {
  const { cfg, dat } = encodeComtrade(record(different), format);
  return { cfg: cfg.toString('latin1').split('\r\n'), dat: Buffer.concat([...dat]) };
}

describe('a COMTRADE record', () => {
  it('has a configuration of revision 2013 in UTC', () => {
    assert.deepEqual(encode('BINARY32').cfg, [
      'Bay 1,MU01,2013',
      '3,2A,1D',
      '1,Ia,A,,A,0.001,0,0,-2147483647,2147483647,1,1,P',
      '2,Va,A,,V,1,0,0,-2147483647,2147483647,1,1,P',
      '1,synchronised,,,0',
      '50',
      '1',
      '4000,4',
      '20/11/2026,09:05:07.012345',
      '20/11/2026,09:05:07.012845',
      'BINARY32',
      '1',
      '0,0',
      '0,3',
      '',
    ]);
  });

  it('says that its times cannot be relied on when no global clock stands behind them', () => {
    assert.equal(encode('ASCII', { synchronised: false }).cfg.at(-2), 'F,3');
  });

  it('keeps integers of the source as they were, where they fit, and shows missing samples as missing', () => {
    const { dat } = encode('BINARY32');
    assert.equal(dat.length, 4 * 18);
    const row = (i: number): number[] => [
      dat.readUInt32LE(i * 18),
      dat.readUInt32LE(i * 18 + 4),
      dat.readInt32LE(i * 18 + 8),
      dat.readInt32LE(i * 18 + 12),
      dat.readUInt16LE(i * 18 + 16),
    ];
    assert.deepEqual([0, 1, 2, 3].map(row), [
      [1, 0, 0, 1_000_000, 1],
      [2, 250, 1500, -2_000_000, 1],
      [3, 500, -0x80000000, 0, 0],
      [4, 750, -1500, 5, 1],
    ]);
  });

  it('is scaled to what 16 bits hold, and 0 stays 0', () => {
    const { cfg, dat } = encode('BINARY');
    const scale = Number(cfg[3]?.split(',')[5]);
    assert.equal(scale, 2e6 / 32_767);
    const values = [0, 1, 2, 3].map((i) => dat.readInt16LE(i * 14 + 10));
    assert.deepEqual(values, [16_384, -32_767, 0, 0]);
    assert.equal(dat.readInt16LE(2 * 14 + 8), -0x8000);
  });

  it('is written as text with 99999 for a missing sample', () => {
    assert.deepEqual(encode('ASCII').dat.toString('latin1').split('\r\n'), [
      '1,0,0,49999,1',
      '2,250,1500,-99998,1',
      '3,500,99999,0,0',
      '4,750,-1500,0,1',
      '',
    ]);
  });

  it('has no line or field that a name smuggles in', () => {
    const { cfg } = encode('ASCII', { station: 'A,B\r\nC', device: 'Löbau' });
    assert.equal(cfg[0], 'A_B__C,L_bau,2013');
  });

  it('puts more than 16 states into further words', () => {
    const statuses = Array.from({ length: 17 }, (_, i) => ({ name: `s${i}`, values: [i === 16 ? 1 : 0] }));
    const { dat } = encode('BINARY', { analogs: [], statuses });
    assert.equal(dat.toString('hex', 8), '00000100');
  });

  it('needs samples, and as many in each channel', () => {
    for (const different of [{ analogs: [], statuses: [] }, { statuses: [{ name: 'short', values: [1] }] }]) {
      assert.throws(() => encode('ASCII', different), ArgumentError);
    }
  });
});
