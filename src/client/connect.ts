import {
  ArgumentError,
  AssociationError,
  AuthenticationError,
  ConnectionClosedError,
  ConnectionError,
  Iec61850Error,
  SecurityError,
} from '../errors.js';
import { ClientAssociation, type ClientAssociationEvents } from './client-association.js';
import { fixesNames, iedName, type AssociationProfile, type IedConnectionOptions } from './options.js';

/**
 * Opens an association. Some devices take only associations with AP-titles and some only without: unless the caller
 * fixed the names, a refusal is answered by trying the other profile on a fresh TCP connection.
 * @param profile that is tried first
 * @param onAttempt told of each attempt, whose `close` ends it and the whole
 * @throws ConnectionError, SecurityError, AssociationError, TimeoutError, DecodeError, each naming the IED
 */
export async function connectIed(
  options: IedConnectionOptions,
  events: ClientAssociationEvents,
  profile: AssociationProfile = 'named',
  onAttempt?: (association: ClientAssociation) => void,
): Promise<{ association: ClientAssociation; profile: AssociationProfile }> {
  if (!options.host) throw new ArgumentError('the IED has no address', 'Enter the IP address of the IED.');
  const other: AssociationProfile = profile === 'named' ? 'unnamed' : 'named';
  const profiles = fixesNames(options) ? (['named'] as const) : [profile, other];
  let first: Iec61850Error | undefined;
  for (const tried of profiles) {
    const association = new ClientAssociation(options, tried, events);
    onAttempt?.(association);
    try {
      await association.connect();
      return { association, profile: tried };
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      first ??= error;
      if (!refusedAssociation(error)) break;
    }
  }
  throw withName(first as Iec61850Error, iedName(options));
}

function withName(error: Iec61850Error, name: string): Iec61850Error {
  const text = error.message.startsWith(name) ? error.message : `${name}: ${error.message}`;
  const context = { ied: name, cause: error };
  if (error instanceof ConnectionClosedError) return new ConnectionClosedError(text, error.hint, context);
  if (error instanceof ConnectionError) return new ConnectionError(text, error.hint, context);
  if (error instanceof AuthenticationError) return new AuthenticationError(text, error.hint, context);
  if (error instanceof AssociationError) return new AssociationError(text, error.hint, context);
  if (error instanceof SecurityError) return new SecurityError(error.failure, text, error.hint, context);
  return new Iec61850Error(error.code, text, error.hint, context);
}

/**
 * Refused after TCP stood: by an ACSE or session refusal, an abort, or a connection that was closed. A wrong password is
 * wrong with other names, too, and counts as one more attempt on the IED's side.
 */
function refusedAssociation(error: Iec61850Error): boolean {
  if (error instanceof AuthenticationError) return false;
  return error instanceof AssociationError || error instanceof ConnectionClosedError;
}
