/**
 * A small reader of capture files: pcap and pcapng, Ethernet (with VLAN tags), loopback, raw IP and Linux cooked
 * frames, IPv4 and IPv6, and TCP streams put together again. For tests: it trusts the file's own lengths only as far
 * as the buffer goes.
 */

export interface Frame {
  /** Number in the file, from 1, as dissectors count. */
  number: number;
  linkType: number;
  octets: Buffer;
}

/** One direction of a TCP connection: runs of octets without a gap between them. */
export interface TcpDirection {
  from: string;
  to: string;
  runs: Buffer[];
}

/** Both directions of one TCP connection, the one that spoke first (or sent SYN) first. */
export interface TcpConnection {
  directions: TcpDirection[];
}

export const LINK_TYPE = { null: 0, ethernet: 1, raw: 101, linuxCooked: 113 } as const;
export const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, goose: 0x88b8, sampledValues: 0x88ba } as const;
const TCP = 6;

/** @throws Error when the file is neither pcap nor pcapng. */
export function readCapture(file: Buffer): Frame[] {
  const magic = file.length >= 4 ? file.readUInt32LE(0) : 0;
  if (magic === 0x0a0d0d0a) return readPcapng(file);
  if (magic === 0xa1b2c3d4 || magic === 0xa1b23c4d) return readPcap(file, true);
  if (magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1) return readPcap(file, false);
  throw new Error(`not a capture: it starts with ${file.subarray(0, 4).toString('hex')}`);
}

function readPcap(file: Buffer, little: boolean): Frame[] {
  const word = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const linkType = word(20) & 0xffff;
  const frames: Frame[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const length = word(at + 8);
    frames.push({ number: frames.length + 1, linkType, octets: file.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return frames;
}

function readPcapng(file: Buffer): Frame[] {
  const frames: Frame[] = [];
  let linkTypes: number[] = [];
  let little = true;
  const word = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const half = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  for (let at = 0; at + 12 <= file.length;) {
    const isSection = file.readUInt32LE(at) === 0x0a0d0d0a;
    if (isSection) {
      little = file.readUInt32LE(at + 8) === 0x1a2b3c4d;
      linkTypes = [];
    }
    const type = word(at);
    const length = word(at + 4);
    if (length < 12) throw new Error(`pcapng block of ${length} octets`);
    if (type === 1) linkTypes.push(half(at + 8));
    const frame = (linkType: number | undefined, start: number, size: number): void => {
      frames.push({ number: frames.length + 1, linkType: linkType ?? -1, octets: file.subarray(start, start + size) });
    };
    if (type === 6) frame(linkTypes[word(at + 8)], at + 28, word(at + 20));
    if (type === 3) frame(linkTypes[0], at + 12, Math.min(word(at + 8), length - 16));
    at += length;
  }
  return frames;
}

/** EtherType of a frame behind its VLAN tags; undefined on links without one. */
export function etherType(frame: Frame): number | undefined {
  return frame.linkType === LINK_TYPE.ethernet ? ethernet(frame.octets).type : undefined;
}

function ethernet(octets: Buffer): { type: number; at: number } {
  let at = 12;
  while (at + 6 <= octets.length && octets.readUInt16BE(at) === ETHERTYPE.vlan) at += 4;
  return { type: at + 2 <= octets.length ? octets.readUInt16BE(at) : 0, at: at + 2 };
}

function ipPacket(frame: Frame): Buffer | undefined {
  const { octets } = frame;
  switch (frame.linkType) {
    case LINK_TYPE.ethernet: {
      const { type, at } = ethernet(octets);
      return type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6 ? octets.subarray(at) : undefined;
    }
    case LINK_TYPE.null:
      return octets.subarray(4);
    case LINK_TYPE.raw:
      return octets;
    case LINK_TYPE.linuxCooked:
      return octets.subarray(16);
    default:
      return undefined;
  }
}

interface Segment {
  from: string;
  to: string;
  sequence: number;
  syn: boolean;
  payload: Buffer;
}

function tcpSegment(frame: Frame): Segment | undefined {
  const ip = ipPacket(frame);
  if (!ip || ip.length < 20) return undefined;
  const version = (ip[0] as number) >> 4;
  let header: number;
  let end: number;
  let addresses: [string, string];
  if (version === 4) {
    if (ip[9] !== TCP) return undefined;
    header = ((ip[0] as number) & 15) * 4;
    // Captures taken before segmentation in the network card give a length of 0.
    end = ip.readUInt16BE(2) || ip.length;
    addresses = [ip.subarray(12, 16).join('.'), ip.subarray(16, 20).join('.')];
  } else if (version === 6 && ip.length >= 40 && ip[6] === TCP) {
    header = 40;
    end = 40 + ip.readUInt16BE(4);
    addresses = [ip.subarray(8, 24).toString('hex'), ip.subarray(24, 40).toString('hex')];
  } else {
    return undefined;
  }
  const tcp = ip.subarray(header, Math.min(end, ip.length));
  if (tcp.length < 20) return undefined;
  return {
    from: `${addresses[0]}:${tcp.readUInt16BE(0)}`,
    to: `${addresses[1]}:${tcp.readUInt16BE(2)}`,
    sequence: tcp.readUInt32BE(4),
    syn: ((tcp[13] as number) & 2) !== 0,
    payload: tcp.subarray(((tcp[12] as number) >> 4) * 4),
  };
}

/** Puts the octets of one direction in order: repeated ones are dropped, early ones wait, a lost one starts a new run. */
class Reassembler {
  readonly direction: TcpDirection;
  private next: number | undefined;
  private parts: Buffer[] = [];
  private early: Segment[] = [];

  constructor(from: string, to: string) {
    this.direction = { from, to, runs: [] };
  }

  add(segment: Segment): void {
    if (segment.syn) this.next = (segment.sequence + 1) >>> 0;
    if (segment.payload.length === 0) return;
    this.next ??= segment.sequence;
    this.early.push(segment);
    this.takeWaiting();
  }

  finish(): TcpDirection {
    while (this.early.length > 0) {
      this.endRun();
      const distance = (segment: Segment): number => (segment.sequence - (this.next as number)) >>> 0;
      this.next = this.early.reduce((a, b) => (distance(b) < distance(a) ? b : a)).sequence;
      this.takeWaiting();
    }
    this.endRun();
    return this.direction;
  }

  private takeWaiting(): void {
    for (let found = true; found;) {
      found = false;
      for (const segment of this.early) {
        const behind = ((this.next as number) - segment.sequence) | 0;
        if (behind < 0) continue;
        found = true;
        this.early.splice(this.early.indexOf(segment), 1);
        if (behind < segment.payload.length) {
          this.parts.push(segment.payload.subarray(behind));
          this.next = (segment.sequence + segment.payload.length) >>> 0;
        }
        break;
      }
    }
  }

  private endRun(): void {
    if (this.parts.length > 0) this.direction.runs.push(Buffer.concat(this.parts));
    this.parts = [];
  }
}

/** Every TCP connection of a capture; a SYN on the same addresses starts another one. */
export function tcpConnections(frames: readonly Frame[]): TcpConnection[] {
  const open = new Map<string, Reassembler[]>();
  const all: Reassembler[][] = [];
  for (const frame of frames) {
    const segment = tcpSegment(frame);
    if (!segment) continue;
    const key = [segment.from, segment.to].sort().join(' ');
    let both = open.get(key);
    const restarted =
      segment.syn && both?.some((one) => one.direction.from === segment.from && one.direction.runs.length > 0);
    if (!both || restarted) {
      both = [new Reassembler(segment.from, segment.to), new Reassembler(segment.to, segment.from)];
      open.set(key, both);
      all.push(both);
    }
    both.find((one) => one.direction.from === segment.from)?.add(segment);
  }
  return all.map((both) => ({ directions: both.map((one) => one.finish()) }));
}
