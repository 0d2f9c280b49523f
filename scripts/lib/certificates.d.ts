import type { KeyObject } from 'node:crypto';

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export interface SampleCertificate {
  subject: string;
  key: KeyPair;
  serial: number;
  der: Buffer;
  /** PEM. */
  cert: string;
  keyPem: string;
  /** SHA-256, hex digits. */
  fingerprint: string;
}

export interface SampleOptions {
  subject: string;
  /** Self-signed without one. */
  issuer?: Pick<SampleCertificate, 'subject' | 'key'>;
  key?: KeyPair;
  ca?: boolean;
  /** No extended key usage at all when absent. */
  usages?: ReadonlyArray<'clientAuth' | 'serverAuth'>;
  /** Addresses and host names. */
  names?: readonly string[];
  serial?: number;
  notBefore?: Date;
  notAfter?: Date;
}

export function makeKey(kind?: 'rsa', bits?: number): KeyPair;
export function makeKey(kind: 'ec', curve?: string): KeyPair;
export function makeCertificate(options: SampleOptions): SampleCertificate;
export function makeRevocationList(options: {
  issuer: Pick<SampleCertificate, 'subject' | 'key'>;
  revoked?: ReadonlyArray<Pick<SampleCertificate, 'serial'>>;
  thisUpdate?: Date;
  nextUpdate?: Date;
}): string;
