/** Signing, encrypting and checking SPDUs (IEC 61850-90-5 §11.3.2.2, IEC 62351-6:2020). */
import { ArgumentError } from '../errors.js';
import {
  algorithmNumbers,
  authenticate,
  decrypt,
  encrypt,
  encrypts,
  isAuthentic,
  IV_LENGTH,
  macLength,
  needsIv,
} from './algorithms.js';
import type { BusKey, BusKeys } from './keys.js';
import { encodeSpdu, encodeSpduHeader, newSpdu, type LocatedSpdu, type NewSpdu } from './spdu.js';

/**
 * Where what is authenticated begins: at the session identifier, as the standard's figures have it, or at the transport
 * header before it, as libiec61850 has it. Receivers of ours take both: an SPDU never begins like a transport header.
 */
export type CoverageStart = 'session' | 'transport';

/** What checking a frame found. Values are taken from the first three alone, and from the two after the first by choice. */
export type FrameVerdict =
  | 'verified'
  /** It has no authentication code. */
  | 'unsigned'
  /** It has one, and there is no key here to check any with. */
  | 'notChecked'
  | 'unknownKey'
  | 'expiredKey'
  | 'badSignature';

export interface OpenedSpdu {
  verdict: FrameVerdict;
  /** Payload elements; as they came where nothing was decrypted. */
  payload: Buffer;
  key?: BusKey;
}

/** @param now ms since 1970 */
export function openSpdu(datagram: Buffer, spdu: LocatedSpdu, keys: BusKeys, now: number): OpenedSpdu {
  const { payload, mac, encryption, signature } = spdu;
  if (!mac?.length) {
    // A header that promises a code, and no code: it was cut off.
    return { verdict: encryption === 0 && signature === 0 ? 'unsigned' : 'badSignature', payload };
  }
  if (keys.none) return { verdict: 'notChecked', payload };
  const found = keys.find(spdu.keyId, now);
  if (typeof found === 'string') return { verdict: found, payload };
  const { key } = found;
  const plain = checked(datagram, spdu, key, mac);
  return plain ? { verdict: 'verified', payload: plain, key } : { verdict: 'badSignature', payload };
}

function checked(datagram: Buffer, spdu: LocatedSpdu, key: BusKey, mac: Buffer): Buffer | undefined {
  const { algorithm, secret } = key;
  const numbers = algorithmNumbers(algorithm);
  if (spdu.version === 1 && (spdu.encryption !== numbers.encryption || spdu.signature !== numbers.signature)) {
    return undefined;
  }
  for (const start of [spdu.sessionStart, 0]) {
    if (encrypts(algorithm)) {
      const header = datagram.subarray(start, spdu.payloadStart);
      const plain = decrypt(secret, spdu.iv, header, spdu.payload, mac);
      if (plain) return plain;
    } else if (isAuthentic(algorithm, secret, datagram.subarray(start, spdu.coveredEnd), mac, spdu.iv)) {
      return spdu.payload;
    }
  }
  return undefined;
}

/**
 * The datagram of an SPDU, signed or encrypted when there is a key.
 * @param randomOctets makes initialization vectors; none may ever come twice with one key
 * @throws ArgumentError when version 1 has no place for what the algorithm needs
 */
export function sealSpdu(
  spdu: Omit<NewSpdu, 'keyId' | 'iv' | 'macLength' | 'encryption' | 'signature'>,
  key: BusKey | undefined,
  coverage: CoverageStart,
  randomOctets: (count: number) => Buffer,
): Buffer {
  if (!key) return encodeSpdu(newSpdu({ ...spdu, keyId: 0 }));
  const { algorithm, secret } = key;
  if (spdu.version === 1 && needsIv(algorithm)) {
    throw new ArgumentError(
      `${algorithm} needs an initialization vector, which version 1 of the session protocol does not have`,
      'Use version 2, or an HMAC.',
    );
  }
  const sealed = newSpdu({
    ...spdu,
    ...(spdu.version === 1 && algorithmNumbers(algorithm)),
    ...(needsIv(algorithm) && { iv: randomOctets(IV_LENGTH) }),
    keyId: key.id,
    macLength: macLength(algorithm),
  });
  const skipped = coverage === 'session' ? sealed.transport.length : 0;
  if (encrypts(algorithm)) {
    const { octets, mac } = encrypt(secret, sealed.iv, encodeSpduHeader(sealed).subarray(skipped), sealed.payload);
    return encodeSpdu({ ...sealed, payload: octets, mac });
  }
  const mac = authenticate(algorithm, secret, encodeSpdu(sealed).subarray(skipped), sealed.iv);
  return encodeSpdu({ ...sealed, mac });
}
