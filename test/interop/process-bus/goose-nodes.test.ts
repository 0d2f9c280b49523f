/** The nodes on a real interface, with libiec61850 at the other end. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { TagValue } from '../../../src/model/tag-value.js';
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
  type Status,
} from '../../nodes/support/red.js';
import { supervisingIed } from '../../nodes/support/supervising-ied.js';
import { IedClient } from '../../../src/client/index.js';
import { freePort, needPeer, startGoosePeer, type Peer } from '../peers/index.js';
import { layCable, needRawEthernet, type Cable } from './veth.js';

const gooseIn = nodeModule('../../../nodes/goose-in/goose-in.js');
const gooseOut = nodeModule('../../../nodes/goose-out/goose-out.js');
const server = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const serverOut = nodeModule('../../../nodes/iec61850-server-out/iec61850-server-out.js');
const SCL = {
  sclFile: '@substation/node-red-iec61850/examples/scl/bay.cid',
  sclIed: 'BAY1',
  blocks: ['BAY1CTRL/LLN0.gcbPositions'],
};
const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';
const BLOCK = { gocbRef: 'BAY1CTRL/LLN0$GO$gcbPositions', appId: 1 };

interface HeardNames {
  datSet: string;
  goId: string;
  confRev: number;
  timeAllowedToLive: number;
  parseError: number;
  values: unknown[];
}

interface Heard {
  stNum: number;
  sqNum: number;
  vlan: unknown;
  values: unknown[];
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('GOOSE nodes with libiec61850', function () {
  this.timeout(30_000);
  let cable: Cable;
  let peer: Peer;

  before(async function () {
    needRawEthernet(this);
    needPeer(this, 'libiec61850');
    await startRed();
  });
  after(stopRed);
  beforeEach(async () => {
    cable = layCable();
    peer = await startGoosePeer(cable.there, cable.namespace);
  });
  afterEach(async () => {
    await helper.unload();
    await peer?.stop();
    cable?.remove();
  });

  it('goose-out: a message is a state change that the peer hears, repeated until the next one', async () => {
    assert.equal(await peer.call('subscribe', BLOCK), true);
    const flow = [
      ...watchers(['goose']),
      {
        ...SCL,
        id: 'goose',
        ...PLACE,
        type: 'goose-out',
        version: 1,
        allowed: true,
        interface: cable.here,
        reference: POSITION,
        wires: [],
      },
    ];
    await helper.load([gooseOut, nodes.catch, nodes.status], flow as never);
    const last = (): Promise<Heard | undefined> => peer.call<Heard[]>('received').then((frames) => frames.at(-1));
    const first = await until(last);
    assert.equal(first.values.length, 9);
    assert.deepEqual(first.values[1], { bits: '0100000000000' }, 'nobody gave a quality yet: invalid');
    node('goose').receive({ payload: 'Open' } as NodeMessage);
    const open = await until(() =>
      last().then((frame) => (JSON.stringify(frame?.values[0]) === '{"bits":"01"}' ? frame : undefined)),
    );
    assert.equal(open.stNum, first.stNum + 1);
    assert.deepEqual(open.values[1], { bits: '0000000000000' });
    const { sqNum } = open;
    await until(() => last().then((frame) => (frame && frame.sqNum > sqNum + 2 ? frame : undefined)));
  });

  it('goose-out: a publisher that was typed in is heard as it was typed, once each value was given', async () => {
    assert.equal(await peer.call('subscribe', { gocbRef: 'TEST/LLN0$GO$gcb1', appId: 0x3007 }), true);
    const publisher = {
      ...{ gocbRef: 'TEST/LLN0$GO$gcb1', datSet: 'TEST/LLN0$mine', goId: 'mine', confRev: '7', fixedLength: true },
      ...{ address: '01-0C-CD-01-00-07', appId: '3007', minTime: '10', maxTime: '200', timeAllowedToLive: '700' },
      members: [
        { name: 'Pos', type: 'Dbpos' },
        { name: 'Pos.q', type: 'Quality' },
        { name: 'Level', type: 'INT32' },
        { name: 'Text', type: 'VisString64', initial: 'start' },
      ],
    };
    const flow = [
      ...watchers(['goose']),
      {
        ...{ id: 'goose', ...PLACE, type: 'goose-out', version: 1, allowed: true, interface: cable.here, wires: [] },
        ...{ mode: 'typed', publisher, reference: 'Pos' },
      },
    ];
    await helper.load([gooseOut, nodes.catch, nodes.status], flow as never);
    const status = (text: string): Promise<unknown> =>
      message<Status>('statuses', ({ status: { text: shown } }) => shown === text);
    const oneMissing = status('1 value missing');
    node('goose').receive({ payload: 'Open' } as NodeMessage);
    await oneMissing;
    assert.deepEqual(await peer.call('received'), [], 'a value that nobody gave is not made up');
    node('goose').receive({ payload: { Level: -70_000 } } as NodeMessage);
    const last = (): Promise<HeardNames | undefined> => peer.call<HeardNames[]>('received').then((all) => all.at(-1));
    const { values, datSet, goId, confRev, timeAllowedToLive, parseError } = await until(last);
    assert.deepEqual(values, [{ bits: '01' }, { bits: '0000000000000' }, -70_000, 'start']);
    assert.deepEqual([datSet, goId, confRev, timeAllowedToLive, parseError], ['TEST/LLN0$mine', 'mine', 7, 700, 0]);
    node('goose').receive({
      payload: [
        { name: 'Text', value: 'next' },
        { name: 'Level', value: 5 },
      ],
    } as NodeMessage);
    await until(() =>
      last().then((frame) => (frame?.values[3] === 'next' && frame.values[2] === 5 ? true : undefined)),
    );
  });

  it('goose-in: what the peer publishes comes as points by the SCL file', async () => {
    const values: TagValue[] = [];
    const flow = [
      ...watchers(['goose']),
      {
        ...SCL,
        id: 'goose',
        ...PLACE,
        type: 'goose-in',
        version: 1,
        source: 'interface',
        interface: cable.here,
        mode: 'scl',
        wires: [['values'], []],
      },
      { id: 'values', ...PLACE, type: 'helper' },
    ];
    await helper.load([gooseIn, nodes.catch, nodes.status], flow as never);
    node('values').on('input', (msg: NodeMessage) => values.push((msg as { iec61850: TagValue }).iec61850));
    await peer.call('publisher', {
      ...BLOCK,
      datSet: 'BAY1CTRL/LLN0$dsGoose',
      goId: BLOCK.gocbRef,
      confRev: 1,
      address: '01-0C-CD-01-00-01',
      vlan: [4, 0],
    });
    const of = (bits: string): unknown[] => [
      ['bit-string', bits],
      ['bit-string', '0000000000000'],
      ['utc-time', { utc: 1_700_000_000_250, quality: 10 }],
    ];
    const publish = (bits: string, changed: boolean): Promise<unknown> =>
      peer.call('publish', { gocbRef: BLOCK.gocbRef, values: [...of(bits), ...of('10'), ...of('10')], changed });
    // The node opens its interface while the flow starts.
    await until(async () => {
      await publish('10', false);
      return values[0];
    });
    await publish('01', true);
    await until(async () => values.find(({ text }) => text === 'Open'));
    const open = values.find(({ text }) => text === 'Open');
    assert.equal(open?.tag, 'CTRL.XCBR1.Pos.stVal');
    assert.equal(open?.quality?.text, 'good');
    assert.equal(open?.timestamp, '2023-11-14T22:13:20.250Z');
  });

  it('iec61850-server: its values are published by its file, and a client may end that by GoEna', async () => {
    assert.equal(await peer.call('subscribe', BLOCK), true);
    const port = await freePort();
    const flow = [
      ...watchers(['out']),
      { id: 'server', type: 'iec61850-server', version: 1, ...SCL, port: String(port), gooseInterface: cable.here },
      {
        id: 'out',
        ...PLACE,
        type: 'iec61850-server-out',
        version: 1,
        server: 'server',
        reference: POSITION,
        wires: [],
      },
    ];
    await helper.load([server, serverOut, nodes.catch, nodes.status], flow as never);
    const last = (): Promise<Heard | undefined> => peer.call<Heard[]>('received').then((frames) => frames.at(-1));
    const first = await until(last);
    node('out').receive({ payload: 'Open' } as NodeMessage);
    const open = await until(() => last().then((frame) => (frame?.stNum === first.stNum + 1 ? frame : undefined)));
    assert.deepEqual(open.values.slice(0, 2), [{ bits: '01' }, { bits: '0000000000000' }]);
    const client = new IedClient({ host: '127.0.0.1', port, name: 'BAY1' });
    await client.connect();
    try {
      const enabled = 'BAY1CTRL/LLN0.gcbPositions.GoEna[GO]';
      assert.equal((await client.read([enabled]))[0]?.value, true);
      await client.write(enabled, false);
      node('out').receive({ payload: 'Closed' } as NodeMessage);
      await until(async () => (await client.read([POSITION]))[0]?.text === 'Closed' || undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal((await last())?.stNum, open.stNum, 'nothing is published any more');
    } finally {
      await client.close();
    }
  });

  it('goose-in: a client reads its subscription in LGOS, and LPHD.Sim of the server lets a simulation in', async () => {
    writeFileSync(path.join(userDirectory(), 'super.cid'), supervisingIed('PEERCTRL/LLN0.gcb01'));
    const port = await freePort();
    const gocbRef = 'PEERCTRL/LLN0$GO$gcb01';
    const flow = [
      ...watchers(['goose']),
      { id: 'server', type: 'iec61850-server', version: 1, sclFile: 'super.cid', port: String(port) },
      {
        ...{ id: 'goose', ...PLACE, type: 'goose-in', version: 1, source: 'interface', interface: cable.here },
        ...{ mode: 'typed', streams: [{ gocbRef, appId: '1234' }], server: 'server', wires: [[], []] },
      },
      { id: 'out', ...PLACE, type: 'iec61850-server-out', version: 1, server: 'server', wires: [] },
    ];
    await helper.load([server, serverOut, gooseIn, nodes.catch, nodes.status], flow as never);
    const block = { gocbRef, datSet: 'PEERCTRL/LLN0$ds01', goId: 'peer', appId: 0x1234, confRev: 7 };
    const client = new IedClient({ host: '127.0.0.1', port, name: 'SUPER' });
    const shows = async (object: string): Promise<unknown> =>
      (await client.read([`SUPERLD0/LGOS1.${object}.stVal[ST]`]))[0]?.value;
    const publish = (changed: boolean): Promise<unknown> =>
      peer.call('publish', { gocbRef, values: [['boolean', true]], changed });
    await until(() =>
      client.connect().then(
        () => true,
        () => undefined,
      ),
    );
    try {
      await peer.call('publisher', { ...block, address: '01-0C-CD-01-00-34', timeAllowedToLive: 60_000 });
      await until(async () => {
        await publish(true);
        return (await shows('St')) === true || undefined;
      });
      assert.equal(await shows('SimSt'), false);
      assert.equal(await shows('RxConfRevNum'), 7);
      node('out').receive({ payload: true, topic: 'SUPERLD0/LPHD1.Sim.stVal[ST]' } as NodeMessage);
      await peer.call('publisher', {
        ...block,
        address: '01-0C-CD-01-00-34',
        simulation: true,
        timeAllowedToLive: 3000,
      });
      await until(async () => {
        await publish(true);
        return (await shows('SimSt')) === true || undefined;
      });
      await until(async () => (await shows('St')) === false || undefined);
      assert.equal(await shows('SimSt'), false, 'nothing comes any more');
    } finally {
      await client.close();
    }
  });
});
