/** One client: the association between its TCP connection and the services. No socket and no timer in here. */
import { timingSafeEqual, createHash } from 'node:crypto';
import { DecodeError, type Iec61850Error, LimitError } from '../errors.js';
import { DEFAULT_NESTING_LEVEL } from '../limits.js';
import { MmsAssociation } from '../mms/association.js';
import { serviceErrorByName } from '../mms/service-error.js';
import { AcseDiagnostic, type AssociationRequest } from '../mms/wire.js';
import type { CheckedOptions } from './options.js';
import { SERVED, type Services } from './services/index.js';

/** Who a client is: its address, and what it said of itself when it associated. */
export interface ClientIdentity {
  readonly address: string;
  readonly port: number;
  apTitle?: string;
  aeQualifier?: number;
}

/** What the connection needs of the world around it. */
export interface ConnectionHandler {
  /** Octets for the client. */
  send(octets: Buffer): void;
  associated(): void;
  /** The association is over: the TCP connection shall close when what was sent has left. */
  closed(error?: Iec61850Error): void;
  /** Something in this server failed; the request was answered with an error. */
  failed(error: unknown): void;
}

const OTHER = serviceErrorByName('others', 'other');

export class ClientConnection {
  private readonly association: MmsAssociation;

  constructor(
    readonly client: ClientIdentity,
    private readonly services: Services,
    private readonly options: Pick<CheckedOptions, 'maxPduSize' | 'maxOutstanding' | 'associationTimeout' | 'password'>,
    private readonly handler: ConnectionHandler,
  ) {
    this.association = new MmsAssociation(
      'server',
      {
        osi: { local: {}, remote: {} },
        maxPduSize: options.maxPduSize,
        maxOutstanding: options.maxOutstanding,
        nestingLevel: DEFAULT_NESTING_LEVEL,
        services: SERVED,
        timeout: options.associationTimeout,
      },
      {
        send: (octets) => handler.send(octets),
        associated: () => handler.associated(),
        closed: (error) => handler.closed(error),
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
    const { password } = this.options;
    if (password === undefined) this.association.accept();
    else if (request.password === undefined) {
      this.association.refuse(AcseDiagnostic.authenticationRequired, `${this.client.address} gave no password`);
    } else if (!equalSecrets(Buffer.from(password), request.password)) {
      this.association.refuse(AcseDiagnostic.authenticationFailure, `${this.client.address} gave a wrong password`);
    } else this.association.accept();
  }

  private answer(invokeId: number, octets: Buffer, start: number, end: number): void {
    const { association } = this;
    let answer;
    try {
      answer = this.services.answer(this.client, octets, start, end, association.maxResponseLength);
    } catch (error) {
      // A request that cannot be followed is rejected by the association.
      if (error instanceof DecodeError || error instanceof LimitError) throw error;
      association.respondError(invokeId, OTHER);
      this.handler.failed(error);
      return;
    }
    if ('response' in answer) association.respond(invokeId, [answer.response], answer.response.length);
    else if ('error' in answer) association.respondError(invokeId, answer.error);
    else association.reject(invokeId, 1, answer.reject);
  }
}

/** Compares in a time that tells nothing of either, whatever their lengths. */
function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  const digest = (octets: Uint8Array): Buffer => createHash('sha256').update(octets).digest();
  return timingSafeEqual(digest(a), digest(b));
}
