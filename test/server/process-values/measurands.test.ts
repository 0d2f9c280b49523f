import assert from 'node:assert/strict';
import type { DataAttribute, IedModel } from '../../../src/model/ied-model.js';
import { ServerCore } from '../../../src/server/server-core.js';
import { da, dataObject, logicalNode, struct, testModel } from '../fixture.js';

const RANGES = { 0: 'normal', 1: 'high', 2: 'low', 3: 'high-high', 4: 'low-low' };
const analogue = (fc: 'MX' | 'CF', name: string, value?: string): DataAttribute =>
  struct(fc, name, da(fc, 'f', 'FLOAT32', value === undefined ? {} : { value }));
const vector = (name: string): DataAttribute => struct('MX', name, analogue('MX', 'mag'), analogue('MX', 'ang'));
const number = (name: string, value: string | undefined): DataAttribute[] =>
  value === undefined ? [] : [da('CF', name, name.endsWith('Ref') ? 'FLOAT32' : 'INT32U', { value })];

type Config = Partial<
  Record<'db' | 'zeroDb' | 'dbAng' | 'dbRef' | 'zeroDbRef' | 'dbAngRef', string> & {
    limits: Partial<Record<'min' | 'max' | 'hhLim' | 'hLim' | 'lLim' | 'llLim' | 'limDb', string>>;
  }
>;

function config({ limits, ...numbers }: Config): DataAttribute[] {
  const { limDb, ...analogues } = limits ?? {};
  return [
    ...Object.entries(numbers).flatMap(([name, value]) => number(name, value)),
    ...(limits
      ? [
          struct(
            'CF',
            'rangeC',
            ...['hhLim', 'hLim', 'lLim', 'llLim', 'min', 'max'].map((name) =>
              analogue('CF', name, analogues[name as keyof typeof analogues]),
            ),
            da('CF', 'limDb', 'INT32U', limDb === undefined ? {} : { value: limDb }),
          ),
        ]
      : []),
  ];
}

const common = [da('MX', 'q', 'Quality'), da('MX', 't', 'Timestamp')];

function model(settings: Config): IedModel {
  const range = da('MX', 'range', 'Enum', { enumLiterals: RANGES, dchg: true });
  const watt = dataObject('Watt', 'MV', [
    ...[analogue('MX', 'instMag'), analogue('MX', 'mag'), range],
    ...[...common, ...config(settings)],
  ]);
  const phase = dataObject('phsA', 'CMV', [vector('instCVal'), vector('cVal'), range, ...common, ...config(settings)]);
  const amp = dataObject('A', 'WYE', [], { dataObjects: [phase] });
  const simple = dataObject('Hz', 'MV', [analogue('MX', 'mag'), range, ...common, ...config(settings)]);
  const har = dataObject('HA', 'HMV', [], {
    dataObjects: [{ ...phase, name: 'har', count: 3 }],
  });
  return testModel({
    logicalDevices: [{ name: 'LD', logicalNodes: [logicalNode('MMXU1', [watt, amp, simple, har])] }],
  });
}

class Bench {
  readonly core: ServerCore;

  constructor(settings: Config) {
    this.core = new ServerCore(model(settings), { writable: ['CF'] }, () => undefined);
  }

  set(values: Record<string, unknown>, now = 1000): void {
    const updates = Object.entries(values).map(([path, value]) => ({
      reference: `LD/MMXU1.${path}[${/\.(db|rangeC|zeroDb)/.test(path) ? 'CF' : 'MX'}]`,
      value,
    }));
    const { errors } = this.core.update(updates, now);
    assert.deepEqual(errors, []);
  }

  get(path: string): unknown {
    return this.core.read(`LD/MMXU1.${path}[MX]`).value;
  }

  /** What `mag` is after each of the instantaneous values. */
  follow(...values: number[]): unknown[] {
    return values.map((value) => {
      this.set({ 'Watt.instMag.f': value });
      return this.get('Watt.mag.f');
    });
  }
}

const SPAN = { min: '0', max: '200' };

describe('dead band of a measurand', () => {
  it('db counts in 0.001 % of max − min: mag follows when instMag has moved by that much', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    assert.deepEqual(bench.follow(50, 51, 51.9, 52, 53.5, 50.5, 49), [50, 50, 50, 52, 52, 52, 49]);
    assert.equal(bench.get('Watt.instMag.f'), 49);
  });

  it('follows every change without db, with 0, and where the file has no range to count parts of', () => {
    for (const settings of [{}, { db: '0', limits: SPAN }, { db: '5000' }, { db: '5000', limits: { max: '0' } }]) {
      assert.deepEqual(new Bench(settings).follow(1, 1.25, 1.5), [1, 1.25, 1.5]);
    }
  });

  it('is not held back by the 0 that it starts with', () => {
    assert.deepEqual(new Bench({ db: '10000', limits: SPAN }).follow(3), [3]);
  });

  it('counts in dbRef where Edition 2.1 has it, and with dbRef 0 in the value that was sent last', () => {
    assert.deepEqual(new Bench({ db: '1000', dbRef: '1000', limits: SPAN }).follow(50, 59, 60), [50, 50, 60]);
    assert.deepEqual(new Bench({ db: '10000', dbRef: '0' }).follow(50, 54, 55, 60, 60.5), [50, 50, 55, 55, 60.5]);
  });

  it('zeroDb takes what is near zero for zero, in parts of the range or of zeroDbRef', () => {
    const settings = { db: '1000', zeroDb: '2000', limits: SPAN };
    assert.deepEqual(new Bench(settings).follow(10, 3.5, -3, 4, 5), [10, 0, 0, 4, 4]);
    assert.deepEqual(new Bench({ zeroDb: '1000', zeroDbRef: '100' }).follow(2, 0.5, 1.5, -0.9), [2, 0, 1.5, 0]);
  });

  it('lets a value that is no number through, and comes back from it', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    assert.deepEqual(bench.follow(50, Number.NaN, Number.NaN, 50.5), [50, Number.NaN, Number.NaN, 50.5]);
  });

  it('changes with db while the server runs', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    assert.deepEqual(bench.follow(50, 51), [50, 50]);
    bench.set({ 'Watt.db': 100 });
    assert.deepEqual(bench.follow(51.1), [Math.fround(51.1)]);
  });

  it('leaves a mag that is given itself as it is, which is then the instantaneous value too', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    bench.set({ 'Watt.instMag.f': 10 });
    bench.set({ 'Watt.mag.f': 10.25 });
    assert.deepEqual([bench.get('Watt.mag.f'), bench.get('Watt.instMag.f')], [10.25, 10.25]);
    bench.set({ 'Watt.mag.f': 30, 'Watt.instMag.f': 31 });
    assert.deepEqual([bench.get('Watt.mag.f'), bench.get('Watt.instMag.f')], [30, 31]);
  });

  it('takes a phasor over as one instant, when magnitude or angle have moved', () => {
    const bench = new Bench({ db: '1000', dbAng: '1000', limits: SPAN });
    const after = (mag: number, ang: number): unknown => {
      bench.set({ 'A.phsA.instCVal': { mag: { f: mag }, ang: { f: ang } } });
      return bench.get('A.phsA.cVal');
    };
    const phasor = (mag: number, ang: number): unknown => ({ mag: { f: mag }, ang: { f: ang } });
    assert.deepEqual(after(100, 179), phasor(100, 179));
    assert.deepEqual(after(101, -179), phasor(100, 179), 'two degrees over the top, less than 3.6');
    assert.deepEqual(after(101, -177), phasor(101, -177));
    assert.deepEqual(after(104, -176.5), phasor(104, -176.5));
  });

  it('an angle without a dead band of its own goes with the magnitude', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    bench.set({ 'A.phsA.instCVal': { mag: { f: 100 }, ang: { f: 10 } } });
    bench.set({ 'A.phsA.instCVal.ang.f': 90 });
    assert.equal(bench.get('A.phsA.cVal.ang.f'), 10);
    bench.set({ 'A.phsA.instCVal.mag.f': 110 });
    assert.equal(bench.get('A.phsA.cVal.ang.f'), 90);
  });

  it('holds for each element of an array with the configuration of that element', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    bench.set({ 'HA.har(2).instCVal.mag.f': 50, 'HA.har(1).instCVal.mag.f': 7 });
    bench.set({ 'HA.har(2).instCVal.mag.f': 51, 'HA.har(1).instCVal.mag.f': 9 });
    assert.deepEqual(
      [0, 1, 2].map((index) => bench.get(`HA.har(${index}).cVal.mag.f`)),
      [0, 9, 50],
    );
  });

  it('has quality and time of the instantaneous value filled in as for any other', () => {
    const bench = new Bench({ db: '1000', limits: SPAN });
    bench.set({ 'Watt.instMag.f': 5 }, 1234);
    const { quality, timestamp } = bench.core.read('LD/MMXU1.Watt[MX]');
    assert.deepEqual([quality?.text, timestamp], ['good', new Date(1234).toISOString()]);
  });
});

describe('range of a measurand', () => {
  const LIMITS = { ...SPAN, hhLim: '180', hLim: '150', lLim: '50', llLim: '20' };
  const ranges = (bench: Bench, path: string, ...values: number[]): unknown[] =>
    values.map((value) => {
      bench.set({ [path]: value });
      return bench.get(path.replace(/(instMag|mag).*/, 'range'));
    });

  it('is set from the limits of rangeC, by the instantaneous value', () => {
    const bench = new Bench({ db: '50000', limits: LIMITS });
    assert.deepEqual(
      ranges(bench, 'Watt.instMag.f', 100, 150, 151, 181, 150.5, 100, 49, 19, 30, 50),
      [0, 0, 1, 3, 1, 0, 2, 4, 2, 0],
    );
  });

  it('is left only when the value is back by limDb', () => {
    const bench = new Bench({ limits: { ...LIMITS, limDb: '5000' } });
    assert.deepEqual(
      ranges(bench, 'Watt.instMag.f', 151, 145, 140, 181, 171, 169, 139, 49, 55, 60, 19, 25, 30.5),
      [1, 1, 0, 3, 3, 1, 0, 2, 2, 0, 4, 4, 2],
    );
  });

  it('follows mag where the model has no instantaneous value', () => {
    assert.deepEqual(ranges(new Bench({ limits: LIMITS }), 'Hz.mag.f', 100, 160), [0, 1]);
  });

  it('does not come from limits that nobody gave', () => {
    const bench = new Bench({ limits: SPAN });
    bench.set({ 'Watt.range': 2 });
    assert.deepEqual(ranges(bench, 'Watt.instMag.f', 500), [2]);
    assert.deepEqual(ranges(new Bench({ limits: { hLim: '10' } }), 'Watt.instMag.f', -500, 11), [0, 1]);
  });

  it('stays as given when it is given, and for what is no number', () => {
    const bench = new Bench({ limits: LIMITS });
    bench.set({ 'Watt.instMag.f': 100, 'Watt.range': 4 });
    assert.equal(bench.get('Watt.range'), 4);
    assert.deepEqual(ranges(bench, 'Watt.instMag.f', 160, Number.NaN), [1, 1]);
  });

  it('changes with a limit while the server runs', () => {
    const bench = new Bench({ limits: LIMITS });
    assert.deepEqual(ranges(bench, 'Watt.instMag.f', 100), [0]);
    bench.set({ 'Watt.rangeC.hLim.f': 90 });
    assert.equal(bench.get('Watt.range'), 1);
  });

  it('of a phasor is that of its magnitude', () => {
    const bench = new Bench({ limits: LIMITS });
    bench.set({ 'A.phsA.instCVal.mag.f': 190 });
    assert.equal(bench.get('A.phsA.range'), 3);
  });
});
