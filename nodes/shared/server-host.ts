/**
 * One IEC 61850 server shared by every node that uses it: opened for the first of them, closed after the last. While its
 * port cannot be had, it tries again and takes values all the same.
 */
import { ArgumentError, LimitError, ListenError, StoreError } from '../../src/errors.js';
import { MAX_WAITING_UPDATES, RECONNECT_DELAYS_MS } from '../../src/limits.js';
import type { ClientIdentity } from '../../src/server/client-identity.js';
import type { IedServer } from '../../src/server/ied-server.js';
import type { ServerProblem } from '../../src/server/problems.js';
import type { Update, UpdateResult } from '../../src/server/update.js';
import { explain } from './explain.js';
import { ServerWatchers } from './server-watchers.js';

/** `opening`: the SCL file is read, or the port is tried for the first time. */
export type HostState = 'closed' | 'opening' | 'listening' | 'retrying' | 'failed';

export interface HostLog {
  log(text: string): void;
  warn(text: string): void;
  error(error: Error, message: { payload: null }): void;
}

/** A client with an association. */
export interface ConnectedClient {
  /** ms since 1970. */
  since: number;
  /** Report control blocks that it takes, `LD/LN.name[BR]`. */
  reports: Set<string>;
}

/** One user's hold on the server. */
export interface ServerLease {
  /** Sets values in one transaction; waits while the SCL file is read. */
  update(updates: readonly Update[], options?: { allOrNothing?: boolean }): Promise<UpdateResult>;
  /** The server, once its SCL file is read. */
  server(): Promise<IedServer>;
  release(): void;
}

/** A partial deploy closes a node and opens its successor at once; clients stay connected for that long, in ms. */
const LINGER_MS = 1000;
/** Refused clients are worth a line in the log, and a port scan is not worth more than one in this time, in ms. */
const REFUSAL_LOG_MS = 10_000;
/** Parts of a model that are not served and that the log names; the rest is counted. */
const MAX_NAMED_PROBLEMS = 5;

export class ServerHost {
  state: HostState = 'closed';
  /** Why it does not listen. */
  error: Error | undefined;
  /** Where it listens. */
  address: { host: string; port: number } | undefined;
  /** Clients with an association. */
  clients = 0;
  /** Who they are. */
  readonly connected = new Map<ClientIdentity, ConnectedClient>();
  /** Nodes that hear of its clients, and decide on what they want. */
  readonly watchers = new ServerWatchers();

  private readonly users = new Set<() => void>();
  private opened: Promise<IedServer> | undefined;
  private linger: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private attempts = 0;
  private waiting = 0;
  private refusedAt = -Infinity;
  private closedForGood = false;
  private closing: Promise<void> = Promise.resolve();
  private companion: Promise<() => Promise<void>> | undefined;

  /** @param open Makes a server that does not listen yet. */
  constructor(
    private readonly open: () => Promise<IedServer>,
    private readonly log: HostLog,
    private readonly delays: readonly number[] = RECONNECT_DELAYS_MS,
    /** What runs beside the server for as long as it is open, and how it ends. */
    private readonly beside?: (server: IedServer) => Promise<() => Promise<void>>,
  ) {}

  /**
   * Opens the server for one more user, who releases it when it is no longer needed.
   * @param onChange Called when state or number of clients have changed.
   */
  acquire(onChange: () => void): ServerLease {
    if (this.closedForGood) throw new ArgumentError('The server node is closed');
    clearTimeout(this.linger);
    // Each lease has an entry of its own, even where two users gave the same function.
    const user = (): void => onChange();
    this.users.add(user);
    this.opened ??= this.start();
    return {
      update: (updates, options) => this.update(updates, options),
      server: () => this.whenOpened(),
      release: () => {
        if (!this.users.delete(user) || this.users.size > 0 || this.closedForGood) return;
        clearTimeout(this.linger);
        this.linger = setTimeout(() => void this.stop(), LINGER_MS);
        this.linger.unref();
      },
    };
  }

  /** Closes the server, within two seconds; it cannot be acquired again. */
  async close(): Promise<void> {
    this.closedForGood = true;
    clearTimeout(this.linger);
    await this.stop();
  }

  private async update(updates: readonly Update[], options?: { allOrNothing?: boolean }): Promise<UpdateResult> {
    return (await this.whenOpened()).update(updates, options);
  }

  private async whenOpened(): Promise<IedServer> {
    const { opened } = this;
    if (!opened) throw new ArgumentError('The server is closed');
    if (this.waiting >= MAX_WAITING_UPDATES) {
      throw new LimitError(
        `More than ${MAX_WAITING_UPDATES} messages wait for the server to open`,
        'Send fewer at the start.',
      );
    }
    this.waiting++;
    try {
      return await opened;
    } finally {
      this.waiting--;
    }
  }

  private start(): Promise<IedServer> {
    this.become('opening');
    const opened = this.closing.then(() => this.open());
    opened.then(
      (server) => {
        if (this.opened !== opened) return;
        this.follow(server);
        this.runBeside(server);
        void this.listen(server, opened);
      },
      (error: unknown) => {
        if (this.opened !== opened) return;
        this.report(error);
        this.become('failed', explain(error));
      },
    );
    return opened;
  }

  private async listen(server: IedServer, opened: Promise<IedServer>): Promise<void> {
    const told = server.problems.length;
    try {
      const address = await server.listen();
      if (this.opened !== opened) return;
      this.attempts = 0;
      this.address = address;
      this.log.log(`listening on ${address.host}:${address.port}`);
      this.warn(server.problems.slice(told), 'things that were kept over the restart are not used');
      this.become('listening');
    } catch (error) {
      if (this.opened !== opened) return;
      if (this.attempts === 0) this.report(error);
      // A port or a folder that somebody else has may be free in a moment.
      const again = error instanceof ListenError || error instanceof StoreError;
      this.become(again ? 'retrying' : 'failed', explain(error));
      if (!again) return;
      const delay = this.delays[Math.min(this.attempts++, this.delays.length - 1)];
      this.retry = setTimeout(() => void this.listen(server, opened), delay);
    }
  }

  private runBeside(server: IedServer): void {
    this.companion = this.beside?.(server).catch((error: unknown) => {
      this.report(error);
      return () => Promise.resolve();
    });
  }

  private follow(server: IedServer): void {
    this.warn(server.problems, 'parts of the model are not served as the file says');
    this.watchers.attach(server);
    server.on('clientConnected', (client) => {
      const { address } = client;
      this.clients++;
      this.connected.set(client, { since: Date.now(), reports: new Set() });
      this.log.log(`client ${address} connected, ${this.clients} now`);
      this.tell();
    });
    server.on('clientDisconnected', (client, error) => {
      const { address } = client;
      this.clients--;
      this.connected.delete(client);
      this.log.log(`client ${address} ${error ? `is gone: ${error.message}` : 'left'}, ${this.clients} now`);
      this.tell();
    });
    server.on('reportEnabled', (client, block) => this.connected.get(client)?.reports.add(block));
    server.on('reportDisabled', (client, block) => this.connected.get(client)?.reports.delete(block));
    server.on('clientRefused', ({ address }, why) => this.refused(address, why));
    server.on('warning', (text) => this.log.warn(text));
    server.on('error', (error) => this.report(error));
  }

  private warn(problems: readonly ServerProblem[], what: string): void {
    if (problems.length === 0) return;
    const named = problems.slice(0, MAX_NAMED_PROBLEMS).map(({ reference, message }) => `${reference}: ${message}`);
    const rest = problems.length - named.length;
    this.log.warn(`${problems.length} ${what}: ${named.join(' · ')}${rest > 0 ? ` … and ${rest} more` : ''}`);
  }

  private refused(address: string, why: string): void {
    const now = performance.now();
    if (now - this.refusedAt < REFUSAL_LOG_MS) return;
    this.refusedAt = now;
    this.log.warn(`client ${address} was refused: ${why}`);
  }

  private async stop(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    clearTimeout(this.retry);
    this.attempts = 0;
    if (opened) {
      // A server that could not be opened has been reported, and has nothing to close.
      const { companion } = this;
      this.companion = undefined;
      this.closing = opened.then(
        async (server) => {
          await (
            await companion
          )?.();
          await server.close();
        },
        () => undefined,
      );
    }
    await this.closing;
    if (this.opened) return;
    this.clients = 0;
    this.connected.clear();
    this.address = undefined;
    this.become('closed');
  }

  /** Errors that no message of a flow has caused reach Catch nodes with one of their own. */
  private report(error: unknown): void {
    this.log.error(explain(error), { payload: null });
  }

  private become(state: HostState, error?: Error): void {
    this.state = state;
    this.error = error;
    this.tell();
  }

  private tell(): void {
    for (const user of this.users) user();
  }
}
