/** Bad days on the process bus: storms, an interface that goes and comes back, two publishers with one APPID. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { NodeMessage } from 'node-red';
import type { FrameLink } from '../../../src/ethernet/frame-link.js';
import { openLink } from '../../../src/ethernet/open-link.js';
import { GooseReceiver } from '../../../src/gateway/process-bus/index.js';
import { encodeGoosePdu } from '../../../src/goose/goose-pdu.js';
import { encodeApplicationFrame, EtherType } from '../../../src/mms/application-header.js';
import type { TagValue } from '../../../src/model/tag-value.js';
import { goosePdu, gooseValues } from '../../goose/frames.js';
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
} from '../../nodes/support/red.js';
import { STORM, type StormOrder, type StormReport } from './storm-sender.js';
import { layCable, needRawEthernet, type Cable } from './veth.js';

const gooseIn = nodeModule('../../../nodes/goose-in/goose-in.js');
const SENDER = path.join(__dirname, 'storm-sender.ts');
const ROOT = path.join(__dirname, '../../..');

interface Statistics extends NodeMessage {
  payload: { interface: { received: number; dropped: number }; malformed: number; foreign: number };
}

function orders(cable: Cable, order: Omit<StormOrder, 'interface'>): string[] {
  const told: StormOrder = { interface: cable.there, ...order };
  return ['netns', 'exec', cable.namespace, process.execPath, '-r', 'tsx/cjs', SENDER, JSON.stringify(told)];
}

describe('bad days on the process bus', function () {
  this.timeout(120_000);
  let cable: Cable;
  let storm: ChildProcess | undefined;

  before(async function () {
    needRawEthernet(this);
    await startRed();
  });
  after(stopRed);
  beforeEach(() => (cable = layCable()));
  afterEach(async () => {
    await helper.unload();
    if (storm && storm.exitCode === null) {
      storm.stdin?.end();
      await once(storm, 'exit');
    }
    storm = undefined;
    cable?.remove();
  });

  async function listen(): Promise<void> {
    const flow = [
      ...watchers(['goose']),
      {
        ...{ id: 'goose', ...PLACE, type: 'goose-in', version: 1, source: 'interface', interface: cable.here },
        ...{ mode: 'typed', streams: [{ ied: 'OURS', gocbRef: STORM.gocbRef, appId: '3033', address: STORM.address }] },
        wires: [['values'], ['states']],
      },
      { id: 'values', ...PLACE, type: 'helper' },
      { id: 'states', ...PLACE, type: 'helper' },
    ];
    await helper.load([gooseIn, nodes.catch, nodes.status], flow as never);
    await new Promise((resolve) => setImmediate(resolve));
    // The node answers with its interface as soon as it listens.
    while (!(await statistics()).payload.interface) await new Promise((resolve) => setImmediate(resolve));
  }
  function statistics(): Promise<Statistics> {
    const answer = message<Statistics>('states', ({ topic }) => topic === 'statistics');
    node('goose').receive({ payload: '' });
    return answer;
  }

  it('a storm of 50,000 foreign frames a second: the flow answers meanwhile, and every frame is accounted for', async () => {
    await listen();
    const ours = message<NodeMessage & { iec61850: TagValue }>('values');
    const process = (storm = spawn('ip', orders(cable, { frames: 150_000, perSecond: 50_000 }), { cwd: ROOT }));
    process.stderr?.resume();
    const lines = createInterface({ input: process.stdout as NodeJS.ReadableStream });
    const storms = { on: true };
    const done = once(lines, 'line').then(([line]) => {
      storms.on = false;
      return JSON.parse(String(line)) as StormReport;
    });
    let answers = 0;
    while (storms.on && process.exitCode === null) {
      const { payload } = await statistics();
      if (payload.foreign > 0) answers++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { goose, perSecond } = await done;
    assert.ok(answers > 0, 'the flow answered while the storm went on');
    assert.equal((await ours).iec61850.status, 'live', 'what is subscribed comes through after it');
    const { payload } = await statistics();
    const { received, dropped } = payload.interface;
    const seen = payload.foreign + dropped;
    console.log(`      ${perSecond} frames/s; of ${goose} GOOSE ${payload.foreign} looked at, ${dropped} dropped`);
    assert.equal(payload.malformed, 0);
    assert.ok(received >= payload.foreign);
    assert.ok(seen <= goose + 1000 && payload.foreign > 0);
    assert.equal(
      lostOnTheWay(cable.here) > 0 || seen >= goose,
      true,
      'each frame was looked at, or counted as dropped',
    );
  });

  it('frames that come while the process stands still wait, and those beyond the kernel’s buffer are counted', async () => {
    await listen();
    // Nothing runs here until the sender is done.
    const { stdout, status, stderr } = spawnSync('ip', orders(cable, { frames: 300_000, perSecond: 1e9 }), {
      ...{ cwd: ROOT, input: '', encoding: 'utf8' },
    });
    assert.equal(status, 0, stderr);
    const { goose } = JSON.parse(stdout.split('\n')[0] ?? '') as StormReport;
    let payload;
    do ({ payload } = await statistics());
    while (payload.foreign + payload.interface.dropped < goose && lostOnTheWay(cable.here) === 0);
    const { dropped } = payload.interface;
    console.log(`      of ${goose} GOOSE ${payload.foreign} waited, ${dropped} dropped`);
    assert.ok(dropped > 0 && payload.foreign > 0);
  });

  describe('heard by a receiver', () => {
    let link: FrameLink | undefined;
    let sender: FrameLink | undefined;
    let receiver: GooseReceiver;
    const up: boolean[] = [];
    const names = ['ACTRL/LLN0$GO$gcb1', 'BCTRL/LLN0$GO$gcb1'] as const;

    beforeEach(async () => {
      up.length = 0;
      receiver = new GooseReceiver({
        subscriptions: names.map((gocbRef) => ({ ied: gocbRef[0] as string, appId: 0x3033, expected: { gocbRef } })),
      });
      link = await openLink(cable.here, {
        frame: (frame, time) => receiver.receive(frame, time),
        state: (state) => up.push(state),
      });
      link.listen({ etherTypes: [EtherType.goose], destinations: [STORM.address] });
    });
    afterEach(async () => {
      receiver.close();
      await Promise.all([link?.close(), sender?.close()]);
      link = sender = undefined;
    });

    const send = (gocbRef: string, stNum: number, closed: boolean): void => {
      const apdu = encodeGoosePdu(goosePdu({ gocbRef, stNum, sqNum: 0, allData: gooseValues(closed) }));
      const payload = encodeApplicationFrame(0x3033, false, apdu);
      sender?.send({ destination: STORM.address, etherType: EtherType.goose, payload });
    };
    const until = async (look: () => boolean): Promise<void> => {
      while (!look()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    /** The other end, brought here so that this process can send from it. */
    const otherEnd = async (): Promise<void> => {
      ip('-n', cable.namespace, 'link', 'set', cable.there, 'netns', '1');
      ip('link', 'set', cable.there, 'up');
      sender = await openLink(cable.there, { frame: () => undefined });
    };

    it('two publishers with one APPID and one address are told apart', async () => {
      await otherEnd();
      const seen: string[] = [];
      receiver.on('values', (values, { gocbRef, stNum }) =>
        seen.push(`${gocbRef} ${stNum} ${values[0]?.value === true}`),
      );
      await until(() => {
        send(names[0], 1, true);
        send(names[1], 70, false);
        return seen.length >= 2;
      });
      send(names[0], 2, false);
      await until(() => seen.length >= 3);
      assert.deepEqual(seen.sort(), [`${names[0]} 1 true`, `${names[0]} 2 false`, `${names[1]} 70 false`]);
      assert.deepEqual(receiver.counts, { malformed: 0, foreign: 0 });
      assert.ok(receiver.states.every(({ statistics: { sourceChanges } }) => sourceChanges === 0));
    });

    it('an interface that is removed and comes back: told of twice, and frames flow again', async () => {
      ip('link', 'del', cable.here);
      await until(() => up.length === 1);
      assert.deepEqual(up, [false]);
      ip('link', 'add', cable.here, 'type', 'veth', 'peer', 'name', cable.there);
      ip('link', 'set', cable.here, 'up');
      ip('link', 'set', cable.there, 'up');
      await until(() => up.length === 2);
      assert.deepEqual(up, [false, true]);
      sender = await openLink(cable.there, { frame: () => undefined });
      let stNum = 1;
      await until(() => {
        send(names[0], stNum++, true);
        return receiver.states[0]?.state === 'live';
      });
    });
  });
});

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

/** Frames that the kernel gave up before any socket could count them. */
function lostOnTheWay(name: string): number {
  const { stdout } = spawnSync('cat', [`/sys/class/net/${name}/statistics/rx_dropped`], { encoding: 'utf8' });
  return Number(stdout.trim());
}
