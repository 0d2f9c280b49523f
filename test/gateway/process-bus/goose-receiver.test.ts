import assert from 'node:assert/strict';
import { GooseReceiver, type GooseCarrier, type GooseSubscription } from '../../../src/gateway/process-bus/index.js';
import type { SubscriptionState } from '../../../src/gateway/process-bus/index.js';
import type { GoosePdu } from '../../../src/goose/goose-pdu.js';
import { encodeGoosePdu } from '../../../src/goose/goose-pdu.js';
import { encodeApplicationFrame } from '../../../src/mms/application-header.js';
import { goosePdu, gooseValues } from '../../goose/frames.js';

const A = '00-11-22-33-44-01';
const B = '00-11-22-33-44-02';
const NAME = 'BAY1CTRL/LLN0$GO$gcbTrip';
const TRIP: GooseSubscription = { ied: 'BAY1', appId: 1, expected: { gocbRef: NAME, confRev: 3 } };

function frame(different: Partial<GoosePdu> = {}, { appId = 1, source = A } = {}): GooseCarrier {
  const payload = encodeApplicationFrame(appId, false, encodeGoosePdu(goosePdu(different)));
  return { source, destination: '01-0C-CD-01-00-01', payload };
}

describe('a GOOSE receiver', () => {
  let receiver: GooseReceiver;
  const seen: string[] = [];
  const start = (subscriptions: GooseSubscription[], more: { listen?: boolean; simulation?: boolean } = {}): void => {
    receiver = new GooseReceiver({ subscriptions, ...more });
    receiver.on('values', (values, details) =>
      seen.push(`${details.gocbRef} ${details.stNum} ${values[0]?.value as string} ${values[0]?.status}`),
    );
  };
  beforeEach(() => (seen.length = 0));
  afterEach(() => receiver.close());

  it('tells two publishers with one APPID apart by their control blocks', () => {
    const other = 'BAY2CTRL/LLN0$GO$gcbTrip';
    start([TRIP, { ied: 'BAY2', appId: 1, expected: { gocbRef: other } }]);
    receiver.receive(frame(), 0);
    receiver.receive(frame({ gocbRef: other, stNum: 9, allData: gooseValues(false) }, { source: B }), 0);
    receiver.receive(frame({ stNum: 2, sqNum: 0, allData: gooseValues(false) }), 0);
    assert.deepEqual(seen, [`${NAME} 1 true live`, `${other} 9 false live`, `${NAME} 2 false live`]);
    assert.deepEqual(receiver.counts, { malformed: 0, foreign: 0 });
  });

  it('shows two devices that send one control block, and gives the values of neither twice', () => {
    start([TRIP]);
    receiver.receive(frame({ sqNum: 1 }, { source: A }), 0);
    receiver.receive(frame({ sqNum: 1 }, { source: B }), 0);
    receiver.receive(frame({ sqNum: 2 }, { source: A }), 0);
    receiver.receive(frame({ sqNum: 3 }, { source: B }), 0);
    const { statistics } = receiver.states[0] as { statistics: { sourceChanges: number; duplicates: number } };
    assert.deepEqual([statistics.sourceChanges, statistics.duplicates], [2, 1]);
    assert.deepEqual(seen, [`${NAME} 1 true live`]);
  });

  it('counts what nobody asked for, by APPID, name or goID, and looks no further', () => {
    start([{ ...TRIP, expected: { gocbRef: NAME, goId: 'trip' } }]);
    receiver.receive(frame({}, { appId: 2 }), 0);
    receiver.receive(frame({ gocbRef: 'X/LLN0$GO$y' }), 0);
    receiver.receive(frame({ goId: 'other' }), 0);
    assert.deepEqual(receiver.counts, { malformed: 0, foreign: 3 });
    assert.deepEqual(seen, []);
  });

  it('takes a control block of any name for a subscription that has none', () => {
    start([{ ied: 'BAY1', expected: {} }]);
    receiver.receive(frame(), 0);
    receiver.receive(frame({ sqNum: 2 }), 0);
    assert.deepEqual(seen, [`${NAME} 1 true live`]);
    assert.equal(receiver.states[0]?.gocbRef, NAME);
  });

  it('finds control blocks out when it listens, each APPID for itself', () => {
    start([], { listen: true });
    receiver.receive(frame(), 0);
    receiver.receive(frame({}, { appId: 2 }), 0);
    receiver.receive(frame({ sqNum: 2 }), 0);
    assert.deepEqual(seen, [`${NAME} 1 true live`, `${NAME} 1 true live`]);
    assert.equal(receiver.states.length, 2);
  });

  it('takes simulated frames from the moment when LPHD.Sim says so, and none any more when it does not', () => {
    start([TRIP]);
    receiver.receive(frame({ simulation: true }), 0);
    assert.deepEqual(seen, []);
    receiver.setSimulation(true);
    receiver.receive(frame({ simulation: true, sqNum: 2 }), 0);
    assert.deepEqual(seen, [`${NAME} 1 true live`]);
    receiver.setSimulation(false);
    receiver.receive(frame({ simulation: true, stNum: 2, sqNum: 0 }), 0);
    assert.equal(seen.length, 1);
  });

  it('says its subscriptions in the terms of LGOS, at each change of state or state number', () => {
    start([TRIP]);
    const told: SubscriptionState[] = [];
    receiver.on('supervised', (state) => told.push(state));
    assert.equal(receiver.subscriptions[0]?.live, false);
    receiver.receive(frame(), 0);
    receiver.receive(frame({ sqNum: 2 }), 0);
    receiver.receive(frame({ stNum: 2, sqNum: 0 }), 0);
    receiver.receive(frame({ stNum: 3, sqNum: 0, confRev: 4 }), 0);
    assert.deepEqual(
      told.map(({ live, needsCommissioning, confRev, receivedConfRev, stNum }) => [
        live,
        needsCommissioning,
        confRev,
        receivedConfRev,
        stNum,
      ]),
      [
        [true, false, 3, 3, 1],
        [true, false, 3, 3, 2],
        [false, true, 3, 4, 2],
      ],
    );
    assert.equal(told[0]?.controlBlock, NAME);
  });
});
