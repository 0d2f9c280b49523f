import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import type { ControlAnswer, ControlCommand } from '../../src/server/control/control-handler.js';
import { AccessError } from '../../src/server/selection.js';
import { closeServer, ControlClient, off, on, stoppedClock } from './control-fixture.js';
import { nameOf } from './loopback.js';

const { objectAccessDenied } = AccessError;

/** An owner that decides when the test says so. */
class SlowOwner {
  readonly asked: ControlCommand[] = [];
  private readonly answers: ((answer: ControlAnswer) => void)[] = [];

  constructor({ core }: ControlClient) {
    core.decideControls((command) => {
      this.asked.push(command);
      return new Promise((resolve) => this.answers.push(resolve));
    });
  }

  answer(answer: ControlAnswer): void {
    this.answers.shift()?.(answer);
  }
}

describe('the owner of a server that is commanded', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
  });
  afterEach(async () => {
    await closeServer(client, clock);
    assert.deepEqual(client.failures, []);
  });

  /** Writes without an answer at once; gives the result when it has come. */
  const send = (from: ControlClient, object: string, service: 'Oper' | 'SBOw' | 'Cancel'): (() => Promise<unknown>) => {
    const place = `CTLLD1/${object.replace('.', '$CO$')}$${service}`;
    const result: { value?: unknown } = {};
    void from
      .later({
        service: 'write',
        access: { list: [{ name: nameOf(place) }] },
        data: [from.structure(object, service, {})],
      })
      .then(({ results }) => {
        result.value = results[0]?.success ? 'taken' : results[0]?.error;
      });
    return async () => {
      await clock.tickAsync(0);
      from.settle();
      await clock.tickAsync(0);
      return result.value;
    };
  };

  it('is asked for nothing when there is none: commands are refused', () => {
    assert.equal(client.operate('GGIO1.SPCSO1'), objectAccessDenied);
    assert.equal(client.addCause(), 1);
    assert.equal(client.select('GGIO1.SPCSO2'), '');
    assert.equal(client.selectWithValue('GGIO1.SPCSO4'), objectAccessDenied);
    assert.equal(client.shown('GGIO1.SPCSO1[ST]'), false);
  });

  it('may take its time, and meanwhile the object takes no other command', async () => {
    const owner = new SlowOwner(client);
    const other = client.another();
    const result = send(client, 'GGIO1.SPCSO1', 'Oper');
    await clock.tickAsync(1500);
    assert.equal(await result(), undefined);
    assert.equal(other.operate('GGIO1.SPCSO1'), AccessError.temporarilyUnavailable);
    assert.equal(other.addCause(), 12);
    owner.answer({ accept: true });
    assert.equal(await result(), 'taken');
    assert.equal(owner.asked.length, 1);
  });

  it('does not answer in time: refused, and a late answer changes nothing', async () => {
    const owner = new SlowOwner(client);
    const result = send(client, 'GGIO1.SPCSO3', 'Oper');
    await clock.tickAsync(1999);
    assert.equal(await result(), undefined);
    await clock.tickAsync(1);
    assert.equal(await result(), objectAccessDenied);
    assert.equal(client.addCause(), 16);
    owner.answer({ accept: true, completion: Promise.reject(new Error('late')) });
    await clock.tickAsync(10_000);
    assert.deepEqual(client.told, ['operate refused']);
    assert.match(client.controlled[0]?.reason ?? '', /2000 ms/);
    assert.equal(client.shown('GGIO1.SPCSO3.opOk[OR]'), false);
  });

  it('is given another time limit by option', async () => {
    const quick = ControlClient.connect({ controlTimeout: 100 });
    new SlowOwner(quick);
    const result = send(quick, 'GGIO1.SPCSO1', 'Oper');
    await clock.tickAsync(100);
    assert.equal(await result(), objectAccessDenied);
    await quick.core.stop();
  });

  for (const [what, answer] of [
    ['nothing', undefined],
    ['true', true],
    ['accept: false', { accept: false }],
    ['an AddCause that no edition has', { addCause: 'Blocked-by-weather' }],
    ['a number beyond all', { addCause: 4711 }],
  ] as const) {
    it(`that answers ${what} refuses`, () => {
      client.core.decideControls(() => answer as unknown as ControlAnswer);
      assert.equal(client.operate('GGIO1.SPCSO1'), objectAccessDenied);
      assert.equal(client.addCause(), 0);
    });
  }

  it('that throws or rejects refuses, and is told of it', async () => {
    client.core.decideControls(() => {
      throw new Error('broken');
    });
    assert.equal(client.operate('GGIO1.SPCSO1'), objectAccessDenied);
    client.core.decideControls(() => Promise.reject(new Error('broken')));
    const result = send(client, 'GGIO1.SPCSO1', 'Oper');
    assert.equal(await result(), objectAccessDenied);
    assert.equal(client.events.filter(([name]) => name === 'error').length, 2);
  });

  it('refuses by names and numbers of AddCauses', () => {
    for (const [given, code] of [
      ['Blocked-by-process', 9],
      ['blocked by health', 13],
      ['1-of-n-control', 14],
      [5, 5],
    ] as const) {
      client.core.decideControls(() => ({ addCause: given }));
      assert.equal(client.operate('GGIO1.SPCSO1'), objectAccessDenied);
      assert.equal(client.addCause(), code);
    }
  });

  it('decides on a selection: two clients at once, one gets it', async () => {
    const owner = new SlowOwner(client);
    const other = client.another();
    const result = send(client, 'GGIO1.SPCSO4', 'SBOw');
    await clock.tickAsync(10);
    assert.equal(other.selectWithValue('GGIO1.SPCSO4'), AccessError.temporarilyUnavailable);
    owner.answer({ accept: true });
    assert.equal(await result(), 'taken');
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), true);
  });

  it('decides on a selection whose client is gone meanwhile: the object is free', async () => {
    const owner = new SlowOwner(client);
    send(client, 'GGIO1.SPCSO4', 'SBOw');
    await clock.tickAsync(10);
    client.connection.disconnected(0);
    owner.answer({ accept: true });
    await clock.tickAsync(1);
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), false);
    client.core.decideControls(() => ({ accept: true }));
    assert.equal(client.another().selectWithValue('GGIO1.SPCSO4'), undefined);
  });

  it('decides on an operate whose client is gone meanwhile: it is done, and told', async () => {
    const owner = new SlowOwner(client);
    send(client, 'GGIO1.SPCSO1', 'Oper');
    await clock.tickAsync(10);
    client.connection.disconnected(0);
    owner.answer({ accept: true });
    await clock.tickAsync(1);
    assert.deepEqual(client.told, ['operate accepted']);
    assert.equal(client.shown('GGIO1.SPCSO1.ctlNum[ST]'), 1);
  });

  it('is asked before a running command is cancelled', async () => {
    const asked: string[] = [];
    let allow = false;
    client.core.decideControls(({ kind }) => {
      asked.push(kind);
      return kind === 'cancel' && !allow ? { addCause: 'Blocked-by-process' } : { accept: true };
    });
    client.operate('GGIO1.SPCSO3');
    assert.equal(client.cancel('GGIO1.SPCSO3'), objectAccessDenied);
    assert.equal(client.addCause(), 9);
    allow = true;
    assert.equal(client.cancel('GGIO1.SPCSO3'), undefined);
    await clock.tickAsync(1);
    const [answer, end] = client.arrivals();
    assert.equal(answer?.arrived, 'answer');
    assert.ok(end?.arrived === 'termination' && end.explanation?.addCause === 15);
    assert.deepEqual(asked, ['operate', 'cancel', 'cancel']);
    assert.equal(client.operate('GGIO1.SPCSO3'), undefined);
  });

  it('closes the server while it decides: nothing hangs', async () => {
    new SlowOwner(client);
    send(client, 'GGIO1.SPCSO1', 'Oper');
    send(client, 'GGIO1.SPCSO4', 'SBOw');
    await clock.tickAsync(10);
  });

  it('writes to several objects in one request are commands of their own', () => {
    client.core.decideControls(({ reference }) =>
      reference.endsWith('SPCSO1') ? { accept: true } : { addCause: 'Blocked-by-process' },
    );
    const { results } = client.request({
      service: 'write',
      access: {
        list: ['SPCSO1', 'SPCSO3'].map((name) => ({ name: nameOf(`CTLLD1/GGIO1$CO$${name}$Oper`) })),
      },
      data: [
        client.structure('GGIO1.SPCSO1', 'Oper', { ctlVal: on }),
        client.structure('GGIO1.SPCSO3', 'Oper', { ctlVal: off }),
      ],
    });
    assert.deepEqual(
      results.map(({ success }) => success),
      [true, false],
    );
  });
});
