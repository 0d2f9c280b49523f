import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  BINARY_TIME_EPOCH_MS,
  isoTime,
  msToUtcTime,
  timeQualityFromOctet,
  timeQualityToOctet,
  utcTimeToMs,
} from '../../src/model/timestamp.js';

const MAX_SECONDS = 0xffffffff;

describe('UtcTime', () => {
  it('keeps all 1000 milliseconds of a second in a round trip (libiec61850 #152)', () => {
    for (const second of [0, 1, 1_700_000_000, MAX_SECONDS]) {
      for (let ms = 0; ms < 1000; ms++) {
        const { seconds, fraction } = msToUtcTime(second * 1000 + ms);
        assert.equal(seconds, second);
        assert.equal(utcTimeToMs(seconds, fraction), second * 1000 + ms);
      }
    }
  });

  it('keeps every millisecond also for stacks that cut the fraction off instead of rounding', () => {
    for (let ms = 0; ms < 1000; ms++) {
      const { fraction } = msToUtcTime(ms);
      assert.equal(Math.floor((fraction * 1000) / 0x1000000), ms);
    }
  });

  it('has a fraction of 24 bits, whatever the time', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: MAX_SECONDS * 1000, noNaN: true }), (ms) => {
        const { seconds, fraction } = msToUtcTime(ms);
        assert.ok(Number.isInteger(fraction) && fraction >= 0 && fraction <= 0xffffff);
        assert.ok(Math.abs(utcTimeToMs(seconds, fraction) - ms) <= 1);
      }),
    );
  });

  it('becomes ISO 8601 with milliseconds, or null when it is no time', () => {
    assert.equal(isoTime(utcTimeToMs(1_700_000_000, 0x7ef9db)), '2023-11-14T22:13:20.496Z');
    for (const ms of [NaN, Infinity, 8.65e15]) assert.equal(isoTime(ms), null);
  });
});

describe('time quality', () => {
  it('comes back in all 256 forms', () => {
    for (let octet = 0; octet < 256; octet++) assert.equal(timeQualityToOctet(timeQualityFromOctet(octet)), octet);
  });

  it('has leap-seconds-known 0x80, clock-failure 0x40, not-synchronised 0x20 and accuracy below', () => {
    assert.deepEqual(timeQualityFromOctet(0x80 | 10), {
      leapSecondsKnown: true,
      clockFailure: false,
      clockNotSynchronized: false,
      accuracy: 10,
    });
    assert.equal(timeQualityFromOctet(0x40).clockFailure, true);
    assert.equal(timeQualityFromOctet(0x20).clockNotSynchronized, true);
    assert.equal(timeQualityToOctet({}), 31);
  });
});

describe('BinaryTime6', () => {
  it('counts from 1984-01-01', () => assert.equal(isoTime(BINARY_TIME_EPOCH_MS), '1984-01-01T00:00:00.000Z'));
});
