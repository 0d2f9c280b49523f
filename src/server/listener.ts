/** The listening socket and the connections that came by it. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CLOSE_TIMEOUT_MS } from '../limits.js';
import type { ClientIdentity } from './client-identity.js';
import type { CertificateIdentity } from '../security/peer-certificate.js';
import { ClientSocket, plainAddress, type ClientSocketHandler } from './client-socket.js';
import { SecureEntrance } from './secure-entrance.js';
import { listenError } from './listen-error.js';
import type { ServerCore } from './server-core.js';

export interface ListenerHandler extends ClientSocketHandler {
  /** A connection was closed before it could associate. */
  refused(client: ClientIdentity, why: string): void;
  /** What the owner should know although all works: a certificate that runs out. */
  warning(text: string): void;
}

export class Listener {
  private readonly clients = new Set<ClientSocket>();
  private server: Server | undefined;
  private secure: SecureEntrance | undefined;
  private opened: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;
  /** Called when the last client is gone from a server that closes. */
  private emptied: (() => void) | undefined;

  constructor(
    private readonly core: ServerCore,
    private readonly handler: ListenerHandler,
  ) {}

  /** TCP connections, associated or about to. */
  get connections(): number {
    return this.clients.size;
  }

  /** @throws ListenError, StoreError; SecurityError and ArgumentError for certificates that cannot be used */
  listen(): Promise<{ host: string; port: number }> {
    const opening = this.core
      .prepare()
      .then(() => this.openEntrance())
      .then(() => this.bind());
    this.opened = opening.then(
      () => undefined,
      () => undefined,
    );
    return opening;
  }

  private async openEntrance(): Promise<void> {
    const { access, associationTimeout } = this.core.options;
    if (!access.tls) return;
    this.secure = await SecureEntrance.open(access.tls, associationTimeout, {
      secured: (socket, certificate) => this.serve(socket, certificate),
      refused: (client, why) => this.handler.refused(client, why),
      failed: (error) => this.handler.failed(error),
      warning: (text) => this.handler.warning(text),
    });
  }

  private bind(): Promise<{ host: string; port: number }> {
    const { host, port } = this.core.options;
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.accept(socket));
      const failed = (cause: NodeJS.ErrnoException): void => {
        void this.secure?.close();
        reject(listenError(cause, host, port));
      };
      server.once('error', failed);
      server.listen({ host, port }, () => {
        server.off('error', failed);
        server.on('error', (error) => this.handler.failed(error));
        this.server = server;
        const address = server.address() as AddressInfo;
        resolve({ host: address.address, port: address.port });
      });
    });
  }

  /** Ends all associations and frees the port; sockets that do not close by themselves are destroyed. */
  close(): Promise<void> {
    this.core.cancel();
    // A server that is still looking up its address cannot be closed before it listens.
    this.closing ??= this.opened.then(async () => {
      await Promise.all([this.closeAll(), this.secure?.close()]);
    });
    return this.closing;
  }

  private closeAll(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const client of this.clients) client.destroy();
      }, CLOSE_TIMEOUT_MS);
      const done = (): void => {
        clearTimeout(timer);
        // A socket that is gone tells so after its server does; what it tells belongs into the log as well.
        if (this.clients.size === 0) resolve();
        else this.emptied = resolve;
      };
      if (this.server) this.server.close(done);
      else done();
      for (const client of this.clients) client.close();
    });
  }

  private accept(socket: Socket): void {
    const why = this.refusal(socket.remoteAddress);
    if (why !== undefined || socket.remoteAddress === undefined) {
      // A socket without a listener for errors would end the process.
      socket.on('error', () => undefined);
      const client = { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 };
      socket.destroy();
      if (why !== undefined) this.handler.refused(client, why);
      return;
    }
    if (this.secure) this.secure.accept(socket);
    else this.serve(socket);
  }

  private serve(socket: Socket, certificate?: CertificateIdentity): void {
    const client: ClientSocket = new ClientSocket(
      socket,
      this.core,
      {
        ...this.handler,
        closed: (identity, wasAssociated, error) => {
          this.clients.delete(client);
          this.handler.closed(identity, wasAssociated, error);
          if (this.clients.size === 0) this.emptied?.();
        },
      },
      certificate,
    );
    this.clients.add(client);
  }

  private refusal(address: string | undefined): string | undefined {
    if (this.closing) return 'the server is closing';
    if (address === undefined) return undefined;
    if (!this.core.options.allowed.has(address)) return 'its address is not among those that may connect';
    const { maxClients, access } = this.core.options;
    const waiting = this.secure?.addresses ?? [];
    if (this.clients.size + waiting.length >= maxClients) return `${maxClients} clients are connected already`;
    if (access.maxClientsPerAddress >= maxClients) return undefined;
    const plain = plainAddress(address);
    const same = [...[...this.clients].map(({ client }) => client.address), ...waiting].filter((one) => one === plain);
    if (same.length < access.maxClientsPerAddress) return undefined;
    return `${access.maxClientsPerAddress} clients are connected from its address already`;
  }
}
