/** The listening socket and the connections that came by it. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CLOSE_TIMEOUT_MS } from '../limits.js';
import type { ClientIdentity } from './client-identity.js';
import { ClientSocket, type ClientSocketHandler } from './client-socket.js';
import { listenError } from './listen-error.js';
import type { ServerCore } from './server-core.js';

export interface ListenerHandler extends ClientSocketHandler {
  /** A connection was closed before it could associate. */
  refused(client: ClientIdentity, why: string): void;
}

export class Listener {
  private readonly clients = new Set<ClientSocket>();
  private server: Server | undefined;
  private opened: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;

  constructor(
    private readonly core: ServerCore,
    private readonly handler: ListenerHandler,
  ) {}

  /** TCP connections, associated or about to. */
  get connections(): number {
    return this.clients.size;
  }

  /** @throws ListenError, StoreError */
  listen(): Promise<{ host: string; port: number }> {
    const opening = this.core.prepare().then(() => this.bind());
    this.opened = opening.then(
      () => undefined,
      () => undefined,
    );
    return opening;
  }

  private bind(): Promise<{ host: string; port: number }> {
    const { host, port } = this.core.options;
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.accept(socket));
      const failed = (cause: NodeJS.ErrnoException): void => reject(listenError(cause, host, port));
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
    // A server that is still looking up its address cannot be closed before it listens.
    this.closing ??= this.opened.then(() => this.closeAll());
    return this.closing;
  }

  private closeAll(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const client of this.clients) client.destroy();
      }, CLOSE_TIMEOUT_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
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
    const client: ClientSocket = new ClientSocket(socket, this.core, {
      ...this.handler,
      closed: (identity, wasAssociated, error) => {
        this.clients.delete(client);
        this.handler.closed(identity, wasAssociated, error);
      },
    });
    this.clients.add(client);
  }

  private refusal(address: string | undefined): string | undefined {
    if (this.closing) return 'the server is closing';
    if (address === undefined) return undefined;
    if (!this.core.options.allowed.has(address)) return 'its address is not among those that may connect';
    if (this.clients.size >= this.core.options.maxClients)
      return `${this.core.options.maxClients} clients are connected already`;
    return undefined;
  }
}
