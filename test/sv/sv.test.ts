import assert from 'node:assert/strict';
import { DecodeError, Iec61850Error } from '../../src/errors.js';
import { analyse, frequencyOf } from '../../src/sv/phasors.js';
import { SampleCounter } from '../../src/sv/sample-counter.js';
import { encodeApplicationFrame } from '../../src/mms/application-header.js';
import { decodeSvFrame, SvFrameDecoder } from '../../src/sv/sv-frame.js';
import { decodeSvPdu, encodeSvPdu, type SvAsdu } from '../../src/sv/sv-pdu.js';
import { generator, mutated } from '../support/mutate.js';

const SAMPLES = Buffer.from('000003e800000000fffffc18000020ff', 'hex');

function asdu(different: Partial<SvAsdu> = {}): SvAsdu {
  return { svId: 'MU01', smpCnt: 7, confRev: 1, smpSynch: 2, countAt: 0, start: 0, end: SAMPLES.length, ...different };
}

/** An ASDU whose samples are found by their content, for their place in the frame is another one. */
function plain(octets: Buffer, { start, end, countAt: _place, ...rest }: SvAsdu): object {
  return { ...rest, samples: octets.toString('hex', start, end) };
}

describe('the APDU of sampled values', () => {
  it('comes back from its octets, with all optional fields and several ASDUs', () => {
    const asdus = [
      asdu({
        datSet: 'MU01MU/LLN0$ds',
        refrTm: Buffer.alloc(8, 1),
        smpRate: 4800,
        smpMod: 1,
        gmIdentity: Buffer.alloc(8, 9),
      }),
      asdu({ smpCnt: 65_535 }),
    ];
    const octets = encodeSvPdu(asdus, SAMPLES);
    assert.deepEqual(
      decodeSvPdu(octets).map((one) => plain(octets, one)),
      asdus.map((one) => plain(SAMPLES, one)),
    );
  });

  it('refuses more or fewer ASDUs than it says, and numbers of another length', () => {
    const hex = encodeSvPdu([asdu()], SAMPLES).toString('hex');
    for (const [field, other] of [
      ['800101', '800102'],
      ['800101', '800100'],
      ['82020007', '82010007'],
      ['850102', '85020102'],
    ] as const) {
      assert.equal(hex.split(field).length, 2);
      assert.throws(() => decodeSvPdu(Buffer.from(hex.replace(field, other), 'hex')), DecodeError);
    }
  });

  it('never fails but by its own errors, whatever the octets', () => {
    const random = generator(92);
    const original = encodeSvPdu([asdu(), asdu({ smpRate: 80 })], SAMPLES);
    for (let i = 0; i < 10_000; i++) {
      try {
        decodeSvPdu(mutated(original, random));
      } catch (error) {
        assert.ok(error instanceof Iec61850Error, String(error));
      }
    }
  });
});

describe('the decoder of an interface', () => {
  it('gives for each frame what taking it apart gives, whatever came before', () => {
    const random = generator(61869);
    const decoder = new SvFrameDecoder();
    const outcome = (decode: () => unknown): unknown => {
      try {
        return structuredClone(decode());
      } catch (error) {
        assert.ok(error instanceof Iec61850Error, String(error));
        return error.message;
      }
    };
    for (let i = 0; i < 5000; i++) {
      const pdu = encodeSvPdu(
        [asdu({ smpCnt: i }), asdu({ smpCnt: i + 1, svId: i % 3 === 0 ? 'MU01' : 'MU02' })],
        SAMPLES,
      );
      const whole = encodeApplicationFrame(0x4000, false, pdu);
      const payload = i % 2 === 0 ? whole : mutated(whole, random);
      assert.deepEqual(
        outcome(() => decoder.decode(payload)),
        outcome(() => decodeSvFrame(payload)),
      );
    }
  });
});

describe('the counter of samples', () => {
  const run = (counter: SampleCounter, ...counts: number[]): string[] => counts.map((count) => counter.take(count, 2));

  it('follows, and counts what is missing, late and twice', () => {
    const counter = new SampleCounter(4000);
    assert.deepEqual(run(counter, 0, 1, 2, 5, 4, 5, 6), ['first', 'next', 'next', 'afterLoss', 'late', 'late', 'next']);
    assert.equal(counter.statistics.lost, 2);
    assert.equal(counter.statistics.outOfOrder, 2);
  });

  it('rolls over at the end of a second, known or learnt, without a loss', () => {
    for (const counter of [new SampleCounter(4000), new SampleCounter()]) {
      assert.deepEqual(run(counter, 3998, 3999, 0, 1), ['first', 'next', 'next', 'next']);
      assert.equal(counter.statistics.lost, 0);
      assert.equal(counter.samplesPerRound, 4000);
    }
  });

  it('counts a loss over the end of a second', () => {
    const counter = new SampleCounter(4000);
    run(counter, 3998, 1);
    assert.equal(counter.statistics.lost, 2);
  });

  it('says that a stream that begins anew has jumped', () => {
    const counter = new SampleCounter(14_400);
    assert.deepEqual(run(counter, 10, 7000), ['first', 'jump']);
  });

  it('counts changes of the synchronisation', () => {
    const counter = new SampleCounter(4000);
    counter.take(0, 2);
    counter.take(1, 0);
    counter.take(2, 2);
    assert.equal(counter.statistics.syncChanges, 2);
  });
});

describe('a waveform', () => {
  const RATE = 4000;
  const wave = (frequency: number, seconds = 0.2, fifth = 0, phase = 0): Float64Array =>
    Float64Array.from({ length: RATE * seconds }, (_, i) => {
      const at = (2 * Math.PI * frequency * i) / RATE;
      return 100 * Math.SQRT2 * (Math.cos(at + phase) + fifth * Math.cos(5 * at));
    });
  const near = (actual: number, expected: number, within: number): void =>
    assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);

  it('has its RMS, its phase and no distortion', () => {
    const { rms, fundamental, phase, thd } = analyse(wave(50, 0.2, 0, 1), 800, 50, RATE);
    near(rms, 100, 1e-6);
    near(fundamental, 100, 1e-6);
    near(phase, 1, 1e-6);
    near(thd, 0, 1e-6);
  });

  it('has the distortion of its harmonics', () => {
    const { rms, fundamental, thd } = analyse(wave(50, 0.2, 0.1), 800, 50, RATE);
    near(thd, 0.1, 1e-6);
    near(fundamental, 100, 1e-6);
    near(rms, 100 * Math.sqrt(1.01), 1e-6);
  });

  for (const frequency of [45, 49.5, 50, 50.2, 55]) {
    it(`of ${frequency} Hz is measured as such`, () => {
      near(frequencyOf(wave(frequency), 800, 50, RATE), frequency, 0.02);
    });
  }

  it('of nothing has no frequency and no distortion', () => {
    const silence = new Float64Array(800);
    assert.equal(frequencyOf(silence, 800, 50, RATE), NaN);
    assert.equal(analyse(silence, 800, 50, RATE).thd, NaN);
  });
});
