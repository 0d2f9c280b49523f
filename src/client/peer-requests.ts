/** Requests that the IED makes of its client: those for a file that it was told to fetch (ObtainFile). */
import { MAX_PEER_REQUESTS, MAX_SOCKET_BACKLOG } from '../limits.js';
import type { MmsAssociation } from '../mms/association.js';
import { serviceErrorByName, type ServiceErrorFields } from '../mms/service-error.js';
import { decodeServiceRequest, type ServiceRequest } from '../mms/services.js';
import { BerReader } from '../mms/wire.js';

/** What a request of the IED is answered with: the parts of a service response, the first with its tag, or an error. */
export type PeerAnswer = { response: readonly Buffer[] } | { error: ServiceErrorFields };

/** Answers requests that are its business, and gives undefined for all others. */
export type PeerResponder = (request: ServiceRequest, maxLength: number) => Promise<PeerAnswer> | undefined;

const REJECTED_REQUEST = 1;
const UNRECOGNIZED_SERVICE = 1;
const TOO_MANY_OUTSTANDING = 6;
const OTHER = serviceErrorByName('others', 'other');

export class PeerRequests {
  private readonly responders = new Set<PeerResponder>();
  private pending = 0;

  /** @param backlog octets that were sent and that the IED has not taken yet */
  constructor(
    private readonly mms: () => MmsAssociation,
    private readonly backlog: () => number,
  ) {}

  /** Lets somebody answer, until the function returned is called. Nobody does so unless there is a file to fetch. */
  answerBy(responder: PeerResponder): () => void {
    this.responders.add(responder);
    return () => this.responders.delete(responder);
  }

  /** @throws DecodeError, LimitError for a request that cannot be followed, which the association rejects */
  received(invokeId: number, octets: Buffer, start: number, end: number): void {
    const mms = this.mms();
    if (this.pending >= MAX_PEER_REQUESTS || this.backlog() > MAX_SOCKET_BACKLOG) {
      mms.reject(invokeId, REJECTED_REQUEST, TOO_MANY_OUTSTANDING);
      return;
    }
    const answer = this.ask(octets, start, end, mms.maxResponseLength);
    if (!answer) {
      mms.reject(invokeId, REJECTED_REQUEST, UNRECOGNIZED_SERVICE);
      return;
    }
    this.pending++;
    void answer
      .then(
        (given) => {
          if ('error' in given) mms.respondError(invokeId, given.error);
          else mms.respond(invokeId, given.response, lengthOf(given.response));
        },
        () => mms.respondError(invokeId, OTHER),
      )
      .finally(() => this.pending--);
  }

  private ask(octets: Buffer, start: number, end: number, maxLength: number): Promise<PeerAnswer> | undefined {
    if (this.responders.size === 0) return undefined;
    const reader = new BerReader(octets, start, end);
    reader.next();
    const request = decodeServiceRequest(reader);
    for (const responder of this.responders) {
      const answer = responder(request, maxLength);
      if (answer) return answer;
    }
    return undefined;
  }
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
