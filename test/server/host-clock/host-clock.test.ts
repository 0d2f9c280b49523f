import assert from 'node:assert/strict';
import { accuracyBits, fromChrony, fromTimedate } from '../../../src/server/host-clock/clock-state.js';
import { HostClock, readClock, type RunProgram } from '../../../src/server/host-clock/host-clock.js';
import { checkOptions } from '../../../src/server/options.js';
import { ServerCore } from '../../../src/server/server-core.js';
import { testModel } from '../fixture.js';

const CHRONY =
  'C0A80101,ntp1,2,1767323045.123,0.000012,0.000020,0.000030,1.5,0.001,0.02,0.000400,0.000100,64.2,Normal\n';

describe('the clock of the host', () => {
  it('is synchronised with an accuracy by what chrony tells', () => {
    // 12 µs + 200 µs + 100 µs are less than 2^-11 s.
    assert.deepEqual(fromChrony(CHRONY), {
      leapSecondsKnown: true,
      clockFailure: false,
      clockNotSynchronized: false,
      accuracy: 11,
    });
    assert.equal(fromChrony(CHRONY.replace('Normal', 'Not synchronised'))?.clockNotSynchronized, true);
    assert.equal(fromChrony('506 Cannot talk to daemon'), undefined);
  });

  it('is synchronised or not by what systemd tells', () => {
    assert.deepEqual(
      ['NTPSynchronized=yes\n', 'NTPSynchronized=no\n'].map((text) => fromTimedate(text)?.clockNotSynchronized),
      [false, true],
    );
    assert.equal(fromTimedate('Failed to connect to bus'), undefined);
  });

  it('leaves as many bits of a second as its error allows', () => {
    assert.deepEqual([0.01, 0.001, 1e-6, 2, 0, Number.NaN].map(accuracyBits), [6, 9, 19, 0, 24, 31]);
  });

  it('is asked of the first service that tells', async () => {
    const asked: string[] = [];
    const run: RunProgram = async (program) => {
      asked.push(program);
      return program === 'timedatectl' ? 'NTPSynchronized=yes\n' : undefined;
    };
    assert.equal((await readClock(run))?.clockNotSynchronized, false);
    assert.deepEqual(asked, ['chronyc', 'timedatectl']);
  });

  it('is not trusted until somebody vouches for it, and a warning tells once that nobody does', async () => {
    const warnings: unknown[] = [];
    const options = checkOptions({ timeQuality: 'host' });
    let told: string | undefined;
    const clock = new HostClock(
      { options, tell: (_event, ...values) => void warnings.push(values[0]) },
      async () => told,
    );
    assert.equal(options.timeQuality.clockNotSynchronized, true);
    await clock.look();
    await clock.look();
    assert.equal(warnings.length, 1);
    told = CHRONY;
    await clock.look();
    assert.deepEqual([options.timeQuality.clockNotSynchronized, options.timeQuality.accuracy], [false, 11]);
    told = undefined;
    await clock.look();
    assert.deepEqual([options.timeQuality.clockNotSynchronized, warnings.length], [true, 2]);
    clock.start();
    clock.stop();
  });

  it('gives the times of a server their quality, but for those that are given with one', () => {
    const core = new ServerCore(testModel(), { timeQuality: 'host' }, () => undefined);
    const reference = 'TESTLD2/MMXU1.TotW[MX]';
    core.update([{ reference, value: 1 }], 1000);
    assert.equal(core.read(reference).timeQuality?.clockNotSynchronized, true);
    core.update([{ reference, value: 2, timestamp: 5, timeQuality: { accuracy: 10 } }], 2000);
    assert.deepEqual(
      [core.read(reference).timeQuality?.clockNotSynchronized, core.read(reference).timeQuality?.accuracy],
      [false, 10],
    );
  });
});
