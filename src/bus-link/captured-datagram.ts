/** UDP datagrams in captured Ethernet frames (RFC 791, RFC 8200, RFC 768). */
import { ROUTABLE_PORT } from '../limits.js';
import type { EthernetFrame } from '../ethernet/frame.js';

export const IpEtherType = { v4: 0x0800, v6: 0x86dd } as const;

export interface CapturedDatagram {
  /** `address:port`. */
  source: string;
  destination: string;
  octets: Buffer;
}

const UDP = 17;
const UDP_HEADER = 8;

/** The datagram of a frame to port 102; undefined when it has none, or a part of one only. */
export function capturedDatagram({ etherType, payload }: EthernetFrame): CapturedDatagram | undefined {
  if (etherType === IpEtherType.v4) return fromIpv4(payload);
  return etherType === IpEtherType.v6 ? fromIpv6(payload) : undefined;
}

function fromIpv4(packet: Buffer): CapturedDatagram | undefined {
  if (packet.length < 20 || (packet[0] as number) >> 4 !== 4 || packet[9] !== UDP) return undefined;
  // More fragments, or not the first one.
  if ((packet.readUInt16BE(6) & 0x3fff) !== 0) return undefined;
  const header = ((packet[0] as number) & 0x0f) * 4;
  const address = (at: number): string => packet.subarray(at, at + 4).join('.');
  return header < 20 ? undefined : fromUdp(packet, header, address(12), address(16));
}

function fromIpv6(packet: Buffer): CapturedDatagram | undefined {
  // Extension headers are not looked behind.
  if (packet.length < 40 || (packet[0] as number) >> 4 !== 6 || packet[6] !== UDP) return undefined;
  const address = (at: number): string => {
    const words = Array.from({ length: 8 }, (_, i) => packet.readUInt16BE(at + 2 * i).toString(16));
    return `[${words.join(':')}]`;
  };
  return fromUdp(packet, 40, address(8), address(24));
}

function fromUdp(packet: Buffer, at: number, from: string, to: string): CapturedDatagram | undefined {
  if (at + UDP_HEADER > packet.length) return undefined;
  const port = packet.readUInt16BE(at + 2);
  const length = packet.readUInt16BE(at + 4);
  if (port !== ROUTABLE_PORT || length < UDP_HEADER || at + length > packet.length) return undefined;
  return {
    source: `${from}:${packet.readUInt16BE(at)}`,
    destination: `${to}:${port}`,
    octets: packet.subarray(at + UDP_HEADER, at + length),
  };
}
