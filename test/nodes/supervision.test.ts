import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Supervision } from '../../nodes/shared/supervision.js';
import { ServerHost } from '../../nodes/shared/server-host.js';
import type { SubscriptionState } from '../../src/gateway/process-bus/index.js';
import { IedServer } from '../../src/server/ied-server.js';
import { supervisingIed } from './support/supervising-ied.js';

const BLOCK = 'BAY1CTRL/LLN0$GO$gcbPositions';
const LIVE: SubscriptionState = {
  controlBlock: BLOCK,
  live: true,
  simulated: false,
  needsCommissioning: false,
  confRev: 1,
  receivedConfRev: 1,
  stNum: 7,
};
const QUIET = { log: () => undefined, warn: () => undefined, error: () => undefined };

describe('supervision of subscriptions by an iec61850-server', () => {
  let server: IedServer;
  let host: ServerHost;
  let supervision: Supervision;
  let clock: sinon.SinonFakeTimers | undefined;
  const simulation: boolean[] = [];
  const failures: Error[] = [];

  const shows = (reference: string): unknown => server.read(`SUPERLD0/${reference}.stVal[ST]`).value;
  const start = async (lnClass: 'LGOS' | 'LSVS' = 'LGOS', scl = supervisingIed()): Promise<void> => {
    server = await IedServer.fromScl(Buffer.from(scl), { port: 0, host: '127.0.0.1' });
    host = new ServerHost(() => Promise.resolve(server), QUIET);
    supervision = new Supervision(host, lnClass, {
      simulation: (allowed) => simulation.push(allowed),
      failed: (error) => failures.push(error),
    });
    // The host tells those who wait for its server in the order in which they came.
    const lease = host.acquire(() => undefined);
    await lease.server();
    lease.release();
  };

  beforeEach(() => {
    simulation.length = 0;
    failures.length = 0;
  });
  afterEach(async () => {
    clock?.restore();
    clock = undefined;
    supervision.close();
    await host.close();
  });

  it('shows state, confRev and numbers in the LGOS whose GoCBRef names the control block, and in no other', async () => {
    await start();
    supervision.tell(LIVE);
    assert.deepEqual(supervision.shownBy(BLOCK), ['SUPERLD0/LGOS1']);
    assert.equal(shows('LGOS1.St'), true);
    assert.equal(shows('LGOS1.NdsCom'), false);
    assert.equal(shows('LGOS1.LastStNum'), 7);
    assert.equal(shows('LGOS1.RxConfRevNum'), 1);
    assert.equal(server.read('SUPERLD0/LGOS1.St[ST]').quality?.validity, 'good');
    assert.equal(server.read('SUPERLD0/LGOS2.St[ST]').quality?.validity, 'invalid');
    assert.deepEqual(failures, []);
  });

  it('shows a change of state at once, and counts that run now and then', async () => {
    await start();
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    supervision.tell(LIVE);
    supervision.tell({ ...LIVE, stNum: 8 });
    supervision.tell({ ...LIVE, stNum: 9 });
    assert.equal(shows('LGOS1.LastStNum'), 7);
    clock.tick(100);
    assert.equal(shows('LGOS1.LastStNum'), 9);
    supervision.tell({ ...LIVE, stNum: 10, live: false, needsCommissioning: true });
    assert.deepEqual([shows('LGOS1.St'), shows('LGOS1.NdsCom'), shows('LGOS1.LastStNum')], [false, true, 10]);
  });

  it('takes what was told before the server was open', async () => {
    host = new ServerHost(() => Promise.resolve(server), QUIET);
    server = await IedServer.fromScl(Buffer.from(supervisingIed()), { port: 0, host: '127.0.0.1' });
    supervision = new Supervision(host, 'LGOS', { simulation: () => undefined, failed: () => undefined });
    supervision.tell(LIVE);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(shows('LGOS1.St'), true);
  });

  it('makes its values invalid when it ends', async () => {
    await start();
    supervision.tell(LIVE);
    supervision.close();
    const { value, quality } = server.read('SUPERLD0/LGOS1.St[ST]');
    assert.equal(value, true);
    assert.equal(quality?.validity, 'invalid');
  });

  it('follows LPHD.Sim, whoever sets it', async () => {
    await start();
    assert.deepEqual(simulation, [false]);
    server.update([{ reference: 'SUPERLD0/LPHD1.Sim.stVal[ST]', value: true }]);
    server.update([{ reference: 'SUPERLD0/LPHD1.Sim.stVal[ST]', value: true }]);
    server.update([{ reference: 'SUPERLD0/LPHD1.Sim.stVal[ST]', value: false }]);
    assert.deepEqual(simulation, [false, true, false]);
  });

  it('follows a GoCBRef that is set while it runs', async () => {
    await start();
    server.update([{ reference: 'SUPERLD0/LGOS2.GoCBRef.setSrcRef[SP]', value: BLOCK }]);
    supervision.tell(LIVE);
    assert.equal(shows('LGOS2.St'), true);
  });

  it('serves sampled values in LSVS alike', async () => {
    await start('LSVS');
    supervision.tell({ ...LIVE, controlBlock: 'MU01/LLN0.msvcb1', smpSynch: 2 });
    assert.deepEqual([shows('LSVS1.St'), shows('LSVS1.SmpSynch')], [true, 2]);
    assert.equal(server.read('SUPERLD0/LGOS1.St[ST]').quality?.validity, 'invalid');
  });

  it('tells once of a number that its data object cannot hold', async () => {
    await start();
    supervision.tell({ ...LIVE, stNum: 4_000_000_000 });
    supervision.tell({ ...LIVE, stNum: 4_000_000_001, live: false });
    assert.equal(failures.length, 1);
    assert.equal(shows('LGOS1.St'), false);
  });
});
