import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { WaveformDetails } from '../../src/gateway/process-bus/index.js';
import type { SampleBatch } from '../../src/sv/decimator.js';
import type { SvMeasurement } from '../../src/sv/sv-stream.js';
import {
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startRed,
  stopRed,
  userDirectory,
  watchers,
  type Caught,
  type Properties,
} from './support/red.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import { supervisingIed } from './support/supervising-ied.js';

const serverNode = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const svIn = nodeModule('../../../nodes/sv-in/sv-in.js');
const CAPTURE = {
  source: 'capture',
  capture: '@substation/node-red-iec61850/examples/recordings/sv-9-2le.pcap',
  speed: 'max',
  mode: 'listen',
};
/** The merging unit of the recording by its file. */
const SCL = {
  mode: 'scl',
  sclFile: '@substation/node-red-iec61850/examples/scl/merging-unit.cid',
  sclIed: 'MU01',
  blocks: ['MU01MU/LLN0.MSVCB01'],
};
const TRIGGER = { trigger: 'rmsAbove', level: '1000' };
const WIRES = [['measured'], ['states'], ['waveforms']];

interface Recorded extends NodeMessage {
  payload: WaveformDetails;
  source: string;
  comtrade?: { cfg: string; dat: string };
}

describe('sv-in', () => {
  before(startRed);
  after(stopRed);
  afterEach(() => helper.unload());

  async function start(settings: Properties): Promise<void> {
    const flow = [
      ...watchers(['sv']),
      { ...CAPTURE, ...settings, id: 'sv', ...PLACE, type: 'sv-in', version: 1, wires: WIRES },
      { id: 'waveforms', ...PLACE, type: 'helper' },
      { id: 'measured', ...PLACE, type: 'helper' },
      { id: 'states', ...PLACE, type: 'helper' },
    ];
    await helper.load([svIn, nodes.catch, nodes.status], flow as never);
  }

  it('measures each channel over the interval, and not sample by sample', async () => {
    await start({ interval: '200' });
    const { topic, payload, source } = await message<NodeMessage & { source?: string }>('measured', () => true);
    const measured = payload as SvMeasurement;
    assert.equal(topic, 'MU01');
    assert.equal(source, '02-61-85-00-00-02');
    assert.equal(measured.samples, 800);
    assert.ok(Math.abs(measured.frequency - 50) < 0.001);
    assert.equal(measured.reference, 'Va');
    const of = (name: string): SvMeasurement['channels'][number] => {
      const found = measured.channels.find((channel) => channel.name === name);
      assert.ok(found);
      return found;
    };
    assert.ok(Math.abs(of('Va').rms - 63_500) < 1);
    assert.ok(Math.abs(of('Vb').angle + 120) < 0.01);
    assert.ok(Math.abs(of('Ia').fundamental - 412) < 0.1);
    assert.ok(Math.abs(of('Ia').angle + 28) < 0.01);
    assert.ok(Math.abs(of('Ia').thd - 0.02) < 0.001);
    assert.equal(of('Ia').quality, 'good');
    assert.equal(of('In').quality, 'good, derived');
  });

  it('has names, scale factors and units of the SCL file', async () => {
    await start({ ...SCL, interval: '200' });
    const { payload } = await message<NodeMessage>('measured', () => true);
    const { channels, reference, frequency } = payload as SvMeasurement;
    assert.equal(reference, 'UnnATVTR1.VolSv');
    assert.ok(Math.abs(frequency - 50) < 0.001);
    assert.deepEqual(
      channels.map(({ name, unit, rms }) => `${name} ${Math.round(rms)} ${unit}`).filter((_, i) => i % 4 < 2),
      ['InnATCTR1.AmpSv 412 A', 'InnBTCTR2.AmpSv 409 A', 'UnnATVTR1.VolSv 63500 V', 'UnnBTVTR2.VolSv 63420 V'],
    );
  });

  it('shows its stream in the LSVS of a server that the user chose, for as long as it runs', async () => {
    await writeFile(path.join(userDirectory(), 'super.cid'), supervisingIed(undefined, 'MU01MU/LLN0.MSVCB01'));
    const flow = [
      ...watchers(['sv']),
      { id: 'server', type: 'iec61850-server', version: 1, sclFile: 'super.cid', port: '0', host: '127.0.0.1' },
      { ...CAPTURE, ...SCL, speed: '1', repeat: true, id: 'sv', ...PLACE, type: 'sv-in', version: 1, server: 'server' },
    ];
    await helper.load([serverNode, svIn, nodes.catch, nodes.status], flow as never);
    const lease = (node('server') as ServerNode).host.acquire(() => undefined);
    const server = await lease.server();
    const shows = (object: string): unknown => server.read(`SUPERLD0/LSVS1.${object}.stVal[ST]`).value;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (shows('St') === true && shows('SmpSynch') === 2) resolve();
      };
      for (const object of ['St', 'SmpSynch']) server.watch(`SUPERLD0/LSVS1.${object}.stVal[ST]`, look);
      look();
    });
    assert.equal(shows('SimSt'), false);
    assert.equal(server.read('SUPERLD0/LSVS1.St[ST]').quality?.validity, 'good');
    await (node('sv') as unknown as { close(): Promise<void> }).close();
    assert.equal(server.read('SUPERLD0/LSVS1.St[ST]').quality?.validity, 'invalid', 'nobody knows any more');
    lease.release();
  });

  it('tells states, and statistics when it is asked', async () => {
    await start({ interval: '1000' });
    assert.equal((await message('states', () => true)).payload, 'live');
    await message('measured', () => true);
    const told = message<NodeMessage>('states', ({ topic }) => topic === 'statistics');
    node('sv').receive({ payload: '' } as NodeMessage);
    const { streams } = (await told).payload as { streams: { samples: number; lost: number }[] };
    assert.deepEqual([streams[0]?.samples, streams[0]?.lost], [4000, 0]);
  });

  const WAVEFORM = { waveform: true, before: '10', after: '20', holdOff: '0', repeat: true, speed: '1' };
  /** The recording again and again, and a trigger as soon as its stream is live. */
  async function recorded(settings: Properties): Promise<Recorded> {
    await start({ ...WAVEFORM, ...settings });
    await message('states', ({ payload }) => payload === 'live');
    const waveform = message<Recorded>('waveforms', () => true);
    node('sv').receive({ payload: 'trigger', svId: 'MU01' } as NodeMessage);
    return waveform;
  }

  it('records a waveform around a message, with one array a channel', async () => {
    const { topic, payload, source, comtrade } = await recorded({});
    assert.equal(topic, 'MU01');
    assert.equal(source, '02-61-85-00-00-02');
    assert.equal(comtrade, undefined);
    assert.deepEqual(payload.cause, { kind: 'request' });
    assert.deepEqual([payload.rate, payload.nominal, payload.missing, payload.complete], [4000, 50, 0, true]);
    assert.equal(payload.samples - payload.triggerIndex, 80);
    assert.match(payload.trigger, /T\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.deepEqual(
      payload.channels.map(({ name, unit }) => `${name} ${unit}`),
      ['Ia A', 'Ib A', 'Ic A', 'In A', 'Va V', 'Vb V', 'Vc V', 'Vn V'],
    );
    for (const { samples } of payload.channels) assert.equal(samples.length, payload.samples);
    const va = payload.channels[4]?.samples as number[];
    // Half a period apart a wave is its own opposite.
    for (let i = 40; i < va.length; i++) assert.ok(Math.abs((va[i] as number) + (va[i - 40] as number)) < 0.05);
  });

  it('writes the waveform as COMTRADE below its folder, a new file for each', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'iec61850-comtrade-'));
    try {
      const first = await recorded({ comtrade: 'BINARY32', folder, station: 'Bay 1' });
      const waveform = message<Recorded>('waveforms', () => true);
      node('sv').receive({ payload: 'trigger' } as NodeMessage);
      const second = await waveform;
      for (const { payload, comtrade } of [first, second]) {
        assert.ok(comtrade);
        const cfg = (await readFile(comtrade.cfg, 'latin1')).split('\r\n');
        assert.equal(cfg[0], 'Bay 1,MU01,2013');
        assert.equal(cfg[1], '17,8A,9D');
        assert.ok(cfg.includes(`4000,${payload.samples}`));
        const row = 8 + 4 * 8 + 2;
        assert.equal((await readFile(comtrade.dat)).length, payload.samples * row);
      }
      const files = await readdir(folder);
      assert.equal(files.length, 4);
      assert.ok(files.every((name) => /^MU01_\d{8}_\d{6}_\d{3}(_2)?\.(cfg|dat)$/.test(name)));
    } finally {
      await helper.unload();
      await rm(folder, { recursive: true });
    }
  });

  it('gives the waveform without files, and an error, when the folder is full', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'iec61850-comtrade-'));
    try {
      await recorded({ comtrade: 'ASCII', folder, maxRecords: '1' });
      const [waveform, caught] = [message<Recorded>('waveforms', () => true), message<Caught>('caught', () => true)];
      node('sv').receive({ payload: 'trigger' } as NodeMessage);
      assert.match((await caught).error.message, /1 records/);
      assert.equal((await waveform).comtrade, undefined);
      assert.equal((await readdir(folder)).length, 2);
    } finally {
      await helper.unload();
      await rm(folder, { recursive: true });
    }
  });

  it('gives decimated samples in batches in place of measurements', async () => {
    await start({ interval: '200', output: 'samples', sampleRate: '1000', average: false });
    const { payload } = await message<NodeMessage>('measured', () => true);
    const { rate, factor, samples, channels, start: begin } = payload as SampleBatch;
    assert.deepEqual([rate, factor, samples, channels.length], [1000, 4, 200, 8]);
    assert.match(begin, /\.000Z$/);
    const va = channels[4]?.samples as number[];
    for (let i = 10; i < va.length; i++) assert.ok(Math.abs((va[i] as number) + (va[i - 10] as number)) < 0.05);
  });

  it('refuses to trigger when it records nothing, or no such stream is live', async () => {
    await start({ ...WAVEFORM, waveform: false });
    await message('states', ({ payload }) => payload === 'live');
    const nothing = message<Caught>('caught', () => true);
    node('sv').receive({ payload: 'trigger' } as NodeMessage);
    assert.match((await nothing).error.message, /records no waveforms/);
    await helper.unload();
    await start(WAVEFORM);
    await message('states', ({ payload }) => payload === 'live');
    const other = message<Caught>('caught', () => true);
    node('sv').receive({ payload: 'trigger', svId: 'MU99' } as NodeMessage);
    assert.match((await other).error.message, /no such stream/);
  });

  for (const [what, settings, expected] of [
    ['no SCL file', { mode: 'scl' }, /SCL file/],
    [
      'a file without the control block',
      { mode: 'scl', sclFile: '@substation/node-red-iec61850/examples/scl/bay.cid', blocks: ['A/LLN0.b'] },
      /no sampled-value control block/,
    ],
    ['a frequency that no grid has', { frequency: '55' }, /55/],
    ['a trigger without a level', { waveform: true, trigger: 'rmsAbove', channels: 'Ia' }, /level/],
    ['a trigger on a channel that is not there', { waveform: true, ...TRIGGER, channels: 'Ia, Ix' }, /no channel Ix/],
    ['COMTRADE without a folder', { waveform: true, comtrade: 'ASCII' }, /folder/],
    ['a folder that is not there', { waveform: true, comtrade: 'ASCII', folder: '/no/such/folder' }, /no such/],
  ] as const) {
    it(`names ${what} to a catch node`, async () => {
      await start(settings);
      assert.match((await message<Caught>('caught', () => true)).error.message, expected);
    });
  }
});
