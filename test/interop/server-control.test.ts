/** Foreign clients, and our own, command our server: all models, both ends of an enhanced command, refusals, tshark. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Controls, IedServer, IedSession, type ControlCommand, type ControlOutcome } from '../../src/index.js';
import type { ControlAnswer, Controlled, IedServerOptions } from '../../src/index.js';
import { controlModel } from '../server/control-fixture.js';
import { needPeer, Peer, ROOT, spawnPeer, startPeerClient } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints } from './tshark.js';

const PYTHON = path.join(ROOT, '.peers', 'python', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** Model, and the object that has it; those of GGIO3 have no operTm. */
const MODELS = [1, 2, 3, 4] as const;
const ENHANCED = [3, 4] as const;

/** A server whose owner does what a test says, and what it heard. */
class Commanded {
  readonly heard: Controlled[] = [];
  readonly asked: ControlCommand[] = [];
  answer: (command: ControlCommand) => ControlAnswer | Promise<ControlAnswer> = () => ({ accept: true });

  private constructor(
    readonly server: IedServer,
    readonly port: number,
  ) {
    server.on('controlled', (event) => this.heard.push(event));
    server.onControl((command) => {
      this.asked.push(command);
      return this.answer(command);
    });
  }

  static async start(options: IedServerOptions = {}): Promise<Commanded> {
    const server = IedServer.fromModel(controlModel(), { port: 0, ...options });
    const { port } = await server.listen();
    return new Commanded(server, port);
  }

  /** The status follows at once. */
  follow(): void {
    this.answer = ({ kind, reference, value }) => {
      if (kind === 'operate') this.server.update([{ reference: `${reference}[ST]`, value }]);
      return { accept: true };
    };
  }

  get told(): string[] {
    return this.heard.splice(0).map(({ kind, result }) => `${kind} ${result}`);
  }
}

async function client(driver: string, port: number): Promise<Peer> {
  const peer = new Peer(spawnPeer(PYTHON, [driver, '--port', String(port)]), port);
  await peer.ready;
  return peer;
}

interface Result {
  ok: boolean;
  addCause: number;
}

describe('libiec61850 commands our server (sCtl)', function () {
  this.timeout(30_000);
  let commanded: Commanded;
  let peer: Peer;

  before(async function () {
    needPeer(this, 'libiec61850');
    commanded = await Commanded.start();
    peer = await client('libiec61850_control_client.py', commanded.port);
  });
  after(async () => {
    await peer?.stop();
    await commanded?.server.close();
  });
  beforeEach(() => {
    commanded.follow();
    commanded.heard.length = 0;
    commanded.asked.length = 0;
  });

  const objectOf = (model: number): string => `CTLLD1/GGIO1.SPCSO${model}`;
  const select = (reference: string, model: number, value: boolean): Promise<Result> =>
    model === 2
      ? peer.call('select', { reference })
      : peer.call('selectWithValue', { reference, kind: 'boolean', value });
  const operate = (reference: string, value: boolean, at = 0): Promise<Result> =>
    peer.call('operate', { reference, kind: 'boolean', value, at });
  const settle = (reference: string, value: boolean): void => {
    commanded.server.update([{ reference: `${reference}[ST]`, value }]);
  };
  const terminated = async (reference: string): Promise<Result> => {
    for (;;) {
      const [termination] = await peer.call<Result[]>('terminations', { reference });
      if (termination) return termination;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  for (const model of MODELS) {
    const reference = objectOf(model);
    describe(`control model ${model}`, () => {
      beforeEach(async () => {
        settle(reference, false);
        await peer.call('set', { reference });
      });

      it('is found, selected where it has to be, and operated', async () => {
        assert.equal(await peer.call('model', { reference }), model);
        if (model % 2 === 0) assert.equal((await select(reference, model, true)).ok, true);
        assert.deepEqual(await operate(reference, true), { ok: true, error: 0, addCause: 0 });
        if (model > 2) assert.equal((await terminated(reference)).ok, true);
        assert.equal(commanded.server.read(`${reference}[ST]`).value, true);
      });

      it('brings origin, checks and number', async () => {
        await peer.call('set', {
          ...{ reference, orCat: 2, orIdent: 'panel', interlockCheck: true, synchroCheck: true },
        });
        if (model % 2 === 0) await select(reference, model, true);
        await operate(reference, true);
        if (model > 2) await terminated(reference);
        const command = commanded.asked.at(-1);
        assert.deepEqual(command?.origin, { category: 2, identifier: 'panel' });
        assert.deepEqual([command.interlockCheck, command.synchroCheck, command.test], [true, true, false]);
        const { server } = commanded;
        assert.equal(server.read(`${reference}.ctlNum[ST]`).value, command.ctlNum);
        assert.equal(server.read(`${reference}.origin.orCat[ST]`).value, 2);
      });

      it('is refused with the AddCause of the owner', async () => {
        if (model % 2 === 0) await select(reference, model, true);
        commanded.answer = () => ({ addCause: 'Blocked-by-interlocking' });
        const result = await operate(reference, true);
        assert.deepEqual([result.ok, result.addCause], [false, 10]);
      });

      it('a test is refused while the mode is on', async () => {
        await peer.call('set', { reference, test: true });
        const result = model === 4 ? await select(reference, model, true) : await operate(reference, true);
        // Where it was not selected, that comes first.
        assert.deepEqual([result.ok, result.addCause], [false, model === 2 ? 18 : 8]);
      });

      if (model % 2 === 0) {
        it('is not operated without a selection, and a selection can be cancelled', async () => {
          assert.deepEqual([(await operate(reference, true)).addCause], [18]);
          assert.equal((await select(reference, model, true)).ok, true);
          assert.equal((await peer.call<Result>('cancel', { reference })).ok, true);
          assert.equal((await operate(reference, true)).addCause, 18);
        });

        it('a selection belongs to one client', async () => {
          const other = await client('libiec61850_control_client.py', commanded.port);
          try {
            assert.equal((await select(reference, model, true)).ok, true);
            const select2 = model === 2 ? 'select' : 'selectWithValue';
            const refused = await other.call<Result>(select2, { reference, kind: 'boolean', value: true });
            assert.equal(refused.ok, false);
            assert.equal(refused.addCause, 27);
          } finally {
            await other.stop();
            await peer.call('cancel', { reference });
          }
        });

        it('a selection is lost with its client', async () => {
          const other = await client('libiec61850_control_client.py', commanded.port);
          const service = model === 2 ? 'select' : 'selectWithValue';
          assert.equal((await other.call<Result>(service, { reference, kind: 'boolean', value: true })).ok, true);
          await other.kill();
          while (commanded.server.read(`${reference}.stSeld[ST]`).value) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          assert.equal((await select(reference, model, true)).ok, true);
          await peer.call('cancel', { reference });
        });
      }
    });
  }

  for (const model of ENHANCED) {
    const reference = objectOf(model);
    it(`control model ${model}: a negative termination brings its AddCause`, async () => {
      settle(reference, false);
      await peer.call('set', { reference });
      commanded.answer = ({ kind }) => ({
        accept: true,
        ...(kind === 'operate' && { completion: Promise.resolve({ addCause: 'Blocked-by-process' }) }),
      });
      if (model === 4) await select(reference, model, true);
      assert.equal((await operate(reference, true)).ok, true);
      assert.deepEqual(await terminated(reference), { ok: false, addCause: 9 });
    });
  }

  it('a time-activated operate is executed at its time', async () => {
    const reference = objectOf(3);
    settle(reference, false);
    await peer.call('set', { reference });
    const at = Date.now() + 500;
    assert.equal((await operate(reference, true, at)).ok, true);
    assert.equal(commanded.asked.length, 0);
    assert.equal((await terminated(reference)).ok, true);
    assert.ok(Date.now() >= at);
    assert.equal(commanded.asked[0]?.operateAt, new Date(at).toISOString());
    assert.deepEqual(commanded.told, ['operate scheduled', 'operate done']);
  });

  it('a time-activated operate can be cancelled', async () => {
    const reference = objectOf(3);
    await peer.call('set', { reference });
    assert.equal((await operate(reference, true, Date.now() + 60_000)).ok, true);
    assert.equal((await peer.call<Result>('cancel', { reference })).ok, true);
    assert.deepEqual(await terminated(reference), { ok: false, addCause: 15 });
  });

  const classes: [cdc: string, reference: string, kind: string, value: unknown, result: unknown][] = [
    ['INC', 'CTLLD1/GGIO2.ISCSO1', 'integer', 42, 42],
    ['ENC', 'CTLLD1/LLN0.Mod', 'integer', 1, 1],
    ['ISC', 'CTLLD1/GGIO2.TapPos', 'integer', 7, 7],
    ['BSC', 'CTLLD1/GGIO2.TapChg', 'bit-string', '10', 2],
    ['BAC', 'CTLLD1/GGIO2.VolSpt', 'bit-string', '01', 1],
    ['APC', 'CTLLD1/GGIO2.AnOut', 'structure', [['float32', 12.5]], 12.5],
    ['DPC', 'CTLLD1/XSWI1.Pos', 'boolean', true, true],
  ];
  for (const [cdc, reference, kind, value, result] of classes) {
    it(`${cdc}: ctlVal arrives as it was given`, async () => {
      commanded.answer = () => ({ accept: true, completion: Promise.resolve() });
      await peer.call('set', { reference });
      assert.equal((await peer.call<Result>('operate', { reference, kind, value })).ok, true);
      const command = commanded.asked.at(-1);
      assert.deepEqual([command?.cdc, command?.value], [cdc, result]);
    });
  }
});

describe('iec61850-rs commands our server (sCtl)', function () {
  this.timeout(30_000);
  let commanded: Commanded;
  let peer: Peer;
  const NAMES = ['', 'direct-normal', 'sbo-normal', 'direct-enhanced', 'sbo-enhanced'];

  before(async function () {
    needPeer(this, 'rust');
    commanded = await Commanded.start();
    peer = await client('rust_control_client.py', commanded.port);
  });
  after(async () => {
    await peer?.stop();
    await commanded?.server.close();
  });
  beforeEach(() => commanded.follow());

  for (const model of MODELS) {
    const base = { reference: `CTLLD1/GGIO3.SPCSO${model}`, model: NAMES[model], value: true };
    const call = (service: string): Promise<Result> => peer.call('command', { ...base, service });

    it(`control model ${model}: select and operate`, async () => {
      if (model === 2) assert.equal((await call('select')).ok, true);
      if (model === 4) assert.equal((await call('select_with_value')).ok, true);
      assert.equal((await call('operate')).ok, true);
      assert.equal(commanded.server.read(`${base.reference}[ST]`).value, true);
      assert.deepEqual(commanded.asked.at(-1)?.origin, { category: 3, identifier: 'rust' });
    });

    it(`control model ${model}: refused`, async () => {
      commanded.answer = () => ({ addCause: 'Blocked-by-process' });
      if (model === 2) assert.equal((await call('select')).ok, false);
      else if (model === 4) assert.equal((await call('select_with_value')).ok, false);
      else assert.equal((await call('operate')).ok, false);
    });
  }
});

describe('OpenIEC61850 commands our server (sCtl)', function () {
  this.timeout(30_000);
  let commanded: Commanded;
  let peer: Peer;

  before(async function () {
    needPeer(this, 'java');
    commanded = await Commanded.start();
    peer = await startPeerClient('java', { port: commanded.port });
    await peer.call('model');
  });
  after(async () => {
    await peer?.stop();
    await commanded?.server.close();
  });
  beforeEach(() => commanded.follow());

  // It knows no SelectWithValue.
  for (const model of [1, 2, 3] as const) {
    const reference = `CTLLD1/GGIO3.SPCSO${model}`;

    it(`control model ${model}: select and operate`, async () => {
      if (model === 2) assert.equal(await peer.call('select', { reference }), true);
      await peer.call('operate', { reference, value: true });
      assert.equal(commanded.server.read(`${reference}[ST]`).value, true);
    });

    it(`control model ${model}: refused`, async () => {
      commanded.answer = () => ({ addCause: 'Blocked-by-process' });
      if (model === 2) assert.equal(await peer.call('select', { reference }), false);
      await assert.rejects(peer.call('operate', { reference, value: false }));
    });
  }
});

describe('our own client commands our server', function () {
  this.timeout(30_000);
  let commanded: Commanded;
  let session: IedSession;

  const connect = async (port: number): Promise<IedSession> => {
    const made = new IedSession({ name: 'CTL', endpoints: [{ host: '127.0.0.1', port }], timeout: 5000 });
    const online = new Promise<void>((resolve) => {
      made.on('state', ({ state }) => {
        if (state === 'online') resolve();
      });
    });
    made.start();
    await online;
    return made;
  };
  before(async () => {
    commanded = await Commanded.start({ operate: 'simulate' });
    session = await connect(commanded.port);
  });
  after(async () => {
    await session?.close();
    await commanded?.server.close();
  });
  const command = (request: Parameters<Controls['command']>[0]): Promise<ControlOutcome> =>
    Controls.of(session).command(request);

  it('every class and model, with a simulated process: done, and the status follows', async () => {
    commanded.server.onControl(undefined);
    const commands: [reference: string, value: unknown][] = [
      ['GGIO1.SPCSO1', true],
      ['GGIO1.SPCSO2', true],
      ['GGIO1.SPCSO3', true],
      ['GGIO1.SPCSO4', true],
      ['CSWI1.Pos', 'close'],
      ['GGIO2.ISCSO1', -3],
      ['GGIO2.EnCSO1', 'test'],
      ['GGIO2.TapChg', 'raise'],
      ['GGIO2.TapPos', 5],
      ['GGIO2.AnOut', 33.5],
      ['GGIO2.VolSpt', 'raise'],
    ];
    for (const [name, value] of commands) {
      const reference = `CTLLD1/${name}`;
      const literals = name.endsWith('EnCSO1') ? { cdc: 'ENC', enumLiterals: { 3: 'test' } } : {};
      const outcome = await command({ reference, value, ...literals, feedback: { timeout: 3000 } });
      assert.equal(outcome.outcome, 'done', `${name}: ${JSON.stringify(outcome.error)}`);
      assert.equal(outcome.feedback?.followed, true, name);
    }
  });

  it('is told in words why a command is refused', async () => {
    commanded.server.onControl(() => ({ addCause: 'Blocked-by-synchrocheck' }));
    for (const model of MODELS) {
      const outcome = await command({ reference: `CTLLD1/GGIO1.SPCSO${model}`, value: false, synchroCheck: true });
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.addCause?.name, 'Blocked-by-synchrocheck', String(model));
    }
  });

  it('tshark finds nothing malformed in a session of controls', async function () {
    needPeer(this, 'tshark');
    const folder = mkdtempSync(path.join(tmpdir(), 'server-control-'));
    const file = path.join(folder, 'control.pcapng');
    const recorder = new Recorder();
    const recorded = await connect(await recorder.listen(commanded.port));
    try {
      const controls = Controls.of(recorded);
      for (const answer of [{ accept: true } as const, { addCause: 10 }]) {
        commanded.server.onControl(({ reference, value, kind }) => {
          if (kind === 'operate') commanded.server.update([{ reference: `${reference}[ST]`, value }]);
          return answer;
        });
        for (const model of MODELS) {
          await controls.command({ reference: `CTLLD1/GGIO1.SPCSO${model}`, value: true });
          await controls.command({ reference: `CTLLD1/GGIO1.SPCSO${model}`, action: 'cancel' });
        }
      }
      commanded.server.onControl(() => ({ accept: true, completion: Promise.resolve({ addCause: 9 }) }));
      const failed = await controls.command({ reference: 'CTLLD1/GGIO3.SPCSO3', value: true });
      assert.equal(failed.addCause?.code, 9);
      await recorded.close();
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
    } finally {
      await recorded.close();
      await recorder.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
