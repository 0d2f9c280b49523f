/** Octets of TCP connections, seen above TCP, as a capture file. */
import { encodePcapng, type CaptureNotes, type FrameToWrite } from './pcapng-writer.js';
import { TcpFrames, type TcpEnd } from './tcp-frames.js';

export interface StreamPiece {
  /** Which connection it belongs to; another number begins another one. */
  connection: number;
  from: 'client' | 'server';
  /** ms since 1970, with fractions. */
  time: number;
  octets: Buffer;
}

/** Where a connection stood, as far as that is known. */
export interface ConnectionEndpoints {
  client?: TcpEnd;
  server?: TcpEnd;
}

/** Addresses for documentation (RFC 5737). */
const UNKNOWN_CLIENT = { address: '192.0.2.1', port: 49_152 };
const UNKNOWN_SERVER = { address: '192.0.2.2', port: 0 };

/**
 * The capture file.
 * @param pieces in the order of time
 * @param serverPort that all servers have in the file, so that a dissector knows the protocol by it
 */
export function encodeTcpCapture(
  pieces: Iterable<StreamPiece>,
  endpoints: (connection: number) => ConnectionEndpoints,
  serverPort: number,
  notes?: CaptureNotes,
): Buffer {
  const frames: FrameToWrite[] = [];
  const connections = new Map<number, TcpFrames>();
  for (const { connection, from, time, octets } of pieces) {
    let tcp = connections.get(connection);
    if (!tcp) {
      const { client = UNKNOWN_CLIENT, server = UNKNOWN_SERVER } = endpoints(connection);
      tcp = new TcpFrames(client, { ...server, port: serverPort }, (frame) => frames.push(frame));
      connections.set(connection, tcp);
      tcp.open(time);
    }
    tcp.data(from, octets, time);
  }
  return encodePcapng(frames, notes);
}
