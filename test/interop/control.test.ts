/** Our controls against foreign servers: all models, both ends of an enhanced command, cancel, time-outs, blocked. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Controls, IedSession, substitute, type ControlOutcome, type ControlRequest } from '../../src/index.js';
import { freePort, needPeer, Peer, ROOT, spawnPeer, startPeerServer } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints } from './tshark.js';

const BAY = path.join(ROOT, 'examples', 'scl', 'bay.cid');
const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'control.cfg');
const PYTHON = path.join(ROOT, '.peers', 'python', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** What the foreign server's handlers saw. */
interface Seen {
  reference: string;
  handler: 'check' | 'operate' | 'selected' | 'unselected';
  select: boolean;
  value: unknown;
  orCat: number;
  orIdent: string;
  ctlNum: number;
  operTm: number;
  interlockCheck: boolean;
  synchroCheck: boolean;
  test: boolean;
}

interface Behaviour {
  /** -1 accepts, else a DataAccessError. */
  check?: number;
  operate?: 'ok' | 'fail';
  addCause?: number;
  delay?: number;
  follow?: boolean;
}

const GGIO = 'CTLCTRL/GGIO1.';
const MODELS = [
  ['direct with normal security', `${GGIO}SPCSO1`, 'direct-with-normal-security'],
  ['SBO with normal security', `${GGIO}SPCSO2`, 'sbo-with-normal-security'],
  ['direct with enhanced security', `${GGIO}SPCSO3`, 'direct-with-enhanced-security'],
  ['SBO with enhanced security', `${GGIO}SPCSO4`, 'sbo-with-enhanced-security'],
] as const;
const ENHANCED = MODELS.slice(2);

const startServer = (): Promise<Peer> => startDriver('libiec61850_control_server.py', '--model', MODEL);

async function startDriver(...args: string[]): Promise<Peer> {
  const port = await freePort();
  const peer = new Peer(spawnPeer(PYTHON, [...args, '--port', String(port)]), port);
  await peer.ready;
  return peer;
}

async function connect(port: number): Promise<IedSession> {
  const session = new IedSession({ name: 'CTL', endpoints: [{ host: '127.0.0.1', port }], timeout: 5000 });
  const online = new Promise<void>((resolve) => {
    session.on('state', ({ state }) => {
      if (state === 'online') resolve();
    });
  });
  session.start();
  await online;
  return session;
}

describe('control of libiec61850 (cCtl)', function () {
  this.timeout(20_000);
  let peer: Peer;
  let session: IedSession;

  before(async function () {
    needPeer(this, 'libiec61850');
    peer = await startServer();
    session = await connect(peer.port);
  });
  after(async () => {
    await session?.close();
    await peer?.stop();
  });
  afterEach(async () => {
    await seen();
  });

  const command = (request: ControlRequest): Promise<ControlOutcome> => Controls.of(session).command(request);
  const behave = (reference: string, behaviour: Behaviour): Promise<void> =>
    peer.call('behave', { reference, behaviour });
  const seen = (): Promise<Seen[]> => peer.call('log');

  for (const [name, reference, model] of MODELS) {
    describe(name, () => {
      beforeEach(() => behave(reference, {}));

      it('operates, and the status value follows', async () => {
        for (const value of [true, false]) {
          const outcome = await command({ reference, value, feedback: { timeout: 2000 } });
          assert.equal(outcome.outcome, 'done', JSON.stringify(outcome.error));
          assert.equal(outcome.model, model);
          assert.equal(outcome.feedback?.followed, true);
          assert.equal(await peer.call('get', { reference: `${reference}.stVal` }), value);
        }
      });

      it('brings origin, number, Test and Check to the server', async () => {
        const outcome = await command({
          reference,
          value: 'on',
          origin: { category: 3, identifier: 'desk' },
          interlockCheck: true,
          synchroCheck: true,
          test: true,
        });
        const operated = (await seen()).find(({ handler }) => handler === 'operate');
        assert.ok(operated);
        assert.equal(operated.value, true);
        assert.equal(operated.orCat, 3);
        assert.equal(Buffer.from(operated.orIdent, 'hex').toString(), 'desk');
        assert.equal(operated.ctlNum, outcome.ctlNum);
        assert.equal(operated.interlockCheck, true);
        assert.equal(operated.synchroCheck, true);
        assert.equal(operated.test, true);
      });

      it('is refused by a blocked object, with the cause where the server gives one', async () => {
        await behave(reference, { check: 3, addCause: 10 });
        const outcome = await command({ reference, value: true });
        assert.equal(outcome.outcome, 'refused');
        assert.equal(
          (await seen()).some(({ handler }) => handler === 'operate'),
          false,
        );
        // A select by reading SBO carries no cause in libiec61850.
        if (model === 'sbo-with-normal-security') assert.equal(outcome.step, 'select');
        else assert.equal(outcome.addCause?.name, 'Blocked-by-interlocking');
      });
    });
  }

  for (const [name, reference] of ENHANCED) {
    it(`${name}: positive termination after a while`, async () => {
      await behave(reference, { delay: 300 });
      const outcome = await command({ reference, value: true });
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.terminated, true);
      assert.ok(outcome.ms >= 250);
    });

    it(`${name}: negative termination with its cause`, async () => {
      await behave(reference, { operate: 'fail', addCause: 2, delay: 100 });
      const outcome = await command({ reference, value: true });
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.step, 'termination');
      assert.equal(outcome.addCause?.name, 'Blocked-by-switching-hierarchy');
      assert.match(outcome.error?.message ?? '', /the bay is in local/);
    });

    it(`${name}: no termination within the time limit is unknown`, async () => {
      await behave(reference, { delay: 1500 });
      const outcome = await command({ reference, value: true, terminationTimeout: 200 });
      assert.equal(outcome.outcome, 'unknown');
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_NO_TERMINATION');
      // Its late end is not that of the next command.
      await behave(reference, {});
      await new Promise((resolve) => setTimeout(resolve, 1700));
      assert.equal((await command({ reference, value: false })).outcome, 'done');
    });
  }

  it('a selection can be cancelled, and another client sees the object free again', async () => {
    const reference = `${GGIO}SPCSO4`;
    await behave(reference, {});
    const other = await connect(peer.port);
    try {
      assert.equal((await command({ reference, action: 'select', value: true })).outcome, 'done');
      const refused = await Controls.of(other).command({ reference, value: true });
      assert.equal(refused.outcome, 'refused');
      assert.equal(refused.step, 'select');
      assert.ok(refused.addCause, JSON.stringify(refused.error));
      assert.equal((await command({ reference, action: 'cancel' })).outcome, 'done');
      assert.equal((await Controls.of(other).command({ reference, value: true })).outcome, 'done');
    } finally {
      await other.close();
    }
  });

  it('SBO time-out: the server gives the selection back, and we do not operate it any more', async () => {
    const reference = `${GGIO}SPCSO6`;
    const selected = await command({ reference, action: 'select' });
    assert.ok(selected.selectedUntil);
    while (!(await seen()).some(({ handler }) => handler === 'unselected'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    const outcome = await command({ reference, value: true, select: 'required' });
    assert.equal(outcome.error?.code, 'IEC61850_CONTROL_SELECTION_EXPIRED');
    assert.equal((await command({ reference, value: true })).outcome, 'done');
  });

  it('a status-only object is refused before anything is sent', async () => {
    const outcome = await command({ reference: `${GGIO}SPCSO5`, value: true });
    assert.equal(outcome.error?.code, 'IEC61850_CONTROL_STATUS_ONLY');
    assert.equal(outcome.sent, false);
  });

  it('a time-activated operate is executed at its time', async () => {
    const at = Date.now() + 700;
    const outcome = await command({ reference: `${GGIO}SPCSO8`, value: true, operateAt: at });
    assert.equal(outcome.outcome, 'done', JSON.stringify(outcome.error));
    assert.equal(outcome.terminated, true);
    assert.ok(Date.now() >= at);
    const operated = (await seen()).find(({ handler }) => handler === 'operate');
    assert.equal(operated?.operTm, at);
  });

  it('a time-activated operate can be cancelled', async () => {
    const reference = `${GGIO}SPCSO8`;
    const operate = command({ reference, value: true, operateAt: Date.now() + 60_000 });
    while ((await seen()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const cancel = await command({ reference, action: 'cancel' });
    assert.equal(cancel.outcome, 'done', JSON.stringify(cancel.error));
    assert.equal((await operate).outcome, 'refused');
  });

  const classes: [cdc: string, reference: string, value: unknown, status: string, result: unknown][] = [
    ['DPC', 'CTLCTRL/CSWI1.Pos', 'close', 'stVal', { bits: '10' }],
    ['DPC', 'CTLCTRL/CSWI2.Pos', 'close', 'stVal', { bits: '10' }],
    ['INC', `${GGIO}ISCSO1`, 42, 'stVal', 42],
    ['ENC', 'CTLCTRL/LLN0.Mod', 'test', 'stVal', 3],
    ['BSC', 'CTLCTRL/ATCC1.TapChg', 'raise', 'valWTr.posVal', 1],
    ['ISC', 'CTLCTRL/ATCC1.TapPos', 7, 'valWTr.posVal', 7],
    ['APC', `${GGIO}AnOut1`, 12.5, 'mxVal.f', 12.5],
    ['BAC', 'CTLCTRL/AVCO1.VolSpt', 'lower', 'mxVal.f', -1],
  ];
  for (const [cdc, reference, value, status, result] of classes) {
    it(`${cdc} ${reference}: ${String(value)}`, async () => {
      const outcome = await command({ reference, value, feedback: { timeout: 2000 } });
      assert.equal(outcome.outcome, 'done', JSON.stringify(outcome.error));
      assert.equal(outcome.cdc, cdc);
      assert.deepEqual(await peer.call('get', { reference: `${reference}.${status}` }), result);
    });
  }

  it('a value outside of minVal and maxVal is refused before anything is sent', async () => {
    const outcome = await command({ reference: `${GGIO}AnOut1`, value: 60.5 });
    assert.match(outcome.error?.message ?? '', /0 to 60/);
    assert.equal(outcome.sent, false);
  });

  it('the server dies while a command is under way: unknown', async () => {
    const dying = await startServer();
    const short = await connect(dying.port);
    try {
      const reference = `${GGIO}SPCSO3`;
      await dying.call('behave', { reference, behaviour: { delay: 5000 } });
      const operate = Controls.of(short).command({ reference, value: true });
      while (!(await dying.call<Seen[]>('log')).some(({ handler }) => handler === 'operate'))
        await new Promise((resolve) => setTimeout(resolve, 10));
      await dying.kill();
      const outcome = await operate;
      assert.equal(outcome.outcome, 'unknown');
      assert.equal(outcome.sent, true);
    } finally {
      await short.close();
      await dying.stop();
    }
  });
});

describe('writing to libiec61850 (cSub, SetDataValues)', function () {
  this.timeout(20_000);
  let peer: Peer;
  let session: IedSession;
  const get = (reference: string): Promise<unknown> => peer.call('get', { reference });

  before(async function () {
    needPeer(this, 'libiec61850');
    peer = await startServer();
    session = await connect(peer.port);
  });
  after(async () => {
    await session?.close();
    await peer?.stop();
  });

  const values: [reference: string, value: string | number | boolean, fc: string][] = [
    ['CTLCTRL/PTOC1.StrVal.setMag.f', 2.5, 'SP'],
    ['CTLCTRL/MMXU1.TotW.db', 500, 'CF'],
    ['CTLCTRL/GGIO1.Ind1.d', 'gate', 'DC'],
    ['CTLCTRL/GGIO1.Ind1.subID', 'me', 'SV'],
  ];
  for (const [reference, value, fc] of values) {
    it(`${fc}: ${reference}`, async () => {
      await session.write(`${reference}[${fc}]`, value);
      assert.deepEqual(await get(reference), value);
    });
  }

  it('substitutes a single point, a position and a measured value, and ends it', async () => {
    const all = [
      ['CTLCTRL/GGIO1.Ind1', true, 'subVal', true],
      ['CTLCTRL/XCBR1.Pos', 'open', 'subVal', { bits: '01' }],
      ['CTLCTRL/MMXU1.TotW', 42.5, 'subMag.f', 42.5],
    ] as const;
    for (const [reference, value, member, result] of all) {
      await substitute(session, reference, { value, id: 'desk', quality: { validity: 'questionable' } });
      assert.deepEqual(await get(`${reference}.${member}`), result);
      assert.deepEqual(await get(`${reference}.subQ`), { bits: '1100000000100' });
      assert.equal(await get(`${reference}.subID`), 'desk');
      assert.equal(await get(`${reference}.subEna`), true);
      await substitute(session, reference, {});
      assert.equal(await get(`${reference}.subEna`), false);
    }
  });

  it('refuses to substitute what has no substitution, before anything is written', async () => {
    await assert.rejects(substitute(session, 'CTLCTRL/PTOC1.StrVal', { value: 1 }), /subEna/);
    await assert.rejects(substitute(session, 'CTLCTRL/XCBR1.Pos', { value: 'ajar' }), { code: 'IEC61850_ARGUMENT' });
    assert.equal(await get('CTLCTRL/XCBR1.Pos.subEna'), false);
  });

  // libiec61850 takes no write to BL, whatever its policy is told.
  for (const [reference, value] of [
    ['CTLCTRL/XCBR1.Pos.stVal[ST]', 1],
    ['CTLCTRL/GGIO1.Ind1.blkEna[BL]', true],
  ] as const) {
    it(`${reference} is refused by name`, async () => {
      await assert.rejects(session.write(reference, value), {
        code: 'IEC61850_ACCESS_DENIED',
        message: /object-access/,
      });
    });
  }
});

describe('control of the Rust stack (cCtl)', function () {
  this.timeout(20_000);
  let peer: Peer;
  let session: IedSession;

  before(async function () {
    needPeer(this, 'rust');
    peer = await startDriver('rust_control_server.py', '--model', BAY, '--ied', 'BAY1');
    session = await connect(peer.port);
  });
  after(async () => {
    await session?.close();
    await peer?.stop();
  });

  // It shows status-only for ctlModel, which it does not take from the SCL file: the model is forced.
  const objects = MODELS.map(([name, , model], i) => [name, `CTRL/GGIO1.SPCSO${i + 1}`, model] as const);
  for (const [name, object, model] of objects) {
    const reference = `BAY1${object}`;
    const command = (request: Partial<ControlRequest> = {}): Promise<ControlOutcome> =>
      Controls.of(session).command({ reference, value: true, model, ...request });

    it(`${name}: operates`, async () => {
      await peer.call('behave', { reference: object, behaviour: {} });
      await peer.call('log');
      const outcome = await command({ interlockCheck: true });
      assert.equal(outcome.outcome, 'done', JSON.stringify(outcome.error));
      assert.equal(outcome.terminated, name.includes('enhanced') ? true : undefined);
      const seen = await peer.call<Seen[]>('log');
      const operated = seen.find(({ handler }) => handler === 'operate');
      assert.equal(operated?.value, true);
      assert.equal(operated?.interlockCheck, true);
      assert.equal(operated?.ctlNum, outcome.ctlNum);
    });

    it(`${name}: a refusal, with its cause where the server gives one`, async () => {
      await peer.call('behave', { reference: object, behaviour: { operate: 'BlockedBySwitchingHierarchy' } });
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      // With normal security it sends no LastApplError.
      if (name.includes('enhanced'))
        assert.equal(outcome.error?.code, 'IEC61850_CONTROL_BLOCKED_BY_SWITCHING_HIERARCHY');
      else assert.equal(outcome.error?.code, 'IEC61850_ACCESS_DENIED');
    });
  }

  it('select and cancel', async () => {
    const reference = 'BAY1CTRL/GGIO1.SPCSO4';
    const model = 'sbo-with-enhanced-security';
    const controls = Controls.of(session);
    await peer.call('behave', { reference: 'CTRL/GGIO1.SPCSO4', behaviour: {} });
    assert.equal((await controls.command({ reference, model, value: true, action: 'select' })).outcome, 'done');
    assert.equal((await controls.command({ reference, model, action: 'cancel' })).outcome, 'done');
  });
});

describe('control of openiec61850 (cCtl)', function () {
  this.timeout(30_000);

  before(function () {
    needPeer(this, 'java');
  });

  it('has no controls in its server: each is refused, and the session goes on', async () => {
    const peer = await startPeerServer('java', { model: BAY });
    try {
      const session = await connect(peer.port);
      for (const [i, [, , model]] of MODELS.entries()) {
        const reference = `BAY1CTRL/GGIO1.SPCSO${i + 1}`;
        const outcome = await Controls.of(session).command({ reference, value: true, model });
        assert.equal(outcome.outcome, 'refused');
        assert.match(outcome.error?.code ?? '', /ACCESS_(UNSUPPORTED|DENIED)$/);
      }
      assert.equal(session.state, 'online');
      await session.close();
    } finally {
      await peer.stop();
    }
  });
});

describe('controls and substitution as tshark dissects them', function () {
  this.timeout(60_000);

  before(function () {
    needPeer(this, 'libiec61850');
    needPeer(this, 'tshark');
  });

  it('have no malformed packet', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-control-'));
    const file = path.join(folder, 'control.pcapng');
    const peer = await startServer();
    const recorder = new Recorder();
    try {
      const session = await connect(await recorder.listen(peer.port));
      const controls = Controls.of(session);
      for (const [, reference] of MODELS) await controls.command({ reference, value: true });
      for (const [, reference] of MODELS) {
        await peer.call('behave', { reference, behaviour: { check: 3, addCause: 10 } });
        await controls.command({ reference, value: false });
      }
      await peer.call('behave', { reference: `${GGIO}SPCSO4`, behaviour: { operate: 'fail', addCause: 16 } });
      const failed = await controls.command({ reference: `${GGIO}SPCSO4`, value: false });
      assert.equal(failed.step, 'termination');
      await controls.command({ reference: `${GGIO}SPCSO6`, action: 'select' });
      await controls.command({ reference: `${GGIO}SPCSO6`, action: 'cancel' });
      await controls.command({ reference: `${GGIO}SPCSO7`, value: true, operateAt: Date.now() + 60_000 });
      await substitute(session, 'CTLCTRL/MMXU1.TotW', { value: 1.5 });
      await session.close();
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
    } finally {
      await recorder.close();
      await peer.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
