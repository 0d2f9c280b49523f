import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { GooseDetails } from '../../src/gateway/process-bus/index.js';
import type { TagValue } from '../../src/model/tag-value.js';
import {
  helper,
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

const gooseIn = nodeModule('../../../nodes/goose-in/goose-in.js');
const serverNode = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const PACKAGE = '@substation/node-red-iec61850';

interface GooseMessage extends NodeMessage {
  iec61850: TagValue;
  goose: GooseDetails;
}

const CAPTURE = {
  source: 'capture',
  capture: `${PACKAGE}/examples/recordings/goose-positions.pcap`,
  speed: 'max',
};
const SCL = {
  mode: 'scl',
  sclFile: `${PACKAGE}/examples/scl/bay.cid`,
  sclIed: 'BAY1',
  blocks: ['BAY1CTRL/LLN0.gcbPositions'],
};

describe('goose-in', () => {
  before(startRed);
  after(stopRed);
  afterEach(() => helper.unload());

  /** Starts the node; messages of both outputs are collected until the values are as many as the test wants. */
  async function run(settings: Properties, wanted: number): Promise<{ values: GooseMessage[]; states: NodeMessage[] }> {
    const flow = [
      ...watchers(['goose']),
      { ...settings, id: 'goose', ...PLACE, type: 'goose-in', version: 1, wires: [['values'], ['states']] },
      { id: 'values', ...PLACE, type: 'helper', wires: [] },
      { id: 'states', ...PLACE, type: 'helper', wires: [] },
    ];
    const [values, states]: [GooseMessage[], NodeMessage[]] = [[], []];
    await helper.load([gooseIn, nodes.catch, nodes.status], flow as never);
    await new Promise<void>((resolve) => {
      node('values').on('input', (msg: NodeMessage) => {
        if (values.push(msg as GooseMessage) === wanted) resolve();
      });
      node('states').on('input', (msg: NodeMessage) => states.push(msg));
    });
    return { values, states };
  }

  it('gives the points of a control block of an SCL file, at each change and not at repeats', async () => {
    const { values, states } = await run({ ...CAPTURE, ...SCL }, 15);
    const breaker = values.filter(({ topic }) => topic === 'BAY1/CTRL.XCBR1.Pos.stVal');
    assert.deepEqual(
      breaker.map(({ iec61850 }) => iec61850.text),
      ['Closed', 'Intermediate', 'Open', 'Intermediate', 'Closed'],
    );
    const [first] = breaker;
    assert.equal(first?.payload, 2);
    assert.equal(first?.iec61850.quality?.text, 'good');
    assert.equal(first?.iec61850.timestamp, '2026-09-21T14:13:20.000Z');
    assert.equal(first?.iec61850.entryTime, '2026-09-21T14:13:20.000Z');
    assert.equal(first?.iec61850.source, 'goose');
    assert.equal(first?.goose.appId, 1);
    assert.deepEqual(first?.goose.vlan, { priority: 4, id: 0 });
    assert.equal(states[0]?.payload, 'live');
  });

  it('shows everything that is seen, named by its place', async () => {
    const { values } = await run({ ...CAPTURE, mode: 'listen', output: 'table' }, 1);
    const table = values[0]?.payload as TagValue[];
    assert.equal(table.length, 9);
    assert.deepEqual(
      table.slice(0, 3).map(({ ied, tag, type, value }) => [ied, tag, type, value]),
      [
        ['BAY1CTRL', 'BAY1CTRL/LLN0$GO$gcbPositions.1', 'BitString', '10'],
        ['BAY1CTRL', 'BAY1CTRL/LLN0$GO$gcbPositions.2', 'BitString', '0000000000000'],
        ['BAY1CTRL', 'BAY1CTRL/LLN0$GO$gcbPositions.3', 'Timestamp', '2026-09-21T14:13:20.000Z'],
      ],
    );
    assert.equal(table[0]?.quality, null, 'no quality is made up');
  });

  it('tells statistics when it is asked', async () => {
    await run({ ...CAPTURE, ...SCL, everyFrame: true }, 60);
    const told = new Promise<NodeMessage>((resolve) => {
      node('states').on('input', (msg: NodeMessage) => {
        if (msg.topic === 'statistics') resolve(msg);
      });
    });
    node('goose').receive({ payload: '' });
    const { payload } = (await told) as { payload: { controlBlocks: { statistics: { frames: number } }[] } };
    assert.ok((payload.controlBlocks[0]?.statistics.frames ?? 0) >= 20);
  });

  it('shows its subscription in the LGOS of a server that the user chose, for as long as it runs', async () => {
    writeFileSync(path.join(userDirectory(), 'super.cid'), supervisingIed());
    const flow = [
      { id: 'server', type: 'iec61850-server', version: 1, sclFile: 'super.cid', port: '0', host: '127.0.0.1' },
      ...watchers(['goose']),
      { ...CAPTURE, ...SCL, id: 'goose', ...PLACE, type: 'goose-in', version: 1, server: 'server', wires: [[], []] },
    ];
    await helper.load([serverNode, gooseIn, nodes.catch, nodes.status], flow as never);
    const lease = (node('server') as ServerNode).host.acquire(() => undefined);
    const server = await lease.server();
    const shows = (object: string): unknown => server.read(`SUPERLD0/LGOS1.${object}.stVal[ST]`).value;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (shows('St') === true && shows('LastStNum') === 5) resolve();
      };
      for (const object of ['St', 'LastStNum']) server.watch(`SUPERLD0/LGOS1.${object}.stVal[ST]`, look);
      look();
    });
    assert.deepEqual(
      [shows('SimSt'), shows('NdsCom'), shows('ConfRevNum'), shows('RxConfRevNum')],
      [false, false, 1, 1],
    );
    await helper.clearFlows();
    lease.release();
    assert.equal(server.read('SUPERLD0/LGOS1.St[ST]').quality?.validity, 'invalid', 'nobody knows any more');
  });

  it('goes on without a server that is missing', async () => {
    const { values } = await run({ ...CAPTURE, ...SCL, server: 'gone' }, 3);
    assert.equal(values.length, 3);
  });

  for (const [what, settings, expected] of [
    ['an interface that is not there', { source: 'interface', interface: 'none0', ...SCL }, /none0/],
    [
      'a capture outside of the user directory',
      { source: 'capture', capture: '../../etc/passwd', ...SCL },
      /leads out/,
    ],
    [
      'a control block that the file does not have',
      { ...CAPTURE, ...SCL, blocks: ['BAY1CTRL/LLN0.gcbX'] },
      /gcbPositions/,
    ],
    ['no SCL file', { ...CAPTURE, mode: 'scl', blocks: ['A/B.c'] }, /SCL file/],
    ['a reference that is none', { ...CAPTURE, mode: 'typed', streams: [{ gocbRef: 'x' }] }, /reference/],
  ] as const) {
    it(`names ${what} to a catch node`, async () => {
      const flow = [
        ...watchers(['goose']),
        { ...settings, id: 'goose', ...PLACE, type: 'goose-in', version: 1, wires: [[], []] },
      ];
      const caught = new Promise<Caught>((resolve) => {
        void helper.load([gooseIn, nodes.catch, nodes.status], flow as never).then(() => {
          node('caught').on('input', (msg: NodeMessage) => resolve(msg as Caught));
        });
      });
      assert.match((await caught).error.message, expected);
    });
  }
});
