/**
 * A TCP relay that keeps what passes, and writes it as a pcapng file with Ethernet, IPv4 and TCP headers made up
 * around it, so that a dissector can judge it without a capture driver.
 */
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Client and server of the made-up frames; the server's port is what a dissector is told to decode. */
export const RECORDED_SERVER_PORT = 102;
const FIRST_CLIENT_PORT = 40_001;
const MAX_SEGMENT = 16_000;

const FLAG = { fin: 0x01, syn: 0x02, push: 0x08, ack: 0x10 } as const;

/** One end's TCP state in the recording. */
interface End {
  mac: Buffer;
  ip: Buffer;
  port: number;
  sequence: number;
}

interface Packet {
  milliseconds: number;
  octets: Buffer;
}

export class Recorder {
  private readonly packets: Packet[] = [];
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private connections = 0;

  /** @param serverPort that of the made-up frames */
  constructor(private readonly serverPort = RECORDED_SERVER_PORT) {}

  /** Listens on a free port of loopback and passes everything on to `target`. */
  listen(target: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server = createServer((client) => this.relay(client, connect(target, '127.0.0.1')));
      this.server.on('error', reject);
      this.server.listen(0, '127.0.0.1', () => resolve((this.server?.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => {
      if (this.server) this.server.close(() => resolve());
      else resolve();
    });
  }

  /** Writes what was recorded so far. */
  write(file: string): void {
    writeFileSync(file, pcapng(this.packets));
  }

  private relay(client: Socket, server: Socket): void {
    const number = this.connections++;
    const left: End = end(1, FIRST_CLIENT_PORT + number);
    const right: End = end(2, this.serverPort);
    this.frame(left, right, FLAG.syn);
    left.sequence += 1;
    this.frame(right, left, FLAG.syn | FLAG.ack);
    right.sequence += 1;
    this.frame(left, right, FLAG.ack);
    this.pass(client, server, left, right);
    this.pass(server, client, right, left);
  }

  private pass(source: Socket, target: Socket, from: End, to: End): void {
    this.sockets.add(source);
    source.setNoDelay(true);
    source.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += MAX_SEGMENT) {
        const payload = chunk.subarray(at, at + MAX_SEGMENT);
        this.frame(from, to, FLAG.push | FLAG.ack, payload);
        from.sequence += payload.length;
      }
      target.write(chunk);
    });
    source.on('error', () => target.destroy());
    source.on('end', () => {
      this.frame(from, to, FLAG.fin | FLAG.ack);
      from.sequence += 1;
      target.end();
    });
    source.on('close', () => this.sockets.delete(source));
  }

  private frame(from: End, to: End, flags: number, payload: Buffer = Buffer.alloc(0)): void {
    const ethernet = Buffer.concat([to.mac, from.mac, Buffer.of(0x08, 0x00)]);
    const ip = Buffer.alloc(20);
    ip[0] = 0x45;
    ip.writeUInt16BE(40 + payload.length, 2);
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = 6;
    from.ip.copy(ip, 12);
    to.ip.copy(ip, 16);
    ip.writeUInt16BE(checksum(ip), 10);
    const tcp = Buffer.alloc(20);
    tcp.writeUInt16BE(from.port, 0);
    tcp.writeUInt16BE(to.port, 2);
    tcp.writeUInt32BE(from.sequence, 4);
    tcp.writeUInt32BE((flags & FLAG.ack) !== 0 ? to.sequence : 0, 8);
    tcp[12] = 0x50;
    tcp[13] = flags;
    tcp.writeUInt16BE(0xffff, 14);
    this.packets.push({ milliseconds: Date.now(), octets: Buffer.concat([ethernet, ip, tcp, payload]) });
  }
}

function end(host: number, port: number): End {
  return { mac: Buffer.of(2, 0, 0, 0, 0, host), ip: Buffer.of(192, 0, 2, host), port, sequence: 1000 * host };
}

/** One's complement sum of RFC 791. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function block(type: number, content: Buffer): Buffer {
  const padded = Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
  const length = 12 + padded.length;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, padded, tail]);
}

function pcapng(packets: readonly Packet[]): Buffer {
  const section = Buffer.alloc(16, 0xff);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  section.writeUInt16LE(0, 6);
  const ethernetInterface = Buffer.alloc(8);
  ethernetInterface.writeUInt16LE(1, 0);
  const blocks = [block(0x0a0d0d0a, section), block(1, ethernetInterface)];
  for (const { milliseconds, octets } of packets) {
    const head = Buffer.alloc(20);
    const microseconds = BigInt(milliseconds) * 1000n;
    head.writeUInt32LE(Number(microseconds >> 32n), 4);
    head.writeUInt32LE(Number(microseconds & 0xffffffffn), 8);
    head.writeUInt32LE(octets.length, 12);
    head.writeUInt32LE(octets.length, 16);
    blocks.push(block(6, Buffer.concat([head, octets])));
  }
  return Buffer.concat(blocks);
}
