import assert from 'node:assert/strict';
import { GooseSubscriber } from '../../src/goose/subscriber.js';
import { goosePdu, gooseValues } from './frames.js';

const A = '00-11-22-33-44-01';
const B = '00-11-22-33-44-02';
const later = { seconds: 1_700_000_100, fraction: 0, quality: 0 };

describe('a GOOSE subscription', () => {
  it('waits, is live with the first frame, and expires when timeAllowedtoLive has passed', () => {
    const subscriber = new GooseSubscriber();
    assert.equal(subscriber.state, 'waiting');
    assert.equal(subscriber.receive(goosePdu(), A, 1000), 'stateChange');
    assert.equal(subscriber.state, 'live');
    assert.equal(subscriber.nextWakeup, 3000);
    assert.equal(subscriber.tick(2999), false);
    assert.equal(subscriber.tick(3000), true);
    assert.equal(subscriber.state, 'expired');
    assert.equal(subscriber.tick(9000), false, 'it expires once');
    assert.equal(subscriber.statistics.expiries, 1);
  });

  it('tells a change from a repeat', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu(), A, 0);
    assert.equal(subscriber.receive(goosePdu({ sqNum: 2 }), A, 10), 'retransmission');
    assert.equal(
      subscriber.receive(goosePdu({ stNum: 2, sqNum: 0, allData: gooseValues(false) }), A, 20),
      'stateChange',
    );
    assert.equal(subscriber.statistics.stateChanges, 2);
  });

  it('counts frames and states that are missing', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu(), A, 0);
    subscriber.receive(goosePdu({ sqNum: 5 }), A, 10);
    subscriber.receive(goosePdu({ stNum: 4, sqNum: 0 }), A, 20);
    assert.equal(subscriber.statistics.lost, 3);
    assert.equal(subscriber.statistics.lostStates, 2);
  });

  it('sqNum rolls over to 1, never to 0 (libiec61850 #199)', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu({ sqNum: 0xffffffff }), A, 0);
    assert.equal(subscriber.receive(goosePdu({ sqNum: 1 }), A, 10), 'retransmission');
    assert.equal(subscriber.statistics.lost, 0);
  });

  it('stNum rolls over to 1', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu({ stNum: 0xffffffff }), A, 0);
    assert.equal(subscriber.receive(goosePdu({ stNum: 1, sqNum: 0 }), A, 10), 'stateChange');
    assert.equal(subscriber.statistics.lostStates, 0);
  });

  it('ignores duplicates, late and replayed frames, which do not keep it alive either', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu({ stNum: 5, sqNum: 7 }), A, 0);
    assert.equal(subscriber.receive(goosePdu({ stNum: 5, sqNum: 7 }), A, 500), 'ignored');
    assert.equal(subscriber.receive(goosePdu({ stNum: 5, sqNum: 6 }), A, 500), 'ignored');
    assert.equal(subscriber.receive(goosePdu({ stNum: 4, sqNum: 9 }), A, 500), 'ignored');
    assert.equal(subscriber.statistics.duplicates, 1);
    assert.equal(subscriber.statistics.outOfOrder, 2);
    assert.equal(subscriber.nextWakeup, 2000);
  });

  it('takes a publisher that starts anew by its time, and any frame after it expired', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu({ stNum: 50, sqNum: 7 }), A, 0);
    assert.equal(subscriber.receive(goosePdu({ stNum: 1, sqNum: 1 }), A, 10), 'ignored', 'an old time is a replay');
    assert.equal(subscriber.receive(goosePdu({ stNum: 1, sqNum: 1, t: later }), A, 20), 'stateChange');
    subscriber.receive(goosePdu({ stNum: 9, sqNum: 0, t: later }), A, 30);
    assert.equal(subscriber.receive(goosePdu({ stNum: 3, sqNum: 0, t: later }), A, 5000), 'stateChange');
    assert.equal(subscriber.statistics.restarts, 2);
    assert.equal(subscriber.state, 'live');
  });

  it('says needsCommissioning and gives no values of it', () => {
    const subscriber = new GooseSubscriber();
    assert.equal(subscriber.receive(goosePdu({ ndsCom: true }), A, 0), 'ignored');
    assert.equal(subscriber.state, 'needsCommissioning');
    assert.equal(subscriber.last, undefined);
    assert.equal(subscriber.receive(goosePdu({ sqNum: 2 }), A, 10), 'stateChange');
    assert.equal(subscriber.state, 'live');
  });

  it('says which of confRev and data set is not what is expected (libiec61850 #607)', () => {
    const subscriber = new GooseSubscriber({ expected: { confRev: 3, datSet: 'BAY1CTRL/LLN0$dsTrip', entries: 3 } });
    assert.equal(subscriber.receive(goosePdu({ confRev: 4 }), A, 0), 'ignored');
    assert.equal(subscriber.state, 'confRevMismatch');
    assert.equal(subscriber.receive(goosePdu({ datSet: 'BAY1CTRL/LLN0$ds2' }), A, 0), 'ignored');
    assert.equal(subscriber.state, 'dataSetMismatch');
    assert.equal(subscriber.receive(goosePdu({ allData: gooseValues().slice(1) }), A, 0), 'ignored');
    assert.equal(subscriber.statistics.dataSetMismatches, 2);
    assert.equal(subscriber.receive(goosePdu(), A, 0), 'stateChange');
  });

  it('leaves simulated frames alone unless simulation is allowed, and real ones from the first simulated one on', () => {
    const subscriber = new GooseSubscriber();
    assert.equal(subscriber.receive(goosePdu({ simulation: true }), A, 0), 'ignored');
    assert.equal(subscriber.state, 'simulated');
    assert.equal(subscriber.receive(goosePdu({ sqNum: 2 }), A, 0), 'stateChange');
    subscriber.setSimulation(true);
    assert.equal(subscriber.receive(goosePdu({ sqNum: 3 }), A, 0), 'retransmission', 'no simulated one came yet');
    assert.equal(subscriber.receive(goosePdu({ stNum: 2, sqNum: 0, simulation: true }), B, 0), 'stateChange');
    assert.equal(subscriber.receive(goosePdu({ stNum: 3, sqNum: 0 }), A, 0), 'ignored');
    subscriber.setSimulation(false);
    assert.equal(subscriber.receive(goosePdu({ stNum: 4, sqNum: 0 }), A, 0), 'stateChange');
  });

  it('counts two publishers of one control block', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu({ sqNum: 1 }), A, 0);
    subscriber.receive(goosePdu({ sqNum: 2 }), B, 0);
    subscriber.receive(goosePdu({ sqNum: 3 }), A, 0);
    assert.equal(subscriber.statistics.sourceChanges, 2);
  });

  it('takes no other values under the same state number', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu(), A, 0);
    assert.equal(subscriber.receive(goosePdu({ sqNum: 2, allData: gooseValues(false) }), A, 0), 'ignored');
    assert.equal(subscriber.statistics.silentChanges, 1);
    assert.deepEqual(subscriber.last?.allData, gooseValues(true));
  });

  it('does not believe a timeAllowedtoLive of weeks', () => {
    const subscriber = new GooseSubscriber();
    subscriber.receive(goosePdu({ timeAllowedToLive: 0xffffffff }), A, 0);
    assert.equal(subscriber.nextWakeup, 600_000);
  });
});
