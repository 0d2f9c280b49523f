import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import type { MmsData } from '../../src/mms/data.js';
import type { ControlCommand } from '../../src/server/control/control-handler.js';
import { AccessError } from '../../src/server/selection.js';
import { closeServer, ControlClient, off, on, stoppedClock } from './control-fixture.js';

const integer = (value: number): MmsData => ({ type: 'integer', value });
const bits = (value: string): MmsData => ({ type: 'bit-string', bits: value });
const analogue = (value: number): MmsData => ({ type: 'structure', items: [{ type: 'float', value, width: 32 }] });
const { objectAccessDenied, objectValueInvalid } = AccessError;
const STEP_LIMIT = 7;
const INCONSISTENT = 26;

/** Object, ctlVal, what the owner is told, and the status that ends the command. */
const COMMANDS: [cdc: string, object: string, MmsData, value: unknown, text: string, status: unknown][] = [
  ['SPC', 'GGIO1.SPCSO3', on, true, 'on', true],
  ['DPC', 'CSWI1.Pos', on, true, 'close', 'Closed'],
  ['DPC', 'CSWI1.Pos', off, false, 'open', 'Open'],
  ['INC', 'GGIO2.ISCSO1', integer(-3), -3, '-3', -3],
  ['ENC', 'GGIO2.EnCSO1', integer(3), 3, 'test', 'test'],
  ['BSC', 'GGIO2.TapChg', bits('10'), 2, 'raise', 1],
  ['BSC', 'GGIO2.TapChg', bits('01'), 1, 'lower', -1],
  ['ISC', 'GGIO2.TapPos', integer(9), 9, '9', 9],
  ['APC', 'GGIO2.AnOut', analogue(12.5), 12.5, '12.5', 12.49],
  ['BAC', 'GGIO2.VolSpt', bits('10'), 2, 'raise', 0.5],
];

describe('ctlVal of a server', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  let asked: ControlCommand[];
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
    asked = [];
    client.core.decideControls((command) => {
      asked.push(command);
      return { accept: true };
    });
  });
  afterEach(async () => {
    await closeServer(client, clock);
    assert.deepEqual(client.failures, []);
  });
  const refusal = (object: string, ctlVal: MmsData): (number | undefined)[] => [
    client.operate(object, { ctlVal }),
    client.addCause(),
  ];

  for (const [cdc, object, ctlVal, value, text, status] of COMMANDS) {
    it(`${cdc} ${text}: is told by value and words, and ends when the status has followed`, async () => {
      if (object.startsWith('CSWI')) client.selectWithValue(object, { ctlVal });
      assert.equal(client.operate(object, { ctlVal, ctlNum: 1 }), undefined);
      const command = asked.at(-1);
      assert.deepEqual([command?.cdc, command?.value, command?.text], [cdc, value, text]);
      await clock.tickAsync(1);
      assert.equal(client.told.at(-1), 'operate accepted');
      client.core.update([{ reference: `CTLLD1/${object}`, value: status }], Date.now());
      assert.equal(client.told.at(-1), 'operate done');
      const point = client.core.read(`CTLLD1/${object}`);
      assert.equal(client.core.read(`CTLLD1/${object}.ctlNum[${point.fc}]`).value, 1);
    });
  }

  it('a position on its way is not the end', async () => {
    client.selectWithValue('CSWI1.Pos');
    client.operate('CSWI1.Pos');
    await clock.tickAsync(1);
    for (const value of ['Intermediate', 'Bad', 'Open']) {
      client.core.update([{ reference: 'CTLLD1/CSWI1.Pos', value }], Date.now());
    }
    assert.equal(client.told.at(-1), 'operate accepted');
  });

  it('stop ends at once, as there is nothing to follow', async () => {
    client.operate('GGIO2.TapChg', { ctlVal: bits('00') });
    await clock.tickAsync(1);
    assert.equal(client.told.at(-1), 'operate done');
    assert.equal(asked[0]?.text, 'stop');
  });

  it('values outside of minVal and maxVal are refused', () => {
    assert.deepEqual(refusal('GGIO2.ISCSO1', integer(61)), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(refusal('GGIO2.ISCSO1', integer(-6)), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(refusal('GGIO2.AnOut', analogue(60.5)), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(refusal('GGIO2.TapPos', integer(18)), [objectAccessDenied, STEP_LIMIT]);
    assert.match(client.controlled.at(-1)?.reason ?? '', /1 to 17/);
    assert.deepEqual(asked, []);
  });

  it('values that the class does not have are refused', () => {
    assert.deepEqual(refusal('GGIO2.TapChg', bits('11')), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(refusal('GGIO2.AnOut', analogue(Number.NaN)), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(refusal('GGIO2.EnCSO1', integer(9)), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(refusal('GGIO2.AnOut', analogue(Number.POSITIVE_INFINITY)), [objectValueInvalid, INCONSISTENT]);
    assert.deepEqual(asked, []);
  });
});

describe('a simulated process', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect({ operate: 'simulate' });
  });
  afterEach(() => closeServer(client, clock));

  it('lets a switch travel by way of its intermediate position', async () => {
    client.operate('XSWI1.Pos');
    assert.equal(client.shown('XSWI1.Pos[ST]'), 0);
    await clock.tickAsync(300);
    const { value, quality } = client.core.read('CTLLD1/XSWI1.Pos[ST]');
    assert.deepEqual([value, quality?.text], [2, 'good']);
  });

  for (const [object, ctlVal, value] of [
    ['GGIO1.SPCSO3', on, true],
    ['GGIO2.ISCSO1', integer(42), 42],
    ['GGIO2.EnCSO1', integer(5), 5],
    ['GGIO2.TapChg', bits('10'), 1],
    ['GGIO2.TapPos', integer(4), 4],
    ['GGIO2.AnOut', analogue(33.5), 33.5],
    ['GGIO2.VolSpt', bits('01'), -1],
  ] as const) {
    it(`follows ${object}, and the command ends`, async () => {
      assert.equal(client.operate(object, { ctlVal }), undefined);
      await clock.tickAsync(301);
      assert.equal(client.core.read(`CTLLD1/${object}`).value, value);
      const end = client.arrivals().at(-1);
      assert.ok(end?.arrived === 'termination' && !end.explanation);
    });
  }

  it('has ends', async () => {
    for (const _step of [1, 2]) {
      client.operate('GGIO2.TapChg', { ctlVal: bits('10') });
      await clock.tickAsync(301);
    }
    assert.equal(client.operate('GGIO2.TapChg', { ctlVal: bits('10') }), objectAccessDenied);
    assert.equal(client.addCause(), STEP_LIMIT);
  });

  it('stays where it is when the command is cancelled', async () => {
    client.operate('GGIO2.ISCSO1', { ctlVal: integer(42) });
    await clock.tickAsync(100);
    assert.equal(client.cancel('GGIO2.ISCSO1', { ctlVal: integer(42) }), undefined);
    await clock.tickAsync(1000);
    assert.equal(client.shown('GGIO2.ISCSO1[ST]'), 0);
  });

  it('makes room for an owner that decides', () => {
    client.core.decideControls(() => ({ addCause: 'Blocked-by-process' }));
    assert.equal(client.operate('GGIO1.SPCSO1'), objectAccessDenied);
    assert.equal(client.addCause(), 9);
  });
});
