/** One client: the association between its TCP connection and the services. No socket and no timer in here. */
import { DecodeError, type Iec61850Error, LimitError } from '../errors.js';
import { DEFAULT_NESTING_LEVEL } from '../limits.js';
import { MmsAssociation } from '../mms/association.js';
import { serviceErrorByName } from '../mms/service-error.js';
import { AcseDiagnostic, type AssociationRequest } from '../mms/wire.js';
import type { Answered } from './access/server-access.js';
import type { ClientIdentity } from './client-identity.js';
import { ClientSession } from './client-session.js';
import { EVERYTHING, type ClientRights } from './rights.js';
import type { ServerCore } from './server-core.js';
import type { Answer } from './services/index.js';

/** What the connection needs of the world around it. */
export interface ConnectionHandler {
  /** Octets for the client. */
  send(octets: Buffer): void;
  /** Octets that were sent and have not left yet. */
  backlog(): number;
  associated(): void;
  /** The association is over: the TCP connection shall close when what was sent has left. */
  closed(error?: Iec61850Error): void;
  /** Something in this server failed; the request was answered with an error. */
  failed(error: unknown): void;
}

const OTHER = serviceErrorByName('others', 'other');
const BUSY = serviceErrorByName('resource', 'capability-unavailable');

export class ClientConnection {
  private readonly association: MmsAssociation;
  private session: ClientSession | undefined;
  private rights: ClientRights = EVERYTHING;
  /** Requests whose answer somebody outside has to give first. */
  private pending = 0;

  constructor(
    readonly client: ClientIdentity,
    private readonly core: ServerCore,
    private readonly handler: ConnectionHandler,
  ) {
    const { options, services } = core;
    this.association = new MmsAssociation(
      'server',
      {
        osi: { local: {}, remote: {} },
        maxPduSize: options.maxPduSize,
        maxOutstanding: options.maxOutstanding,
        nestingLevel: DEFAULT_NESTING_LEVEL,
        services: services.names,
        timeout: options.associationTimeout,
      },
      {
        send: (octets) => handler.send(octets),
        associated: () => this.associated(),
        closed: (error) => this.closed(error),
        associationRequested: (request) => this.requested(request),
        confirmedRequest: (invokeId, octets, start, end) => this.answer(invokeId, octets, start, end),
      },
    );
  }

  /** Whether the association stands. */
  get open(): boolean {
    return this.association.open;
  }

  /** Clocks are in ms, any that only goes forward. */
  connected(now: number): void {
    this.association.transportConnected(now);
  }

  receive(octets: Buffer, now: number): void {
    this.association.receive(octets, now);
  }

  tick(now: number): void {
    this.association.tick(now);
  }

  disconnected(now: number, error?: Iec61850Error): void {
    this.association.transportClosed(now, error);
  }

  /** Ends the association at once, telling the client. */
  abort(): void {
    this.association.abort();
  }

  private requested(request: AssociationRequest): void {
    const { apTitle, aeQualifier } = request.calling;
    if (apTitle !== undefined) this.client.apTitle = apTitle;
    if (aeQualifier !== undefined) this.client.aeQualifier = aeQualifier;
    const verdict = this.core.access.admit(this.client, request);
    if (verdict instanceof Promise) {
      verdict
        .then((given) => this.decide(given))
        .catch((error: unknown) => {
          this.association.refuse(AcseDiagnostic.noReason, 'the client could not be checked');
          this.handler.failed(error);
        });
    } else this.decide(verdict);
  }

  private decide(verdict: Answered): void {
    if ('why' in verdict) this.association.refuse(verdict.diagnostic, verdict.why);
    else {
      this.rights = verdict.rights;
      this.association.accept(verdict.authentication);
    }
  }

  private associated(): void {
    const { association, handler } = this;
    this.session = new ClientSession(
      this.client,
      {
        sendUnconfirmed: (pdu) => association.sendUnconfirmed(pdu),
        backlog: () => handler.backlog(),
        request: (service, answer, now, timeout) => association.request(service, answer, now, timeout),
        tick: (now) => this.tick(now),
        drop: (why, now) => {
          const error = new LimitError(`${this.client.address}: ${why}`, 'The client was dropped.');
          this.disconnected(now, error);
        },
      },
      association.negotiated.maxPduSize,
    );
    this.session.rights = this.rights;
    this.core.opened(this.session);
    handler.associated();
  }

  private closed(error: Iec61850Error | undefined): void {
    const { session } = this;
    if (session?.open) {
      session.close();
      try {
        this.core.closed(session);
      } catch (failure) {
        this.handler.failed(failure);
      }
    }
    this.handler.closed(error);
  }

  private answer(invokeId: number, octets: Buffer, start: number, end: number): void {
    const { association, session } = this;
    if (!session) return;
    // A client that asks for more at a time than was agreed does not fill memory with what waits.
    if (this.pending > this.core.options.maxOutstanding) {
      association.respondError(invokeId, BUSY);
      return;
    }
    let answer;
    try {
      answer = this.core.services.answer(session, octets, start, end, association.maxResponseLength);
    } catch (error) {
      // A request that cannot be followed is rejected by the association.
      if (error instanceof DecodeError || error instanceof LimitError) throw error;
      this.failed(invokeId, error);
      return;
    }
    if (answer instanceof Promise) this.answerLater(invokeId, answer);
    else this.give(invokeId, answer);
  }

  private answerLater(invokeId: number, answer: Promise<Answer>): void {
    this.pending++;
    answer
      .then(
        (given) => this.give(invokeId, given),
        (error: unknown) => this.failed(invokeId, error),
      )
      .catch((error: unknown) => this.handler.failed(error))
      .finally(() => this.pending--);
  }

  private failed(invokeId: number, error: unknown): void {
    this.association.respondError(invokeId, OTHER);
    this.handler.failed(error);
  }

  private give(invokeId: number, answer: Answer): void {
    const { association } = this;
    if ('response' in answer) association.respond(invokeId, [answer.response], answer.response.length);
    else if ('error' in answer) association.respondError(invokeId, answer.error);
    else association.reject(invokeId, 1, answer.reject);
  }
}
