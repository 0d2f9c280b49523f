/** How frames of the process bus are authenticated or encrypted (IEC 61850-90-5 §11.3.2, IEC 62351-6:2020 §8.2). */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

interface Mac {
  kind: 'hmac' | 'gmac';
  /** Number in the header of version 1. */
  signature: number;
  /** Octets that are sent; an HMAC is cut to its first ones (RFC 2104 §5). */
  macLength: number;
}

interface Cipher {
  kind: 'gcm';
  /** Number in the header of version 1. */
  encryption: number;
  keyLength: number;
  macLength: number;
}

/** A key either signs or encrypts: what AES-GCM encrypts it authenticates as well. */
const ALGORITHMS = {
  'HMAC-SHA256-80': { kind: 'hmac', signature: 1, macLength: 10 },
  'HMAC-SHA256-128': { kind: 'hmac', signature: 2, macLength: 16 },
  'HMAC-SHA256-256': { kind: 'hmac', signature: 3, macLength: 32 },
  'AES-GMAC-64': { kind: 'gmac', signature: 4, macLength: 8 },
  'AES-GMAC-128': { kind: 'gmac', signature: 5, macLength: 16 },
  'AES-128-GCM': { kind: 'gcm', encryption: 1, keyLength: 16, macLength: 16 },
  'AES-256-GCM': { kind: 'gcm', encryption: 2, keyLength: 32, macLength: 16 },
} as const satisfies Record<string, Mac | Cipher>;

export type BusAlgorithm = keyof typeof ALGORITHMS;
export const BUS_ALGORITHMS = Object.keys(ALGORITHMS) as BusAlgorithm[];

/** Octets of an HMAC key at least: the strength of the shortest code that is worth having. */
export const MIN_HMAC_KEY = 16;
/** Octets of an initialization vector that we make, as GCM has it. */
export const IV_LENGTH = 12;

export function macLength(algorithm: BusAlgorithm): number {
  return ALGORITHMS[algorithm].macLength;
}

/** Whether the payload is encrypted, and not signed alone. */
export function encrypts(algorithm: BusAlgorithm): boolean {
  return ALGORITHMS[algorithm].kind === 'gcm';
}

/** Whether each frame has an initialization vector of its own. */
export function needsIv(algorithm: BusAlgorithm): boolean {
  return ALGORITHMS[algorithm].kind !== 'hmac';
}

/** The two numbers of the header of version 1: encryption, and signature. */
export function algorithmNumbers(algorithm: BusAlgorithm | undefined): { encryption: number; signature: number } {
  if (!algorithm) return { encryption: 0, signature: 0 };
  const found: Mac | Cipher = ALGORITHMS[algorithm];
  return found.kind === 'gcm'
    ? { encryption: found.encryption, signature: 0 }
    : { encryption: 0, signature: found.signature };
}

/** Octets that a key of the algorithm may have. */
export function fitsKey(algorithm: BusAlgorithm, octets: number): boolean {
  const found: Mac | Cipher = ALGORITHMS[algorithm];
  if (found.kind === 'hmac') return octets >= MIN_HMAC_KEY;
  return found.kind === 'gcm' ? octets === found.keyLength : octets === 16 || octets === 32;
}

/** The code of these octets. */
export function authenticate(algorithm: BusAlgorithm, key: Buffer, octets: Buffer, iv?: Buffer): Buffer {
  const { kind, macLength: length } = ALGORITHMS[algorithm];
  if (kind === 'hmac') return createHmac('sha256', key).update(octets).digest().subarray(0, length);
  const cipher = createCipheriv(gcm(key), key, iv as Buffer, { authTagLength: length });
  cipher.setAAD(octets);
  cipher.final();
  return cipher.getAuthTag();
}

/** Whether `mac` is the code of these octets; takes the same time wherever it differs. */
export function isAuthentic(algorithm: BusAlgorithm, key: Buffer, octets: Buffer, mac: Buffer, iv?: Buffer): boolean {
  if (mac.length !== macLength(algorithm) || (needsIv(algorithm) && !iv?.length)) return false;
  return timingSafeEqual(authenticate(algorithm, key, octets, iv), mac);
}

/** @param header what is authenticated besides, and not encrypted */
export function encrypt(key: Buffer, iv: Buffer, header: Buffer, plain: Buffer): { octets: Buffer; mac: Buffer } {
  const cipher = createCipheriv(gcm(key), key, iv);
  cipher.setAAD(header);
  const octets = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { octets, mac: cipher.getAuthTag() };
}

/** The plain octets; undefined when they are not authentic. */
export function decrypt(key: Buffer, iv: Buffer, header: Buffer, octets: Buffer, mac: Buffer): Buffer | undefined {
  if (iv.length === 0 || mac.length !== 16) return undefined;
  const decipher = createDecipheriv(gcm(key), key, iv, { authTagLength: 16 });
  decipher.setAAD(header);
  decipher.setAuthTag(mac);
  const plain = decipher.update(octets);
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // This is how OpenSSL says that the tag is another one.
    return undefined;
  }
}

function gcm(key: Buffer): 'aes-128-gcm' | 'aes-256-gcm' {
  return key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
}
