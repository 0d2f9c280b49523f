/** The TCP connection of one client. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ConnectionError, type Iec61850Error, LimitError } from '../errors.js';
import { CLOSE_TIMEOUT_MS, MAX_SOCKET_BACKLOG } from '../limits.js';
import type { CertificateIdentity } from '../security/peer-certificate.js';
import { ClientConnection } from './client-connection.js';
import type { ClientIdentity } from './client-identity.js';
import type { ServerCore } from './server-core.js';
import type { WorkBudget } from './work-budget.js';

const KEEP_ALIVE_MS = 10_000;

export interface ClientSocketHandler {
  associated(client: ClientIdentity): void;
  /** The socket is closed and everything of it is given back. */
  closed(client: ClientIdentity, wasAssociated: boolean, error: Iec61850Error | undefined): void;
  failed(error: unknown): void;
}

export class ClientSocket {
  readonly client: ClientIdentity;
  private readonly budget: WorkBudget;
  private readonly connection: ClientConnection;
  private timer: NodeJS.Timeout | undefined;
  private wasAssociated = false;
  private ended = false;
  private gathering = false;
  private reason: Iec61850Error | undefined;

  constructor(
    private readonly socket: Socket,
    core: ServerCore,
    private readonly handler: ClientSocketHandler,
    /** What the client has shown by TLS. */
    certificate?: CertificateIdentity,
  ) {
    this.client = identityOf(socket, certificate);
    this.budget = core.options.access.budget;
    this.connection = new ClientConnection(this.client, core, {
      send: (octets) => this.send(octets),
      backlog: () => socket.writableLength,
      associated: () => {
        this.wasAssociated = true;
        clearTimeout(this.timer);
        handler.associated(this.client);
      },
      closed: (error) => this.end(error),
      failed: (error) => handler.failed(error),
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (octets: Buffer) => this.receive(octets));
    // The peer's half is closed; what was asked before may still be answered, but nothing more comes.
    socket.on('end', () => this.connection.disconnected(performance.now()));
    socket.on('error', (cause) => {
      this.connection.disconnected(
        performance.now(),
        new ConnectionError(`connection lost: ${cause.message}`, '', { cause }),
      );
    });
    socket.on('close', () => this.finish());
    this.connection.connected(performance.now());
    this.waitForAssociation(core.options.associationTimeout);
  }

  /** Ends the association and the connection; a client that does not go along loses it when the server has closed. */
  close(): void {
    this.connection.abort();
    this.socket.destroySoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private waitForAssociation(ms: number): void {
    this.timer = setTimeout(() => {
      this.connection.tick(performance.now());
      // A timer can come a little before its time.
      if (!this.wasAssociated && !this.ended) this.waitForAssociation(1);
    }, ms);
  }

  private receive(octets: Buffer): void {
    // Answers to requests that came together leave together.
    this.socket.cork();
    const started = performance.now();
    this.connection.receive(octets, started);
    if (this.budget.limited) {
      const now = performance.now();
      this.budget.spent(now - started, now);
    }
    this.socket.uncork();
  }

  private send(octets: Buffer): void {
    if (this.socket.destroyed || !this.socket.writable) return;
    this.gather();
    this.socket.write(octets);
    if (this.socket.writableLength > MAX_SOCKET_BACKLOG) {
      const error = new LimitError(`${this.client.address} does not read what it asked for`, 'The client was dropped.');
      this.connection.disconnected(performance.now(), error);
      this.socket.destroy();
    }
  }

  /** What is sent in one go, reports above all, leaves in one go. */
  private gather(): void {
    if (this.gathering) return;
    this.gathering = true;
    this.socket.cork();
    process.nextTick(() => {
      this.gathering = false;
      this.socket.uncork();
    });
  }

  private end(error: Iec61850Error | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.reason = error;
    clearTimeout(this.timer);
    if (this.socket.destroyed) return;
    // What tells the client why is still to leave, but not for ever.
    this.timer = setTimeout(() => this.socket.destroy(), CLOSE_TIMEOUT_MS);
    this.socket.end();
    this.socket.resume();
  }

  private finish(): void {
    this.connection.disconnected(performance.now());
    clearTimeout(this.timer);
    this.handler.closed(this.client, this.wasAssociated, this.reason);
  }
}

/** A client as far as it is known before it asks for anything. */
export function identityOf(socket: Socket, certificate?: CertificateIdentity): ClientIdentity {
  return {
    address: plainAddress(socket.remoteAddress),
    port: socket.remotePort ?? 0,
    ...(certificate && { certificate: shown(certificate), identifiedBy: 'tls' }),
  };
}

function shown({ subject, fingerprint }: CertificateIdentity): { subject: string; fingerprint: string } {
  return { subject, fingerprint };
}

/** IPv4 addresses without their IPv6 form. */
export function plainAddress(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
}
