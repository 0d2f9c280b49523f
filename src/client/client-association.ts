import { connect as tcpConnect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { AssociationError, ConnectionError, DecodeError, Iec61850Error, TimeoutError } from '../errors.js';
import { CLOSE_TIMEOUT_MS, DEFAULT_TIMEOUT_MS } from '../limits.js';
import { MmsAssociation, type Negotiated, type PreparedRequest, type ResponseHandler } from '../mms/association.js';
import {
  decodeServiceResponseAt,
  encodeServiceRequest,
  ObjectClass,
  type ServiceRequest,
  type ServiceResponse,
} from '../mms/services.js';
import type { AcseAuthentication } from '../mms/wire.js';
import type { ClientTls } from '../security/tls-client.js';
import { describeAssociation, tellClosed, tellOpened, type AssociationDetails } from './association-diagnostics.js';
import { AssociationSecurity } from './association-security.js';
import {
  associationParameters,
  iedName,
  mmsPort,
  type AssociationProfile,
  type IedConnectionOptions,
  type IedEdition,
} from './options.js';
import { socketError } from './socket-error.js';
import { afterFairly, type FairTimer } from './fair-timer.js';
import { PeerRequests } from './peer-requests.js';
import { observed } from './request-diagnostics.js';
import { PacketWatch } from './trace/packet-watch.js';

const KEEP_ALIVE_MS = 10_000;

export interface ClientAssociationEvents {
  /** The association ended by itself; not called after {@link ClientAssociation.close}. */
  lost(error: Iec61850Error): void;
  /** Content of an InformationReport, valid until the method returns. */
  informationReport?(octets: Buffer, start: number, end: number): void;
}

/** Both ends of a TCP connection, this one and the IED's. */
export interface ConnectionEnds {
  local: { address: string; port: number };
  remote: { address: string; port: number };
}

type ResponseOf<S extends ServiceRequest['service']> = Extract<ServiceResponse, { service: S }>;

/** One TCP connection with one MMS association on it, client role. It is used once and never reconnects. */
export class ClientAssociation {
  private readonly mms: MmsAssociation;
  private socket: Socket | undefined;
  private wakeup: FairTimer | undefined;
  private wakeupAt = 0;
  private connectTimer: FairTimer | undefined;
  private settleConnect: { resolve(negotiated: Negotiated): void; reject(error: Iec61850Error): void } | undefined;
  private closed: { promise: Promise<void>; resolve(): void } | undefined;
  private corked = false;
  private ended = false;
  private checking = false;
  private readonly pumps = new Set<() => void>();
  private readonly name: string;
  private security: AssociationSecurity | undefined;
  /** Why the association was given up although it stood. */
  private distrust: Iec61850Error | undefined;
  /** What the IED asks of us. */
  readonly peer = new PeerRequests(
    () => this.mms,
    () => this.socket?.writableLength ?? 0,
  );
  /** Monotonic ms when octets last came in. */
  lastReceived = 0;
  octetsSent = 0;
  octetsReceived = 0;
  /** What goes over the association, for a trace. */
  readonly packets: PacketWatch;
  private began = 0;
  /** How the association was agreed; undefined before it stands. */
  details: AssociationDetails | undefined;

  constructor(
    private readonly options: IedConnectionOptions,
    private readonly profile: AssociationProfile,
    private readonly events: ClientAssociationEvents,
  ) {
    this.name = iedName(options);
    this.mms = new MmsAssociation(
      'client',
      associationParameters(options, profile, () => this.security?.authenticate()),
      {
        send: (octets) => this.send(octets),
        associated: (negotiated, authentication) => this.associated(negotiated, authentication),
        closed: (error) => this.finish(error),
        informationReport: (octets, start, end) => this.events.informationReport?.(octets, start, end),
        confirmedRequest: (invokeId, octets, start, end) => this.peer.received(invokeId, octets, start, end),
      },
    );
    this.packets = new PacketWatch((tap) => (this.mms.tap = tap));
  }

  get negotiated(): Negotiated {
    return this.mms.negotiated;
  }

  /** What the IED is taken for, where somebody said so. */
  get edition(): IedEdition | undefined {
    return this.options.edition;
  }

  get open(): boolean {
    return this.mms.open;
  }

  /** ms from the last answered request to its answer; undefined before the first. */
  get roundTrip(): number | undefined {
    return this.mms.roundTrip;
  }

  /** Whether TLS is below the association. */
  get secured(): boolean {
    return this.options.tls !== undefined;
  }

  /** Both ends of the TCP connection; undefined before it stands, and when it is gone. */
  get ends(): ConnectionEnds | undefined {
    const { localAddress, localPort, remoteAddress, remotePort } = this.socket ?? {};
    if (!localAddress || !localPort || !remoteAddress || !remotePort) return undefined;
    return {
      local: { address: localAddress, port: localPort },
      remote: { address: remoteAddress, port: remotePort },
    };
  }

  /** Whether a prepared request may be sent at once. */
  get ready(): boolean {
    return this.mms.ready;
  }

  /** @throws ConnectionError, SecurityError, AssociationError, TimeoutError, DecodeError */
  connect(): Promise<Negotiated> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(this.closedError());
        return;
      }
      this.settleConnect = { resolve, reject };
      this.began = performance.now();
      const { host, timeout, tls } = this.options;
      const limit = timeout ?? DEFAULT_TIMEOUT_MS;
      this.connectTimer = afterFairly(limit, () => {
        const what = tls ? 'secured' : 'TCP';
        const where = `${host}:${mmsPort(this.options)}`;
        this.finish(new TimeoutError(`no ${what} connection to ${where} within ${limit} ms`, { ied: this.name }));
      });
      if (!AssociationSecurity.wanted(this.options)) this.use(this.openSocket());
      else {
        AssociationSecurity.load(this.options).then(
          (loaded) => {
            if (this.ended) return;
            this.security = loaded;
            this.use(loaded.tls ? this.openSecured(loaded.tls) : this.openSocket());
          },
          (error: unknown) => this.finish(this.asOurs(error)),
        );
      }
    });
  }

  private target(): { host: string; port: number; localAddress?: string } {
    const { host, localAddress } = this.options;
    return { host, port: mmsPort(this.options), ...(localAddress && { localAddress }) };
  }

  private openSocket(): Socket {
    return tcpConnect(this.target(), () => this.transportReady());
  }

  private openSecured(tls: ClientTls): Socket {
    return tls.connect(this.target(), {
      secured: () => this.transportReady(),
      refused: (error) => this.mms.transportClosed(performance.now(), error),
    });
  }

  private use(socket: Socket): void {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) =>
      this.mms.transportClosed(performance.now(), socketError(error, this.options, this.name)),
    );
    socket.on('close', () => this.mms.transportClosed(performance.now(), this.closedEarly()));
  }

  /** A server that does not trust a certificate says so to nobody but its own log. */
  private closedEarly(): AssociationError | undefined {
    if (!this.options.tls || !this.settleConnect) return undefined;
    return new AssociationError(
      'the IED closed the secured connection during the association',
      'It may not trust the certificate of this client: see its log. Else check AP-title, password and free client slots.',
      { ied: this.name },
    );
  }

  private transportReady(): void {
    if (this.ended) return;
    this.connectTimer?.cancel();
    this.mms.transportConnected(performance.now());
    this.armWakeup();
  }

  /** Nothing is asked of a server that has yet to prove itself. */
  private associated(negotiated: Negotiated, authentication: AcseAuthentication | undefined): void {
    this.connectTimer?.cancel();
    const done = (): void => {
      const took = performance.now() - this.began;
      const details = describeAssociation(this.options, this.profile, negotiated, this.socket, took);
      this.details = details;
      this.packets.begun();
      tellOpened(details);
      this.settleConnect?.resolve(negotiated);
      this.settleConnect = undefined;
    };
    if (!this.security) done();
    else {
      this.security.check(authentication).then(done, (error: unknown) => {
        this.distrust = this.asOurs(error);
        this.mms.abort();
      });
    }
  }

  private asOurs(error: unknown): Iec61850Error {
    if (error instanceof Iec61850Error) return error;
    return new ConnectionError(String(error), undefined, { ied: this.name, cause: error });
  }

  /** Sends one confirmed service. @throws what the service failed with, naming the IED. */
  async request<S extends Exclude<ServiceRequest['service'], 'other'>>(
    request: Extract<ServiceRequest, { service: S }>,
    timeout?: number,
  ): Promise<ResponseOf<S>> {
    const response = await this.exchange(encodeServiceRequest(request), decodeServiceResponseAt, timeout);
    const { service } = request as ServiceRequest;
    if (response.service !== service) {
      throw new DecodeError(`the IED answered ${service} with ${response.service}`, { ied: this.name });
    }
    return response as ResponseOf<S>;
  }

  /**
   * Sends one confirmed service, given with its tag.
   * @param read takes the answer where it stands, in octets that are valid until it returns
   * @param begun gets a function that gives the request its time limit anew, for one whose answer takes long
   * @throws what the service failed with, and what `read` throws
   */
  exchange<T>(
    service: Buffer,
    read: (octets: Buffer, start: number, end: number) => T,
    timeout?: number,
    begun?: (prolong: () => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const answered: ResponseHandler = {
        response: (octets, start, end) => resolve(read(octets, start, end)),
        failed: reject,
      };
      const handler = observed(this.watched(answered), this.name, service, 0);
      this.mms.request(service, handler, performance.now(), timeout);
      this.armWakeup();
      begun?.(() => this.mms.prolong(handler, performance.now(), timeout));
    });
  }

  /** Encodes a request for {@link sendPrepared}. */
  prepare(service: Buffer): PreparedRequest {
    return this.mms.prepare(service);
  }

  sendPrepared(prepared: PreparedRequest, handler: ResponseHandler): void {
    const { octets, invokeIdAt } = prepared;
    this.mms.sendPrepared(prepared, observed(handler, this.name, octets, invokeIdAt + 2), performance.now());
    if (!this.wakeup) this.armWakeup();
  }

  /** Calls back whenever a request may have become possible, and once when the association ended, until {@link removePump}. */
  addPump(pump: () => void): void {
    this.pumps.add(pump);
  }

  removePump(pump: () => void): void {
    this.pumps.delete(pump);
  }

  /**
   * Asks for a sign of life, as after a request that timed out or a long silence. An IED that answers nothing within
   * the time limit has hung, and the association is lost; one that answers others does not lose it.
   */
  checkAlive(): void {
    if (this.checking || this.ended || !this.mms.open) return;
    this.checking = true;
    // GetNameList is the one service that every IED has; whatever it answers is a sign of life.
    const service = encodeServiceRequest({
      service: 'getNameList',
      objectClass: ObjectClass.domain,
      scope: { scope: 'vmd' },
    });
    const asked = performance.now();
    const answered = (): void => {
      this.checking = false;
    };
    this.mms.request(
      service,
      {
        response: answered,
        failed: (error) => {
          answered();
          if (!(error instanceof TimeoutError) || this.lastReceived > asked) return;
          this.mms.transportClosed(
            performance.now(),
            new TimeoutError('the IED has stopped answering', { ied: this.name }),
          );
        },
      },
      asked,
      undefined,
      // Behind a long queue, each of which times out in turn, a hung IED would be found out late.
      true,
    );
    this.armWakeup();
  }

  /** Releases the association in order and destroys the socket, after {@link CLOSE_TIMEOUT_MS} at the latest. */
  async close(): Promise<void> {
    if (this.ended) return;
    if (!this.closed) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.closed = { promise, resolve };
      if (!this.mms.open) this.finish(this.closedError());
      else {
        this.mms.conclude();
        this.connectTimer = afterFairly(CLOSE_TIMEOUT_MS, () => this.finish(undefined));
      }
    }
    await this.closed.promise;
  }

  private closedError(): ConnectionError {
    return new ConnectionError('the connection was closed', '', { ied: this.name });
  }

  private watched(handler: ResponseHandler): ResponseHandler {
    return {
      response: (octets, start, end) => handler.response(octets, start, end),
      failed: (error) => {
        handler.failed(error);
        if (error instanceof TimeoutError) this.checkAlive();
      },
    };
  }

  private receive(chunk: Buffer): void {
    this.lastReceived = performance.now();
    this.octetsReceived += chunk.length;
    this.mms.receive(chunk, this.lastReceived);
    for (const pump of this.pumps) if (this.mms.ready) pump();
  }

  private send(octets: Buffer): void {
    const { socket } = this;
    if (!socket || socket.destroyed) return;
    this.octetsSent += octets.length;
    // Several requests of one turn leave as one segment.
    if (!this.corked) {
      this.corked = true;
      socket.cork();
      process.nextTick(() => {
        this.corked = false;
        socket.uncork();
      });
    }
    socket.write(octets);
  }

  private armWakeup(): void {
    if (this.ended) return;
    const at = this.mms.nextWakeup;
    if (at === undefined || (this.wakeup && this.wakeupAt <= at)) return;
    this.wakeup?.cancel();
    this.wakeupAt = at;
    this.wakeup = afterFairly(Math.max(1, Math.ceil(at - performance.now())), () => {
      this.wakeup = undefined;
      this.mms.tick(performance.now());
      this.armWakeup();
      for (const pump of this.pumps) if (this.mms.ready) pump();
    });
  }

  private finish(error: Iec61850Error | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.connectTimer?.cancel();
    this.wakeup?.cancel();
    this.wakeup = undefined;
    const { socket } = this;
    if (socket) {
      // An abort or release that was just written still goes out.
      socket.end();
      setImmediate(() => socket.destroy());
    }
    this.mms.transportClosed(performance.now(), error);
    // Who waits for a turn waits no longer: without a request in flight, nothing else would tell it.
    const waiting = [...this.pumps];
    this.pumps.clear();
    for (const pump of waiting) pump();
    const cause =
      error ??
      this.distrust ??
      new ConnectionError('the IED released the association', 'Another client may have taken its place.', {
        ied: this.name,
      });
    if (this.details) tellClosed(this.options, this, this.closed ? undefined : cause);
    if (this.settleConnect) {
      this.settleConnect.reject(cause);
      this.settleConnect = undefined;
    } else if (!this.closed) this.events.lost(cause);
    this.closed?.resolve();
  }
}
