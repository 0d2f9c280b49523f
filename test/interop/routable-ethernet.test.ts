import assert from 'node:assert/strict';
import type { BusFrame } from '../../src/bus-link/bus-link.js';
import { SecuredLink } from '../../src/bus-link/secured-link.js';
import { openLink } from '../../src/ethernet/open-link.js';
import { EtherType } from '../../src/mms/application-header.js';
import { GoosePublisher } from '../../src/goose/publisher.js';
import type { BusKey } from '../../src/routable/keys.js';
import { busKey } from '../routable/frames.js';
import { needPeer, startGoosePeer, type Peer, type PeerValue } from './peers/index.js';
import { layCable, needRawEthernet, type Cable } from './process-bus/veth.js';

const ADDRESS = '01-0C-CD-01-00-07';
const BLOCK = {
  gocbRef: 'PEERCTRL/LLN0$GO$gcb01',
  datSet: 'PEERCTRL/LLN0$ds01',
  goId: 'peer',
  appId: 0x1234,
  confRev: 7,
};

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('signed GOOSE on a cable with libiec61850, which does not know signatures', function () {
  this.timeout(60_000);
  let cable: Cable;
  let peer: Peer;
  const links: SecuredLink[] = [];

  before(function () {
    needRawEthernet(this);
    needPeer(this, 'libiec61850');
  });
  beforeEach(async () => {
    cable = layCable();
    peer = await startGoosePeer(cable.there, cable.namespace);
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await peer?.stop();
    cable?.remove();
  });

  async function open(keys: BusKey[], frame: (frame: BusFrame) => void): Promise<SecuredLink> {
    const link = await SecuredLink.open({ keys }, { frame }, (handler) => openLink(cable.here, handler));
    links.push(link);
    return link;
  }

  it('reads past our signature', async () => {
    const keys = [busKey('HMAC-SHA256-128', 7)];
    await peer.call('subscribe', { gocbRef: BLOCK.gocbRef, appId: BLOCK.appId });
    const link = await open(keys, () => undefined);
    const publisher = new GoosePublisher(BLOCK);
    const t = { seconds: 1_700_000_000, fraction: 0, quality: 10 };
    const first = publisher.publish([{ type: 'boolean', value: true }], t, 0);
    const frames = await until(async () => {
      // Its receiver says that it runs before it listens.
      link.send({ destination: ADDRESS, etherType: EtherType.goose, payload: first });
      const received = (await peer.call('received', {})) as { stNum: number; valid: boolean; values: PeerValue[] }[];
      return received.length > 0 ? received : undefined;
    });
    assert.equal(frames[0]?.stNum, 1);
    assert.equal(frames[0].valid, true);
    assert.deepEqual(frames[0].values, [true]);
  });

  it('gives no value where signatures are needed, and its values where they are not', async () => {
    const [refused, taken]: [BusFrame[], BusFrame[]] = [[], []];
    const strict = await open([busKey('HMAC-SHA256-128')], (frame) => refused.push(frame));
    const plain = await open([], (frame) => taken.push(frame));
    for (const link of [strict, plain]) link.listen({ etherTypes: [EtherType.goose], destinations: [ADDRESS] });
    await peer.call('publisher', { ...BLOCK, address: ADDRESS });
    await peer.call('publish', { gocbRef: BLOCK.gocbRef, values: [['boolean', true]] });
    await until(() => taken[0]);
    const { security } = await until(() => {
      const statistics = strict.statistics();
      return statistics.security.unsigned > 0 ? statistics : undefined;
    });
    assert.equal(security.state, 'unsigned');
    assert.deepEqual(refused, []);
  });
});
