/** Datagrams as they would be captured. */
import { encodeFrame } from '../../src/ethernet/frame.js';

const IPV4 = 0x0800;
const UDP = 17;

/** An Ethernet frame with an IPv4 datagram; check sums are 0, which UDP allows, or computed. */
export function udpFrame(octets: Buffer, port = 102, destination = '239.192.0.1'): Buffer {
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(50_000, 0);
  udp.writeUInt16BE(port, 2);
  udp.writeUInt16BE(8 + octets.length, 4);
  const ip = Buffer.from('450000000000000020110000c0a80001', 'hex');
  const header = Buffer.concat([ip, Buffer.from(destination.split('.').map(Number))]);
  header[9] = UDP;
  header.writeUInt16BE(header.length + 8 + octets.length, 2);
  header.writeUInt16BE(checksum(header), 10);
  return encodeFrame({
    destination: '01-00-5E-40-00-01',
    source: '00-11-22-33-44-55',
    etherType: IPV4,
    payload: Buffer.concat([header, udp, octets]),
  });
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** A pcap file with a frame each millisecond. */
export function pcapOf(frames: readonly Buffer[]): Buffer {
  const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  const records = frames.map((octets, i) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000, 0);
    record.writeUInt32LE(i * 1000, 4);
    record.writeUInt32LE(octets.length, 8);
    record.writeUInt32LE(octets.length, 12);
    return Buffer.concat([record, octets]);
  });
  return Buffer.concat([header, ...records]);
}
