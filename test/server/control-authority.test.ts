import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import { closeServer, ControlClient, off, stoppedClock } from './control-fixture.js';

const BLOCKED_BY_HIERARCHY = 2;
const BLOCKED_BY_MODE = 8;
const BLOCKED_BY_COMMAND = 24;

describe('who may command a server, and when', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
    client.core.decideControls(() => ({ accept: true }));
  });
  afterEach(async () => {
    await closeServer(client, clock);
    assert.deepEqual(client.failures, []);
  });

  const status = (reference: string, value: unknown): void => {
    assert.deepEqual(client.core.update([{ reference: `CTLLD1/${reference}`, value }], Date.now()).errors, []);
  };
  /** 0 when it was taken, else the AddCause. */
  const tried = (object: string, parameters: Parameters<ControlClient['operate']>[1]): number | undefined =>
    client.operate(object, parameters) === undefined ? 0 : client.addCause();

  for (const [mode, normal, test] of [
    ['on', 0, BLOCKED_BY_MODE],
    ['on-blocked', BLOCKED_BY_MODE, BLOCKED_BY_MODE],
    ['test', BLOCKED_BY_MODE, 0],
    ['test/blocked', BLOCKED_BY_MODE, BLOCKED_BY_MODE],
    ['off', BLOCKED_BY_MODE, BLOCKED_BY_MODE],
  ] as const) {
    it(`behaviour ${mode}: a command ${normal ? 'is refused' : 'is taken'}, a test ${test ? 'is refused' : 'is taken'}`, () => {
      status('GGIO1.Beh[ST]', mode);
      assert.equal(tried('GGIO1.SPCSO1', {}), normal);
      assert.equal(tried('GGIO1.SPCSO1', { test: true }), test);
    });
  }

  it('Mod itself can be commanded in every mode, and its Beh follows', () => {
    for (const value of [5, 2, 3, 1]) {
      status('LLN0.Mod[ST]', value);
      assert.equal(tried('LLN0.Mod', { ctlVal: { type: 'integer', value: 1 } }), 0, String(value));
    }
    status('LLN0.Mod[ST]', 'test');
    assert.equal(tried('LLN0.Mod', { ctlVal: { type: 'integer', value: 1 }, test: true }), 0);
    status('LLN0.Mod[ST]', 'on');
    assert.equal(tried('LLN0.Mod', { ctlVal: { type: 'integer', value: 1 }, test: true }), BLOCKED_BY_MODE);
  });

  it('a select by reading SBO is refused where the logical node is off', () => {
    status('GGIO1.Beh[ST]', 'off');
    assert.equal(client.select('GGIO1.SPCSO2'), '');
    status('GGIO1.Beh[ST]', 'test');
    assert.notEqual(client.select('GGIO1.SPCSO2'), '');
  });

  it('switching authority: nobody has told where it is, so that it stops nobody', () => {
    for (const orCat of [0, 1, 2, 3, 4, 5, 6, 7]) assert.equal(tried('XSWI1.Pos', { orCat }), 0, String(orCat));
  });

  /** Origin categories 0 to 8 that are taken. */
  const taken = (object: string): number[] =>
    [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((orCat) => {
      const addCause = tried(object, { orCat });
      assert.ok(addCause === 0 || addCause === BLOCKED_BY_HIERARCHY, String(addCause));
      return addCause === 0;
    });

  it('local: the bay only', () => {
    status('XSWI1.Loc[ST]', true);
    assert.deepEqual(taken('XSWI1.Pos'), [1, 4]);
    // Another logical node is none of it.
    assert.deepEqual(taken('GGIO1.SPCSO1'), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('remote: station and control centre, not the bay', () => {
    status('XSWI1.Loc[ST]', false);
    assert.deepEqual(taken('XSWI1.Pos'), [0, 2, 3, 5, 6, 7, 8]);
  });

  it('Loc and LocKey of LLN0 hold for logical nodes that have none', () => {
    status('LLN0.LocKey[ST]', true);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [1, 4]);
    status('LLN0.LocKey[ST]', false);
    status('LLN0.Loc[ST]', true);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [1, 4]);
    status('LLN0.Loc[ST]', false);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [0, 2, 3, 5, 6, 7, 8]);
  });

  it('LocSta: the station or the control centre, and it can be taken back', () => {
    status('LLN0.Loc[ST]', false);
    status('LLN0.LocSta[ST]', true);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [2, 5]);
    assert.deepEqual(taken('LLN0.LocSta'), [0, 2, 3, 5, 6, 7, 8]);
    status('LLN0.LocSta[ST]', false);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [0, 3, 6, 7, 8]);
  });

  it('MltLev: the levels below as well', () => {
    status('LLN0.MltLev[SP]', true);
    status('LLN0.Loc[ST]', false);
    status('LLN0.LocSta[ST]', false);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    status('LLN0.LocSta[ST]', true);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [1, 2, 4, 5]);
    status('LLN0.Loc[ST]', true);
    assert.deepEqual(taken('GGIO1.SPCSO1'), [1, 4]);
  });

  it('CmdBlk blocks the commands of its logical node', () => {
    client.core.update([{ reference: 'CTLLD1/CSWI1.CmdBlk[ST]', value: true }], Date.now());
    assert.equal(client.selectWithValue('CSWI1.Pos'), 3);
    assert.equal(client.addCause(), BLOCKED_BY_COMMAND);
    assert.equal(tried('XSWI1.Pos', {}), 0);
    status('CSWI1.CmdBlk[ST]', false);
    assert.equal(client.selectWithValue('CSWI1.Pos'), undefined);
  });

  it('a switch that is in the position already is not operated', () => {
    status('XSWI1.Pos[ST]', 'Closed');
    assert.equal(tried('XSWI1.Pos', {}), 5);
    assert.equal(tried('XSWI1.Pos', { ctlVal: off }), 0);
    // A position that nobody believes stops nobody.
    client.core.update([{ reference: 'CTLLD1/XSWI1.Pos[ST]', value: 'Closed', quality: 'questionable' }], Date.now());
    assert.equal(tried('XSWI1.Pos', {}), 0);
  });

  it('a client without the right controls nothing, and reading SBO selects nothing', () => {
    const viewer = client.another();
    const session = (viewer.connection as unknown as { session: { rights: unknown } }).session;
    session.rights = { role: 'viewer', allows: () => false };
    assert.equal(viewer.select('GGIO1.SPCSO2'), '');
    assert.equal(client.shown('GGIO1.SPCSO2.stSeld[ST]'), false);
    assert.equal(viewer.operate('GGIO1.SPCSO1'), 3);
    assert.equal(viewer.addCause(), 20);
    assert.equal(viewer.cancel('GGIO1.SPCSO1'), 3);
    assert.match(client.controlled.at(-1)?.reason ?? '', /viewer/);
  });
});
