import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusFrame, BusLinkStatistics } from '../../src/bus-link/bus-link.js';
import { capturedDatagram } from '../../src/bus-link/captured-datagram.js';
import { CapturedBus } from '../../src/bus-link/captured-bus.js';
import { decodeFrame, encodeFrame } from '../../src/ethernet/frame.js';
import { encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import { signFrame } from '../../src/routable/extension.js';
import { RoutableSender } from '../../src/routable/routable-sender.js';
import { generator, mutated } from '../support/mutate.js';
import { pcapOf, udpFrame } from './datagrams.js';
import { busKey, GOOSE_APDU } from './frames.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const ADDRESS = '01-0C-CD-01-00-01';
const PLAIN = encodeApplicationFrame(1, false, GOOSE_APDU);

function ethernet(payload: Buffer, destination = ADDRESS): Buffer {
  return encodeFrame({ destination, source: '00-11-22-33-44-55', etherType: EtherType.goose, payload });
}

function datagram(sender = new RoutableSender()): Buffer {
  return sender.encode({ kind: 'goose', appId: 1, simulated: false, apdu: GOOSE_APDU }, NOW);
}

describe('a capture file with R-GOOSE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iec61850-'));
  after(() => rmSync(folder, { recursive: true }));

  async function replay(
    frames: readonly Buffer[],
    wanted: number,
    keys = [busKey('HMAC-SHA256-128')],
  ): Promise<{ taken: BusFrame[]; statistics: BusLinkStatistics }> {
    const file = join(folder, 'made.pcap');
    writeFileSync(file, pcapOf(frames));
    const taken: BusFrame[] = [];
    let done: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (done = resolve));
    const options = { keys, required: false, speed: Infinity };
    const bus = await CapturedBus.open(file, options, {
      frame: (frame) => {
        if (taken.push(frame) === wanted) done();
      },
    });
    bus.listen({ etherTypes: [EtherType.goose], destinations: [ADDRESS] });
    await all;
    const statistics = bus.statistics();
    await bus.close();
    return { taken, statistics };
  }

  it('gives both what came by Ethernet and what came by UDP, and says how they were signed', async () => {
    const keys = [busKey('HMAC-SHA256-128')];
    const sender = new RoutableSender({ keys });
    const signed = signFrame(EtherType.goose, PLAIN, busKey('HMAC-SHA256-128'), {
      timeOfCurrentKey: 0,
      timeToNextKey: 0,
    });
    const once = datagram(sender);
    const frames = [
      udpFrame(once),
      udpFrame(once),
      udpFrame(Buffer.from('no SPDU')),
      udpFrame(datagram(sender), 103),
      ethernet(signed),
      ethernet(PLAIN, '01-0C-CD-01-00-02'),
      ethernet(PLAIN),
      udpFrame(datagram()),
    ];
    const { taken, statistics } = await replay(frames, 4);
    assert.deepEqual(
      taken.map(({ destination, security }) => [destination, security?.verdict]),
      [
        ['239.192.0.1:102', 'verified'],
        [ADDRESS, 'verified'],
        [ADDRESS, undefined],
        ['239.192.0.1:102', 'unsigned'],
      ],
    );
    assert.equal(taken[0]?.source, '192.168.0.1:50000');
    assert.deepEqual(taken[0].payload, PLAIN);
    assert.equal(statistics.malformed, 1);
    assert.equal(statistics.security.replayed, 1);
    assert.equal(statistics.security.verified, 3);
    assert.equal(statistics.security.state, 'replayed');
  });

  it('has datagrams of IPv6', () => {
    const octets = datagram();
    const header = Buffer.alloc(48);
    header[0] = 0x60;
    header.writeUInt16BE(8 + octets.length, 4);
    header[6] = 17;
    header[23] = 1;
    header[24] = 0xff;
    header[39] = 2;
    header.writeUInt16BE(50_000, 40);
    header.writeUInt16BE(102, 42);
    header.writeUInt16BE(8 + octets.length, 44);
    const payload = Buffer.concat([header, octets]);
    const found = capturedDatagram({ destination: '', source: '', etherType: 0x86dd, payload });
    assert.deepEqual(found?.octets, octets);
    assert.equal(found.source, '[0:0:0:0:0:0:0:1]:50000');
    assert.equal(found.destination, '[ff00:0:0:0:0:0:0:2]:102');
  });

  it('does not stop at datagrams that are cut off, fragments or mutants', () => {
    const good = udpFrame(datagram());
    const { etherType, payload } = decodeFrame(good);
    for (let end = 0; end < 40; end++) {
      capturedDatagram({ destination: '', source: '', etherType, payload: payload.subarray(0, end) });
    }
    const fragment = Buffer.from(payload);
    fragment[6] = 0x20;
    assert.equal(capturedDatagram({ destination: '', source: '', etherType, payload: fragment }), undefined);
    const random = generator(7);
    for (let i = 0; i < 5000; i++) {
      for (const version of [0x0800, 0x86dd]) {
        capturedDatagram({ destination: '', source: '', etherType: version, payload: mutated(payload, random) });
      }
    }
  });
});
