import assert from 'node:assert/strict';
import type { BusFrame } from '../../src/bus-link/bus-link.js';
import { UdpLink } from '../../src/bus-link/udp-link.js';
import { encodeApplicationFrame, decodeApplicationHeader, EtherType } from '../../src/mms/application-header.js';
import { decodeGoosePdu, encodeGoosePdu } from '../../src/goose/goose-pdu.js';
import { algorithmNumbers, type BusAlgorithm } from '../../src/routable/algorithms.js';
import type { BusKey } from '../../src/routable/keys.js';
import { decodeSvPdu, encodeSvPdu } from '../../src/sv/sv-pdu.js';
import { needPeer, startDriver, type Peer, type PeerValue } from './peers/index.js';

const OCTETS = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const BLOCK = { gocbRef: 'PEERCTRL/LLN0$GO$gcb01', datSet: 'PEERCTRL/LLN0$ds01', appId: 0x3001 };

function keyOf(algorithm: BusAlgorithm): BusKey {
  const secret = Buffer.from(OCTETS, 'hex').subarray(0, algorithm === 'AES-128-GCM' ? 16 : 32);
  return { id: 7, algorithm, secret };
}

/** A key as the peer's driver takes it. */
function peerKey({ id, algorithm, secret }: BusKey): object {
  const { encryption, signature } = algorithmNumbers(algorithm);
  return { id, hex: secret.toString('hex'), security: encryption, signature };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** It says 16 octets in front of the 32 of HMAC-SHA256-256, which we read past. */
const ITS_ALGORITHMS = [undefined, 'HMAC-SHA256-128', 'HMAC-SHA256-256', 'AES-128-GCM', 'AES-256-GCM'] as const;
/**
 * It takes no SPDU of version 2 without a key. An HMAC it looks for one octet too early, so that it does not take its own
 * either: {@link ../routable/session.test.ts} and tshark stand for these.
 */
const OUR_ALGORITHMS = ['AES-128-GCM', 'AES-256-GCM'] as const;

describe('R-GOOSE and R-SV with libiec61850', function () {
  this.timeout(60_000);
  let peer: Peer;
  let link: UdpLink | undefined;
  const frames: BusFrame[] = [];

  before(function () {
    needPeer(this, 'libiec61850');
  });
  beforeEach(async () => {
    frames.length = 0;
    peer = await startDriver('libiec61850_rsession.py');
  });
  afterEach(async () => {
    await link?.close();
    link = undefined;
    await peer?.stop();
  });

  async function hear(algorithm: BusAlgorithm | undefined): Promise<number> {
    const keys = algorithm ? [keyOf(algorithm)] : [];
    link = await UdpLink.open(
      { address: '127.0.0.1', port: 0, direction: 'receive', keys },
      { frame: (frame) => frames.push({ ...frame, payload: Buffer.from(frame.payload) }) },
    );
    link.listen({ etherTypes: [EtherType.goose, EtherType.sampledValues] });
    return link.port as number;
  }

  const key = (algorithm: BusAlgorithm | undefined): { key?: object } =>
    algorithm ? { key: peerKey(keyOf(algorithm)) } : {};

  for (const algorithm of ITS_ALGORITHMS) {
    const how = algorithm ? `with ${algorithm}` : 'without security';
    const verdict = algorithm ? 'verified' : 'unsigned';

    it(`hears its R-GOOSE ${how}`, async () => {
      const port = await hear(algorithm);
      await peer.call('goosePublisher', { ...BLOCK, port, simulation: true, ...key(algorithm) });
      const values = [
        ['integer', 1234],
        ['boolean', true],
        ['visible-string', 'r-goose'],
      ];
      await peer.call('publish', { values });
      await peer.call('publish', { values });
      const frame = await until(() => frames[1]);
      assert.equal(frame.security?.verdict, verdict);
      assert.equal(frame.security.version, 2);
      const { appId, start, end } = decodeApplicationHeader(frame.payload);
      assert.equal(appId, BLOCK.appId);
      const pdu = decodeGoosePdu(frame.payload, start, end);
      assert.equal(pdu.gocbRef, BLOCK.gocbRef);
      assert.equal(pdu.simulation, true);
      assert.deepEqual(
        pdu.allData.map((data) => ('value' in data ? data.value : undefined)),
        [1234, true, 'r-goose'],
      );
    });

    it(`hears its R-SV ${how}`, async () => {
      const port = await hear(algorithm);
      await peer.call('svPublisher', { svId: 'MU01', appId: 0x4001, port, ...key(algorithm) });
      await peer.call('publish', { samples: [1.5, -2.25], smpCnt: 77 });
      const frame = await until(() => frames[0]);
      assert.equal(frame.etherType, EtherType.sampledValues);
      assert.equal(frame.security?.verdict, verdict);
      const { start, end } = decodeApplicationHeader(frame.payload);
      const [asdu] = decodeSvPdu(frame.payload, start, end);
      assert.equal(asdu?.svId, 'MU01');
      assert.equal(asdu.smpCnt, 77);
      assert.deepEqual(
        [0, 4].map((at) => frame.payload.readFloatBE(asdu.start + at)),
        [1.5, -2.25],
      );
    });
  }

  for (const algorithm of OUR_ALGORITHMS) {
    const send = async (
      port: number,
      etherType: number,
      appId: number,
      apdus: readonly Buffer[],
    ): Promise<unknown[]> => {
      link = await UdpLink.open(
        { address: '127.0.0.1', port, direction: 'send', coverage: 'transport', keys: [keyOf(algorithm)] },
        { frame: () => undefined },
      );
      for (const apdu of apdus) {
        link.send({ destination: '', etherType, payload: encodeApplicationFrame(appId, false, apdu) });
      }
      return until(async () => {
        const received = (await peer.call('received', {})) as unknown[];
        return received.length >= apdus.length ? received : undefined;
      });
    };

    it(`is heard by it as R-GOOSE with ${algorithm}, covered from the transport header on`, async () => {
      const port = (await peer.call('gooseSubscriber', { ...BLOCK, ...key(algorithm) })) as number;
      const apdus = [1, 2].map((sqNum) =>
        encodeGoosePdu({
          gocbRef: BLOCK.gocbRef,
          timeAllowedToLive: 5000,
          datSet: BLOCK.datSet,
          t: { seconds: 1_700_000_000, fraction: 0, quality: 10 },
          stNum: 1,
          sqNum,
          simulation: false,
          confRev: 1,
          ndsCom: false,
          allData: [
            { type: 'integer', value: -5 },
            { type: 'boolean', value: true },
          ],
        }),
      );
      const received = (await send(port, EtherType.goose, BLOCK.appId, apdus)) as {
        stNum: number;
        sqNum: number;
        values: PeerValue[];
      }[];
      assert.deepEqual(
        received.map(({ stNum, sqNum }) => [stNum, sqNum]),
        [
          [1, 1],
          [1, 2],
        ],
      );
      assert.deepEqual(received[1]?.values, [-5, true]);
    });

    it(`is heard by it as R-SV with ${algorithm}, covered from the transport header on`, async () => {
      const port = (await peer.call('svSubscriber', { appId: 0x4001, ...key(algorithm) })) as number;
      const samples = Buffer.alloc(8);
      samples.writeFloatBE(1.5, 0);
      samples.writeFloatBE(-2.25, 4);
      const asdu = { svId: 'MU01', smpCnt: 99, countAt: 0, confRev: 1, smpSynch: 0, start: 0, end: 8 };
      const received = await send(port, EtherType.sampledValues, 0x4001, [encodeSvPdu([asdu], samples)]);
      assert.deepEqual(received[0], { svId: 'MU01', smpCnt: 99, samples: [1.5, -2.25] });
    });
  }
});
