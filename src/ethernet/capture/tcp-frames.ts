/**
 * Ethernet, IP and TCP headers made up around octets that were seen above them, so that dissectors take them for a
 * capture: in the order given, nothing lost and nothing twice.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { FrameToWrite } from './pcapng-writer.js';

export interface TcpEnd {
  /** IPv4 or IPv6 address. */
  address: string;
  port: number;
}

/** Payload of one frame, as on a network of usual frames. */
const MAX_SEGMENT = 1400;
const FLAG = { fin: 0x01, syn: 0x02, push: 0x08, acknowledge: 0x10 } as const;
const TCP_HEADER = 20;
const ETHER_TYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const TCP = 6;

interface End {
  mac: Buffer;
  address: Buffer;
  port: number;
  sequence: number;
}

/** One TCP connection. */
export class TcpFrames {
  private readonly client: End;
  private readonly server: End;

  constructor(
    client: TcpEnd,
    server: TcpEnd,
    private readonly write: (frame: FrameToWrite) => void,
  ) {
    const both = [client, server].map(({ address }) => addressOctets(address));
    // Addresses of two families cannot speak to each other: then both stand for themselves as documentation addresses.
    const [left, right] =
      both[0] && both[1] && both[0].length === both[1].length
        ? (both as [Buffer, Buffer])
        : [Buffer.of(192, 0, 2, 1), Buffer.of(192, 0, 2, 2)];
    this.client = { mac: Buffer.of(2, 0, 0, 0, 0, 1), address: left, port: client.port, sequence: 1000 };
    this.server = { mac: Buffer.of(2, 0, 0, 0, 0, 2), address: right, port: server.port, sequence: 2000 };
  }

  /** The three frames that begin the connection. */
  open(time: number): void {
    const { client, server } = this;
    this.frame(client, server, FLAG.syn, time);
    client.sequence++;
    this.frame(server, client, FLAG.syn | FLAG.acknowledge, time);
    server.sequence++;
    this.frame(client, server, FLAG.acknowledge, time);
  }

  /** Octets that one end sent. */
  data(from: 'client' | 'server', octets: Buffer, time: number): void {
    const [source, target] = from === 'client' ? [this.client, this.server] : [this.server, this.client];
    for (let at = 0; at < octets.length; at += MAX_SEGMENT) {
      const payload = octets.subarray(at, at + MAX_SEGMENT);
      this.frame(source, target, FLAG.push | FLAG.acknowledge, time, payload);
      source.sequence = (source.sequence + payload.length) >>> 0;
    }
  }

  /** One end closes its direction. */
  end(from: 'client' | 'server', time: number): void {
    const [source, target] = from === 'client' ? [this.client, this.server] : [this.server, this.client];
    this.frame(source, target, FLAG.fin | FLAG.acknowledge, time);
    source.sequence++;
  }

  private frame(from: End, to: End, flags: number, time: number, payload: Buffer = Buffer.alloc(0)): void {
    const tcp = Buffer.alloc(TCP_HEADER);
    tcp.writeUInt16BE(from.port, 0);
    tcp.writeUInt16BE(to.port, 2);
    tcp.writeUInt32BE(from.sequence, 4);
    tcp.writeUInt32BE(flags & FLAG.acknowledge ? to.sequence : 0, 8);
    tcp[12] = (TCP_HEADER / 4) << 4;
    tcp[13] = flags;
    tcp.writeUInt16BE(0xffff, 14);
    tcp.writeUInt16BE(tcpChecksum(from.address, to.address, tcp, payload), 16);
    const ip = from.address.length === 4 ? ipv4(from, to, payload.length) : ipv6(from, to, payload.length);
    this.write({ time, octets: Buffer.concat([to.mac, from.mac, ip, tcp, payload]) });
  }
}

/** EtherType and header. */
function ipv4(from: End, to: End, payload: number): Buffer {
  const header = Buffer.alloc(22);
  header.writeUInt16BE(ETHER_TYPE.ipv4, 0);
  header[2] = 0x45;
  header.writeUInt16BE(20 + TCP_HEADER + payload, 4);
  // Do not fragment.
  header[8] = 0x40;
  header[10] = 64;
  header[11] = TCP;
  from.address.copy(header, 14);
  to.address.copy(header, 18);
  header.writeUInt16BE(checksum([header.subarray(2)]), 12);
  return header;
}

function ipv6(from: End, to: End, payload: number): Buffer {
  const header = Buffer.alloc(42);
  header.writeUInt16BE(ETHER_TYPE.ipv6, 0);
  header[2] = 0x60;
  header.writeUInt16BE(TCP_HEADER + payload, 6);
  header[8] = TCP;
  header[9] = 64;
  from.address.copy(header, 10);
  to.address.copy(header, 26);
  return header;
}

/** Over the pseudo header, header and payload (RFC 9293 §3.1, RFC 8200 §8.1); the sum is the same for both families. */
function tcpChecksum(from: Buffer, to: Buffer, header: Buffer, payload: Buffer): number {
  const length = header.length + payload.length;
  return checksum([from, to, Buffer.of(length >>> 8, length & 0xff, 0, TCP), header, payload]);
}

/** One's complement sum (RFC 1071) of parts of which only the last may have an odd length. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] as number) << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Octets of an address; undefined for what is none. An IPv4 address inside IPv6 is the IPv4 one. */
function addressOctets(text: string): Buffer | undefined {
  const plain = text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  if (!isIPv6(plain) || plain.includes('.')) return undefined;
  const [head = '', tail] = plain.split('::') as [string, string?];
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((one) => Number.parseInt(one, 16));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
