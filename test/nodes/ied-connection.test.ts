import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import sinon from 'sinon';
import { ConnectionError } from '../../src/errors.js';
import type { IedSession } from '../../src/client/index.js';
import { IedConnection } from '../../nodes/shared/ied-connection.js';

class FakeSession extends EventEmitter {
  state = 'idle';
  readonly start = sinon.spy();
  readonly close = sinon.stub().resolves();

  enter(state: string, more: object = {}): void {
    this.state = state;
    this.emit('state', { state, ...more });
  }
}

describe('the session that the nodes of an IED share', () => {
  let sessions: FakeSession[];
  let log: { log: sinon.SinonSpy; warn: sinon.SinonSpy };
  let connection: IedConnection;
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    sessions = [];
    log = { log: sinon.spy(), warn: sinon.spy() };
    connection = new IedConnection(() => {
      const session = new FakeSession();
      sessions.push(session);
      return session as unknown as IedSession;
    }, log);
  });
  afterEach(() => clock.restore());

  it('is made and started for the first of them only', () => {
    assert.equal(connection.current, undefined);
    const [first, second] = [connection.acquire(), connection.acquire()];
    assert.equal(first.session, second.session);
    assert.equal(sessions.length, 1);
    assert.equal(sessions[0]?.start.callCount, 1);
  });

  it('is closed a moment after the last one let go, and made anew for the next', async () => {
    const [first, second] = [connection.acquire(), connection.acquire()];
    first.release();
    first.release();
    await clock.tickAsync(5000);
    assert.equal(sessions[0]?.close.callCount, 0);
    second.release();
    await clock.tickAsync(5000);
    assert.equal(sessions[0]?.close.callCount, 1);
    connection.acquire();
    assert.equal(sessions.length, 2);
  });

  it('outlives a deploy that closes a node and opens its successor', async () => {
    connection.acquire().release();
    await clock.tickAsync(100);
    connection.acquire();
    await clock.tickAsync(5000);
    assert.equal(sessions.length, 1);
    assert.equal(sessions[0]?.close.callCount, 0);
  });

  it('ends with its node, and is not made again', async () => {
    const lease = connection.acquire();
    await connection.close();
    assert.equal(sessions[0]?.close.callCount, 1);
    lease.release();
    assert.throws(() => connection.acquire(), /closed/);
    assert.equal(clock.countTimers(), 0);
  });

  it('has one log line for each change of its state, however often it tries', () => {
    connection.acquire();
    const [session] = sessions as [FakeSession];
    const error = new ConnectionError('BAY1: 10.0.0.1:102 refuses the TCP connection');
    session.enter('connecting');
    for (let i = 0; i < 5; i++) {
      session.enter('offline', { error });
      session.enter('connecting');
    }
    session.enter('online', { endpoint: { host: '10.0.0.1', port: 102 }, profile: 'unnamed' });
    session.enter('offline', { error });
    assert.deepEqual(log.warn.args.flat().map(String), [
      'offline: BAY1: 10.0.0.1:102 refuses the TCP connection. Check address, port, cable and firewall.',
      'offline: BAY1: 10.0.0.1:102 refuses the TCP connection. Check address, port, cable and firewall.',
    ]);
    assert.deepEqual(log.log.args.flat(), ['online 10.0.0.1:102, without AP-titles']);
  });

  it('lets a user see what the configuration has wrong, each time', () => {
    const broken = new IedConnection(() => {
      throw new ConnectionError('no address');
    }, log);
    assert.throws(() => broken.acquire(), /no address/);
    assert.throws(() => broken.acquire(), /no address/);
  });
});
