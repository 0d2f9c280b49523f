/** Why a command is refused, or failed. */
import { AccessError } from '../selection.js';

/** AddCause (IEC 61850-7-2 §20.5.2.9) by its name. */
export const Cause = {
  unknown: 0,
  notSupported: 1,
  blockedBySwitchingHierarchy: 2,
  selectFailed: 3,
  positionReached: 5,
  stepLimit: 7,
  blockedByMode: 8,
  commandAlreadyInExecution: 12,
  abortionByCancel: 15,
  timeLimitOver: 16,
  objectNotSelected: 18,
  objectAlreadySelected: 19,
  noAccessAuthority: 20,
  abortionByCommunicationLoss: 23,
  blockedByCommand: 24,
  inconsistentParameters: 26,
  lockedByOtherClient: 27,
} as const;

/** `Error` of LastApplError (IEC 61850-8-1 §20.11). */
export const ControlError = { unknown: 1, timeoutTestNotOk: 2 } as const;

export interface Refusal {
  addCause: number;
  /** DataAccessError of the answer; access denied when absent. */
  error?: number;
  /** More than the AddCause tells, in words. */
  reason?: string;
  /** A test of time failed, which `Error` of LastApplError tells. */
  timeTest?: boolean;
}

export function refusal(addCause: number, reason?: string, error?: number): Refusal {
  return { addCause, ...(reason !== undefined && { reason }), ...(error !== undefined && { error }) };
}

/** DataAccessError of a negative answer. */
export function accessErrorOf({ addCause, error }: Refusal): number {
  if (error !== undefined) return error;
  switch (addCause) {
    case Cause.commandAlreadyInExecution:
    case Cause.objectAlreadySelected:
    case Cause.lockedByOtherClient:
      return AccessError.temporarilyUnavailable;
    case Cause.inconsistentParameters:
      return AccessError.objectValueInvalid;
    default:
      return AccessError.objectAccessDenied;
  }
}

/** Last AddCause that Edition 1 has. */
const LAST_OF_EDITION_1 = 18;

/** An AddCause as a client of an Edition 1 server knows it. */
export function addCauseOfEdition1(addCause: number): number {
  if (addCause <= LAST_OF_EDITION_1) return addCause;
  const selection = addCause === Cause.objectAlreadySelected || addCause === Cause.lockedByOtherClient;
  return selection ? Cause.selectFailed : Cause.unknown;
}
