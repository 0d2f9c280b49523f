/** Whether the peer of a TLS connection whose handshake is done is one to talk with. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { SecurityError } from '../errors.js';
import { chainFailure } from './failures.js';
import {
  certificateProblem,
  hostProblem,
  identityOf,
  isSelfSigned,
  type CertificateIdentity,
} from './peer-certificate.js';
import type { TlsSecurity } from './tls-security.js';

/** Certificates of servers, as they were after the handshake. */
const ofServers = new WeakMap<TLSSocket, X509Certificate>();

/**
 * The certificate of the peer. Node.js takes the first certificate out of a server's chain each time that it is asked,
 * so that it is asked once for each handshake.
 */
export function peerCertificate(socket: TLSSocket, use: 'client' | 'server'): X509Certificate | undefined {
  if (use === 'client') return socket.getPeerX509Certificate();
  const known = ofServers.get(socket);
  if (known) return known;
  const certificate = socket.getPeerX509Certificate();
  if (certificate) ofServers.set(socket, certificate);
  return certificate;
}

/** The connection had another handshake: what its peer showed before counts no more. */
export function forgetPeer(socket: TLSSocket): void {
  ofServers.delete(socket);
}

/**
 * Judges by what OpenSSL found about the chain, and by the rules that it does not have. Node.js would refuse a client
 * without a word to anybody; so that a person hears the reason, it is asked here, before any octet of the peer is used.
 * @param use what the peer is
 * @throws SecurityError
 */
export function checkPeer(socket: TLSSocket, use: 'client' | 'server', security: TlsSecurity): CertificateIdentity {
  const certificate = peerCertificate(socket, use);
  if (!certificate) {
    throw new SecurityError('MISSING', `the ${use} gave no certificate`, `Give the ${use} a certificate of its own.`);
  }
  const problem = certificateProblem(certificate, use, security, Date.now());
  if (problem) throw problem;
  // With a list of known peers alone, the list is what is trusted.
  if (security.chainValidation && !socket.authorized)
    throw chainFailure(foremost(codeOf(socket.authorizationError), certificate, security));
  if (security.serverName !== undefined && use === 'server') {
    const wrong = hostProblem(certificate, security.serverName);
    if (wrong) throw wrong;
  }
  return identityOf(certificate);
}

/** OpenSSL tells the last of its findings, where a missing revocation list hides that the CA is unknown. */
function foremost(code: string, certificate: X509Certificate, { cas }: TlsSecurity): string {
  if (!code.includes('CRL')) return code;
  if (isSelfSigned(certificate)) return 'DEPTH_ZERO_SELF_SIGNED_CERT';
  const known = certificate.issuerCertificate !== undefined || cas.some((ca) => certificate.checkIssued(ca));
  return known ? code : 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
}

/** Types say Error, Node.js gives the code of one. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return String(error);
}
