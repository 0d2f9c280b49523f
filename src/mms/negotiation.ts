import { LimitError } from '../errors.js';
import { MAX_MAX_OUTSTANDING, MAX_MAX_PDU_SIZE, MIN_MAX_PDU_SIZE } from '../limits.js';
import { PARAMETER_CBB, servicesSupported, type InitiateParameters } from './initiate.js';

/** What one end offers. */
export interface Offer {
  /** Largest MMS PDU that we take, in octets. */
  maxPduSize: number;
  /** Outstanding confirmed services in each direction. */
  maxOutstanding: number;
  nestingLevel: number;
  /** Names of the services that we support, keys of `SERVICE_BITS`. */
  services: readonly string[];
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

/** The Initiate parameters of an offer. */
export function initiateOf({ maxPduSize, maxOutstanding, nestingLevel, services }: Offer): InitiateParameters {
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

/**
 * A server's answer to a proposal: the lower offer wins on both sides (ISO 9506-2 §8.2).
 * @throws LimitError for a PDU size that holds no useful PDU
 */
export function answerTo(proposal: InitiateParameters, offer: Offer): InitiateParameters {
  if (proposal.maxPduSize !== undefined && proposal.maxPduSize < MIN_MAX_PDU_SIZE) {
    throw new LimitError(`the client offers a PDU size of ${proposal.maxPduSize} octets`);
  }
  return {
    ...initiateOf(offer),
    maxPduSize: Math.min(offer.maxPduSize, proposal.maxPduSize ?? offer.maxPduSize),
    maxOutstandingCalling: Math.max(1, Math.min(offer.maxOutstanding, proposal.maxOutstandingCalling)),
    maxOutstandingCalled: Math.max(1, Math.min(offer.maxOutstanding, proposal.maxOutstandingCalled)),
    ...(proposal.nestingLevel !== undefined && {
      nestingLevel: Math.min(offer.nestingLevel, proposal.nestingLevel),
    }),
  };
}

/**
 * What holds after an Initiate answer. Which of the two outstanding numbers counts for whom is read differently by
 * different stacks, so that the lower one is kept.
 * @throws LimitError for a PDU size that holds no useful PDU
 */
export function agreement(answer: InitiateParameters, offer: Offer, peerServices: string): Negotiated {
  const size = Math.min(offer.maxPduSize, answer.maxPduSize ?? offer.maxPduSize, MAX_MAX_PDU_SIZE);
  if (size < MIN_MAX_PDU_SIZE) throw new LimitError(`the IED offers a PDU size of ${size} octets`);
  const outstanding = Math.min(
    offer.maxOutstanding,
    answer.maxOutstandingCalling,
    answer.maxOutstandingCalled,
    MAX_MAX_OUTSTANDING,
  );
  return {
    maxPduSize: size,
    maxOutstanding: Math.max(1, outstanding),
    nestingLevel: Math.min(offer.nestingLevel, answer.nestingLevel ?? offer.nestingLevel),
    peerServices,
  };
}
