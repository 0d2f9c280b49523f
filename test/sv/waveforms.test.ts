import assert from 'node:assert/strict';
import { ArgumentError } from '../../src/errors.js';
import { lightEditionLayout } from '../../src/sv/channels.js';
import type { SvThreshold } from '../../src/sv/threshold.js';
import type { WaveformOptions } from '../../src/sv/waveform-recorder.js';
import { BEGIN, grid, Told, type Source } from './streams.js';

const LAYOUT = lightEditionLayout();
const QUIET = grid(LAYOUT, 50);
/** Phase A carries ten times as much from the beginning of the fault on, and its values are questionable. */
const fault = (from: number): Source => ({
  layout: LAYOUT,
  value: (i, seconds) => QUIET.value(i, seconds) * (i === 0 && seconds >= from ? 10 : 1),
  quality: (i, seconds) => (i === 0 && seconds >= from ? 3 : 0),
});
const THRESHOLD: SvThreshold = { channels: ['Ia', 'Ib'], measure: 'rms', when: 'above', level: 300 };

function told(waveform: Partial<WaveformOptions> = {}): Told {
  return new Told({
    layout: LAYOUT,
    rate: 4000,
    nominal: 50,
    interval: 200,
    waveform: { before: 50, after: 100, holdOff: 0, ...waveform },
  });
}

describe('a waveform around a trigger', () => {
  it('has the samples before and after, and their times', () => {
    const { waveforms } = told({ threshold: THRESHOLD }).run(fault(0.5), 4000, 1);
    assert.equal(waveforms.length, 1);
    const [waveform] = waveforms;
    assert.ok(waveform);
    assert.equal(waveform.samples, 600);
    assert.equal(waveform.triggerIndex, 200);
    assert.deepEqual([waveform.complete, waveform.missing, waveform.synchronised], [true, 0, true]);
    assert.equal(waveform.cause.kind, 'threshold');
    // Known by smpCnt and not by when frames came.
    const trigger = waveform.start + 50 - BEGIN;
    assert.ok(trigger > 500 && trigger < 510, `${trigger} ms`);
    assert.equal(waveform.smpCnt, Math.round((waveform.start - BEGIN) * 4));
    const first = Math.round((waveform.start - BEGIN) * 4) / 4000;
    for (const [i, { channel, values }] of waveform.channels.entries()) {
      for (let k = 0; k < waveform.samples; k++) {
        const expected = fault(0.5).value(i, first + k / 4000);
        assert.ok(Math.abs((values[k] as number) - expected) <= channel.scale);
      }
    }
    assert.deepEqual(
      waveform.channels.map(({ worst }) => worst),
      [3, 0, 0, 0, 0, 0, 0, 0],
    );
  });

  it('is triggered by a peak with its very sample, and by a voltage that sags', () => {
    const peak = told({ threshold: { ...THRESHOLD, measure: 'peak' } }).run(fault(0.5), 4000, 1).waveforms[0];
    assert.ok(peak);
    const values = peak.channels[0]?.values;
    assert.ok(Math.abs(values?.[peak.triggerIndex] as number) > 300);
    assert.ok(values?.subarray(0, peak.triggerIndex).every((value) => Math.abs(value) <= 300));
    const sag: Source = {
      layout: LAYOUT,
      value: (i, seconds) => QUIET.value(i, seconds) * (i === 5 && seconds >= 0.5 ? 0.5 : 1),
    };
    const threshold: SvThreshold = { channels: ['Vb'], measure: 'rms', when: 'below', level: 50_000 };
    const { waveforms } = told({ threshold }).run(sag, 4000, 1);
    assert.equal(waveforms.length, 1);
    assert.ok(waveforms[0]?.cause.kind === 'threshold' && waveforms[0].cause.channel === 'Vb');
  });

  it('is not triggered by what is there when the stream begins, and again only after it went back', () => {
    const still = told({ threshold: THRESHOLD });
    still.run(fault(0), 4000, 1);
    assert.equal(still.waveforms.length, 0);
    still.run(QUIET, 4000, 0.2).run(fault(0), 4000, 1).run(QUIET, 4000, 0.2).run(fault(0), 4000, 0.3);
    assert.equal(still.waveforms.length, 2);
  });

  it('is not triggered again before the hold-off is over', () => {
    const held = told({ threshold: THRESHOLD, holdOff: 1000 }).run(QUIET, 4000, 0.2);
    for (let i = 0; i < 4; i++) held.run(fault(0), 4000, 0.2).run(QUIET, 4000, 0.2);
    assert.equal(held.waveforms.length, 2);
  });

  it('is recorded on request, once at a time', () => {
    const one = told();
    one.run(QUIET, 4000, 0.1);
    assert.equal(one.stream.trigger(), true);
    one.run(QUIET, 4000, 0.05);
    assert.equal(one.stream.trigger(), false, 'it is recording');
    one.run(QUIET, 4000, 0.05);
    assert.deepEqual(
      one.waveforms.map(({ cause, samples, start }) => [cause.kind, samples, Math.round(start - BEGIN)]),
      [['request', 600, 50]],
    );
    assert.equal(one.stream.trigger(), true);
  });

  it('begins with the first sample when there are fewer than were asked for', () => {
    const early = told();
    early.run(QUIET, 4000, 0.01);
    early.stream.trigger();
    early.run(QUIET, 4000, 0.1);
    assert.deepEqual([early.waveforms[0]?.samples, early.waveforms[0]?.triggerIndex], [440, 40]);
  });

  it('can be asked for before the first sample', () => {
    const first = told();
    first.stream.trigger();
    first.run(QUIET, 4000, 0.2);
    assert.deepEqual([first.waveforms[0]?.samples, first.waveforms[0]?.triggerIndex], [400, 0]);
  });

  it('shows lost samples as missing, in their places', () => {
    const lossy = told();
    lossy.run(QUIET, 4000, 0.1);
    lossy.stream.trigger();
    lossy.run(QUIET, 4000, 0.1, { keep: (smpCnt) => smpCnt < 410 || smpCnt > 412 }).run(QUIET, 4000, 0.01);
    const [waveform] = lossy.waveforms;
    assert.ok(waveform);
    assert.deepEqual([waveform.samples, waveform.missing, waveform.triggerIndex], [600, 3, 200]);
    const gone = [...(waveform.channels[0]?.values ?? [])].flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
    assert.deepEqual(gone, [210, 211, 212]);
    assert.equal(Math.round(waveform.start - BEGIN), 50);
  });

  it('is given as far as it came when the stream breaks off or jumps', () => {
    const broken = told();
    broken.run(QUIET, 4000, 0.1);
    broken.stream.trigger();
    broken.run(QUIET, 4000, 0.05);
    broken.stream.silent();
    assert.deepEqual([broken.waveforms[0]?.complete, broken.waveforms[0]?.samples], [false, 400]);
    const jumping = told();
    jumping.run(QUIET, 4000, 0.1);
    jumping.stream.trigger();
    jumping.run(QUIET, 4000, 0.05);
    jumping.seconds = 10.8;
    jumping.run(QUIET, 4000, 0.05);
    assert.deepEqual([jumping.waveforms[0]?.complete, jumping.waveforms[0]?.samples], [false, 400]);
    jumping.stream.trigger();
    jumping.run(QUIET, 4000, 0.1);
    assert.equal(jumping.waveforms[1]?.samples, 600);
    assert.ok(jumping.waveforms[1].channels[0]?.values.every(Number.isFinite));
  });

  it('names the channels that there are when the trigger names another', () => {
    assert.throws(
      () => told({ threshold: { ...THRESHOLD, channels: ['Ix'] } }),
      (error) => error instanceof ArgumentError && error.hint.includes('Ia, Ib'),
    );
  });

  it('follows a change of the rate: what was begun is given, and the next one has the new rate', () => {
    const change = told();
    change.run(QUIET, 4000, 0.5).run(QUIET, 12_800, 1);
    change.stream.trigger();
    change.run(QUIET, 12_800, 0.2);
    assert.deepEqual([change.waveforms.at(-1)?.rate, change.waveforms.at(-1)?.samples], [12_800, 1920]);
  });
});

describe('decimated samples', () => {
  const decimated = (rate: number, average: boolean, interval = 200): Told =>
    new Told({ layout: LAYOUT, rate: 4000, nominal: 50, interval, decimation: { rate, average } });

  it('come in batches at the rate that is wanted, and measurements do not', () => {
    const { batches, measured } = decimated(1000, false).run(QUIET, 4000, 1);
    assert.equal(measured.length, 0);
    assert.equal(batches.length, 5);
    const [first, second] = batches;
    assert.deepEqual([first?.rate, first?.factor, first?.samples, first?.missing], [1000, 4, 200, 0]);
    assert.equal(second?.start, '2026-11-20T12:00:00.200Z');
    assert.equal(second?.smpCnt, 800);
    for (let k = 0; k < 200; k++) {
      const expected = QUIET.value(0, 0.2 + k / 1000);
      assert.ok(Math.abs((second?.channels[0]?.samples[k] as number) - expected) < 0.001);
    }
  });

  it('that are averaged keep most of a high harmonic from showing up as a low one', () => {
    const noisy: Source = { layout: LAYOUT, value: (_i, seconds) => 100 * Math.cos(2 * Math.PI * 950 * seconds) };
    const largest = (average: boolean): number => {
      const samples = decimated(1000, average).run(noisy, 4000, 0.2).batches[0]?.channels[0]?.samples;
      return Math.max(...(samples ?? []).map((value) => Math.abs(value ?? 0)));
    };
    assert.ok(largest(false) > 99);
    assert.ok(largest(true) < 10);
  });

  it('are null where one that they stand for is missing, and the next ones stay in their places', () => {
    const gap = decimated(1000, true);
    gap.run(QUIET, 4000, 0.2, { keep: (smpCnt) => smpCnt !== 401 && smpCnt !== 405 });
    const [batch] = gap.batches;
    assert.ok(batch);
    const gone = batch.channels[0]?.samples.flatMap((value, i) => (value === null ? [i] : []));
    assert.deepEqual(gone, [100, 101]);
    assert.equal(batch.missing, 2);
    assert.ok(Math.abs((batch.channels[4]?.samples[150] as number) - QUIET.value(4, 0.1504)) < 1000);
  });

  it('tell by the start of a batch that some are missing between two', () => {
    const gap = decimated(1000, false);
    gap.run(QUIET, 4000, 0.2).run(QUIET, 4000, 0.8, { keep: (smpCnt) => smpCnt >= 900 });
    assert.equal(gap.batches[1]?.start, '2026-11-20T12:00:00.225Z');
  });
});
