/** Certificates, keys and revocation lists, from wherever the user has them. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { ArgumentError, LimitError, SecurityError } from '../errors.js';
import { MAX_LISTED_CERTIFICATES, MAX_PEM_OCTETS } from '../limits.js';
import type { PemSource } from './options.js';

const PEM = /-----BEGIN [A-Z0-9 ]+-----/;

/** The octets that a source means. @param what names it in errors, `the own certificate` */
export async function readSource(source: PemSource, what: string, limit = MAX_PEM_OCTETS): Promise<Buffer> {
  if (typeof source !== 'string') return within(source, what, limit);
  if (PEM.test(source)) return within(Buffer.from(source), what, limit);
  if (source.trim() === '') throw new ArgumentError(`${what} is empty`, 'Give a file, or the text of one.');
  return readBounded(source, what, limit);
}

function within(octets: Buffer, what: string, limit: number): Buffer {
  if (octets.length > limit) throw new LimitError(`${what} has more than ${limit} octets`);
  return octets;
}

async function readBounded(path: string, what: string, limit: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > limit) throw new LimitError(`${what}, ${path}, has more than ${limit} octets`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LimitError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'there is no such file', EACCES: 'it may not be read', EISDIR: 'it is a folder' }[code ?? ''];
    throw new SecurityError(
      'MISSING',
      `${what}, ${path}, cannot be read: ${why ?? message}`,
      'Check path and rights.',
      {
        cause: error,
      },
    );
  }
}

/** Octets of every PEM block with that label; what is no PEM at all is one block. */
export function blocks(octets: Buffer, label: string): Buffer[] {
  const text = octets.toString('latin1');
  if (!PEM.test(text)) return octets.length > 0 ? [octets] : [];
  const found = text.matchAll(new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`, 'g'));
  return [...found].map(([, base64]) => Buffer.from(base64 ?? '', 'base64'));
}

/** @throws SecurityError when there is none in it, or what there is cannot be read */
export function certificates(octets: Buffer, what: string): X509Certificate[] {
  const found = blocks(octets, 'CERTIFICATE');
  if (found.length === 0) {
    throw new SecurityError(
      'MALFORMED',
      `${what} holds no certificate`,
      'Give a PEM or DER file of X.509 certificates.',
    );
  }
  if (found.length > MAX_LISTED_CERTIFICATES) throw new LimitError(`${what} holds ${found.length} certificates`);
  return found.map((der) => {
    try {
      return new X509Certificate(der);
    } catch (cause) {
      throw new SecurityError('MALFORMED', `${what} holds no readable certificate`, 'Export it again as PEM.', {
        cause,
      });
    }
  });
}

/** @throws SecurityError */
export function privateKey(octets: Buffer, what: string, passphrase?: string): KeyObject {
  const secret = passphrase === undefined || passphrase === '' ? {} : { passphrase };
  try {
    return PEM.test(octets.toString('latin1'))
      ? createPrivateKey({ key: octets, ...secret })
      : createPrivateKey({ key: octets, format: 'der', type: 'pkcs8', ...secret });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const locked =
      code === 'ERR_MISSING_PASSPHRASE' ||
      code === 'ERR_OSSL_BAD_DECRYPT' ||
      /decrypt|interrupted or cancelled/i.test(String(cause));
    throw locked
      ? new SecurityError('KEY', `${what} is encrypted, and the passphrase is missing or wrong`, 'Give its passphrase.')
      : new SecurityError('KEY', `${what} is no private key that can be used`, 'Give a PEM file with one key.', {
          cause,
        });
  }
}

/** DER as PEM. */
export function toPem(der: Buffer, label: string): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** A SHA-256 fingerprint as lower-case hex digits; undefined when the text is none. */
export function fingerprintOf(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^sha-?256[ =:]*/i, '')
    .replace(/[\s:-]/g, '')
    .toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
}

/** SHA-256 fingerprint of a certificate as lower-case hex digits. */
export function fingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replace(/:/g, '').toLowerCase();
}
