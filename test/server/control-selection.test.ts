import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import type { ControlAnswer } from '../../src/server/control/control-handler.js';
import { AccessError } from '../../src/server/selection.js';
import { closeServer, ControlClient, off, stoppedClock } from './control-fixture.js';

const accept = (): ControlAnswer => ({ accept: true });
const { objectAccessDenied, temporarilyUnavailable } = AccessError;
const OBJECT = 'GGIO1.SPCSO4';

describe('the selection of a controllable object', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
    client.core.decideControls(accept);
  });
  afterEach(async () => {
    await closeServer(client, clock);
  });
  const selected = (): unknown => client.shown(`${OBJECT}.stSeld[ST]`);
  const status = (reference: string, value: unknown): void => {
    assert.deepEqual(client.core.update([{ reference: `CTLLD1/${reference}`, value }], Date.now()).errors, []);
  };

  it('runs out after sboTimeout, which is told', async () => {
    client.selectWithValue(OBJECT);
    await clock.tickAsync(4999);
    assert.equal(selected(), true);
    await clock.tickAsync(1);
    assert.equal(selected(), false);
    assert.equal(client.operate(OBJECT), objectAccessDenied);
    assert.equal(client.addCause(), 18);
    assert.deepEqual(client.told, ['select accepted', 'select released', 'operate refused']);
    assert.equal(client.controlled[1]?.reason, 'sboTimeout is over');
  });

  it('takes sboTimeout as it is now, and 30 s where there is none', async () => {
    status(`${OBJECT}.sboTimeout[CF]`, 0);
    client.selectWithValue(OBJECT);
    await clock.tickAsync(29_999);
    assert.equal(selected(), true);
    await clock.tickAsync(1);
    assert.equal(selected(), false);
    status(`${OBJECT}.sboTimeout[CF]`, 100);
    client.selectWithValue(OBJECT);
    await clock.tickAsync(100);
    assert.equal(selected(), false);
  });

  it('belongs to one client: another one neither selects nor operates nor cancels', () => {
    const other = client.another();
    client.selectWithValue(OBJECT);
    assert.equal(other.selectWithValue(OBJECT), temporarilyUnavailable);
    assert.equal(other.addCause(), 27);
    assert.equal(other.operate(OBJECT), temporarilyUnavailable);
    assert.equal(other.addCause(), 27);
    assert.equal(other.cancel(OBJECT), temporarilyUnavailable);
    assert.equal(other.addCause(), 27);
    assert.equal(client.operate(OBJECT), undefined);
  });

  it('the same for SBO with normal security', () => {
    const other = client.another();
    assert.notEqual(client.select('GGIO1.SPCSO2'), '');
    assert.equal(other.select('GGIO1.SPCSO2'), '');
    assert.equal(other.operate('GGIO1.SPCSO2'), temporarilyUnavailable);
    assert.equal(client.operate('GGIO1.SPCSO2'), undefined);
    assert.notEqual(other.select('GGIO1.SPCSO2'), '');
  });

  it('is not taken twice by one client', () => {
    client.selectWithValue(OBJECT);
    assert.equal(client.selectWithValue(OBJECT), temporarilyUnavailable);
    assert.equal(client.addCause(), 19);
    assert.equal(selected(), true);
  });

  it('ends with a cancel, and nothing is left to cancel', () => {
    client.selectWithValue(OBJECT);
    assert.equal(client.cancel(OBJECT), undefined);
    assert.equal(selected(), false);
    assert.equal(client.cancel(OBJECT), objectAccessDenied);
    assert.equal(client.addCause(), 18);
    assert.equal(client.cancel('GGIO1.SPCSO1'), objectAccessDenied);
    assert.equal(client.addCause(), 1);
  });

  it('is lost with the association', () => {
    client.selectWithValue(OBJECT);
    const other = client.another();
    client.connection.disconnected(0);
    assert.equal(selected(), false);
    assert.equal(other.selectWithValue(OBJECT), undefined);
    assert.ok(client.told.includes('select released'));
  });

  it('is good for one operate, or for many by sboClass', async () => {
    status('GGIO1.SPCSO2.sboClass[CF]', 'operate-many');
    client.select('GGIO1.SPCSO2');
    assert.equal(client.operate('GGIO1.SPCSO2'), undefined);
    assert.equal(client.operate('GGIO1.SPCSO2', { ctlVal: off, ctlNum: 2 }), undefined);
    assert.equal(client.shown('GGIO1.SPCSO2.stSeld[ST]'), true);
    await clock.tickAsync(5000);
    assert.equal(client.operate('GGIO1.SPCSO2'), objectAccessDenied);
  });

  it('many, with enhanced security: the time runs again from the end of each', async () => {
    status(`${OBJECT}.sboClass[CF]`, 'operate-many');
    client.selectWithValue(OBJECT);
    await clock.tickAsync(4000);
    assert.equal(client.operate(OBJECT), undefined);
    await clock.tickAsync(2000);
    status(`${OBJECT}[ST]`, true);
    await clock.tickAsync(4999);
    assert.equal(selected(), true);
    assert.equal(client.operate(OBJECT, { ctlVal: off, ctlNum: 2 }), undefined);
  });

  it('does not run out while its operate is on the way', async () => {
    status(`${OBJECT}.operTimeout[CF]`, 20_000);
    client.selectWithValue(OBJECT);
    client.operate(OBJECT);
    await clock.tickAsync(10_000);
    assert.equal(selected(), true);
    status(`${OBJECT}[ST]`, true);
    await clock.tickAsync(1);
    assert.equal(selected(), false);
  });

  it('the client goes while its operate is on the way: the command goes on and frees the object', async () => {
    client.selectWithValue(OBJECT);
    client.operate(OBJECT);
    client.arrivals();
    const other = client.another();
    client.connection.disconnected(0);
    await clock.tickAsync(10);
    assert.equal(other.selectWithValue(OBJECT), temporarilyUnavailable);
    status(`${OBJECT}[ST]`, true);
    await clock.tickAsync(1);
    assert.deepEqual(client.arrivals(), []);
    assert.equal(client.told.at(-1), 'operate done');
    assert.equal(other.selectWithValue(OBJECT, { ctlVal: off }), undefined);
  });

  it('an owner that refuses the selection leaves the object free', () => {
    client.core.decideControls(() => ({ addCause: 14 }));
    assert.equal(client.selectWithValue(OBJECT), objectAccessDenied);
    assert.equal(client.addCause(), 14);
    assert.equal(selected(), false);
    client.core.decideControls(accept);
    assert.equal(client.another().selectWithValue(OBJECT), undefined);
  });
});
