import { TimeoutError, type Iec61850Error } from '../errors.js';

/** Receives the answer of one confirmed request; exactly one of the two is called, once. */
export interface ResponseHandler {
  /** `octets[start … end)` is the service response with its tag; valid until the method returns. */
  response(octets: Buffer, start: number, end: number): void;
  failed(error: Iec61850Error): void;
}

/** A request that was encoded once and is sent many times; belongs to one association. */
export interface PreparedRequest {
  octets: Buffer;
  invokeIdAt: number;
  /** The octets may still wait in a socket, so that a further send needs a copy. */
  busy: boolean;
}

interface Outstanding {
  handler: ResponseHandler;
  deadline: number;
  sentAt: number;
  prepared: PreparedRequest;
}

/** Our invokeIDs always take two octets, so that a prepared request is patched in place. */
const FIRST_INVOKE_ID = 0x0100;
const LAST_INVOKE_ID = 0x7fff;
/** Timed-out invokeIDs that are set aside; of more, the oldest may be used again. */
const MAX_ABANDONED = 1000;

/** Confirmed requests that wait for their answers, by invokeID (ISO 9506-2 §7.3). */
export class OutstandingRequests {
  private readonly requests = new Map<number, Outstanding>();
  /** Timed out and still unanswered: not used again, so that a late answer is never taken for that of another request. */
  private readonly abandoned = new Set<number>();
  private nextInvokeId = FIRST_INVOKE_ID;
  /** When the request was sent that {@link take} gave last, on the caller's clock in ms. */
  takenSentAt = 0;

  get size(): number {
    return this.requests.size;
  }

  /** Earliest time limit, on the caller's clock in ms. */
  get deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { deadline } of this.requests.values())
      if (earliest === undefined || deadline < earliest) earliest = deadline;
    return earliest;
  }

  /** Gives the request an invokeID, and its octets with that in place. */
  add(prepared: PreparedRequest, handler: ResponseHandler, deadline: number, sentAt = 0): Buffer {
    let invokeId = this.nextInvokeId;
    // After a wrap an old request may still wait for its answer.
    while (this.requests.has(invokeId) || this.abandoned.has(invokeId)) invokeId = following(invokeId);
    this.nextInvokeId = following(invokeId);
    const octets = prepared.busy ? Buffer.from(prepared.octets) : prepared.octets;
    octets[prepared.invokeIdAt] = invokeId >>> 8;
    octets[prepared.invokeIdAt + 1] = invokeId & 0xff;
    prepared.busy = true;
    this.requests.set(invokeId, { handler, deadline, sentAt, prepared });
    return octets;
  }

  /** Handler of the request that was answered; undefined for an answer to nothing that was asked, or too late. */
  take(invokeId: number): ResponseHandler | undefined {
    const request = this.requests.get(invokeId);
    if (!request) {
      this.abandoned.delete(invokeId);
      return undefined;
    }
    this.requests.delete(invokeId);
    request.prepared.busy = false;
    this.takenSentAt = request.sentAt;
    return request.handler;
  }

  /** Handler of the only request there is: whom a Reject means that names none. */
  takeOnly(): ResponseHandler | undefined {
    if (this.requests.size !== 1) return undefined;
    const [invokeId] = this.requests.keys();
    return invokeId === undefined ? undefined : this.take(invokeId);
  }

  /** Fails the requests whose time limit has passed. */
  expire(now: number): void {
    for (const [invokeId, request] of this.requests) {
      if (request.deadline > now) continue;
      this.requests.delete(invokeId);
      this.abandon(invokeId);
      request.handler.failed(new TimeoutError('the IED did not answer in time'));
    }
  }

  /** Gives a request that is still outstanding another time limit. */
  prolong(handler: ResponseHandler, deadline: number): void {
    for (const request of this.requests.values()) if (request.handler === handler) request.deadline = deadline;
  }

  private abandon(invokeId: number): void {
    this.abandoned.add(invokeId);
    if (this.abandoned.size <= MAX_ABANDONED) return;
    for (const oldest of this.abandoned) {
      this.abandoned.delete(oldest);
      return;
    }
  }

  /** Takes all requests, as when the association ended. */
  clear(): ResponseHandler[] {
    const handlers = [...this.requests.values()].map(({ handler }) => handler);
    this.requests.clear();
    return handlers;
  }
}

function following(invokeId: number): number {
  return invokeId === LAST_INVOKE_ID ? FIRST_INVOKE_ID : invokeId + 1;
}
