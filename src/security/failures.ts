/** Why a peer's certificate was refused: what OpenSSL found, in words that tell a person what to do. */
import { SecurityError, type SecurityFailure } from '../errors.js';

interface Finding {
  failure: SecurityFailure;
  /** Follows "its certificate". */
  what: string;
  hint: string;
}

const ISSUER_MISSING: Finding = {
  failure: 'INCOMPLETE_CHAIN',
  what: 'comes from a CA that is neither known here nor was sent with it',
  hint: 'Add the CA to those that are trusted, or let the peer send the certificates of its intermediate CAs.',
};
const NO_LIST: Finding = {
  failure: 'CRL',
  what: 'cannot be looked up: there is no revocation list of its CA',
  hint: 'Give a list for every CA of the chain, root and intermediate, or none at all.',
};
const BROKEN_LIST: Finding = {
  failure: 'CRL',
  what: 'cannot be looked up: the revocation list of its CA is broken or not signed by it',
  hint: 'Fetch the list anew from the CA.',
};
const BROKEN: Finding = {
  failure: 'MALFORMED',
  what: 'cannot be read or is not signed as it says',
  hint: 'Have it issued again.',
};
const SHORT: Finding = {
  failure: 'SHORT_KEY',
  what: 'or one of its CAs has a key or hash that is too weak',
  hint: 'Have it issued with RSA of 2048 bits or an elliptic curve of 256 bits; short keys are an option of their own.',
};

const FINDINGS: Readonly<Record<string, Finding>> = {
  CERT_HAS_EXPIRED: { failure: 'EXPIRED', what: 'or one of its CAs has expired', hint: 'Renew it; check the clocks.' },
  CERT_NOT_YET_VALID: {
    failure: 'NOT_YET_VALID',
    what: 'or one of its CAs is not valid yet',
    hint: 'Check the clocks of both ends.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    failure: 'SELF_SIGNED',
    what: 'is self-signed and not among those that are trusted',
    hint: 'Have it issued by a CA that is trusted here, or list it as a known peer without chain validation.',
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    failure: 'UNTRUSTED',
    what: 'comes from a CA that is not trusted here',
    hint: 'Add its root CA to those that are trusted, if it is yours.',
  },
  UNABLE_TO_GET_ISSUER_CERT: ISSUER_MISSING,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ISSUER_MISSING,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ISSUER_MISSING,
  CERT_SIGNATURE_FAILURE: BROKEN,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: BROKEN,
  CERT_REVOKED: { failure: 'REVOKED', what: 'has been revoked by its CA', hint: 'The peer needs a new one.' },
  UNABLE_TO_GET_CRL: NO_LIST,
  UNABLE_TO_GET_CRL_ISSUER: NO_LIST,
  CRL_HAS_EXPIRED: {
    failure: 'CRL',
    what: 'cannot be looked up: the revocation list of its CA has expired',
    hint: 'Fetch the present list from the CA.',
  },
  CRL_NOT_YET_VALID: {
    failure: 'CRL',
    what: 'cannot be looked up: the revocation list of its CA is not valid yet',
    hint: 'Check the clock of this machine.',
  },
  CRL_SIGNATURE_FAILURE: BROKEN_LIST,
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: BROKEN_LIST,
  INVALID_PURPOSE: {
    failure: 'USAGE',
    what: 'was not issued for this use',
    hint: 'A client needs the extended key usage clientAuth, a server serverAuth.',
  },
  INVALID_CA: {
    failure: 'UNTRUSTED',
    what: 'was issued by a certificate that is no CA',
    hint: 'Have it issued again.',
  },
  PATH_LENGTH_EXCEEDED: { failure: 'UNTRUSTED', what: 'has a longer chain than its CA permits', hint: 'Ask its CA.' },
  CERT_CHAIN_TOO_LONG: { failure: 'UNTRUSTED', what: 'has a chain that is too long', hint: 'Ask its CA.' },
  EE_KEY_TOO_SMALL: SHORT,
  CA_KEY_TOO_SMALL: SHORT,
  CA_MD_TOO_WEAK: SHORT,
};

/** @param code OpenSSL's, as Node.js gives it in `authorizationError` */
export function chainFailure(code: string): SecurityError {
  const { failure, what, hint } = FINDINGS[code] ?? {
    failure: 'UNTRUSTED' as const,
    what: `cannot be verified (${code})`,
    hint: 'Check certificate and CAs.',
  };
  return new SecurityError(failure, `its certificate ${what}`, hint);
}

/** Whether an error of a TLS socket is about the certificate of the peer. */
export function isChainFailure(code: string | undefined): boolean {
  return code !== undefined && Object.hasOwn(FINDINGS, code);
}

const ALERTS: ReadonlyArray<readonly [pattern: RegExp, what: string, hint: string]> = [
  [
    /WRONG_VERSION_NUMBER|HTTP_REQUEST|UNEXPECTED_MESSAGE|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE/,
    'it does not speak TLS here',
    'Switch TLS off for port 102, or use the port that has it, 3782 as a rule.',
  ],
  [
    /NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_SUITABLE_SIGNATURE|NO_CIPHERS_AVAILABLE|INSUFFICIENT_SECURITY/,
    'both ends have no cipher suite in common',
    'Compare cipher suites, TLS versions and the kinds of keys (RSA, EC) of both ends.',
  ],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE/,
    'both ends have no TLS version in common',
    'IEC 62351-3 asks for TLS 1.2 or 1.3; older ones are not offered.',
  ],
  [
    /CERTIFICATE_REQUIRED|PEER_DID_NOT_RETURN_A_CERTIFICATE/,
    'it asks for a certificate and was given none',
    'Give an own certificate with its key.',
  ],
  [
    /CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|CERTIFICATE_UNKNOWN|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED/,
    'it refuses the certificate of this end',
    'Let it trust the CA of this certificate, and check validity, usage and the list of known peers there.',
  ],
  [
    /NO_RENEGOTIATION/,
    'it refuses to renew the keys',
    'Set the re-keying interval to 0 for this peer, or use TLS 1.3.',
  ],
  [/RENEGOTIAT|SESSION_ATTACK/, 'it asked for new keys too often', ''],
  [/HANDSHAKE_TIMEOUT/, 'it did not finish the TLS handshake in time', 'Check that it has TLS on this port.'],
];

/** A failed handshake in words; undefined when the error is none of TLS. */
export function handshakeFailure(error: NodeJS.ErrnoException): SecurityError | undefined {
  if (error instanceof SecurityError) return error;
  const { code = '', message } = error;
  if (isChainFailure(code)) return chainFailure(code);
  // Node.js has no code of its own for keys that OpenSSL finds too weak.
  if (/(key|md) too weak/i.test(message)) return chainFailure('EE_KEY_TOO_SMALL');
  if (!/^ERR_(SSL|TLS)_/.test(code) && code !== 'EPROTO' && !/SSL routines/.test(message)) return undefined;
  const text = `${code} ${message.toUpperCase().replace(/[ -]/g, '_')}`;
  const known = ALERTS.find(([pattern]) => pattern.test(text));
  const [, what = `the TLS handshake failed (${code})`, hint = 'Compare certificates, versions and suites.'] =
    known ?? [];
  return new SecurityError('HANDSHAKE', what, hint, { cause: error });
}
