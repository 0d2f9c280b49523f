/** The certificate of a peer, and the rules for it that OpenSSL does not have (IEC 62351-3 §5.6.4). */
import { isIP } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import { SecurityError } from '../errors.js';
import { MAX_CHAIN_LENGTH, MIN_EC_BITS, MIN_RSA_BITS } from '../limits.js';
import { fingerprint } from './pem.js';
import type { RevocationLists } from './revocation.js';

/** A certificate as people and logs know it. */
export interface CertificateIdentity {
  /** One line, `CN=operator, O=Utility`. */
  subject: string;
  issuer: string;
  /** SHA-256 as lower-case hex digits. */
  fingerprint: string;
}

/** What certificates are measured by. */
export interface PeerRules {
  /** Fingerprints of the peers that are let in; undefined is any. */
  readonly knownPeers: ReadonlySet<string> | undefined;
  readonly allowShortKeys: boolean;
  readonly revocations: RevocationLists;
}

/** Extended key usages (RFC 5280 §4.2.1.12); MACE asks for none. */
const USAGES = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' } as const;
const ANY_USAGE = '2.5.29.37.0';
/** What is taken when short keys are allowed. */
const SHORT_RSA_BITS = 1024;
const SHORT_EC_BITS = 192;

export function identityOf(certificate: X509Certificate): CertificateIdentity {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    fingerprint: fingerprint(certificate),
  };
}

/** Names as Node.js writes them have a line for each part. */
function oneLine(name: string): string {
  // Control characters of a foreign name have no place in a log.
  return name
    .split('\n')
    .join(', ')
    .replace(/\p{Cc}/gu, '?');
}

/**
 * What is wrong with a certificate apart from its chain.
 * @param use what the peer is in this connection; undefined where the usage does not matter
 * @param now ms since 1970
 */
export function certificateProblem(
  certificate: X509Certificate,
  use: 'client' | 'server' | undefined,
  rules: PeerRules,
  now: number,
): SecurityError | undefined {
  const who = `the certificate ${identityOf(certificate).subject}`;
  if (now > Date.parse(certificate.validTo)) {
    return new SecurityError('EXPIRED', `${who} has expired on ${certificate.validTo}`, 'Renew it; check the clocks.');
  }
  if (now < Date.parse(certificate.validFrom)) {
    return new SecurityError(
      'NOT_YET_VALID',
      `${who} is not valid before ${certificate.validFrom}`,
      'Check the clocks of both ends.',
    );
  }
  // The types of Node.js promise a list where an extension that is missing leaves it undefined.
  const usages = certificate.keyUsage as string[] | undefined;
  if (use && usages && !usages.includes(USAGES[use]) && !usages.includes(ANY_USAGE)) {
    return new SecurityError(
      'USAGE',
      `${who} was not issued for a ${use}`,
      `Have it issued with the extended key usage ${use}Auth.`,
    );
  }
  for (const link of chain(certificate)) {
    const short = shortKey(link, rules.allowShortKeys);
    if (short !== undefined) {
      return new SecurityError(
        'SHORT_KEY',
        `the certificate ${identityOf(link).subject} has ${short}`,
        `Have it issued with RSA of ${MIN_RSA_BITS} bits or an elliptic curve of ${MIN_EC_BITS} bits, or allow short keys.`,
      );
    }
    if (rules.revocations.has(link)) {
      return new SecurityError('REVOKED', `the certificate ${identityOf(link).subject} has been revoked`, 'Renew it.');
    }
  }
  if (rules.knownPeers && !rules.knownPeers.has(fingerprint(certificate))) {
    return new SecurityError(
      'UNKNOWN_PEER',
      `${who} is not among the known peers`,
      `If it is to be let in, add its SHA-256 fingerprint ${fingerprint(certificate)} to the known peers.`,
    );
  }
  return undefined;
}

/** Whether nobody else stands behind a certificate. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** Whether a certificate is made out to a name or an address. */
export function hostProblem(certificate: X509Certificate, name: string): SecurityError | undefined {
  const fits = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (fits !== undefined) return undefined;
  return new SecurityError(
    'WRONG_HOST',
    `the certificate ${identityOf(certificate).subject} is not made out to ${name}`,
    'Correct the name that is expected, or leave it empty: IEDs are often known by address alone.',
  );
}

function chain(certificate: X509Certificate): X509Certificate[] {
  const links: X509Certificate[] = [];
  for (
    let at: X509Certificate | undefined = certificate;
    at && links.length < MAX_CHAIN_LENGTH;
    at = at.issuerCertificate
  ) {
    if (links.some((link) => link.raw.equals(at?.raw as Buffer))) break;
    links.push(at);
  }
  return links;
}

/** What is short about a key, in words. */
export function shortKey(certificate: X509Certificate, allowShort: boolean): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type === 'rsa' || type === 'rsa-pss') {
    const bits = details?.modulusLength ?? 0;
    return bits < (allowShort ? SHORT_RSA_BITS : MIN_RSA_BITS) ? `an RSA key of ${bits} bits` : undefined;
  }
  if (type === 'ec') {
    const curve = details?.namedCurve ?? 'unnamed';
    const bits = Number(/(\d{3})/.exec(curve)?.[1] ?? 0);
    return bits < (allowShort ? SHORT_EC_BITS : MIN_EC_BITS) ? `an elliptic curve ${curve} of ${bits} bits` : undefined;
  }
  return type === 'ed25519' || type === 'ed448' ? undefined : `a key of the kind ${type ?? 'unknown'}`;
}
