/** Where connections of a secured server wait for their TLS handshake (IEC 62351-3). */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsOptions } from '../security/options.js';
import type { CertificateIdentity } from '../security/peer-certificate.js';
import { TlsAcceptor } from '../security/tls-acceptor.js';
import type { ClientIdentity } from './client-identity.js';
import { plainAddress } from './client-socket.js';

export interface SecureEntranceHandler {
  secured(socket: TLSSocket, certificate: CertificateIdentity): void;
  refused(client: ClientIdentity, why: string): void;
  failed(error: unknown): void;
  warning(text: string): void;
}

export class SecureEntrance {
  private readonly waiting = new Map<string, Socket>();
  private acceptor: TlsAcceptor | undefined;

  private constructor() {}

  /** @param timeout ms for a handshake. @throws SecurityError, ArgumentError, LimitError */
  static async open(options: TlsOptions, timeout: number, handler: SecureEntranceHandler): Promise<SecureEntrance> {
    const entrance = new SecureEntrance();
    const { waiting } = entrance;
    entrance.acceptor = await TlsAcceptor.open(options, timeout, {
      secured: (socket, certificate) => {
        waiting.delete(keyOf(socket));
        handler.secured(socket, certificate);
      },
      refused: ({ address, port }, error, peer) => {
        waiting.delete(`${address}|${port}`);
        const certificate = peer && { subject: peer.subject, fingerprint: peer.fingerprint };
        const client = { address: plainAddress(address), port, ...(certificate && { certificate }) };
        handler.refused(client, error.hint === '' ? error.message : `${error.message}. ${error.hint}`);
      },
      failed: (error) => handler.failed(error),
    });
    for (const warning of entrance.acceptor.warnings) handler.warning(warning);
    return entrance;
  }

  /** Addresses of the clients whose handshake is not done. */
  get addresses(): string[] {
    return [...this.waiting.values()].map((socket) => plainAddress(socket.remoteAddress));
  }

  accept(socket: Socket): void {
    const key = keyOf(socket);
    this.waiting.set(key, socket);
    socket.once('close', () => this.waiting.delete(key));
    this.acceptor?.accept(socket);
  }

  /** Ends what waits, and is done when all of it is gone. */
  async close(): Promise<void> {
    this.acceptor?.close();
    const gone = [...this.waiting.values()].map((socket) => {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy();
      return closed;
    });
    await Promise.all(gone);
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? 'unknown'}|${remotePort ?? 0}`;
}
