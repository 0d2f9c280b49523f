import assert from 'node:assert/strict';
import { decodeApplicationHeader } from '../../src/mms/application-header.js';
import { decodeGoosePdu, type GoosePdu } from '../../src/goose/goose-pdu.js';
import { GoosePublisher, type GoosePublisherOptions } from '../../src/goose/publisher.js';
import { ArgumentError } from '../../src/errors.js';
import { gooseValues } from './frames.js';

const T = { seconds: 1_700_000_000, fraction: 0, quality: 0 };

function publisher(options: Partial<GoosePublisherOptions> = {}): GoosePublisher {
  return new GoosePublisher({
    appId: 0x3001,
    gocbRef: 'BAY1CTRL/LLN0$GO$gcbTrip',
    datSet: 'BAY1CTRL/LLN0$dsTrip',
    confRev: 3,
    minTime: 4,
    maxTime: 1000,
    ...options,
  });
}

function pduOf(frame: Buffer | undefined): GoosePdu {
  assert.ok(frame);
  const { start, end } = decodeApplicationHeader(frame);
  return decodeGoosePdu(frame, start, end);
}

describe('a GOOSE publisher', () => {
  it('sends at once, then after 4, 8, 16 … ms up to the longest wait, for ever', () => {
    const goose = publisher();
    goose.publish(gooseValues(), T, 0);
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 11; i++) {
      const due = goose.nextWakeup as number;
      waits.push(due - now);
      assert.equal(goose.tick(due - 1), undefined);
      now = due;
      assert.ok(goose.tick(now));
    }
    assert.deepEqual(waits, [4, 8, 16, 32, 64, 128, 256, 512, 1000, 1000, 1000]);
  });

  it('begins with stNum 1, counts repeats, and starts from sqNum 0 at a change', () => {
    const goose = publisher();
    const numbers = (frame: Buffer | undefined): number[] => [pduOf(frame).stNum, pduOf(frame).sqNum];
    assert.deepEqual(numbers(goose.publish(gooseValues(), T, 0)), [1, 1]);
    assert.deepEqual(numbers(goose.tick(4)), [1, 2]);
    assert.deepEqual(numbers(goose.publish(gooseValues(false), T, 5)), [2, 0]);
    assert.deepEqual(numbers(goose.tick(9)), [2, 1]);
  });

  it('allows at least twice the wait until the next frame', () => {
    const goose = publisher();
    let frame: Buffer | undefined = goose.publish(gooseValues(), T, 0);
    for (let i = 0; i < 12; i++) {
      const { timeAllowedToLive } = pduOf(frame);
      const due = goose.nextWakeup as number;
      frame = goose.tick(due);
      assert.ok(timeAllowedToLive >= 100, 'a pause of this process is no lost publisher');
    }
    assert.equal(pduOf(frame).timeAllowedToLive, 2000);
  });

  it('says the timeAllowedtoLive that it is given, which must be above MaxTime', () => {
    const goose = publisher({ timeAllowedToLive: 2500 });
    assert.equal(pduOf(goose.publish(gooseValues(), T, 0)).timeAllowedToLive, 2500);
    assert.throws(() => publisher({ timeAllowedToLive: 1000 }), ArgumentError);
  });

  it('says simulation in the header and in the PDU, and ndsCom', () => {
    const goose = publisher();
    goose.set({ simulation: true, ndsCom: true });
    const frame = goose.publish(gooseValues(), T, 0);
    assert.equal(decodeApplicationHeader(frame).simulated, true);
    assert.equal(pduOf(frame).simulation, true);
    assert.equal(pduOf(frame).ndsCom, true);
  });

  it('refuses an APPID and times that cannot be', () => {
    assert.throws(() => publisher({ appId: 70_000 }), ArgumentError);
    assert.throws(() => publisher({ minTime: 0 }), ArgumentError);
    assert.throws(() => publisher({ minTime: 20, maxTime: 10 }), ArgumentError);
  });
});
