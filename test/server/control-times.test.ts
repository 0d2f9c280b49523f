import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import { AccessError } from '../../src/server/selection.js';
import { closeServer, ControlClient, off, stoppedClock } from './control-fixture.js';

const { objectAccessDenied, temporarilyUnavailable } = AccessError;

describe('a time-activated operate', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  let asked: string[];
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
    asked = [];
    client.core.decideControls(({ kind, operateAt }) => {
      asked.push(`${kind} ${operateAt ?? 'now'}`);
      return { accept: true };
    });
  });
  afterEach(async () => {
    await closeServer(client, clock);
    assert.deepEqual(client.failures, []);
  });

  it('waits for its time, and is decided on then', async () => {
    assert.equal(client.operate('GGIO1.SPCSO1', { operTm: Date.now() + 10_000 }), undefined);
    assert.equal(client.shown('GGIO1.SPCSO1.opRcvd[OR]'), true);
    await clock.tickAsync(9999);
    assert.deepEqual(asked, []);
    assert.equal(client.shown('GGIO1.SPCSO1.ctlNum[ST]'), 0);
    await clock.tickAsync(1);
    assert.deepEqual(asked, ['operate 2026-01-31T00:00:10.000Z']);
    assert.equal(client.shown('GGIO1.SPCSO1.ctlNum[ST]'), 1);
    assert.equal(client.shown('GGIO1.SPCSO1.tOpOk[OR]'), '2026-01-31T00:00:10.000Z');
    assert.deepEqual(client.told, ['operate scheduled', 'operate done']);
  });

  it('ends with a termination of its own in the enhanced models', async () => {
    client.operate('GGIO1.SPCSO3', { operTm: Date.now() + 10_000 });
    client.arrivals();
    await clock.tickAsync(10_000);
    client.core.update([{ reference: 'CTLLD1/GGIO1.SPCSO3', value: true }], Date.now());
    await clock.tickAsync(1);
    assert.equal(client.arrivals()[0]?.arrived, 'termination');
  });

  it('is refused when its time has come by what stands against it then', async () => {
    client.operate('GGIO1.SPCSO3', { operTm: Date.now() + 10_000 });
    client.arrivals();
    client.core.update([{ reference: 'CTLLD1/GGIO1.Beh', value: 'off' }], Date.now());
    await clock.tickAsync(10_000);
    const [end] = client.arrivals();
    assert.ok(end?.arrived === 'termination' && end.explanation?.addCause === 8);
    assert.deepEqual(asked, []);
    assert.deepEqual(client.told, ['operate scheduled', 'operate failed']);
  });

  it('is refused by the owner when its time has come, at once or later', async () => {
    for (const answer of [{ addCause: 10 }, Promise.resolve({ addCause: 10 })]) {
      client.core.decideControls(() => answer);
      client.operate('GGIO1.SPCSO3', { operTm: Date.now() + 100 });
      client.arrivals();
      await clock.tickAsync(101);
      const [end] = client.arrivals();
      assert.ok(end?.arrived === 'termination' && end.explanation?.addCause === 10);
    }
  });

  it('can be cancelled, which ends it with Abortion-by-cancel', async () => {
    client.operate('GGIO1.SPCSO3', { operTm: Date.now() + 10_000 });
    const other = client.another();
    assert.equal(other.cancel('GGIO1.SPCSO3'), temporarilyUnavailable);
    assert.equal(other.addCause(), 27);
    assert.equal(client.cancel('GGIO1.SPCSO3'), undefined);
    await clock.tickAsync(1);
    const [answer, end] = client.arrivals();
    assert.equal(answer?.arrived, 'answer');
    assert.ok(end?.arrived === 'termination' && end.explanation?.addCause === 15);
    await clock.tickAsync(20_000);
    assert.deepEqual(asked, []);
    assert.equal(client.operate('GGIO1.SPCSO3'), undefined);
  });

  it('does not happen when its client is gone', async () => {
    client.operate('GGIO1.SPCSO1', { operTm: Date.now() + 10_000 });
    client.connection.disconnected(0);
    await clock.tickAsync(20_000);
    assert.deepEqual(asked, []);
    assert.equal(client.controlled.at(-1)?.addCause?.name, 'Abortion-by-communication-loss');
  });

  it('keeps the object until its time', () => {
    client.operate('GGIO1.SPCSO1', { operTm: Date.now() + 10_000 });
    assert.equal(client.operate('GGIO1.SPCSO1', { ctlVal: off }), temporarilyUnavailable);
    assert.equal(client.addCause(), 12);
  });

  it('of the past, or of a day that is too far ahead, is refused', () => {
    assert.equal(client.operate('GGIO1.SPCSO1', { operTm: Date.now() - 1 }), objectAccessDenied);
    const [explained] = client.arrivals();
    assert.ok(explained?.arrived === 'explanation');
    assert.deepEqual([explained.explanation.addCause, explained.explanation.error], [16, 2]);
    assert.equal(client.operate('GGIO1.SPCSO1', { operTm: Date.now() + 25 * 3_600_000 }), objectAccessDenied);
    assert.equal(client.addCause(), 1);
  });

  it('can be selected before, and keeps the selection until its time', async () => {
    const operTm = Date.now() + 60_000;
    assert.equal(client.selectWithValue('GGIO1.SPCSO4', { operTm }), undefined);
    assert.equal(client.operate('GGIO1.SPCSO4', { operTm }), undefined);
    await clock.tickAsync(59_000);
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), true);
    await clock.tickAsync(1001);
    client.core.update([{ reference: 'CTLLD1/GGIO1.SPCSO4', value: true }], Date.now());
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), false);
  });
});

describe('the output of a command', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  /** opRcvd and opOk as they changed, with the ms since the command. */
  let seen: string[];
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
    client.core.decideControls(() => ({ accept: true }));
    seen = [];
  });
  afterEach(() => closeServer(client, clock));

  const watch = async (object: string, until: number): Promise<void> => {
    const start = Date.now();
    let before = '';
    for (let ms = 0; ms <= until; ms += 10) {
      const now = ['opRcvd', 'opOk'].filter((name) => client.shown(`${object}.${name}[OR]`)).join('+');
      if (now !== before) seen.push(`${Date.now() - start} ${now}`.trim());
      before = now;
      await clock.tickAsync(10);
    }
  };

  it('is on until the command has ended', async () => {
    client.operate('GGIO1.SPCSO3');
    await watch('GGIO1.SPCSO3', 100);
    client.core.update([{ reference: 'CTLLD1/GGIO1.SPCSO3', value: true }], Date.now());
    assert.deepEqual(seen, ['0 opRcvd+opOk']);
    assert.equal(client.shown('GGIO1.SPCSO3.opOk[OR]'), false);
    assert.equal(client.shown('GGIO1.SPCSO3.opRcvd[OR]'), false);
  });

  it('pulses as it is configured: how often, how long, how far apart', async () => {
    client.operate('GGIO1.SPCSO6');
    await watch('GGIO1.SPCSO6', 600);
    assert.deepEqual(seen, [
      '0 opRcvd+opOk',
      '100 opRcvd',
      '150 opRcvd+opOk',
      '250 opRcvd',
      '300 opRcvd+opOk',
      '400 opRcvd',
    ]);
  });

  it('stops pulsing when the command fails', async () => {
    client.operate('GGIO1.SPCSO6');
    await clock.tickAsync(20);
    client.cancel('GGIO1.SPCSO6');
    await clock.tickAsync(1);
    assert.equal(client.shown('GGIO1.SPCSO6.opOk[OR]'), false);
    await watch('GGIO1.SPCSO6', 600);
    assert.deepEqual(seen, []);
  });

  it('stays off when the command is refused, which was received', () => {
    const events: unknown[] = [];
    client.core.decideControls(() => {
      events.push(client.shown('GGIO1.SPCSO1.opRcvd[OR]'), client.shown('GGIO1.SPCSO1.opOk[OR]'));
      return { addCause: 0 };
    });
    client.operate('GGIO1.SPCSO1');
    assert.deepEqual(events, [true, false]);
    assert.equal(client.shown('GGIO1.SPCSO1.opRcvd[OR]'), false);
  });
});
