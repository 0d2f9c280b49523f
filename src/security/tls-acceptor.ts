/** The server's end of secured connections (IEC 62351-3): TCP connections go in, secured ones of trusted clients come out. */
import { constants } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import { SecurityError } from '../errors.js';
import { checkPeer, peerCertificate } from './check-peer.js';
import { handshakeFailure } from './failures.js';
import type { TlsOptions } from './options.js';
import { identityOf, type CertificateIdentity } from './peer-certificate.js';
import { Rekeying } from './rekeying.js';
import { loadTlsSecurity, type TlsSecurity } from './tls-security.js';

export interface TlsAcceptorHandler {
  secured(socket: TLSSocket, peer: CertificateIdentity): void;
  /** Whoever connected is not let in; its socket is gone. */
  refused(client: { address: string; port: number }, error: SecurityError, peer?: CertificateIdentity): void;
  /** Certificates could not be read anew; those that were read before still count. */
  failed(error: unknown): void;
}

const NOT_FINISHED = new SecurityError('HANDSHAKE', 'the TLS handshake was not finished');
/** How often files are looked at for renewed certificates and lists, in ms. */
const REFRESH_MS = 60_000;

export class TlsAcceptor {
  private readonly server: Server;
  private timer: NodeJS.Timeout | undefined;
  /** Connections whose handshake is not done. */
  private readonly pending = new Set<string>();

  private constructor(
    private readonly options: TlsOptions,
    private current: TlsSecurity,
    private readonly handler: TlsAcceptorHandler,
    handshakeTimeout: number,
  ) {
    this.server = createServer({
      ...this.current.contextOptions,
      requestCert: true,
      // Refused in checkPeer, where the reason is known.
      rejectUnauthorized: false,
      handshakeTimeout,
      ...(current.sessionLifetime === 0 && { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
    this.server.on('secureConnection', (socket) => this.secured(socket));
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Where it came from is forgotten when it is gone already; then it is told when its TCP connection is closed.
      const from = whereFrom(socket);
      if (this.pending.delete(keyOf(from))) handler.refused(from, handshakeFailure(error) ?? NOT_FINISHED);
      socket.destroy();
    });
  }

  /**
   * @param handshakeTimeout ms for the handshake
   * @throws SecurityError, ArgumentError, LimitError
   */
  static async open(options: TlsOptions, handshakeTimeout: number, handler: TlsAcceptorHandler): Promise<TlsAcceptor> {
    const acceptor = new TlsAcceptor(options, await loadTlsSecurity(options, 'server'), handler, handshakeTimeout);
    acceptor.timer = setInterval(() => void acceptor.refresh(), REFRESH_MS);
    acceptor.timer.unref();
    return acceptor;
  }

  get warnings(): readonly string[] {
    return this.current.warnings;
  }

  /** Begins the handshake on a TCP connection. */
  accept(socket: Socket): void {
    const from = whereFrom(socket);
    const key = keyOf(from);
    this.pending.add(key);
    socket.once('close', () => {
      if (this.pending.delete(key)) this.handler.refused(from, NOT_FINISHED);
    });
    this.server.emit('connection', socket);
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Reads certificates, CAs and lists anew. Sessions from before cannot be resumed when something has changed. */
  async refresh(): Promise<void> {
    try {
      const next = await loadTlsSecurity(this.options, 'server');
      const changed = JSON.stringify(next.contextOptions) !== JSON.stringify(this.current.contextOptions);
      this.current = next;
      if (changed) this.server.setSecureContext(next.contextOptions);
    } catch (error) {
      this.handler.failed(error);
    }
  }

  private secured(socket: TLSSocket): void {
    const from = whereFrom(socket);
    this.pending.delete(keyOf(from));
    let peer: CertificateIdentity;
    try {
      peer = checkPeer(socket, 'client', this.current);
    } catch (error) {
      // What comes after this must not end the process.
      socket.on('error', () => undefined);
      const identity = peerCertificate(socket, 'client');
      socket.destroy();
      this.handler.refused(from, error as SecurityError, identity && identityOf(identity));
      return;
    }
    // A client may renegotiate TLS 1.2; it is not to become somebody else by that.
    socket.on('secure', () => this.secureAgain(socket, peer));
    new Rekeying(socket, 'client', this.current, async () => this.current, {
      // Whoever has the socket by now hears of it there.
      distrusted: (error) => socket.destroy(error),
    });
    this.handler.secured(socket, peer);
  }

  private secureAgain(socket: TLSSocket, before: CertificateIdentity): void {
    try {
      const now = checkPeer(socket, 'client', this.current);
      if (now.fingerprint === before.fingerprint) return;
      socket.destroy(new SecurityError('UNKNOWN_PEER', 'the client has changed its certificate in a connection'));
    } catch (error) {
      socket.destroy(error as SecurityError);
    }
  }
}

function keyOf({ address, port }: { address: string; port: number }): string {
  return `${address}|${port}`;
}

function whereFrom(socket: Socket): { address: string; port: number } {
  return { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 };
}
