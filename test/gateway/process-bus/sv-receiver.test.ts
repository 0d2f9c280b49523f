import assert from 'node:assert/strict';
import path from 'node:path';
import sinon from 'sinon';
import {
  comtradeOf,
  recordName,
  svSubscription,
  SvReceiver,
  waveformDetails,
  type SubscriptionState,
  type SvReceiverOptions,
} from '../../../src/gateway/process-bus/index.js';
import { encodeApplicationFrame } from '../../../src/mms/application-header.js';
import { loadScl } from '../../../src/scl/index.js';
import { lightEditionLayout } from '../../../src/sv/channels.js';
import type { SampleBatch } from '../../../src/sv/decimator.js';
import type { SvWaveform } from '../../../src/sv/waveform-recorder.js';
import { generator, mutated } from '../../support/mutate.js';
import { BEGIN, frameOf, grid } from '../../sv/streams.js';

const MERGING_UNIT = path.join(__dirname, '../../../examples/scl/merging-unit.cid');
const LAYOUT = lightEditionLayout();
const SOURCE = '02-00-00-00-00-01';

describe('a receiver of sampled values', () => {
  let receiver: SvReceiver;
  let clock: sinon.SinonFakeTimers;
  let now = 0;
  const states: string[] = [];
  const supervised: SubscriptionState[] = [];
  const waveforms: SvWaveform[] = [];
  const failures: Error[] = [];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: BEGIN, toFake: ['Date', 'setInterval', 'clearInterval'] });
    now = 0;
    for (const list of [states, supervised, waveforms, failures]) list.length = 0;
  });
  afterEach(() => {
    receiver.close();
    clock.restore();
  });

  function start(different: Partial<SvReceiverOptions> = {}): void {
    const options = { subscriptions: [], listen: true, nominal: 50, interval: 200, ...different };
    receiver = new SvReceiver(options, () => Date.now());
    receiver.on('state', (state) => states.push(state));
    receiver.on('supervised', (state) => supervised.push(state));
    receiver.on('waveform', (waveform) => waveforms.push(waveform));
    receiver.on('failed', (error) => failures.push(error));
  }

  /** Samples of a second, from where it stopped, of the stream MU01 with 9-2LE. */
  function run(samples: number, different: object = {}, simulated = false): void {
    for (let i = 0; i < samples; i++, now++) {
      const apdu = frameOf(grid(LAYOUT, 50), 4000, now, 1, different);
      receiver.receive({ source: SOURCE, payload: encodeApplicationFrame(0x4000, simulated, apdu) }, BEGIN + now / 4);
    }
  }

  async function subscription(): Promise<Partial<SvReceiverOptions>> {
    clock.restore();
    const document = await loadScl(MERGING_UNIT, { path: true });
    clock = sinon.useFakeTimers({ now: BEGIN, toFake: ['Date', 'setInterval', 'clearInterval'] });
    return { listen: false, subscriptions: [svSubscription(document.model('MU01'), 'MU01MU/LLN0.MSVCB01', 50)] };
  }

  it('says its subscriptions in the terms of LSVS: live, synchronised, counts, and what is not as subscribed', async () => {
    start(await subscription());
    assert.deepEqual(
      receiver.subscriptions.map(({ live }) => live),
      [false],
    );
    run(10);
    const LIVE = {
      controlBlock: 'MU01MU/LLN0.MSVCB01',
      live: true,
      simulated: false,
      needsCommissioning: false,
      confRev: 1,
      receivedConfRev: 1,
      smpSynch: 2,
      outOfOrder: 0,
      lost: 0,
      expiries: 0,
    };
    assert.deepEqual(supervised.at(-1), LIVE);
    now += 5;
    run(10, { smpSynch: 0 });
    assert.equal(supervised.at(-1)?.smpSynch, 0);
    clock.tick(1100);
    assert.deepEqual(supervised.at(-1), { ...LIVE, live: false, smpSynch: 0, lost: 5, expiries: 1 });
    run(1, { confRev: 2 });
    assert.deepEqual([supervised.at(-1)?.needsCommissioning, supervised.at(-1)?.receivedConfRev], [true, 2]);
    assert.deepEqual(states, ['live', 'expired', 'mismatch']);
  });

  it('takes simulated frames when LPHD.Sim allows them, also while it runs', () => {
    start();
    run(3, {}, true);
    assert.deepEqual(states, ['simulated']);
    receiver.setSimulation(true);
    run(3, {}, true);
    assert.deepEqual(states, ['simulated', 'live']);
  });

  it('gives a waveform of a stream that falls silent as far as it came', () => {
    start({ waveform: { before: 10, after: 1000, holdOff: 0 } });
    run(100);
    assert.deepEqual(receiver.trigger('MU01'), ['MU01']);
    assert.deepEqual(receiver.trigger(), [], 'it is recording');
    run(100);
    clock.tick(1100);
    assert.deepEqual([waveforms[0]?.complete, waveforms[0]?.samples, waveforms[0]?.triggerIndex], [false, 140, 40]);
    assert.deepEqual(receiver.trigger(), [], 'it is not live');
  });

  it('a waveform as a message has null for missing samples, microseconds, and plain arrays; as a record its states', () => {
    start({ waveform: { before: 1, after: 3, holdOff: 0 } });
    run(100);
    receiver.trigger();
    run(6);
    now += 2;
    run(10);
    const [waveform] = waveforms;
    assert.ok(waveform);
    const details = waveformDetails(waveform);
    assert.equal(details.start, '2026-11-20T12:00:00.024000Z');
    assert.equal(details.trigger, '2026-11-20T12:00:00.025000Z');
    assert.deepEqual([details.samples, details.missing], [16, 2]);
    const { channels } = JSON.parse(JSON.stringify(details)) as typeof details;
    const gone = channels[0]?.samples.flatMap((value, i) => (value === null ? [i] : []));
    assert.deepEqual(gone, [10, 11]);
    assert.equal(recordName(waveform), 'MU01_20261120_120000_025');
    const { statuses, analogs, synchronised } = comtradeOf(waveform, '');
    assert.deepEqual([analogs.length, statuses.length, synchronised], [8, 9, true]);
    assert.deepEqual([...(statuses[1]?.values as Uint8Array)].slice(9, 13), [0, 1, 1, 0]);
  });

  it('names of streams that go into file names lose what file systems read as something else', () => {
    start({ waveform: { before: 0, after: 1, holdOff: 0 } });
    run(1, { svId: '../../etc/MU 1' });
    receiver.trigger();
    run(10, { svId: '../../etc/MU 1' });
    assert.match(recordName(waveforms[0] as SvWaveform), /^______etc_MU_1_\d{8}_\d{6}_\d{3}$/);
  });

  it('follows streams without waveforms when there is no room for more, and says so', async () => {
    start({ waveform: { before: 10_000, after: 10_000, holdOff: 0 } });
    for (let i = 0; i < 20; i++) run(1, { svId: `MU${i}` });
    await Promise.resolve();
    assert.equal(receiver.streams.length, 20);
    // 80,000 samples of 8 channels each are kept.
    assert.equal(failures.length, 8);
    assert.match(failures[0]?.message ?? '', /MU12: there is no room/);
  });

  it('says once for each stream that its trigger names a channel that it does not have', async () => {
    const threshold = { channels: ['Ix'], measure: 'rms', when: 'above', level: 1 } as const;
    start({ waveform: { before: 10, after: 10, holdOff: 0, threshold } });
    run(100);
    await Promise.resolve();
    assert.deepEqual(
      failures.map(({ message }) => message),
      ['the stream has no channel Ix for the trigger'],
    );
    assert.deepEqual(states, ['live']);
  });

  it('100,000 mutated frames: no crash, each is counted, and nothing but numbers and null goes out', function () {
    this.timeout(60_000);
    start({ waveform: { before: 5, after: 5, holdOff: 0 }, decimation: { rate: 500, average: true } });
    const batches: SampleBatch[] = [];
    receiver.on('samples', (batch) => batches.push(batch));
    const random = generator(92);
    const originals = Array.from({ length: 64 }, (_, i) =>
      encodeApplicationFrame(0x4000, false, frameOf(grid(LAYOUT, 50), 4000, i * 2, 2)),
    );
    for (let i = 0; i < 100_000; i++) {
      const original = originals[i % originals.length] as Buffer;
      receiver.receive({ source: SOURCE, payload: i % 3 === 0 ? mutated(original, random) : original }, BEGIN + i);
      if (i % 1000 === 0) receiver.trigger();
    }
    assert.ok(receiver.counts.malformed > 1000);
    assert.ok(receiver.streams.length <= 100);
    assert.ok(waveforms.length > 0 && batches.length > 0);
    for (const { channels } of batches)
      for (const { samples } of channels) assert.ok(samples.every((value) => value === null || Number.isFinite(value)));
  });
});
