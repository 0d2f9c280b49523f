import { serviceErrorByName, toServiceError, type ServiceErrorFields } from '../../mms/service-error.js';

/** Outcome of one confirmed request: the service response with its tag, a service error, or a reject. */
export type Answer =
  | { readonly response: Buffer }
  | { readonly error: ServiceErrorFields }
  /** Reason of a RejectPDU for a confirmed request (ISO 9506-2 §7.5). */
  | { readonly reject: number };

export const RejectReason = { unrecognizedService: 1, invalidArgument: 4, valueOutOfRange: 9 } as const;

export const OBJECT_NON_EXISTENT: Answer = { error: serviceErrorByName('access', 'object-non-existent') };
export const OBJECT_ACCESS_UNSUPPORTED: Answer = { error: serviceErrorByName('access', 'object-access-unsupported') };
export const OBJECT_ACCESS_DENIED: Answer = { error: serviceErrorByName('access', 'object-access-denied') };
/** The answer does not fit the negotiated PDU size; the client asks for less, such as the data objects one by one. */
export const PDU_SIZE: Answer = { error: serviceErrorByName('service', 'pdu-size') };

/** The response, unless it is larger than the peer takes. */
export function fitting(response: Buffer, maxLength: number): Answer {
  return response.length <= maxLength ? { response } : PDU_SIZE;
}

/** What came of a request, for the access log. */
export function outcomeOf(answer: Answer): { result: 'accepted' | 'failed'; reason?: string } {
  if ('response' in answer) return { result: 'accepted' };
  return {
    result: 'failed',
    reason: 'error' in answer ? toServiceError(answer.error).message : 'the request was rejected',
  };
}
