import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { CaptureLink } from '../../src/ethernet/capture/capture-link.js';
import { encodeFrame } from '../../src/ethernet/frame.js';
import { DecodeError, EthernetError, Iec61850Error } from '../../src/errors.js';
import { generator, mutated } from '../support/mutate.js';

const TIME = 1_700_000_000;

function frame(n: number, etherType = 0x88b8): Buffer {
  const payload = Buffer.alloc(46, n);
  return encodeFrame({ destination: '01-0C-CD-01-00-01', source: '00-11-22-33-44-55', etherType, payload });
}

/** A pcap file with a frame each millisecond. */
function pcap(frames: readonly Buffer[], linkType = 1): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt32LE(linkType, 20);
  return Buffer.concat([
    header,
    ...frames.flatMap((octets, i) => {
      const record = Buffer.alloc(16);
      record.writeUInt32LE(TIME, 0);
      record.writeUInt32LE(i * 1000, 4);
      record.writeUInt32LE(octets.length, 8);
      record.writeUInt32LE(octets.length, 12);
      return [record, octets];
    }),
  ]);
}

function block(type: number, body: Buffer): Buffer {
  const octets = Buffer.alloc(12 + Math.ceil(body.length / 4) * 4);
  octets.writeUInt32LE(type, 0);
  octets.writeUInt32LE(octets.length, 4);
  body.copy(octets, 8);
  octets.writeUInt32LE(octets.length, octets.length - 4);
  return octets;
}

/** A pcapng file whose times count nanoseconds. */
function pcapng(octets: Buffer): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  const description = Buffer.from('0100000000000000' + '0900010009000000' + '00000000', 'hex');
  const packet = Buffer.alloc(20);
  const time = BigInt(TIME) * 1_000_000_000n + 250_000_000n;
  packet.writeUInt32LE(Number(time >> 32n), 4);
  packet.writeUInt32LE(Number(time & 0xffffffffn), 8);
  packet.writeUInt32LE(octets.length, 12);
  packet.writeUInt32LE(octets.length, 16);
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, description), block(6, Buffer.concat([packet, octets]))]);
}

describe('a capture file', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'capture-'))));
  after(() => rmSync(folder, { recursive: true }));

  const written = (file: Buffer): string => {
    const path = join(folder, 'a.pcap');
    writeFileSync(path, file);
    return path;
  };

  it('gives the frames of a pcap file with their times', () => {
    const frames = [...readCapture(pcap([frame(1), frame(2)]))];
    assert.deepEqual(
      frames.map(({ time, octets }) => [time, octets[20]]),
      [
        [TIME * 1000, 1],
        [TIME * 1000 + 1, 2],
      ],
    );
  });

  it('gives the frames of a pcapng file with times of nanoseconds', () => {
    const [one] = [...readCapture(pcapng(frame(3)))];
    assert.equal(one?.time, TIME * 1000 + 250);
    assert.deepEqual(one?.octets, frame(3));
  });

  it('that was cut off gives what is whole, other links give nothing', () => {
    assert.equal([...readCapture(pcap([frame(1), frame(2)]).subarray(0, -5))].length, 1);
    assert.equal([...readCapture(pcap([frame(1)], 113))].length, 0);
  });

  it('that is none is refused, and no octets do worse than that', () => {
    assert.throws(() => [...readCapture(Buffer.from('hello, world'))], DecodeError);
    const random = generator(5);
    for (const original of [pcap([frame(1), frame(2)]), pcapng(frame(3))]) {
      for (let i = 0; i < 3000; i++) {
        try {
          for (const { octets } of readCapture(mutated(original, random))) assert.ok(octets.length >= 0);
        } catch (error) {
          assert.ok(error instanceof Iec61850Error, String(error));
        }
      }
    }
  });

  it('is replayed in order, through the filter that was asked for', async () => {
    const path = written(pcap([frame(1), frame(2, 0x88ba), frame(3), Buffer.alloc(5), frame(4)]));
    const seen: number[] = [];
    await new Promise<void>((resolve, reject) => {
      CaptureLink.open(path, {
        frame: ({ payload }) => {
          seen.push(payload[0] as number);
          if (seen.length === 3) resolve();
        },
      }).then((link) => link.listen({ etherTypes: [0x88b8] }), reject);
    });
    assert.deepEqual(seen, [1, 3, 4]);
  });

  it('begins again at its end when asked to, and stops when it is closed', async () => {
    const path = written(pcap([frame(1), frame(2)]));
    const seen: number[] = [];
    const link = await new Promise<CaptureLink>((resolve, reject) => {
      const opened = CaptureLink.open(
        path,
        {
          frame: ({ payload }) => {
            if (seen.push(payload[0] as number) === 5) opened.then(resolve, reject);
          },
        },
        { speed: Infinity, repeat: true },
      );
      opened.then((made) => made.listen({ etherTypes: [0x88b8], destinations: ['01-0C-CD-01-00-01'] }), reject);
    });
    await link.close();
    assert.deepEqual(seen.slice(0, 5), [1, 2, 1, 2, 1]);
  });

  it('that is not there is told of by its name', async () => {
    await assert.rejects(CaptureLink.open(join(folder, 'none.pcap'), { frame: () => undefined }), (error) => {
      assert.ok(error instanceof EthernetError);
      assert.match(error.message, /none\.pcap/);
      return true;
    });
  });
});
