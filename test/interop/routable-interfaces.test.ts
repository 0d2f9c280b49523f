/** Signed GOOSE from node to node over a cable, and UDP over an interface that loses its address. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { NodeMessage } from 'node-red';
import type { BusFrame } from '../../src/bus-link/bus-link.js';
import { UdpLink } from '../../src/bus-link/udp-link.js';
import type { GooseDetails } from '../../src/gateway/process-bus/index.js';
import { encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import type { TagValue } from '../../src/model/tag-value.js';
import {
  BAY_IN_PACKAGE,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startRed,
  stopRed,
  watchers,
} from '../nodes/support/red.js';
import { busKey, GOOSE_APDU } from '../routable/frames.js';
import { layCable, needRawEthernet, type Cable } from './process-bus/veth.js';

const ADDRESS = '10.90.5.1';
const KEY = '000102030405060708090a0b0c0d0e0f';

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

interface GooseMessage extends NodeMessage {
  iec61850: TagValue;
  goose: GooseDetails;
}

interface Statistics extends NodeMessage {
  payload: { interface?: { security: Record<string, number> } };
}

describe('keys and UDP on real interfaces', function () {
  this.timeout(60_000);
  let cable: Cable | undefined;
  let here = '';
  let there = '';

  before(async function () {
    needRawEthernet(this);
    cable = layCable({ bothHere: true });
    ({ here, there } = cable);
    await startRed();
  });
  after(async () => {
    cable?.remove();
    await stopRed();
  });
  afterEach(() => helper.unload());

  it('goose-out signs on Ethernet, goose-in takes the values, and one with another key does not', async () => {
    const common = {
      ...PLACE,
      version: 1,
      mode: 'scl',
      sclFile: BAY_IN_PACKAGE,
      sclIed: 'BAY1',
      blocks: ['BAY1CTRL/LLN0.gcbPositions'],
      securityAlgorithm: 'HMAC-SHA256-256',
      keyId: '3',
    };
    const flow = [
      ...watchers(['out', 'in', 'other']),
      { ...common, id: 'out', type: 'goose-out', allowed: true, interface: here, reference: 'BAY1CTRL/XCBR1.Pos[ST]' },
      { ...common, id: 'in', type: 'goose-in', source: 'interface', interface: there, wires: [['values'], []] },
      {
        ...common,
        id: 'other',
        type: 'goose-in',
        source: 'interface',
        interface: there,
        wires: [['wrong'], ['states']],
      },
      ...['values', 'wrong', 'states'].map((id) => ({ id, ...PLACE, type: 'helper', wires: [] })),
    ];
    const modules = ['goose-in', 'goose-out'].map((name) => nodeModule(`../../../nodes/${name}/${name}.js`));
    const keys = { out: { busKey: KEY }, in: { busKey: KEY }, other: { busKey: KEY.replace('00', '01') } };
    await helper.load([...modules, nodes.catch, nodes.status], flow as never, keys as never);
    node('wrong').on('input', () => assert.fail('a value without the right key'));
    const opened = message<GooseMessage>(
      'values',
      (msg) => msg.topic === 'BAY1/CTRL.XCBR1.Pos.stVal' && (msg as GooseMessage).iec61850.text === 'Open',
    );
    node('out').receive({ payload: 'Open' } as NodeMessage);
    const { security } = (await opened).goose;
    assert.equal(security?.verdict, 'verified');
    assert.equal(security.keyId, 3);
    for (;;) {
      const told = message<Statistics>('states', ({ topic }) => topic === 'statistics');
      node('other').receive({ payload: '' } as NodeMessage);
      const { payload } = await told;
      if ((payload.interface?.security.badSignature ?? 0) > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it('UDP goes on when the interface comes back with its address', async () => {
    ip('addr', 'add', `${ADDRESS}/24`, 'dev', here);
    const to = { address: ADDRESS, interface: here };
    const states: boolean[] = [];
    let changed: () => void = () => undefined;
    const change = (): Promise<void> => new Promise((resolve) => (changed = resolve));
    let taken: (frame: BusFrame) => void = () => undefined;
    const keys = [busKey('HMAC-SHA256-128')];
    const link = await UdpLink.open(
      { ...to, port: 0, direction: 'receive', keys },
      {
        frame: (frame) => taken(frame),
        state: (up) => {
          states.push(up);
          changed();
        },
      },
    );
    link.listen({ etherTypes: [EtherType.goose] });
    try {
      const down = change();
      ip('addr', 'del', `${ADDRESS}/24`, 'dev', here);
      await down;
      const up = change();
      ip('addr', 'add', `${ADDRESS}/24`, 'dev', here);
      await up;
      assert.deepEqual(states, [false, true]);
      const came = new Promise<BusFrame>((resolve) => (taken = resolve));
      const sender = await UdpLink.open(
        { ...to, port: link.port as number, direction: 'send', keys },
        { frame: () => undefined },
      );
      sender.send({
        destination: '',
        etherType: EtherType.goose,
        payload: encodeApplicationFrame(1, false, GOOSE_APDU),
      });
      assert.equal((await came).security?.verdict, 'verified');
      await sender.close();
    } finally {
      await link.close();
      ip('addr', 'del', `${ADDRESS}/24`, 'dev', here);
    }
  });
});
