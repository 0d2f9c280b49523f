import assert from 'node:assert/strict';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { encodePcapng } from '../../src/ethernet/capture/pcapng-writer.js';
import { encodeTcpCapture, type StreamPiece } from '../../src/ethernet/capture/tcp-capture.js';

const TIME = 1_790_000_000_123.456;

describe('a capture file that is written', () => {
  it('is read as it was written, to the microsecond', () => {
    const frames = [
      { time: TIME, octets: Buffer.alloc(61, 1) },
      { time: TIME + 0.001, octets: Buffer.alloc(60, 2) },
    ];
    const file = encodePcapng(frames, { application: 'test', comment: 'äöü', interfaceName: 'mms' });
    const back = [...readCapture(file)];
    assert.deepEqual(
      back.map(({ octets }) => octets),
      frames.map(({ octets }) => octets),
    );
    back.forEach(({ time }, i) => assert.equal(time.toFixed(3), frames[i]?.time.toFixed(3)));
    assert.ok(file.includes('äöü'));
  });

  it('has whole TCP streams, whatever the addresses', () => {
    const octets = Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 0xff));
    const pieces: StreamPiece[] = [
      { connection: 1, from: 'client', time: TIME, octets: octets.subarray(0, 10) },
      { connection: 1, from: 'server', time: TIME, octets },
      { connection: 2, from: 'client', time: TIME, octets: octets.subarray(0, 7) },
    ];
    const ends = [
      { client: { address: '10.0.0.1', port: 5 }, server: { address: '::ffff:10.0.0.2', port: 10_102 } },
      { client: { address: 'fe80::1%eth0', port: 6 }, server: { address: '2001:db8::2', port: 3782 } },
    ];
    const frames = [...readCapture(encodeTcpCapture(pieces, (number) => ends[number - 1] ?? {}, 102))].map(
      ({ octets: frame }) => frame,
    );
    const fromServer = frames.filter((frame) => frame.readUInt16BE(12) === 0x0800 && frame.readUInt16BE(34) === 102);
    assert.equal(fromServer[0]?.subarray(26, 34).toString('hex'), '0a0000020a000001');
    assert.deepEqual(Buffer.concat(fromServer.map((frame) => frame.subarray(54))), octets);
    const six = frames.filter((frame) => frame.readUInt16BE(12) === 0x86dd);
    assert.equal(six[0]?.subarray(22, 38).toString('hex'), 'fe800000000000000000000000000001');
    assert.equal(six.at(-1)?.subarray(74).length, 7);
  });

  it('has addresses for documentation where none are known, or two of different kinds', () => {
    const piece: StreamPiece = { connection: 1, from: 'client', time: TIME, octets: Buffer.of(1) };
    for (const ends of [{}, { client: { address: '::1', port: 1 }, server: { address: '10.0.0.1', port: 2 } }]) {
      const [frame] = readCapture(encodeTcpCapture([piece], () => ends, 102));
      assert.equal(frame?.octets.subarray(26, 34).toString('hex'), 'c0000201c0000202');
    }
  });
});
