import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { decodeFrame } from '../../src/ethernet/frame.js';
import { SvReceiver } from '../../src/gateway/process-bus/index.js';
import { APPLICATION_HEADER_LENGTH as HEADER, EtherType } from '../../src/mms/application-header.js';
import { decodeSvFrame } from '../../src/sv/sv-frame.js';
import { encodeSvPdu } from '../../src/sv/sv-pdu.js';
import type { SvMeasurement } from '../../src/sv/sv-stream.js';

const FOLDER = path.join(__dirname, '../../../shared/corpus/pcap');

describe('sampled values of the captures', () => {
  const there = existsSync(FOLDER);
  before(function () {
    if (there) return;
    console.log('    skipped: there is no ../shared/corpus');
    this.skip();
  });
  const frames = (file: string): ReturnType<typeof decodeFrame>[] =>
    [...readCapture(readFileSync(path.join(FOLDER, file)))]
      .map(({ octets }) => decodeFrame(octets))
      .filter(({ etherType }) => etherType === EtherType.sampledValues);

  for (const file of (there ? readdirSync(FOLDER) : []).filter((name) => /sv/i.test(name) && name.endsWith('.pcap'))) {
    it(`${file}: every PDU comes back octet for octet`, () => {
      const all = frames(file);
      assert.ok(all.length > 0);
      for (const { payload } of all) {
        // A header before it, and in one capture 32 octets of authentication behind it.
        const again = encodeSvPdu(decodeSvFrame(payload).asdus, payload);
        assert.equal(again.toString('hex'), payload.toString('hex', HEADER, HEADER + again.length));
      }
    });
  }

  it('a merging unit of 9-2LE is a symmetric system of 50 Hz, without a sample lost', () => {
    const receiver = new SvReceiver({ subscriptions: [], listen: true, nominal: 50, interval: 200 });
    const measured: SvMeasurement[] = [];
    receiver.on('measured', (measurement) => measured.push(measurement));
    for (const frame of frames('DINA-community-icsnpp-iec61850-sv__SV_Normal_Traffic.pcap')) receiver.receive(frame);
    receiver.close();
    assert.equal(measured.length, 12);
    for (const { frequency, channels, statistics } of measured) {
      assert.ok(Math.abs(frequency - 50) < 0.01);
      assert.equal(statistics.lost, 0);
      const [Va, Vb, Vc] = ['Va', 'Vb', 'Vc'].map((name) => channels.find((channel) => channel.name === name));
      assert.ok(Va && Vb && Vc);
      assert.ok(Math.abs(Va.rms - 133_300) < 100);
      assert.ok(Math.abs(Vb.angle + 120) < 0.5 && Math.abs(Vc.angle - 120) < 0.5);
    }
  });
});
