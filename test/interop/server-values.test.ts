/** Foreign clients see what our server makes of values: dead bands, ranges, behaviour; and what a flow answers them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { IedServer } from '../../src/index.js';
import { helper, node, nodeModule, nodes, startRed, stopRed, type Properties } from '../nodes/support/red.js';
import { hostState } from '../nodes/support/server.js';
import { inFormOf, Judge } from './judge.js';
import {
  needPeer,
  Peer,
  PYTHON,
  ROOT,
  spawnPeer,
  startReportClient,
  type PeerValue,
  type StackKind,
} from './peers/index.js';

const KINDS: readonly StackKind[] = ['libiec61850', 'rust', 'java'];
const WIND = path.join(ROOT, 'examples', 'scl', 'wind-turbine.icd');
const GOOD = { bits: '0000000000000' };
const TEST = { bits: '0000000000010' };
const OFF = { bits: '0100000000000' };

for (const kind of KINDS) {
  describe(`A ${kind} client and a wind turbine of our server`, function () {
    this.timeout(60_000);
    let server: IedServer;
    let judge: Judge;

    before(async function () {
      needPeer(this, kind);
      server = await IedServer.fromScl(WIND, { port: 0, writable: ['CF'] });
      const { port } = await server.listen();
      judge = await Judge.connect(kind, { port });
      if (kind === 'java') await judge.peer.call('model');
    });
    after(async () => {
      await judge?.stop();
      await server?.close();
    });

    const power = (value: number): void => {
      assert.deepEqual(server.update([{ reference: 'WTG1WT/WTUR1.W.instMag.f[MX]', value }]).errors, []);
    };
    const reads = async (reference: string, fc: string, expected: PeerValue): Promise<void> => {
      const actual = inFormOf(expected, await judge.read(`WTG1WT/${reference}`, fc));
      assert.deepEqual(actual, expected, `${reference}[${fc}]`);
    };

    it('sees mag stay within the dead band, and follow beyond it', async () => {
      // db is 1 % of 3600.
      for (const [value, mag] of [
        [2000, 2000],
        [2035, 2000],
        [2036, 2036],
        [1999, 1999],
      ] as const) {
        power(value);
        await reads('WTUR1.W.instMag.f', 'MX', value);
        await reads('WTUR1.W.mag.f', 'MX', mag);
      }
      await reads('WTUR1.W.q', 'MX', GOOD);
    });

    it('sees the range, which is left with a hysteresis', async () => {
      // limDb is 0.5 % of 3600.
      for (const [value, range] of [
        [3000, 0],
        [3101, 1],
        [3301, 3],
        [3283, 3],
        [3281, 1],
        [3083, 1],
        [3081, 0],
      ] as const) {
        power(value);
        await reads('WTUR1.W.range', 'MX', range);
      }
    });

    it('changes the dead band by a write, which holds at once', async () => {
      power(1000);
      await judge.write('WTG1WT/WTUR1.W.db', 'CF', 'unsigned', 10_000);
      power(1300);
      await reads('WTUR1.W.mag.f', 'MX', 1000);
      await judge.write('WTG1WT/WTUR1.W.db', 'CF', 'unsigned', 0);
      power(1301);
      await reads('WTUR1.W.mag.f', 'MX', 1301);
    });

    it('sees Beh follow Mod, and data in test or off by their quality', async () => {
      for (const [mode, number, quality] of [
        ['test', 3, TEST],
        ['off', 5, OFF],
        ['on', 1, GOOD],
      ] as const) {
        server.update([{ reference: 'WTG1WT/LLN0.Mod[ST]', value: mode }]);
        await reads('WROT1.Beh.stVal', 'ST', number);
        await reads('WROT1.Beh.q', 'ST', GOOD);
        await reads('WTUR1.W.q', 'MX', quality);
      }
    });

    it('sees name spaces and name plate of the file', async () => {
      await reads('LLN0.NamPlt.ldNs', 'EX', 'IEC 61400-25-2:2015');
      await reads('LPHD1.PhyNam.model', 'DC', 'Simulated wind turbine');
    });
  });
}

describe('the example flow iec61850-server-in', function () {
  this.timeout(60_000);
  const REFERENCE = 'BAY1CTRL/CSWI2.Pos';
  let port: number;

  before(async function () {
    needPeer(this, 'libiec61850');
    await startRed();
    const file = await readFile(path.join(ROOT, 'examples', 'iec61850-server-in.json'), 'utf8');
    const flow = (JSON.parse(file) as Properties[]).map((one) =>
      one.type === 'iec61850-server' ? { ...one, port: '0' } : one,
    );
    // The other half of the example, our own client, has tests of its own.
    const used = flow.filter(
      ({ type }) =>
        ![
          'iec61850-ied',
          'iec61850-control',
          'iec61850-read',
          'iec61850-report',
          'debug',
          'inject',
          'comment',
        ].includes(type as string),
    );
    const known = new Set(used.map(({ id }) => id));
    for (const one of used) {
      one.wires = ((one.wires as string[][] | undefined) ?? []).map((output) => output.filter((id) => known.has(id)));
    }
    await helper.load(
      [
        ...['server', 'server-out', 'server-in', 'server-reply'].map((name) =>
          nodeModule(`../../../nodes/iec61850-${name}/iec61850-${name}.js`),
        ),
        nodes.catch,
        ...['10-function', '15-change'].map((name) => nodeModule(`@node-red/nodes/core/function/${name}.js`)),
      ],
      used as never,
    );
    port = await hostState(String(flow.find(({ type }) => type === 'iec61850-server')?.id));
  });
  after(async () => {
    if (port) await stopRed();
  });

  it('reports the power of the slider to a foreign client', async () => {
    const block = 'BAY1MEAS/LLN0.RP.urcbMeasurements01';
    const peer = await startReportClient('libiec61850', { port });
    try {
      await peer.call('install', { reference: block });
      await peer.call('writeRcb', { reference: block, values: { trgOps: 1, rptEna: true }, single: false });
      node('5f1c2a7b00000614').receive({ topic: 'BAY1MEAS/MMXU1.TotW[MX]', payload: 10 } as never);
      const [report] = await peer.call<{ members: { index: number; value: PeerValue[] }[] }[]>('reports', {
        count: 1,
        seconds: 10,
      });
      // The fourth member of dsMeasurements: mag, range, q and t.
      const power = report?.members.find(({ index }) => index === 3);
      assert.equal(report?.members.length, 1);
      assert.deepEqual(power?.value.slice(0, 3), [[10], 0, GOOD]);
    } finally {
      await peer.stop();
    }
  });

  it('lets a foreign client see the power of the slider, operate the switch, and be refused', async () => {
    const server = node('5f1c2a7b00000614');
    server.receive({ topic: 'BAY1MEAS/MMXU1.TotW[MX]', payload: 25 } as never);
    const judge = await Judge.connect('libiec61850', { port });
    const peer = new Peer(spawnPeer(PYTHON, ['libiec61850_control_client.py', '--port', String(port)]), port);
    try {
      await peer.ready;
      assert.equal(await judge.read('BAY1MEAS/MMXU1.TotW.mag.f', 'MX'), 25);
      await peer.call('set', { reference: REFERENCE, orCat: 3 });
      const operate = (value: boolean): Promise<{ ok: boolean; addCause: number }> =>
        peer.call('operate', { reference: REFERENCE, kind: 'boolean', value, at: 0 });
      assert.equal((await operate(false)).ok, true);
      while ((await peer.call<unknown[]>('terminations', { reference: REFERENCE })).length === 0);
      assert.deepEqual(inFormOf({ bits: '01' }, await judge.read(`${REFERENCE}.stVal`, 'ST')), { bits: '01' });
      node('5f1c2a7b00000627').receive({ payload: true } as never);
      const { ok, addCause } = await operate(true);
      assert.deepEqual([ok, addCause], [false, 10]);
      assert.deepEqual(inFormOf({ bits: '01' }, await judge.read(`${REFERENCE}.stVal`, 'ST')), { bits: '01' });
    } finally {
      await Promise.all([peer.stop(), judge.stop()]);
    }
  });
});
