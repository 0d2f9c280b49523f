import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import { diagnosticError, diagnostics } from '../diagnostics.js';
import { ArgumentError, ConnectionClosedError, ConnectionError, Iec61850Error } from '../errors.js';
import { RECONNECT_DELAYS_MS } from '../limits.js';
import type { IedModel } from '../model/ied-model.js';
import type { Tag } from '../model/tag.js';
import type { TagValue } from '../model/tag-value.js';
import type { Negotiated } from '../mms/association.js';
import type { AssociationDetails } from './association-diagnostics.js';
import type { BrowseOptions } from './browse.js';
import type { ClientAssociation } from './client-association.js';
import { connectIed } from './connect.js';
import { DataSets } from './data-sets/index.js';
import { IedFiles, SessionSource } from './files/index.js';
import { IedClient } from './ied-client.js';
import { Logs } from './logs/index.js';
import { mmsPort, type AssociationProfile, type IedConnectionOptions } from './options.js';
import type { ProbeResult } from './probe.js';
import type { ReportDirectory } from './reports/report-directory.js';
import { SettingGroups } from './settings/index.js';
import { TypeCache } from './type-cache.js';
import type { WritableValue } from './write-value.js';

export interface Endpoint {
  host: string;
  /** TCP port; 102 when absent. */
  port?: number;
}

export interface IedSessionOptions extends Omit<IedConnectionOptions, 'host' | 'port' | 'name'> {
  /** Name of the IED in tag values and errors. */
  name: string;
  /** One address, or two that are tried in turn (redundant networks or a standby). */
  endpoints: readonly Endpoint[];
  /** An association without traffic is asked for a sign of life after so many ms. */
  superviseAfter?: number;
}

export type SessionState = 'idle' | 'connecting' | 'online' | 'offline';

export interface SessionStateEvent {
  state: SessionState;
  endpoint?: Endpoint;
  /** Why the session is offline. */
  error?: Iec61850Error;
  /** What was negotiated, while online. */
  association?: Negotiated;
  profile?: AssociationProfile;
  /** ms until the next attempt, while offline. */
  retryIn?: number;
}

/** Receives associations as they come and go. */
export interface SessionUser {
  /** An association is about to be opened; one that is refused ends with this. */
  attempted?(association: ClientAssociation): void;
  attached(association: ClientAssociation, types: TypeCache): void;
  detached(error: Iec61850Error): void;
  /** Content of an InformationReport (a report or a CommandTermination), valid until the method returns. */
  informationReport?(octets: Buffer, start: number, end: number): void;
}

interface SessionEvents {
  state: [SessionStateEvent];
}

const DEFAULT_SUPERVISE_MS = 20_000;

/**
 * One IED, supervised: connects, and when the association is lost tries again for ever, after 1, 2, 4, 8, 15 and then
 * every 30 s with jitter. Everything that reads the IED shares this one association.
 */
export class IedSession extends EventEmitter<SessionEvents> {
  readonly name: string;
  /** Directory, values, creation and deletion of data sets; those of the association go with it when it is lost. */
  readonly dataSets = new DataSets(() => this.online().then((client) => client.dataSets.host()));
  /** Setting groups: state, values, activation, editing. */
  readonly settingGroups = new SettingGroups(() => this.online().then((client) => client.settingGroups.host()));
  /** Logs and their control blocks. */
  readonly logs = new Logs(() => this.online().then((client) => client.logs.host()));
  /** Directory, transfer, deletion and renaming of files; a transfer goes on after a reconnect. */
  readonly files: IedFiles;
  private readonly fileSource: SessionSource;
  private current: SessionState = 'idle';
  private error: Iec61850Error | undefined;
  private association: ClientAssociation | undefined;
  private opening: Promise<void> | undefined;
  private attempted: ClientAssociation | undefined;
  private types: TypeCache | undefined;
  private client: IedClient | undefined;
  private readonly users = new Set<SessionUser>();
  private retry: NodeJS.Timeout | undefined;
  private supervision: NodeJS.Timeout | undefined;
  private attempt = 0;
  private endpoint = 0;
  private profile: AssociationProfile = 'named';
  private closing = false;
  private onlineSince = 0;

  constructor(private readonly options: IedSessionOptions) {
    super();
    if (options.endpoints.length === 0)
      throw new ArgumentError(`${options.name} has no address`, 'Enter the IP address of the IED.');
    this.name = options.name;
    this.setMaxListeners(0);
    this.fileSource = new SessionSource(options.name);
    this.users.add(this.fileSource);
    this.files = new IedFiles(this.fileSource);
  }

  get state(): SessionState {
    return this.current;
  }

  /** Why the session is offline; undefined while it is not. */
  get lastError(): Iec61850Error | undefined {
    return this.error;
  }

  /** What was negotiated, while online. */
  get negotiated(): Negotiated | undefined {
    return this.association?.negotiated;
  }

  /** How the association was agreed, while online. */
  get details(): AssociationDetails | undefined {
    return this.association?.details;
  }

  /** ms from the last answered request to its answer, while online. */
  get roundTrip(): number | undefined {
    return this.association?.roundTrip;
  }

  /** Starts connecting; without effect when started already. */
  start(): void {
    if (this.current !== 'idle' || this.closing) return;
    this.connect();
  }

  /** Ends the association in order, within 2 s, and destroys its socket. The session cannot be started again. */
  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.retry);
    clearInterval(this.supervision);
    this.fileSource.close();
    const { association } = this;
    this.drop(new ConnectionError(`${this.name}: the session was closed`, '', { ied: this.name }));
    this.enter('idle');
    await Promise.all([association?.close(), this.attempted?.close()]);
    await this.opening;
    this.removeAllListeners();
  }

  /** Tells a user of every association, from the present one on; the function returned ends that. */
  use(user: SessionUser): () => void {
    this.users.add(user);
    if (this.association && this.types) user.attached(this.association, this.types);
    return () => this.users.delete(user);
  }

  browse(options?: BrowseOptions): Promise<IedModel> {
    return this.online().then((client) => client.browse(options));
  }

  listReports(): Promise<ReportDirectory> {
    return this.online().then((client) => client.listReports());
  }

  probe(tags: readonly Tag[]): Promise<ProbeResult[]> {
    return this.online().then((client) => client.probe(tags));
  }

  /** Reads points once. @throws ConnectionError while the IED is away */
  read(references: readonly (string | Tag)[]): Promise<TagValue[]> {
    return this.online().then((client) => client.read(references));
  }

  write(reference: string, value: WritableValue): Promise<void> {
    return this.online().then((client) => client.write(reference, value));
  }

  private online(): Promise<IedClient> {
    if (this.client && this.association?.open) return Promise.resolve(this.client);
    const why = this.error ? `: ${this.error.message}` : '';
    return Promise.reject(
      new ConnectionError(`${this.name} is not connected${why}`, this.error?.hint ?? 'Wait until the IED is online.', {
        ied: this.name,
        cause: this.error,
      }),
    );
  }

  private connect(): void {
    const endpoint = this.options.endpoints[this.endpoint % this.options.endpoints.length] as Endpoint;
    this.enter('connecting', { endpoint });
    this.opening = this.open(endpoint).catch((error: unknown) => {
      this.failed(
        error instanceof Iec61850Error
          ? error
          : new ConnectionError(`${this.name}: ${String(error)}`, undefined, { cause: error }),
      );
    });
  }

  private async open(endpoint: Endpoint): Promise<void> {
    const options: IedConnectionOptions = {
      ...this.options,
      host: endpoint.host,
      ...(endpoint.port !== undefined && { port: endpoint.port }),
    };
    const { association, profile } = await connectIed(
      options,
      {
        lost: (error) => {
          if (this.association) this.failed(error);
        },
        informationReport: (octets, start, end) => {
          for (const user of this.users) user.informationReport?.(octets, start, end);
        },
      },
      this.profile,
      (attempted) => {
        this.attempted = attempted;
        for (const user of this.users) user.attempted?.(attempted);
        // Closed between two attempts: the second one is not to be waited for.
        if (this.closing) void attempted.close();
      },
    );
    this.attempted = undefined;
    if (this.closing) {
      await association.close();
      return;
    }
    if (!association.open)
      throw new ConnectionClosedError(`${this.name}: the IED closed the connection at once`, undefined, {
        ied: this.name,
      });
    this.profile = profile;
    this.association = association;
    this.types = new TypeCache(association);
    this.client = IedClient.over(association, this.types, options);
    this.error = undefined;
    this.onlineSince = performance.now();
    this.supervise(association);
    this.enter('online', { endpoint, association: association.negotiated, profile });
    for (const user of this.users) user.attached(association, this.types);
  }

  private failed(error: Iec61850Error): void {
    if (this.closing) return;
    // An association that held for a while starts the delays anew; one that is lost at once does not.
    const longest = RECONNECT_DELAYS_MS.at(-1) as number;
    if (this.association && performance.now() - this.onlineSince > longest) this.attempt = 0;
    const early = this.attempt === 0 && this.onlineSince === 0 && isRefusal(error);
    this.drop(error);
    this.error = error;
    const base = RECONNECT_DELAYS_MS[Math.min(this.attempt, RECONNECT_DELAYS_MS.length - 1)] as number;
    const retryIn = Math.round(base * (0.85 + Math.random() * 0.3));
    this.attempt++;
    this.endpoint++;
    // What starts together with its client, a server of the same Node-RED above all, refuses at first: that is news
    // only when the next attempt fails as well.
    if (!early) this.enter('offline', { error, retryIn });
    this.retry = setTimeout(() => this.connect(), retryIn);
  }

  private drop(error: Iec61850Error): void {
    clearInterval(this.supervision);
    const held = this.association;
    this.association = undefined;
    this.types = undefined;
    this.client = undefined;
    if (!held) return;
    for (const user of this.users) user.detached(error);
    // One that still stands, because taking it into use failed, must not stay behind.
    void held.close();
  }

  /** An association that carries nothing goes silent unnoticed: a cheap request shows whether the IED still answers. */
  private supervise(association: ClientAssociation): void {
    const after = this.options.superviseAfter ?? DEFAULT_SUPERVISE_MS;
    this.supervision = setInterval(() => {
      if (performance.now() - association.lastReceived < after) return;
      association.checkAlive();
    }, after);
  }

  private enter(state: SessionState, details: Omit<SessionStateEvent, 'state'> = {}): void {
    if (state === 'online') this.attempt = Math.min(this.attempt, 1);
    this.current = state;
    if (diagnostics.sessionState.watched) this.tellState(state, details);
    this.emit('state', { state, ...details });
  }

  private tellState(state: SessionState, { endpoint, error, retryIn }: Omit<SessionStateEvent, 'state'>): void {
    diagnostics.sessionState.publish({
      ied: this.name,
      state,
      ...(endpoint && { host: endpoint.host, port: mmsPort({ ...this.options, ...endpoint }) }),
      ...(error && { error: diagnosticError(error) }),
      ...(retryIn !== undefined && { retryIn }),
    });
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNREFUSED') || isRefusal(error.cause);
}
