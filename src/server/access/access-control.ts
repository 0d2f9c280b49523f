/** Who a client is and what it may do: decided once, when it asks for its association (IEC 62351-8). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AcseDiagnostic, type AssociationRequest } from '../../mms/wire.js';
import type { IdentifiedBy } from '../access-log.js';
import type { ClientIdentity } from '../client-identity.js';
import { EVERYTHING, type ClientRights } from '../rights.js';
import type { CheckedClient } from './expected-client.js';
import { rightsOf, type Role } from './roles.js';

/** What becomes of clients that are not on the list. */
export type UnknownClients = 'refuse' | 'viewer';

export interface AccessRules {
  /** Undefined without a list: then everybody may do what the options of the server allow. */
  readonly clients: readonly CheckedClient[] | undefined;
  readonly unknownClients: UnknownClients;
  /** What clients have to give that have no password of their own. */
  readonly password: string | undefined;
}

export type Verdict = { rights: ClientRights } | { diagnostic: number; why: string };

/**
 * @param identity the client with the certificate that it has shown; name, role and how it was known are filled in
 */
export function admit(identity: ClientIdentity, request: AssociationRequest, rules: AccessRules): Verdict {
  const { clients, unknownClients, password } = rules;
  const common = passwordProblem(identity, password, request.password);
  if (!clients) return common ?? { rights: EVERYTHING };
  let problem: Verdict | undefined;
  let missing: Verdict | undefined;
  for (const client of clients) {
    if (!fits(client, identity, request)) continue;
    const own = client.password === undefined ? common : passwordProblem(identity, client.password, request.password);
    if (own) {
      // Who gives no password claims to be nobody that is known by a password alone.
      if (request.password === undefined && byPasswordAlone(client)) missing ??= own;
      else problem ??= own;
      continue;
    }
    return known(identity, client.name, client.role, knownBy(client, identity, password));
  }
  // Somebody who is on the list and has not proved it does not come in as a stranger either.
  if (problem) return problem;
  if (unknownClients === 'refuse') {
    return (
      missing ?? {
        diagnostic: AcseDiagnostic.callingApTitle,
        why: `${identity.address} is none of the expected clients`,
      }
    );
  }
  return common ?? known(identity, undefined, 'viewer', undefined);
}

function known(
  identity: ClientIdentity,
  name: string | undefined,
  role: Role,
  identifiedBy: IdentifiedBy | undefined,
): Verdict {
  if (name !== undefined) identity.name = name;
  if (identifiedBy !== undefined) identity.identifiedBy = identifiedBy;
  identity.role = role;
  return { rights: rightsOf(role) };
}

function fits(client: CheckedClient, identity: ClientIdentity, request: AssociationRequest): boolean {
  const { addresses, apTitle, aeQualifier, certificate, selectors } = client;
  const same = (wanted: Buffer | undefined, given: Buffer | undefined): boolean =>
    wanted === undefined || given?.equals(wanted) === true;
  return (
    (addresses === undefined || addresses.has(identity.address)) &&
    (apTitle === undefined || identity.apTitle === apTitle) &&
    (aeQualifier === undefined || identity.aeQualifier === aeQualifier) &&
    (certificate === undefined || identity.certificate?.fingerprint === certificate) &&
    same(selectors.t, request.cotp.callingSelector) &&
    same(selectors.s, request.callingSSelector) &&
    same(selectors.p, request.callingPSelector)
  );
}

function byPasswordAlone({ addresses, apTitle, aeQualifier, certificate, selectors }: CheckedClient): boolean {
  return [addresses, apTitle, aeQualifier, certificate, selectors.t, selectors.s, selectors.p].every(
    (one) => one === undefined,
  );
}

function knownBy(client: CheckedClient, identity: ClientIdentity, password: string | undefined): IdentifiedBy {
  if (client.certificate !== undefined) return identity.identifiedBy ?? 'tls';
  return client.password !== undefined || password !== undefined ? 'password' : 'address';
}

function passwordProblem(
  { address }: ClientIdentity,
  wanted: string | undefined,
  given: Buffer | undefined,
): Verdict | undefined {
  if (wanted === undefined) return undefined;
  if (given === undefined) {
    return { diagnostic: AcseDiagnostic.authenticationRequired, why: `${address} gave no password` };
  }
  if (!equalSecrets(Buffer.from(wanted), given)) {
    return { diagnostic: AcseDiagnostic.authenticationFailure, why: `${address} gave a wrong password` };
  }
  return undefined;
}

/** Compares in a time that tells nothing of either, whatever their lengths. */
function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  const digest = (octets: Uint8Array): Buffer => createHash('sha256').update(octets).digest();
  return timingSafeEqual(digest(a), digest(b));
}
