/**
 * What a secured connection owes to the passing of time (IEC 62351-3 §5.6.3): keys are renewed by TLS 1.2 renegotiation,
 * after a time or a volume, and the certificate of the peer is looked at again, so that a revocation ends a connection
 * that stands for months. Node.js has no way to ask for a KeyUpdate of TLS 1.3; those of the peer are followed.
 */
import type { TLSSocket } from 'node:tls';
import { SecurityError } from '../errors.js';
import { checkPeer, forgetPeer } from './check-peer.js';
import type { TlsSecurity } from './tls-security.js';

/** How often the volume is looked at, in ms. */
const LOOK_MS = 10_000;

export interface RekeyingHandler {
  /** Keys were renewed. */
  rekeyed?(): void;
  /** The peer is not to be trusted any more: the connection must end. */
  distrusted(error: SecurityError): void;
}

export class Rekeying {
  private readonly timer: NodeJS.Timeout | undefined;
  private lastTime = performance.now();
  private lastOctets = 0;
  private busy = false;

  /**
   * @param use what the peer is; the client renegotiates, the server follows
   * @param refreshed gives certificates and lists as they are now
   */
  constructor(
    private readonly socket: TLSSocket,
    private readonly use: 'client' | 'server',
    private readonly security: TlsSecurity,
    private readonly refreshed: () => Promise<TlsSecurity>,
    private readonly handler: RekeyingHandler,
  ) {
    const { rekeyAfter, rekeyAfterOctets } = security;
    if (rekeyAfter === 0 && rekeyAfterOctets === 0) return;
    this.timer = setInterval(() => this.look(), Math.min(LOOK_MS, rekeyAfter || LOOK_MS));
    this.timer.unref();
    socket.once('close', () => clearInterval(this.timer));
  }

  private look(): void {
    const { socket, security } = this;
    if (this.busy || socket.destroyed) return;
    const octets = socket.bytesRead + socket.bytesWritten;
    const full = security.rekeyAfterOctets > 0 && octets - this.lastOctets >= security.rekeyAfterOctets;
    const due = security.rekeyAfter > 0 && performance.now() - this.lastTime >= security.rekeyAfter;
    if (!full && !due) return;
    this.lastTime = performance.now();
    this.lastOctets = octets;
    this.busy = true;
    this.renew()
      .catch((error: unknown) => {
        if (error instanceof SecurityError && !socket.destroyed) this.handler.distrusted(error);
      })
      .finally(() => {
        this.busy = false;
      });
  }

  private async renew(): Promise<void> {
    const { socket } = this;
    if (this.use === 'server' && socket.getProtocol() === 'TLSv1.2') {
      await new Promise<void>((resolve, reject) => {
        socket.once('close', () => resolve());
        const started = socket.renegotiate({}, (error) => (error ? reject(error) : resolve()));
        if (started === false) resolve();
      });
      if (socket.destroyed) return;
      forgetPeer(socket);
      this.handler.rekeyed?.();
    }
    // A list that cannot be read just now ends nothing (IEC 62351-4 §6.2.8); what it said before still counts.
    const security = await this.refreshed().catch(() => this.security);
    if (!socket.destroyed) checkPeer(socket, this.use, security);
  }
}
