/**
 * A TCP relay that keeps what passes, and writes it as a pcapng file with Ethernet, IPv4 and TCP headers made up
 * around it, so that a dissector can judge it without a capture driver.
 */
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { encodePcapng, type FrameToWrite } from '../../src/ethernet/capture/pcapng-writer.js';
import { TcpFrames } from '../../src/ethernet/capture/tcp-frames.js';

/** Client and server of the made-up frames; the server's port is what a dissector is told to decode. */
export const RECORDED_SERVER_PORT = 102;
const FIRST_CLIENT_PORT = 40_001;

export class Recorder {
  private readonly frames: FrameToWrite[] = [];
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
    writeFileSync(file, encodePcapng(this.frames));
  }

  private relay(client: Socket, server: Socket): void {
    const tcp = new TcpFrames(
      { address: '192.0.2.1', port: FIRST_CLIENT_PORT + this.connections++ },
      { address: '192.0.2.2', port: this.serverPort },
      (frame) => this.frames.push(frame),
    );
    tcp.open(Date.now());
    this.pass(client, server, tcp, 'client');
    this.pass(server, client, tcp, 'server');
  }

  private pass(source: Socket, target: Socket, tcp: TcpFrames, from: 'client' | 'server'): void {
    this.sockets.add(source);
    source.setNoDelay(true);
    source.on('data', (chunk: Buffer) => {
      tcp.data(from, chunk, Date.now());
      target.write(chunk);
    });
    source.on('error', () => target.destroy());
    source.on('end', () => {
      tcp.end(from, Date.now());
      target.end();
    });
    source.on('close', () => this.sockets.delete(source));
  }
}
