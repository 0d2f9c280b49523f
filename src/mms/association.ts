import { BerReader } from '../ber/reader.js';
import { berInteger, headerLength, writeHeader } from '../ber/encode.js';
import {
  AssociationError,
  ConnectionClosedError,
  ConnectionError,
  DecodeError,
  Iec61850Error,
  LimitError,
  TimeoutError,
} from '../errors.js';
import { COTP_DATA_HEADER_LENGTH } from '../osi/cotp.js';
import {
  OsiConnection,
  type AcseAuthentication,
  type AssociationRequest,
  type OsiParameters,
  type PacketTap,
} from '../osi/connection.js';
import { userDataHeaderLength } from '../osi/presentation.js';
import { SESSION_DATA_HEADER } from '../osi/session.js';
import { TPKT_HEADER_LENGTH } from '../osi/tpkt.js';
import type { InitiateParameters } from './initiate.js';
import { agreement, answerTo, initiateOf, type Negotiated, type Offer } from './negotiation.js';
import { OutstandingRequests, type PreparedRequest, type ResponseHandler } from './outstanding-requests.js';
import { decodeMmsPdu, encodeMmsPdu, PduTag, readInvokeId, type MmsPdu } from './pdu.js';
import {
  decodeServiceError,
  serviceErrorByName,
  toRejectError,
  toServiceError,
  type ServiceErrorFields,
} from './service-error.js';

export type { Negotiated } from './negotiation.js';
export type { PreparedRequest, ResponseHandler } from './outstanding-requests.js';

export interface AssociationParameters extends Offer {
  osi: OsiParameters;
  /** Time limit of a request and of the association phase, in ms. */
  timeout: number;
}

export interface AssociationHandler {
  /** Octets for the wire; they must not be changed by the receiver. */
  send(octets: Buffer): void;
  /** @param authentication client: what the server proves itself by, when it does */
  associated(negotiated: Negotiated, authentication?: AcseAuthentication): void;
  /** The association is over and the TCP connection must be closed. Without an error: it was released in order. */
  closed(error?: Iec61850Error): void;
  /** Content of an InformationReport, valid until the method returns. */
  informationReport?(octets: Buffer, start: number, end: number): void;
  /** Server: answer by {@link MmsAssociation.accept} or {@link MmsAssociation.refuse}. */
  associationRequested?(request: AssociationRequest): void;
  /**
   * A request of the peer, which either role may make (ObtainFile lets a server read a file of its client):
   * `octets[start … end)` is the service request with its tag; valid until the method returns. Without this method
   * requests are rejected.
   */
  confirmedRequest?(invokeId: number, octets: Buffer, start: number, end: number): void;
}

interface Waiting {
  service: Buffer;
  handler: ResponseHandler;
  timeout: number;
}

const MAX_WAITING = 10_000;

type State = 'idle' | 'associating' | 'answering' | 'open' | 'concluding' | 'closed';

/**
 * One MMS association in either role (ISO 9506-2, IEC 61850-8-1 §25): no socket, no clock. Octets go in by
 * {@link receive}, time by {@link tick}; octets, answers and events come out by the handler.
 */
export class MmsAssociation {
  private state: State = 'idle';
  private readonly osi: OsiConnection;
  private readonly requests = new OutstandingRequests();
  private waiting: Waiting[] = [];
  private now = 0;
  private associationDeadline: number | undefined;
  private answer: InitiateParameters | undefined;
  private agreed: Negotiated;
  private lastRoundTrip: number | undefined;

  constructor(
    private readonly role: 'client' | 'server',
    private readonly parameters: AssociationParameters,
    private readonly handler: AssociationHandler,
  ) {
    this.agreed = {
      maxPduSize: parameters.maxPduSize,
      maxOutstanding: 1,
      nestingLevel: parameters.nestingLevel,
      peerServices: '',
    };
    this.osi = new OsiConnection(role, parameters.osi, {
      send: (octets) => this.handler.send(octets),
      connected: (userData, request, authentication) => this.connected(userData, request, authentication),
      data: (octets, start, end) => this.pdu(octets, start, end),
      released: () => this.end(undefined),
      ended: (error) => this.end(error),
    });
  }

  get negotiated(): Negotiated {
    return this.agreed;
  }

  get open(): boolean {
    return this.state === 'open';
  }

  /** Shows the packets of this association from now on; undefined shows them to nobody. */
  set tap(tap: PacketTap | undefined) {
    this.osi.tap = tap;
  }

  /** ms from the last answered request to its answer; undefined before the first. */
  get roundTrip(): number | undefined {
    return this.lastRoundTrip;
  }

  /** Requests that wait for an answer or for their turn. */
  get outstanding(): number {
    return this.requests.size + this.waiting.length;
  }

  /** Whether a request would go out at once. */
  get ready(): boolean {
    return this.state === 'open' && this.waiting.length === 0 && this.requests.size < this.agreed.maxOutstanding;
  }

  /** When {@link tick} must be called at the latest, on the caller's clock in ms; undefined when nothing waits. */
  get nextWakeup(): number | undefined {
    const earliest = this.requests.deadline;
    if (this.associationDeadline === undefined || earliest === undefined) return this.associationDeadline ?? earliest;
    return Math.min(this.associationDeadline, earliest);
  }

  /** The TCP connection stands. A client asks for the association now, a server waits for it. */
  transportConnected(now: number): void {
    this.now = now;
    this.state = 'associating';
    this.associationDeadline = now + this.parameters.timeout;
    if (this.role === 'client')
      this.osi.connect(encodeMmsPdu({ pdu: 'initiate-request', parameters: initiateOf(this.parameters) }));
  }

  /** Octets of the TCP stream. Never throws. */
  receive(octets: Buffer, now: number): void {
    this.now = now;
    this.osi.receive(octets);
  }

  /** The TCP connection ended by itself. */
  transportClosed(now: number, error?: Iec61850Error): void {
    this.now = now;
    if (error || this.state === 'concluding') this.end(error);
    // Some stacks refuse an association, a wrong password above all, by closing the connection without a word.
    else if (this.state === 'associating')
      this.end(
        new AssociationError(
          'the peer closed the connection during the association',
          'Check selectors, AP-title, password, free client slots, and whether this is the port of MMS.',
        ),
      );
    else this.end(new ConnectionClosedError('the peer closed the connection'));
  }

  /** Time passes: requests without an answer fail. */
  tick(now: number): void {
    this.now = now;
    if (this.associationDeadline !== undefined && now >= this.associationDeadline) {
      this.associationDeadline = undefined;
      const silent =
        this.role === 'client'
          ? 'the IED took the connection but did not answer the association request'
          : 'the client did not associate';
      this.osi.abort();
      this.end(new TimeoutError(`${silent} within ${this.parameters.timeout} ms`));
      return;
    }
    this.requests.expire(now);
    this.sendWaiting();
  }

  /**
   * Sends a confirmed service request, `service` being its encoding with tag, or queues it while the negotiated number
   * is outstanding. The outcome comes to the handler, also when it cannot be sent.
   * @param timeout ms from when it is sent
   * @param urgent goes ahead of the requests that wait
   */
  request(
    service: Buffer,
    handler: ResponseHandler,
    now: number,
    timeout = this.parameters.timeout,
    urgent = false,
  ): void {
    this.now = now;
    if (this.state !== 'open') {
      handler.failed(new ConnectionError('there is no association with the IED'));
      return;
    }
    if (service.length + 16 > this.agreed.maxPduSize) {
      handler.failed(
        new LimitError(
          `a request of ${service.length} octets does not fit the negotiated PDU size ${this.agreed.maxPduSize}`,
        ),
      );
      return;
    }
    if (this.requests.size >= this.agreed.maxOutstanding || this.waiting.length > 0) {
      if (this.waiting.length >= MAX_WAITING) handler.failed(new LimitError('too many requests wait for the IED'));
      else if (urgent) this.waiting.unshift({ service, handler, timeout });
      else this.waiting.push({ service, handler, timeout });
      return;
    }
    this.dispatch(this.prepare(service), handler, timeout);
  }

  /** A request whose answer may take long has its time limit anew, because the peer showed that it works on it. */
  prolong(handler: ResponseHandler, now: number, timeout = this.parameters.timeout): void {
    this.requests.prolong(handler, now + timeout);
  }

  /** Encodes a service request once, for {@link sendPrepared}. The association must be open. */
  prepare(service: Buffer): PreparedRequest {
    const length = 4 + service.length;
    const header = Buffer.allocUnsafe(headerLength(PduTag.confirmedRequest, length) + 4);
    const at = writeHeader(header, 0, PduTag.confirmedRequest, length);
    header[at] = 0x02;
    header[at + 1] = 2;
    const total = header.length + service.length;
    const before =
      TPKT_HEADER_LENGTH + COTP_DATA_HEADER_LENGTH + SESSION_DATA_HEADER.length + userDataHeaderLength(total);
    return { octets: this.osi.frame([header, service], total), invokeIdAt: before + header.length - 2, busy: false };
  }

  /** Sends a prepared request at once; the caller looks at {@link ready} first. */
  sendPrepared(prepared: PreparedRequest, handler: ResponseHandler, now: number): void {
    this.now = now;
    if (this.state !== 'open') handler.failed(new ConnectionError('there is no association with the IED'));
    else this.dispatch(prepared, handler, this.parameters.timeout);
  }

  private dispatch(prepared: PreparedRequest, handler: ResponseHandler, timeout: number): void {
    this.osi.sendPackets(this.requests.add(prepared, handler, this.now + timeout, this.now));
  }

  private sendWaiting(): void {
    while (this.state === 'open' && this.waiting.length > 0 && this.requests.size < this.agreed.maxOutstanding) {
      const { service, handler, timeout } = this.waiting.shift() as Waiting;
      this.dispatch(this.prepare(service), handler, timeout);
    }
  }

  /** Answers a request of the peer; the parts are the service response with its tag, `length` octets together. */
  respond(invokeId: number, parts: readonly Uint8Array[], length: number): void {
    if (!this.answering()) return;
    const id = berInteger(0x02, invokeId);
    const header = Buffer.allocUnsafe(headerLength(PduTag.confirmedResponse, id.length + length));
    writeHeader(header, 0, PduTag.confirmedResponse, id.length + length);
    this.osi.send([header, id, ...parts], header.length + id.length + length);
  }

  /** Octets that an answer's service response may have. */
  get maxResponseLength(): number {
    return this.agreed.maxPduSize - 12;
  }

  /** Answers with Confirmed-Error. */
  respondError(invokeId: number, error: ServiceErrorFields): void {
    this.sendPdu({ pdu: 'confirmed-error', invokeId, error });
  }

  /** Rejects a request that has no meaning (ISO 9506-2 §7.5); type 1 is a confirmed request. */
  reject(invokeId: number | undefined, rejectType: number, rejectReason: number): void {
    this.sendPdu({ pdu: 'reject', ...(invokeId !== undefined && { invokeId }), rejectType, rejectReason });
  }

  /** Server: sends an unconfirmed PDU, given with its tag. */
  sendUnconfirmed(pdu: Buffer): void {
    if (this.answering()) this.osi.send([pdu], pdu.length);
  }

  private answering(): boolean {
    return this.state === 'open' || this.state === 'concluding';
  }

  private sendPdu(pdu: MmsPdu): void {
    if (!this.answering()) return;
    const octets = encodeMmsPdu(pdu);
    this.osi.send([octets], octets.length);
  }

  /** Server: takes the association that was asked for. @param authentication what the server proves itself by */
  accept(authentication?: AcseAuthentication): void {
    const { answer } = this;
    if (this.state !== 'answering' || !answer) return;
    this.state = 'open';
    this.associationDeadline = undefined;
    this.osi.accept(encodeMmsPdu({ pdu: 'initiate-response', parameters: answer }), authentication);
    this.handler.associated(this.agreed);
  }

  /** Server: refuses the association with an ACSE diagnostic (`AcseDiagnostic`). */
  refuse(diagnostic: number, why: string): void {
    if (this.state !== 'answering') return;
    this.osi.refuse(diagnostic);
    this.end(new AssociationError(why, ''));
  }

  /** Ends the association in order: MMS Conclude, then release. `closed` follows, or the caller's own time limit. */
  conclude(): void {
    if (this.state !== 'open' || this.role !== 'client') {
      this.abort();
      return;
    }
    // First the state: the answer may come while this is being sent.
    this.state = 'concluding';
    this.sendPdu({ pdu: 'conclude-request' });
    this.failAll(new ConnectionError('the association was closed'));
  }

  /** Ends the association at once. */
  abort(): void {
    if (this.state === 'closed') return;
    this.osi.abort();
    this.end(undefined);
  }

  private connected(userData: Buffer, request?: AssociationRequest, authentication?: AcseAuthentication): void {
    const pdu = decodeMmsPdu(userData);
    if (request) {
      if (pdu.pdu !== 'initiate-request')
        throw new DecodeError(`the association request carries ${pdu.pdu} in place of Initiate`);
      this.answer = answerTo(pdu.parameters, this.parameters);
      this.agreed = agreement(this.answer, this.parameters, pdu.parameters.servicesSupported);
      this.state = 'answering';
      this.handler.associationRequested?.(request);
      return;
    }
    if (pdu.pdu === 'initiate-error')
      throw new AssociationError(`the IED refused MMS Initiate: ${toServiceError(pdu.error).message}`);
    if (pdu.pdu !== 'initiate-response')
      throw new DecodeError(`the association response carries ${pdu.pdu} in place of Initiate`);
    this.agreed = agreement(pdu.parameters, this.parameters, pdu.parameters.servicesSupported);
    this.state = 'open';
    this.associationDeadline = undefined;
    this.handler.associated(this.agreed, authentication);
  }

  private pdu(octets: Buffer, start: number, end: number): void {
    const outer = new BerReader(octets, start, end);
    if (!outer.next()) throw new DecodeError('MMS PDU is empty');
    switch (outer.tag) {
      case PduTag.confirmedResponse:
        this.confirmedResponse(outer.enter());
        return;
      case PduTag.confirmedRequest:
        this.confirmedRequest(outer.enter());
        return;
      case PduTag.unconfirmed:
        this.handler.informationReport?.(octets, outer.start, outer.end);
        return;
      case PduTag.confirmedError:
        this.confirmedError(outer.enter());
        return;
      default:
        this.otherPdu(decodeMmsPdu(octets, start, end));
    }
  }

  private confirmedResponse(body: BerReader): void {
    const handler = this.requests.take(readInvokeId(body));
    if (!handler) return;
    this.lastRoundTrip = this.now - this.requests.takenSentAt;
    try {
      if (!body.next()) throw new DecodeError('confirmed response has no service');
      handler.response(body.octets, body.header, body.end);
    } catch (error) {
      handler.failed(error instanceof Iec61850Error ? error : new DecodeError(String(error), { cause: error }));
    }
    this.sendWaiting();
  }

  private confirmedError(body: BerReader): void {
    const handler = this.requests.take(body.expect(0x80, 'invokeID').unsigned(0xffffffff));
    if (!handler) return;
    while (body.next()) {
      if (body.tag !== 0xa2) continue;
      handler.failed(toServiceError(decodeServiceError(body.enter())));
      this.sendWaiting();
      return;
    }
    handler.failed(new DecodeError('confirmed error has no service error'));
    this.sendWaiting();
  }

  private confirmedRequest(body: BerReader): void {
    const invokeId = readInvokeId(body);
    if (!this.handler.confirmedRequest) {
      this.reject(invokeId, 1, 1);
      return;
    }
    try {
      if (!body.next()) throw new DecodeError('confirmed request has no service');
      // A list of modifiers (semaphores) is legal and stands for nothing in IEC 61850.
      if (body.tag === 0x30 && !body.next()) throw new DecodeError('confirmed request has no service');
      this.handler.confirmedRequest(invokeId, body.octets, body.header, body.end);
    } catch (error) {
      if (error instanceof LimitError) this.reject(invokeId, 1, 8);
      else if (error instanceof DecodeError) this.reject(invokeId, 1, 4);
      else throw error;
    }
  }

  private otherPdu(pdu: MmsPdu): void {
    switch (pdu.pdu) {
      case 'reject': {
        const error = toRejectError(pdu.rejectType, pdu.rejectReason);
        // A reject without invokeID names no call; with one outstanding it can only mean that one.
        const handler = pdu.invokeId === undefined ? this.requests.takeOnly() : this.requests.take(pdu.invokeId);
        handler?.failed(error);
        this.sendWaiting();
        return;
      }
      case 'conclude-request':
        this.sendPdu({ pdu: 'conclude-response' });
        if (this.state === 'open') this.state = 'concluding';
        return;
      case 'conclude-response':
        if (this.state === 'concluding') this.osi.release();
        return;
      case 'conclude-error':
        if (this.state === 'concluding') this.abort();
        return;
      case 'cancel-request':
        // Requests are answered at once, so that there is never one left to cancel.
        this.sendPdu({
          pdu: 'cancel-error',
          invokeId: pdu.invokeId,
          error: serviceErrorByName('cancel', 'invoke-id-unknown'),
        });
        return;
      case 'cancel-response':
      case 'cancel-error':
        return;
      default:
        throw new DecodeError(`${pdu.pdu} came where it cannot stand`);
    }
  }

  private failAll(error: Iec61850Error): void {
    const handlers = [...this.requests.clear(), ...this.waiting.map(({ handler }) => handler)];
    this.waiting = [];
    for (const handler of handlers) handler.failed(error);
  }

  private end(error: Iec61850Error | undefined): void {
    if (this.state === 'closed') return;
    // What was released on purpose is no failure, whatever the peer did with the connection afterwards.
    const orderly = this.state === 'concluding' && !(error instanceof DecodeError);
    this.state = 'closed';
    this.associationDeadline = undefined;
    this.failAll(error ?? new ConnectionError('the association was closed'));
    this.handler.closed(orderly ? undefined : error);
  }
}
