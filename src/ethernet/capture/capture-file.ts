/** Ethernet frames of pcap and pcapng files (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). */
import { DecodeError } from '../../errors.js';
import { MAX_CAPTURE_FRAMES } from '../../limits.js';

export interface CapturedFrame {
  /** ms since 1970, with fractions. */
  time: number;
  /** Not copied. */
  octets: Buffer;
}

const ETHERNET = 1;
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const IF_TSRESOL = 9;
/** Octets of a block beside its body: type, and the length twice. */
const BLOCK_OVERHEAD = 12;

/**
 * Frames of a capture in their order; those of other links than Ethernet are left out. A file that ends in the middle
 * of a frame gives those before it, as that is how a capture ends that was cut off.
 * @throws DecodeError when it is no capture, or a block of it cannot be
 */
export function* readCapture(file: Buffer): Generator<CapturedFrame> {
  const magic = file.length >= 4 ? file.readUInt32LE(0) : 0;
  let frames: Generator<CapturedFrame>;
  if (magic === SECTION_HEADER) frames = readPcapng(file);
  else if (magic === 0xa1b2c3d4) frames = readPcap(file, true, 1e3);
  else if (magic === 0xa1b23c4d) frames = readPcap(file, true, 1e6);
  else if (magic === 0xd4c3b2a1) frames = readPcap(file, false, 1e3);
  else if (magic === 0x4d3cb2a1) frames = readPcap(file, false, 1e6);
  else throw new DecodeError('the file is neither pcap nor pcapng', {}, 'Save the capture as pcap or pcapng.');
  let count = 0;
  for (const frame of frames) {
    if (++count > MAX_CAPTURE_FRAMES) return;
    yield frame;
  }
}

function* readPcap(file: Buffer, little: boolean, fractionsPerMs: number): Generator<CapturedFrame> {
  const word = reader(file, little);
  if (file.length < 24) throw new DecodeError('the capture has no header');
  if ((word(20) & 0xffff) !== ETHERNET) return;
  for (let at = 24; at + 16 <= file.length;) {
    const length = word(at + 8);
    if (length > file.length - at - 16) return;
    yield {
      time: word(at) * 1000 + word(at + 4) / fractionsPerMs,
      octets: file.subarray(at + 16, at + 16 + length),
    };
    at += 16 + length;
  }
}

/** What an interface block says of the frames that name it. */
interface CapturedInterface {
  linkType: number;
  /** Units of its timestamps in one ms. */
  unitsPerMs: number;
}

function* readPcapng(file: Buffer): Generator<CapturedFrame> {
  let interfaces: CapturedInterface[] = [];
  let little = true;
  for (let at = 0; at + BLOCK_OVERHEAD <= file.length;) {
    if (file.readUInt32LE(at) === SECTION_HEADER) {
      little = file.readUInt32LE(at + 8) === 0x1a2b3c4d;
      interfaces = [];
    }
    const word = reader(file, little);
    const type = word(at);
    const length = word(at + 4);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0) throw new DecodeError(`a capture block has ${length} octets`);
    if (length > file.length - at) return;
    const end = at + length - 4;
    if (type === INTERFACE_DESCRIPTION && length >= 20) interfaces.push(interfaceOf(file, at, end, little));
    else if (type === ENHANCED_PACKET && length >= 32) {
      const from = interfaces[word(at + 8)];
      const size = word(at + 20);
      if (size > end - at - 28) throw new DecodeError('a captured frame is longer than its block');
      if (from?.linkType === ETHERNET) {
        // Nanoseconds since 1970 are beyond 2^53: the whole milliseconds are taken out as integers first.
        const units = (BigInt(word(at + 12)) << 32n) | BigInt(word(at + 16));
        const perMs = BigInt(Math.max(1, Math.round(from.unitsPerMs)));
        const time = Number(units / perMs) + Number(units % perMs) / Number(perMs);
        yield { time, octets: file.subarray(at + 28, at + 28 + size) };
      }
    } else if (type === SIMPLE_PACKET && length >= 16 && interfaces[0]?.linkType === ETHERNET) {
      const size = Math.min(word(at + 8), end - at - 12);
      yield { time: 0, octets: file.subarray(at + 12, at + 12 + size) };
    }
    at += length;
  }
}

function interfaceOf(file: Buffer, block: number, end: number, little: boolean): CapturedInterface {
  const half = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  let unitsPerMs = 1e3;
  for (let at = block + 16; at + 4 <= end;) {
    const code = half(at);
    const size = half(at + 2);
    if (code === 0) break;
    if (code === IF_TSRESOL && size >= 1 && at + 4 < end) {
      const resolution = file[at + 4] as number;
      // The top bit tells a power of two from a power of ten.
      const perSecond = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
      unitsPerMs = perSecond / 1000;
    }
    at += 4 + Math.ceil(size / 4) * 4;
  }
  return { linkType: half(block + 8), unitsPerMs };
}

function reader(file: Buffer, little: boolean): (at: number) => number {
  return little ? (at) => file.readUInt32LE(at) : (at) => file.readUInt32BE(at);
}
