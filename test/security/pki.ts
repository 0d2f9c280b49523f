/** One sample PKI for a whole test file: a CA, a server, a client, and certificates that are wrong in one way each. */
import {
  makeCertificate,
  makeKey,
  makeRevocationList,
  type SampleCertificate,
  type SampleOptions,
} from '../../scripts/lib/certificates.js';

export { makeCertificate, makeKey, makeRevocationList, type SampleCertificate };

const DAY = 24 * 3_600_000;
export const ago = (days: number): Date => new Date(Date.now() - days * DAY);

/** Ways in which the certificate of a peer can be wrong. */
export const WRONG = [
  'expired',
  'not yet valid',
  'of another CA',
  'self-signed',
  'revoked',
  'not a known peer',
  'of a short key',
  'for another use',
  'without its intermediate CA',
] as const;
export type Wrong = (typeof WRONG)[number];

export class Pki {
  readonly ca = makeCertificate({ subject: 'Plant CA', ca: true });
  readonly otherCa = makeCertificate({ subject: 'Another CA', ca: true });
  readonly intermediate = makeCertificate({ subject: 'Bay CA', ca: true, issuer: this.ca });
  readonly server = this.issue('server', { subject: 'server', names: ['127.0.0.1', 'ied.example'] });
  readonly client = this.issue('client', { subject: 'client' });
  readonly noneRevoked = makeRevocationList({ issuer: this.ca });

  issue(use: 'client' | 'server', options: SampleOptions): SampleCertificate {
    return makeCertificate({ issuer: this.ca, usages: [`${use}Auth`], ...options });
  }

  /** A certificate for that use with one thing wrong. */
  wrong(use: 'client' | 'server', how: Wrong): SampleCertificate {
    const subject = `${use} ${how}`;
    switch (how) {
      case 'expired':
        return this.issue(use, { subject, notBefore: ago(20), notAfter: ago(10) });
      case 'not yet valid':
        return this.issue(use, { subject, notBefore: ago(-10), notAfter: ago(-20) });
      case 'of another CA':
        return this.issue(use, { subject, issuer: this.otherCa });
      case 'self-signed':
        return makeCertificate({ subject, usages: [`${use}Auth`] });
      case 'revoked':
      case 'not a known peer':
        return this.issue(use, { subject });
      case 'of a short key':
        return this.issue(use, { subject, key: makeKey('rsa', 1024) });
      case 'for another use':
        return this.issue(use, { subject, usages: [use === 'client' ? 'serverAuth' : 'clientAuth'] });
      case 'without its intermediate CA':
        return this.issue(use, { subject, issuer: this.intermediate });
    }
  }
}

/** What TLS options need of a certificate. */
export function own({ cert, keyPem }: SampleCertificate): { cert: string; key: string } {
  return { cert, key: keyPem };
}
