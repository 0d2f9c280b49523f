import assert from 'node:assert/strict';
import { ModbusExceptionCode } from '../../../src/gateway/modbus/exceptions.js';
import type { Area, MapRow } from '../../../src/gateway/modbus/map.js';
import { NEVER_BIT, OFFLINE_BIT, STALE_BIT } from '../../../src/gateway/modbus/point.js';
import { type ImageOptions, RegisterImage } from '../../../src/gateway/modbus/register-image.js';
import { validateMap } from '../../../src/gateway/modbus/validate.js';
import { QualityBit, qualityFromBits } from '../../../src/model/quality.js';
import { blockMap, GATEWAY_OPTIONS, INVALID, row, tagValue } from './support.js';

const EXCEPTION = ModbusExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND;

/** An image with a clock in ms that tests set. */
class Bench {
  now = 0;
  readonly image: RegisterImage;

  constructor(rows: MapRow[], options: Partial<ImageOptions> = {}) {
    const map = blockMap(...rows);
    this.image = new RegisterImage(map, validateMap(map).badRows, { ...GATEWAY_OPTIONS, ...options });
  }

  update(...values: Parameters<typeof tagValue>): void {
    this.image.update(tagValue(...values), this.now);
  }

  /** Registers, or the exception code of the read. */
  read(area: Area, address: number, quantity = 1): number[] | number {
    this.image.tick(this.now);
    const code = this.image.check(1, area, address, quantity);
    return code === ModbusExceptionCode.NONE ? [...this.image.read(1, area, address, quantity)] : code;
  }
}

const invalid = { quality: qualityFromBits(INVALID) };

describe('What a register says when its tag is not usable', () => {
  const int = (fields: Partial<MapRow>): MapRow => row('x', { type: 'Int16', ...fields });

  it('holds the last usable value, and has nothing to hold before the first one', () => {
    const bench = new Bench([int({ policy: 'hold' })]);
    bench.update('x', 'Int16', 5, invalid);
    assert.equal(bench.read('holding', 0), EXCEPTION);
    bench.update('x', 'Int16', 6);
    bench.update('x', 'Int16', 7, invalid);
    assert.deepEqual(bench.read('holding', 0), [6]);
  });

  it('shows a sentinel where the policy says so, but not before the first value', () => {
    const bench = new Bench([int({ policy: 'nan', sentinel: -999 })]);
    assert.equal(bench.read('holding', 0), EXCEPTION);
    bench.update('x', 'Int16', 6, invalid);
    assert.deepEqual(bench.read('holding', 0), [0x10000 - 999]);
    bench.update('x', 'Int16', 7);
    assert.deepEqual(bench.read('holding', 0), [7]);
  });

  it('shows NaN before the first value when the node is set so', () => {
    const bench = new Bench([row('x'), int({ tag: 'y', address: 2, policy: 'hold' })], { nanBeforeFirstValue: true });
    assert.deepEqual(bench.read('holding', 0, 2), [0x7fc0, 0]);
    assert.equal(bench.read('holding', 2), EXCEPTION);
  });

  it('answers exception 0x0B where the policy says so', () => {
    const bench = new Bench([int({ policy: 'exception' })]);
    bench.update('x', 'Int16', 6);
    assert.deepEqual(bench.read('holding', 0), [6]);
    bench.update('x', 'Int16', 6, { status: 'disconnected' });
    assert.equal(bench.read('holding', 0), EXCEPTION);
    bench.update('x', 'Int16', 8);
    assert.deepEqual(bench.read('holding', 0), [8]);
  });

  it('counts a value under test as usable only when the node allows it', () => {
    const test = { quality: qualityFromBits(QualityBit.test) };
    for (const [allowTest, expected] of [
      [false, EXCEPTION],
      [true, [6]],
    ] as const) {
      const bench = new Bench([int({})], { allowTest });
      bench.update('x', 'Int16', 6, test);
      assert.deepEqual(bench.read('holding', 0), expected);
    }
  });

  it('treats stale, disconnected, error, questionable and an absent value alike', () => {
    for (const more of [
      { status: 'stale' },
      { status: 'disconnected' },
      { status: 'error' },
      { quality: qualityFromBits(3) },
    ] as const) {
      const bench = new Bench([row('x')]);
      bench.update('x', 'Float32', 1);
      bench.update('x', 'Float32', 2, more);
      assert.deepEqual(bench.read('holding', 0, 2), [0x7fc0, 0], JSON.stringify(more));
    }
    const bench = new Bench([row('x')]);
    bench.update('x', 'Float32', 1);
    bench.update('x', 'Float32', null);
    assert.deepEqual(bench.read('holding', 0, 2), [0x7fc0, 0]);
  });

  it('treats a value that has no form in the registers as not usable', () => {
    const bench = new Bench([int({})]);
    bench.update('x', 'Int16', 6);
    for (const [type, value] of [
      ['VisibleString', 'seven'],
      ['Float32', NaN],
      ['Structure', { a: 1 }],
    ] as const) {
      bench.update('x', type, value);
      assert.deepEqual(bench.read('holding', 0), [6], type);
      assert.equal(bench.image.statistics().bad, 1);
    }
  });

  it('keeps a NaN that the IED itself gave', () => {
    const bench = new Bench([row('x', { policy: 'hold' })]);
    bench.update('x', 'Float32', NaN);
    assert.deepEqual(bench.read('holding', 0, 2), [0x7fc0, 0]);
    assert.equal(bench.image.statistics().bad, 0);
  });
});

describe('Metadata registers', () => {
  const rows = [row('x', { meta: 400 })];

  it('say "never" before the first value', () => {
    assert.deepEqual(new Bench(rows).read('holding', 400, 3), [NEVER_BIT, 0xffff, 0]);
  });

  it('hold the quality as IEC 61850 numbers its bits', () => {
    const bench = new Bench(rows);
    const bits = INVALID | QualityBit.oldData | QualityBit.operatorBlocked;
    bench.update('x', 'Float32', 1, { quality: qualityFromBits(bits) });
    assert.deepEqual(bench.read('holding', 400), [bits]);
  });

  it('say stale, disconnected, error, and that there is no quality', () => {
    const bench = new Bench(rows);
    bench.update('x', 'Float32', 1, { quality: null });
    assert.deepEqual(bench.read('holding', 400), [NEVER_BIT]);
    bench.update('x', 'Float32', 1);
    assert.deepEqual(bench.read('holding', 400), [0]);
    bench.update('x', 'Float32', 1, { status: 'stale' });
    assert.deepEqual(bench.read('holding', 400), [STALE_BIT]);
    bench.update('x', 'Float32', 1, { status: 'disconnected' });
    assert.deepEqual(bench.read('holding', 400), [OFFLINE_BIT]);
    bench.update('x', 'Float32', null, { status: 'error', quality: null });
    assert.deepEqual(bench.read('holding', 400), [OFFLINE_BIT]);
  });

  it('count the age by themselves, from the last live value, up to 65535 s', () => {
    const bench = new Bench(rows);
    bench.update('x', 'Float32', 1);
    bench.now = 2_500;
    assert.deepEqual(bench.read('holding', 401), [2]);
    bench.update('x', 'Float32', 1, { status: 'disconnected' });
    assert.deepEqual(bench.read('holding', 401), [2]);
    bench.now = 100_000_000;
    assert.deepEqual(bench.read('holding', 401), [0xffff]);
    bench.update('x', 'Float32', 1);
    assert.deepEqual(bench.read('holding', 401), [0]);
  });

  it('count updates in 16 bits', () => {
    const bench = new Bench(rows);
    bench.update('x', 'Float32', 1, { sequence: 65_537 });
    assert.deepEqual(bench.read('holding', 402), [1]);
  });

  it('find out by themselves that nothing comes any more', () => {
    const bench = new Bench(rows, { staleAfterMs: 10_000 });
    bench.update('x', 'Float32', 1);
    bench.now = 10_000;
    assert.deepEqual(bench.read('holding', 400), [0]);
    bench.now = 11_001;
    assert.deepEqual(bench.read('holding', 400, 2), [STALE_BIT, 11]);
    assert.deepEqual(bench.read('holding', 0, 2), [0x7fc0, 0]);
    bench.update('x', 'Float32', 1);
    assert.deepEqual(bench.read('holding', 400), [0]);
    assert.deepEqual(bench.read('holding', 0, 2), [0x3f80, 0]);
  });
});

describe('A latched boolean', () => {
  const latched = (fields: Partial<MapRow> = {}): Bench =>
    new Bench([row('trip', { area: 'discrete', type: 'Bool', latch: 5000, ...fields })]);

  it('shows a short trip to a master that polls slowly, and then lets go', () => {
    const bench = latched();
    bench.update('trip', 'Boolean', false);
    assert.deepEqual(bench.read('discrete', 0), [0]);
    bench.update('trip', 'Boolean', true);
    bench.now = 50;
    bench.update('trip', 'Boolean', false);
    bench.now = 4999;
    assert.deepEqual(bench.read('discrete', 0), [1]);
    bench.now = 5000;
    assert.deepEqual(bench.read('discrete', 0), [0]);
  });

  it('stays as long as the trip itself when that is longer', () => {
    const bench = latched();
    bench.update('trip', 'Boolean', true);
    bench.now = 60_000;
    assert.deepEqual(bench.read('discrete', 0), [1]);
    bench.update('trip', 'Boolean', false);
    assert.deepEqual(bench.read('discrete', 0), [0]);
  });

  it('starts again with a second trip', () => {
    const bench = latched();
    bench.update('trip', 'Boolean', true);
    bench.update('trip', 'Boolean', false);
    bench.now = 4000;
    bench.update('trip', 'Boolean', true);
    bench.update('trip', 'Boolean', false);
    bench.now = 8999;
    assert.deepEqual(bench.read('discrete', 0), [1]);
    bench.now = 9000;
    assert.deepEqual(bench.read('discrete', 0), [0]);
  });

  it('lets go of a bit in a register without touching the others', () => {
    const bench = new Bench([row('trip', { type: 'Bit', bit: 3, latch: 1000 }), row('other', { type: 'Bit', bit: 0 })]);
    bench.update('trip', 'Boolean', true);
    bench.update('other', 'Boolean', true);
    bench.update('trip', 'Boolean', false);
    assert.deepEqual(bench.read('holding', 0), [0b1001]);
    bench.now = 1000;
    assert.deepEqual(bench.read('holding', 0), [0b0001]);
  });
});

describe('Registers that share or lack an address', () => {
  it('answer 0x0B for a register of bits as long as one of its bits has nothing to show', () => {
    const bench = new Bench([row('a', { type: 'Bit', bit: 0 }), row('b', { type: 'Bit', bit: 15 })]);
    bench.update('a', 'Boolean', true);
    assert.equal(bench.read('holding', 0), EXCEPTION);
    bench.update('b', 'Dbpos', 2);
    assert.deepEqual(bench.read('holding', 0), [0x8001]);
  });

  it('serve one tag at several addresses in several forms', () => {
    const bench = new Bench([
      row('x'),
      row('x', { type: 'Int16', scale: 10, address: 2 }),
      row('x', { type: 'Text', length: 2, address: 3 }),
    ]);
    bench.update('x', 'Float32', 1.5, { text: '1.5 kV' });
    assert.deepEqual(bench.read('holding', 0, 5), [0x3fc0, 0, 15, 0x312e, 0x3520]);
    assert.equal(bench.image.statistics().clamped, 1);
    assert.equal(bench.image.statistics().tags, 1);
  });

  it('answer 0x0B for rows with errors, and serve all others', () => {
    const bench = new Bench([
      row('a', { address: 0 }),
      row('b', { address: 1, meta: 400 }),
      row('good', { address: 10 }),
    ]);
    for (const tag of ['a', 'b', 'good']) bench.update(tag, 'Float32', 1);
    assert.equal(bench.read('holding', 0, 2), EXCEPTION);
    assert.equal(bench.read('holding', 400, 1), EXCEPTION);
    assert.deepEqual(bench.read('holding', 10, 2), [0x3f80, 0]);
    assert.deepEqual(bench.read('holding', 4, 2), [0, 0]);
  });

  it('are untouched by tags of other names, whatever these are called', () => {
    const bench = new Bench([row('x')]);
    for (const tag of ['__proto__', 'constructor', '', 'X']) {
      assert.equal(bench.image.update(tagValue(tag, 'Float32', 1), 0), false);
    }
  });
});
