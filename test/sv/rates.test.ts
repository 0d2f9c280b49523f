import assert from 'node:assert/strict';
import { SampleCounter } from '../../src/sv/sample-counter.js';
import { decodeSvPdu } from '../../src/sv/sv-pdu.js';
import { lightEditionLayout } from '../../src/sv/channels.js';
import { BEGIN, frameOf, grid, layoutOf, Told } from './streams.js';

const LAYOUT = layoutOf(4, 4);

function near(actual: number | undefined, expected: number, within: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);
}

describe('rates of sampled values', () => {
  for (const [name, rate, asdus, frequency] of [
    ['F4000S1I4U4 (9-2LE, 80 a period of 50 Hz)', 4000, 1, 50],
    ['F4800S1I4U4 (9-2LE, 80 a period of 60 Hz)', 4800, 1, 60],
    ['F4800S2I4U4 (IEC 61869-9)', 4800, 2, 50],
    ['F14400S6I4U4 (IEC 61869-9)', 14_400, 6, 60],
    ['9-2LE with 256 a period and 8 ASDUs a frame', 12_800, 8, 50],
  ] as const) {
    it(`${name}: ${rate / asdus} frames a second, over the roll-over of smpCnt`, () => {
      const told = new Told({ layout: LAYOUT, rate, nominal: frequency, interval: 200 });
      const source = grid(LAYOUT, frequency);
      let frames = 0;
      // From the middle of a second over its end to the middle of the next one.
      for (let first = rate / 2; first < rate * 1.5; first += asdus) {
        const octets = frameOf(source, rate, first, asdus);
        const list = decodeSvPdu(octets);
        assert.equal(list.length, asdus);
        for (const asdu of list) told.stream.take(octets, asdu, BEGIN + ((first + asdus) / rate) * 1000);
        frames++;
      }
      assert.equal(frames, rate / asdus);
      assert.equal(told.measured.length, 5);
      for (const { channels, frequency: found, statistics, incomplete, smpSynch } of told.measured) {
        near(found, frequency, 0.001);
        near(channels[0]?.rms, 100, 0.01);
        near(channels[4]?.rms, 60_000, 1);
        near(channels[5]?.angle, -120, 0.01);
        assert.deepEqual([statistics.lost, statistics.jumps, incomplete, smpSynch], [0, 0, 0, 2]);
      }
      assert.deepEqual(told.changes, []);
    });
  }

  it('80 to 256 samples a period while it runs: followed, and measured right again', () => {
    const layout = lightEditionLayout();
    const told = new Told({ layout, rate: 4000, nominal: 50, interval: 200 });
    told.run(grid(layout, 50), 4000, 2).run(grid(layout, 50), 12_800, 3);
    assert.deepEqual(told.changes, [[12_800, 50]]);
    near(told.measured.at(-1)?.frequency, 50, 0.001);
    assert.equal(told.measured.at(-1)?.rate, 12_800);
    assert.equal(told.stream.counter.statistics.lost, 0);
  });

  it('back from 256 to 80 samples a period: the shorter round is not a loss in each second', () => {
    const told = new Told({ layout: LAYOUT, rate: 12_800, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 12_800, 1).run(grid(LAYOUT, 50), 4000, 6);
    assert.deepEqual(told.changes, [[4000, 50]]);
    assert.equal(told.stream.counter.samplesPerRound, 4000);
    assert.equal(told.stream.counter.statistics.lost, 0);
    near(told.measured.at(-1)?.frequency, 50, 0.001);
  });

  it('50 to 60 Hz while it runs, with 80 samples a period: rate and nominal frequency are followed', () => {
    const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 4000, 2).run(grid(LAYOUT, 60), 4800, 4);
    assert.deepEqual(told.changes, [
      [4800, 50],
      [4800, 60],
    ]);
    const last = told.measured.at(-1);
    near(last?.frequency, 60, 0.001);
    near(last?.channels[0]?.rms, 100, 0.01);
    assert.equal(last?.nominal, 60);
  });

  it('50 to 60 Hz at 4800 samples a second, as IEC 61869-9 has for both', () => {
    const told = new Told({ layout: LAYOUT, rate: 4800, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 4800, 1).run(grid(LAYOUT, 60), 4800, 2);
    assert.deepEqual(told.changes, [[4800, 60]]);
    near(told.measured.at(-1)?.frequency, 60, 0.001);
  });

  it('a rate that the frame itself states anew is followed at once', () => {
    const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 4000, 1, { smpRate: 80, smpMod: 0 });
    told.run(grid(LAYOUT, 50), 12_800, 0.1, { smpRate: 256, smpMod: 0 });
    assert.deepEqual(told.changes, [[12_800, 50]]);
  });

  it('a publisher without real time is not taken for another rate', () => {
    const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 200 });
    // Samples of a second that come in 700 ms.
    const source = grid(LAYOUT, 50);
    for (let i = 0; i < 12_000; i++) {
      const octets = frameOf(source, 4000, i, 1);
      const [asdu] = decodeSvPdu(octets);
      assert.ok(asdu);
      told.stream.take(octets, asdu, BEGIN + i * (700 / 4000));
    }
    assert.deepEqual(told.changes, []);
    assert.equal(told.measured.length, 15);
  });

  it('frequencies far from the nominal one are measured over a long interval as well', () => {
    for (const frequency of [47, 48.5, 51.5, 53]) {
      const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 1000 });
      told.run(grid(LAYOUT, frequency), 4000, 1);
      near(told.measured[0]?.frequency, frequency, 0.005);
      near(told.measured[0]?.channels[0]?.fundamental, 100, 0.1);
    }
  });
});

describe('smpSynch and smpCnt', () => {
  it('changes of smpSynch are counted and shown, and do not stop the measurement', () => {
    const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 4000, 0.2);
    for (const smpSynch of [0, 1, 5, 2]) told.run(grid(LAYOUT, 50), 4000, 0.2, { smpSynch });
    assert.deepEqual(
      told.measured.map(({ smpSynch }) => smpSynch),
      [2, 0, 1, 5, 2],
    );
    assert.equal(told.measured.at(-1)?.statistics.syncChanges, 4);
    assert.equal(told.stream.incomplete, 0);
  });

  it('an unsynchronised publisher counts on to 65,535, and rolls over there', () => {
    const counter = new SampleCounter(4000);
    for (let i = 0; i < 65_536 * 2; i++) counter.take(i % 65_536, 0);
    const { lost, jumps, outOfOrder } = counter.statistics;
    assert.deepEqual([lost, jumps, outOfOrder], [0, 0, 0]);
    assert.equal(counter.samplesPerRound, 65_536);
  });

  it('one garbled count is a jump there and back, and does not change what is known of the round', () => {
    const counter = new SampleCounter(4000);
    const run = (...counts: number[]): string[] => counts.map((count) => counter.take(count, 2));
    run(3990, 3991);
    assert.deepEqual(run(17_000, 0, 1, 2), ['jump', 'jump', 'next', 'next']);
    assert.equal(counter.samplesPerRound, 4000);
  });

  it('the end of one second that is lost is a loss, and no shorter round', () => {
    const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 4000, 1);
    told.run(grid(LAYOUT, 50), 4000, 1, { keep: (smpCnt) => smpCnt < 3900 }).run(grid(LAYOUT, 50), 4000, 2);
    assert.equal(told.stream.counter.statistics.lost, 100);
    assert.equal(told.stream.counter.samplesPerRound, 4000);
    assert.deepEqual(told.changes, []);
  });

  it('a publisher that begins anew a little earlier is taken after a few late samples', () => {
    const counter = new SampleCounter(4000);
    counter.take(1500, 2);
    const orders = Array.from({ length: 40 }, (_, i) => counter.take(1000 + i, 2));
    assert.deepEqual([orders[0], orders[15], orders[16], orders[17]], ['late', 'late', 'jump', 'next']);
  });

  it('a pause of more than half a second is a jump, whatever the count says', () => {
    const told = new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval: 200 });
    told.run(grid(LAYOUT, 50), 4000, 0.3);
    told.seconds += 7;
    told.run(grid(LAYOUT, 50), 4000, 0.3);
    const { lost, jumps, outOfOrder } = told.stream.counter.statistics;
    assert.deepEqual([lost, jumps, outOfOrder], [0, 1, 0]);
  });
});

describe('jitter', () => {
  const run = (times: (i: number) => number, asdus: number): Told => {
    const told = new Told({ layout: LAYOUT, rate: 4800, nominal: 50, interval: 200 });
    for (let first = 0; first < 960; first += asdus) {
      const octets = frameOf(grid(LAYOUT, 50), 4800, first, asdus);
      for (const asdu of decodeSvPdu(octets)) told.stream.take(octets, asdu, BEGIN + times(first));
    }
    return told;
  };

  for (const asdus of [1, 2]) {
    it(`is that of frames against their counts, with ${asdus} ASDUs a frame`, () => {
      const even = run((i) => i / 4.8, asdus).measured[0]?.jitter;
      near(even?.max, 0, 0.001);
      // One frame in the middle comes 0.1 ms late, and the next one in time again.
      const late = run((i) => i / 4.8 + (i === 480 ? 0.1 : 0), asdus).measured[0]?.jitter;
      near(late?.max, 0.1, 0.001);
      near(late?.rms, 0.1 * Math.sqrt(2 / (960 / asdus - 1)), 0.001);
    });
  }
});
