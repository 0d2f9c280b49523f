/** What session, presentation and ACSE carry together while an association is asked for and answered. */
import { AssociationError, AuthenticationError, DecodeError } from '../errors.js';
import * as acse from './acse.js';
import type { CotpConnection } from './cotp.js';
import * as presentation from './presentation.js';
import * as session from './session.js';

/** What a server learns of a client that asks for an association. */
export interface AssociationRequest {
  cotp: CotpConnection;
  calledSSelector?: Buffer;
  calledPSelector?: Buffer;
  callingSSelector?: Buffer;
  callingPSelector?: Buffer;
  called: acse.AcseNames;
  calling: acse.AcseNames;
  password?: Buffer;
  mechanism?: string;
  /** Authentication value of another form than a password, with its tag. */
  authentication?: Buffer;
}

/** An association request, and what its answer has to repeat. */
export interface ReceivedRequest {
  /** The MMS Initiate request. */
  userData: Buffer;
  request: Omit<AssociationRequest, 'cotp'>;
  contexts: presentation.PresentationContext[];
  acseContextId: number;
  mmsContextId: number;
}

/** Takes a session CONNECT apart. @throws DecodeError */
export function readAssociationRequest(spdu: session.SessionConnect): ReceivedRequest {
  // CVE-2021-45769: a CONNECT without user data.
  if (spdu.userData.length === 0) throw new DecodeError('session CONNECT has no user data');
  const connect = presentation.decodeConnectPpdu(spdu.userData, 0, spdu.userData.length);
  if (!connect.userData) throw new DecodeError('presentation connect has no user data');
  const acseContextId = contextIdOf(connect.contexts, presentation.ABSTRACT_SYNTAX.acse);
  const mmsContextId = contextIdOf(connect.contexts, presentation.ABSTRACT_SYNTAX.mms);
  const apdu = acse.decodeAcse(spdu.userData, connect.userData.start, connect.userData.end);
  if (apdu.type !== 'aarq')
    throw new DecodeError(`session CONNECT carries ${apdu.type} in place of an association request`);
  return {
    userData: apdu.userData,
    request: {
      called: apdu.called,
      calling: apdu.calling,
      ...(spdu.calledSelector && { calledSSelector: spdu.calledSelector }),
      ...(spdu.callingSelector && { callingSSelector: spdu.callingSelector }),
      ...(connect.calledSelector && { calledPSelector: connect.calledSelector }),
      ...(connect.callingSelector && { callingPSelector: connect.callingSelector }),
      ...(apdu.password && { password: apdu.password }),
      ...(apdu.mechanism !== undefined && { mechanism: apdu.mechanism }),
      ...(apdu.authentication && { authentication: apdu.authentication }),
    },
    contexts: connect.contexts,
    acseContextId,
    mmsContextId,
  };
}

function contextIdOf(contexts: readonly presentation.PresentationContext[], syntax: string): number {
  const context = contexts.find((one) => one.abstractSyntax === syntax && one.ber);
  if (!context) throw new DecodeError(`presentation connect proposes no context for ${syntax}`);
  if (context.id < 1 || context.id > 127) throw new DecodeError(`presentation context ${context.id} is out of range`);
  return context.id;
}

/**
 * The MMS Initiate response in the user data of a session ACCEPT, and what the peer proves itself by.
 * @throws AssociationError when the association was refused inside of it, DecodeError
 */
export function readAssociationResponse(userData: Buffer): {
  userData: Buffer;
  authentication?: acse.AcseAuthentication;
} {
  if (userData.length === 0) throw new DecodeError('session ACCEPT has no user data');
  const accept = presentation.decodeAcceptPpdu(userData, 0, userData.length);
  if (!accept.userData) throw new DecodeError('presentation accept has no user data');
  // ACSE and MMS come first; a context for authentication may be unknown.
  if (accept.results.slice(0, 2).some((result) => result !== 0))
    throw new AssociationError('the peer rejects the MMS presentation context');
  const apdu = acse.decodeAcse(userData, accept.userData.start, accept.userData.end);
  if (apdu.type !== 'aare')
    throw new DecodeError(`session ACCEPT carries ${apdu.type} in place of an association response`);
  if (apdu.result !== 0) throw refusedByAcse(apdu.diagnostic);
  if (!apdu.userData) throw new DecodeError('association response has no MMS Initiate response');
  const { mechanism = '', authentication: value } = apdu;
  return { userData: apdu.userData, ...(value && { authentication: { mechanism, value } }) };
}

/** Why a session REFUSE was sent, by the innermost layer that says so. */
export function refusalOf(spdu: { reason: number; userData: Buffer }): AssociationError {
  const inner = spdu.userData.length > 0 ? presentation.findUserData(spdu.userData) : undefined;
  if (inner) {
    const apdu = acse.decodeAcse(spdu.userData, inner.start, inner.end);
    if (apdu.type === 'aare') return refusedByAcse(apdu.diagnostic);
  }
  return new AssociationError(`the association was refused: ${session.refuseReasonText(spdu.reason)}`);
}

function refusedByAcse(diagnostic: acse.Aare['diagnostic']): AssociationError {
  const text = `the association was refused: ${acse.diagnosticText(diagnostic)}`;
  return acse.isAboutAuthentication(diagnostic) ? new AuthenticationError(text) : new AssociationError(text);
}
