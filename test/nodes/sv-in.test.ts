import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
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
  watchers,
  type Caught,
  type Properties,
} from './support/red.js';

const svIn = nodeModule('../../../nodes/sv-in/sv-in.js');
const CAPTURE = {
  source: 'capture',
  capture: '@substation/node-red-iec61850/examples/recordings/sv-9-2le.pcap',
  speed: 'max',
  mode: 'listen',
};

describe('sv-in', () => {
  before(startRed);
  after(stopRed);
  afterEach(() => helper.unload());

  async function start(settings: Properties): Promise<void> {
    const flow = [
      ...watchers(['sv']),
      { ...CAPTURE, ...settings, id: 'sv', ...PLACE, type: 'sv-in', version: 1, wires: [['measured'], ['states']] },
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

  it('tells states, and statistics when it is asked', async () => {
    await start({ interval: '1000' });
    assert.equal((await message('states', () => true)).payload, 'live');
    await message('measured', () => true);
    const told = message<NodeMessage>('states', ({ topic }) => topic === 'statistics');
    node('sv').receive({ payload: '' } as NodeMessage);
    const { streams } = (await told).payload as { streams: { samples: number; lost: number }[] };
    assert.deepEqual([streams[0]?.samples, streams[0]?.lost], [4000, 0]);
  });

  for (const [what, settings, expected] of [
    ['no SCL file', { mode: 'scl' }, /SCL file/],
    [
      'a file without the control block',
      { mode: 'scl', sclFile: '@substation/node-red-iec61850/examples/scl/bay.cid', blocks: ['A/LLN0.b'] },
      /no sampled-value control block/,
    ],
    ['a frequency that no grid has', { frequency: '55' }, /55/],
  ] as const) {
    it(`names ${what} to a catch node`, async () => {
      await start(settings);
      assert.match((await message<Caught>('caught', () => true)).error.message, expected);
    });
  }
});
