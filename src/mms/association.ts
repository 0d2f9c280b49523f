import { BerReader } from '../ber/reader.js';
import { berInteger, headerLength, writeHeader } from '../ber/encode.js';
import { AssociationError, ConnectionError, DecodeError, Iec61850Error, LimitError, TimeoutError } from '../errors.js';
import { MAX_MAX_OUTSTANDING, MAX_MAX_PDU_SIZE, MIN_MAX_PDU_SIZE } from '../limits.js';
import { COTP_DATA_HEADER_LENGTH } from '../osi/cotp.js';
import { OsiConnection, type AssociationRequest, type OsiParameters } from '../osi/connection.js';
import { userDataHeaderLength } from '../osi/presentation.js';
import { SESSION_DATA_HEADER } from '../osi/session.js';
import { TPKT_HEADER_LENGTH } from '../osi/tpkt.js';
import { PARAMETER_CBB, servicesSupported, type InitiateParameters } from './initiate.js';
import { decodeMmsPdu, encodeMmsPdu, PduTag, readInvokeId, type MmsPdu } from './pdu.js';
import { decodeServiceError, serviceErrorByName, toRejectError, toServiceError, type ServiceErrorFields } from './service-error.js';

export interface AssociationParameters {
  osi: OsiParameters;
  /** Largest MMS PDU that we take, in octets. */
  maxPduSize: number;
  /** Outstanding confirmed services that we offer in each direction. */
  maxOutstanding: number;
  nestingLevel: number;
  /** Names of the services that we support, keys of `SERVICE_BITS`. */
  services: readonly string[];
  /** Time limit of a request and of the association phase, in ms. */
  timeout: number;
}

/** What both ends agreed on. */
export interface Negotiated {
  maxPduSize: number;
  /** Requests that may wait for an answer at one time. */
  maxOutstanding: number;
  nestingLevel: number;
  /** Text of 0 and 1 by `SERVICE_BITS`, as the peer sent it. */
  peerServices: string;
}

/** Receives the answer of one confirmed request; exactly one of the two is called, once. */
export interface ResponseHandler {
  /** `octets[start … end)` is the service response with its tag; valid until the method returns. */
  response(octets: Buffer, start: number, end: number): void;
  failed(error: Iec61850Error): void;
}

export interface AssociationHandler {
  /** Octets for the wire; they must not be changed by the receiver. */
  send(octets: Buffer): void;
  associated(negotiated: Negotiated): void;
  /** The association is over and the TCP connection must be closed. Without an error: it was released in order. */
  closed(error?: Iec61850Error): void;
  /** Content of an InformationReport, valid until the method returns. */
  informationReport?(octets: Buffer, start: number, end: number): void;
  /** Server: answer by {@link MmsAssociation.accept} or {@link MmsAssociation.refuse}. */
  associationRequested?(request: AssociationRequest): void;
  /** Server: `octets[start … end)` is the service request with its tag; valid until the method returns. */
  confirmedRequest?(invokeId: number, octets: Buffer, start: number, end: number): void;
}

/** A request that was encoded once and is sent many times; belongs to one association. */
export interface PreparedRequest {
  octets: Buffer;
  invokeIdAt: number;
  /** The octets may still wait in a socket, so that a further send needs a copy. */
  busy: boolean;
}

interface Pending {
  handler: ResponseHandler;
  deadline: number;
  prepared: PreparedRequest | undefined;
}

interface Waiting {
  service: Buffer;
  handler: ResponseHandler;
  timeout: number;
}

/** Our invokeIDs always take two octets, so that a prepared request is patched in place. */
const FIRST_INVOKE_ID = 0x0100;
const LAST_INVOKE_ID = 0x7fff;
const MAX_WAITING = 10_000;

type State = 'idle' | 'associating' | 'answering' | 'open' | 'concluding' | 'closed';

/**
 * One MMS association in either role (ISO 9506-2, IEC 61850-8-1 §25): no socket, no clock. Octets go in by
 * {@link receive}, time by {@link tick}; octets, answers and events come out by the handler.
 */
export class MmsAssociation {
  private state: State = 'idle';
  private readonly osi: OsiConnection;
  private readonly pending = new Map<number, Pending>();
  private waiting: Waiting[] = [];
  private nextInvokeId = FIRST_INVOKE_ID;
  private now = 0;
  private associationDeadline: number | undefined;
  private proposal: InitiateParameters | undefined;
  private agreed: Negotiated;

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
      connected: (userData, request) => this.connected(userData, request),
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

  /** Requests that wait for an answer or for their turn. */
  get outstanding(): number {
    return this.pending.size + this.waiting.length;
  }

  /** Whether a request would go out at once. */
  get ready(): boolean {
    return this.state === 'open' && this.waiting.length === 0 && this.pending.size < this.agreed.maxOutstanding;
  }

  /** When {@link tick} must be called at the latest, on the caller's clock in ms; undefined when nothing waits. */
  get nextWakeup(): number | undefined {
    let earliest = this.associationDeadline;
    for (const { deadline } of this.pending.values()) if (earliest === undefined || deadline < earliest) earliest = deadline;
    return earliest;
  }

  /** The TCP connection stands. A client asks for the association now, a server waits for it. */
  transportConnected(now: number): void {
    this.now = now;
    this.state = 'associating';
    this.associationDeadline = now + this.parameters.timeout;
    if (this.role === 'client') this.osi.connect(encodeMmsPdu({ pdu: 'initiate-request', parameters: this.initiate() }));
  }

  /** Octets of the TCP stream. Never throws. */
  receive(octets: Buffer, now: number): void {
    this.now = now;
    this.osi.receive(octets);
  }

  /** The TCP connection ended by itself. */
  transportClosed(now: number, error?: Iec61850Error): void {
    this.now = now;
    this.end(error ?? (this.state === 'concluding' ? undefined : new ConnectionError('the peer closed the connection')));
  }

  /** Time passes: requests without an answer fail. */
  tick(now: number): void {
    this.now = now;
    if (this.associationDeadline !== undefined && now >= this.associationDeadline) {
      this.associationDeadline = undefined;
      const silent = this.role === 'client' ? 'the IED took the connection but did not answer the association request' : 'the client did not associate';
      this.osi.abort();
      this.end(new TimeoutError(`${silent} within ${this.parameters.timeout} ms`));
      return;
    }
    for (const [invokeId, pending] of this.pending) {
      if (pending.deadline > now) continue;
      this.pending.delete(invokeId);
      pending.handler.failed(new TimeoutError('the IED did not answer in time'));
    }
    this.sendWaiting();
  }

  /**
   * Sends a confirmed service request, `service` being its encoding with tag, or queues it while the negotiated number
   * is outstanding. The outcome comes to the handler, also when it cannot be sent.
   * @param timeout ms from when it is sent
   */
  request(service: Buffer, handler: ResponseHandler, now: number, timeout = this.parameters.timeout): void {
    this.now = now;
    if (this.state !== 'open') {
      handler.failed(new ConnectionError('there is no association with the IED'));
      return;
    }
    if (service.length + 16 > this.agreed.maxPduSize) {
      handler.failed(new LimitError(`a request of ${service.length} octets does not fit the negotiated PDU size ${this.agreed.maxPduSize}`));
      return;
    }
    if (this.pending.size >= this.agreed.maxOutstanding || this.waiting.length > 0) {
      if (this.waiting.length >= MAX_WAITING) handler.failed(new LimitError('too many requests wait for the IED'));
      else this.waiting.push({ service, handler, timeout });
      return;
    }
    this.dispatch(this.prepare(service), handler, timeout);
  }

  /** Encodes a service request once, for {@link sendPrepared}. The association must be open. */
  prepare(service: Buffer): PreparedRequest {
    const length = 4 + service.length;
    const header = Buffer.allocUnsafe(headerLength(PduTag.confirmedRequest, length) + 4);
    const at = writeHeader(header, 0, PduTag.confirmedRequest, length);
    header[at] = 0x02;
    header[at + 1] = 2;
    const total = header.length + service.length;
    const before = TPKT_HEADER_LENGTH + COTP_DATA_HEADER_LENGTH + SESSION_DATA_HEADER.length + userDataHeaderLength(total);
    return { octets: this.osi.frame([header, service], total), invokeIdAt: before + header.length - 2, busy: false };
  }

  /** Sends a prepared request at once; the caller looks at {@link ready} first. */
  sendPrepared(prepared: PreparedRequest, handler: ResponseHandler, now: number): void {
    this.now = now;
    if (this.state !== 'open') handler.failed(new ConnectionError('there is no association with the IED'));
    else this.dispatch(prepared, handler, this.parameters.timeout);
  }

  private dispatch(prepared: PreparedRequest, handler: ResponseHandler, timeout: number): void {
    let invokeId = this.nextInvokeId;
    // After a wrap an old request may still wait for its answer.
    while (this.pending.has(invokeId)) invokeId = invokeId === LAST_INVOKE_ID ? FIRST_INVOKE_ID : invokeId + 1;
    this.nextInvokeId = invokeId === LAST_INVOKE_ID ? FIRST_INVOKE_ID : invokeId + 1;
    const octets = prepared.busy ? Buffer.from(prepared.octets) : prepared.octets;
    octets[prepared.invokeIdAt] = invokeId >>> 8;
    octets[prepared.invokeIdAt + 1] = invokeId & 0xff;
    prepared.busy = true;
    this.pending.set(invokeId, { handler, deadline: this.now + timeout, prepared });
    this.handler.send(octets);
  }

  private sendWaiting(): void {
    while (this.state === 'open' && this.waiting.length > 0 && this.pending.size < this.agreed.maxOutstanding) {
      const { service, handler, timeout } = this.waiting.shift() as Waiting;
      this.dispatch(this.prepare(service), handler, timeout);
    }
  }

  /** Server: answers a request; the parts are the service response with its tag, `length` octets together. */
  respond(invokeId: number, parts: readonly Uint8Array[], length: number): void {
    if (!this.answering()) return;
    const id = berInteger(0x02, invokeId);
    const header = Buffer.allocUnsafe(headerLength(PduTag.confirmedResponse, id.length + length));
    writeHeader(header, 0, PduTag.confirmedResponse, id.length + length);
    this.osi.send([header, id, ...parts], header.length + id.length + length);
  }

  /** Server: octets that an answer's service response may have. */
  get maxResponseLength(): number {
    return this.agreed.maxPduSize - 12;
  }

  /** Server: answers with Confirmed-Error. */
  respondError(invokeId: number, error: ServiceErrorFields): void {
    this.sendPdu({ pdu: 'confirmed-error', invokeId, error });
  }

  /** Server: rejects a request that has no meaning (ISO 9506-2 §7.5); type 1 is a confirmed request. */
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

  /** Server: takes the association that was asked for. */
  accept(): void {
    const proposal = this.proposal;
    if (this.state !== 'answering' || !proposal) return;
    const answer = this.answerTo(proposal);
    this.agreed = {
      maxPduSize: answer.maxPduSize ?? this.parameters.maxPduSize,
      maxOutstanding: Math.max(1, Math.min(answer.maxOutstandingCalling, answer.maxOutstandingCalled)),
      nestingLevel: answer.nestingLevel ?? this.parameters.nestingLevel,
      peerServices: proposal.servicesSupported,
    };
    this.state = 'open';
    this.associationDeadline = undefined;
    this.osi.accept(encodeMmsPdu({ pdu: 'initiate-response', parameters: answer }));
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
    this.sendPdu({ pdu: 'conclude-request' });
    this.state = 'concluding';
    this.failAll(new ConnectionError('the association was closed'));
  }

  /** Ends the association at once. */
  abort(): void {
    if (this.state === 'closed') return;
    this.osi.abort();
    this.end(undefined);
  }

  private initiate(): InitiateParameters {
    const { maxPduSize, maxOutstanding, nestingLevel, services } = this.parameters;
    return {
      maxPduSize,
      maxOutstandingCalling: maxOutstanding,
      maxOutstandingCalled: maxOutstanding,
      nestingLevel,
      version: 1,
      parameterCbb: PARAMETER_CBB,
      servicesSupported: servicesSupported(services),
    };
  }

  /** The lower offer wins on both sides (ISO 9506-2 §8.2). */
  private answerTo(proposal: InitiateParameters): InitiateParameters {
    const own = this.initiate();
    return {
      ...own,
      maxPduSize: Math.min(this.parameters.maxPduSize, proposal.maxPduSize ?? this.parameters.maxPduSize),
      maxOutstandingCalling: Math.max(1, Math.min(own.maxOutstandingCalling, proposal.maxOutstandingCalling)),
      maxOutstandingCalled: Math.max(1, Math.min(own.maxOutstandingCalled, proposal.maxOutstandingCalled)),
      ...(proposal.nestingLevel !== undefined && { nestingLevel: Math.min(this.parameters.nestingLevel, proposal.nestingLevel) }),
    };
  }

  private connected(userData: Buffer, request?: AssociationRequest): void {
    const pdu = decodeMmsPdu(userData);
    if (request) {
      if (pdu.pdu !== 'initiate-request') throw new DecodeError(`the association request carries ${pdu.pdu} in place of Initiate`);
      const size = pdu.parameters.maxPduSize;
      if (size !== undefined && size < MIN_MAX_PDU_SIZE) throw new LimitError(`the client offers a PDU size of ${size} octets`);
      this.proposal = pdu.parameters;
      this.state = 'answering';
      this.handler.associationRequested?.(request);
      return;
    }
    if (pdu.pdu === 'initiate-error') throw new AssociationError(`the IED refused MMS Initiate: ${toServiceError(pdu.error).message}`);
    if (pdu.pdu !== 'initiate-response') throw new DecodeError(`the association response carries ${pdu.pdu} in place of Initiate`);
    this.agreed = this.agreement(pdu.parameters);
    this.state = 'open';
    this.associationDeadline = undefined;
    this.handler.associated(this.agreed);
  }

  private agreement(answer: InitiateParameters): Negotiated {
    const { maxPduSize, maxOutstanding, nestingLevel } = this.parameters;
    const size = Math.min(maxPduSize, answer.maxPduSize ?? maxPduSize, MAX_MAX_PDU_SIZE);
    if (size < MIN_MAX_PDU_SIZE) throw new LimitError(`the IED offers a PDU size of ${size} octets`);
    return {
      maxPduSize: size,
      maxOutstanding: Math.max(
        1,
        Math.min(maxOutstanding, answer.maxOutstandingCalling, answer.maxOutstandingCalled, MAX_MAX_OUTSTANDING),
      ),
      nestingLevel: Math.min(nestingLevel, answer.nestingLevel ?? nestingLevel),
      peerServices: answer.servicesSupported,
    };
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
    const pending = this.take(readInvokeId(body));
    if (!pending) return;
    try {
      if (!body.next()) throw new DecodeError('confirmed response has no service');
      pending.handler.response(body.octets, body.header, body.end);
    } catch (error) {
      pending.handler.failed(error instanceof Iec61850Error ? error : new DecodeError(String(error), { cause: error }));
    }
    this.sendWaiting();
  }

  private confirmedError(body: BerReader): void {
    const pending = this.take(body.expect(0x80, 'invokeID').unsigned(0xffffffff));
    if (!pending) return;
    while (body.next()) {
      if (body.tag !== 0xa2) continue;
      pending.handler.failed(toServiceError(decodeServiceError(body.enter())));
      this.sendWaiting();
      return;
    }
    pending.handler.failed(new DecodeError('confirmed error has no service error'));
    this.sendWaiting();
  }

  /** Answers to requests that timed out before, or that were never made, have no taker and are ignored. */
  private take(invokeId: number): Pending | undefined {
    const pending = this.pending.get(invokeId);
    if (!pending) return undefined;
    this.pending.delete(invokeId);
    if (pending.prepared) pending.prepared.busy = false;
    return pending;
  }

  private confirmedRequest(body: BerReader): void {
    const invokeId = readInvokeId(body);
    if (this.role === 'client' || !this.handler.confirmedRequest) {
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
        const pending = pdu.invokeId === undefined ? undefined : this.take(pdu.invokeId);
        // A reject without invokeID names no call; with one outstanding it can only mean that one.
        const only = pdu.invokeId === undefined && this.pending.size === 1 ? this.pending.keys().next().value : undefined;
        (pending ?? (only === undefined ? undefined : this.take(only)))?.handler.failed(error);
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
        this.sendPdu({ pdu: 'cancel-error', invokeId: pdu.invokeId, error: serviceErrorByName('cancel', 'invoke-id-unknown') });
        return;
      case 'cancel-response':
      case 'cancel-error':
        return;
      default:
        throw new DecodeError(`${pdu.pdu} came where it cannot stand`);
    }
  }

  private failAll(error: Iec61850Error): void {
    const failed = [...this.pending.values(), ...this.waiting];
    this.pending.clear();
    this.waiting = [];
    for (const { handler } of failed) handler.failed(error);
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
