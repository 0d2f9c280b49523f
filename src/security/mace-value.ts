/**
 * The authentication value of the A-security profile (IEC 62351-4 §11.2.2): a certificate, a time, and the time signed with
 * the key of the certificate.
 *
 *   [2] EXTERNAL { indirect-reference, [0] { [0] certificate-based { [0] certificate, [1] time, [2] signature } } }
 */
import { sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { BerReader } from '../ber/reader.js';
import { berInteger, tlv } from '../ber/encode.js';
import { SecurityError } from '../errors.js';
import { MAX_MACE_CERTIFICATE } from '../limits.js';

/**
 * Mechanism name as the standard has it, which writes iso(1) 0 840; the same below iso member-body (2) is what was meant,
 * and is taken as well.
 */
export const MACE_MECHANISM = '1.0.840.0.1.0.1.1';
const MACE_MECHANISMS: ReadonlySet<string> = new Set([MACE_MECHANISM, '1.2.840.0.1.0.1.1']);

/** Presentation context that the value is in; ours are numbered so. */
const CONTEXT_ID = 5;
const TAG = { external: 0xa2, single: 0xa0, certificateBased: 0xa0, certificate: 0x80, time: 0x81, signature: 0x82 };
const GENERALIZED_TIME = 0x18;
const INTEGER = 0x02;
const MAX_TIME_LENGTH = 32;
const MAX_SIGNATURE = 1024;
/** Elements that may stand around the three; EXTERNAL, its value, and the choice. */
const MAX_WRAPPERS = 5;

export function isMace(mechanism: string | undefined): boolean {
  return mechanism !== undefined && MACE_MECHANISMS.has(mechanism);
}

export interface MaceValue {
  certificate: X509Certificate;
  /** ms since 1970. */
  time: number;
  /** As it was written. */
  timeText: string;
  signature: Buffer;
}

/** @param time ms since 1970 */
export function encodeMaceValue(certificate: X509Certificate, key: KeyObject, time: number): Buffer {
  const text = Buffer.from(generalizedTime(time));
  return tlv(
    TAG.external,
    berInteger(INTEGER, CONTEXT_ID),
    tlv(
      TAG.single,
      tlv(
        TAG.certificateBased,
        tlv(TAG.certificate, certificate.raw),
        tlv(TAG.time, text),
        tlv(TAG.signature, sign('sha256', text, key)),
      ),
    ),
  );
}

/**
 * Takes a value apart, whatever stands around its three parts.
 * @throws SecurityError, DecodeError
 */
export function decodeMaceValue(octets: Buffer): MaceValue {
  const parts = findParts(new BerReader(octets), 0);
  if (!parts) throw malformed('has no certificate');
  const { certificate, time, signature } = parts;
  if (certificate.length > MAX_MACE_CERTIFICATE) throw malformed(`has a certificate of ${certificate.length} octets`);
  if (time.length > MAX_TIME_LENGTH || signature.length > MAX_SIGNATURE) throw malformed('is too long');
  const timeText = time.toString('latin1');
  const at = parseTime(timeText);
  if (at === undefined) throw malformed('has no time that can be read');
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch (cause) {
    throw malformed('has no certificate that can be read', cause);
  }
  return { certificate: parsed, time: at, timeText, signature };
}

/**
 * Whether the time is signed with the key of the certificate. What exactly is signed is read in three ways: the octets of
 * the time, or its encoding with the tag that it has here or by itself.
 */
export function isSigned({ certificate, timeText, signature }: MaceValue): boolean {
  const time = Buffer.from(timeText, 'latin1');
  return [time, tlv(TAG.time, time), tlv(GENERALIZED_TIME, time)].some((signed) => {
    try {
      return verify('sha256', signed, certificate.publicKey, signature);
    } catch {
      return false;
    }
  });
}

interface Parts {
  certificate: Buffer;
  time: Buffer;
  signature: Buffer;
}

function findParts(reader: BerReader, depth: number): Parts | undefined {
  if (depth > MAX_WRAPPERS) return undefined;
  const found = new Map<number, Buffer>();
  while (reader.next()) {
    if ((reader.tag & 0x20) !== 0) {
      const inner = findParts(reader.enter(), depth + 1);
      if (inner) return inner;
    } else found.set(reader.tag, Buffer.from(reader.content()));
  }
  const [certificate, time, signature] = [found.get(TAG.certificate), found.get(TAG.time), found.get(TAG.signature)];
  return certificate && time && signature ? { certificate, time, signature } : undefined;
}

function malformed(what: string, cause?: unknown): SecurityError {
  return new SecurityError('MALFORMED', `the authentication value ${what}`, 'Compare the profile of both ends.', {
    ...(cause !== undefined && { cause }),
  });
}

/** DER: UTC, fractions without trailing zeros. */
function generalizedTime(time: number): string {
  const iso = new Date(time).toISOString();
  const fraction = iso.slice(19, 23).replace(/\.?0+$/, '');
  return `${iso.slice(0, 19).replace(/[-:T]/g, '')}${fraction}Z`;
}

/** YYYYMMDDHHMMSS with or without a fraction; without Z it is taken for UTC as well, which §13.1.2 asks for. */
function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,](\d{0,9}))?Z?$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at + Math.floor(Number(`0.${fraction || '0'}`) * 1000);
}
