/** Chains of certificates that came another way than by TLS, checked by the X.509 library. */
import { webcrypto, type X509Certificate } from 'node:crypto';
import { SecurityError } from '../errors.js';
import { isSelfSigned } from './peer-certificate.js';
import { loadPkijs } from './pkijs.js';
import type { RevocationLists } from './revocation.js';

/** ChainValidationCode of the library that says something of its own. */
const REVOKED = 12;
const EXPIRED_OR_EARLY = 8;

/**
 * Checks that a certificate was issued by one of the CAs, over intermediate ones among them.
 * @param now ms since 1970
 * @throws SecurityError
 */
export async function checkChain(
  certificate: X509Certificate,
  cas: readonly X509Certificate[],
  revocations: RevocationLists,
  now: number,
): Promise<void> {
  const library = await loadPkijs();
  const parse = (one: X509Certificate): InstanceType<typeof library.Certificate> =>
    library.Certificate.fromBER(new Uint8Array(one.raw));
  const engine = new library.CryptoEngine({ name: 'node', crypto: webcrypto as never });
  const known = cas.map(parse);
  const chain = new library.CertificateChainValidationEngine({
    // Roots are trusted; intermediate CAs lead to one of them.
    trustedCerts: known.filter((_, i) => isSelfSigned(cas[i] as X509Certificate)),
    certs: [...known.filter((_, i) => !isSelfSigned(cas[i] as X509Certificate)), parse(certificate)],
    crls: [...revocations.lists],
    checkDate: new Date(now),
  });
  let outcome;
  try {
    outcome = await chain.verify({}, engine);
  } catch (cause) {
    throw untrusted(String(cause), cause);
  }
  if (outcome.result) return;
  const text = `${outcome.resultMessage}`;
  if (outcome.resultCode === REVOKED)
    throw new SecurityError('REVOKED', 'its certificate has been revoked', 'It needs a new one.');
  if (outcome.resultCode === EXPIRED_OR_EARLY) {
    throw new SecurityError(
      'EXPIRED',
      'its certificate or one of its CAs is not valid now',
      'Renew it; check the clocks.',
    );
  }
  throw untrusted(text);
}

function untrusted(why: string, cause?: unknown): SecurityError {
  return new SecurityError(
    'UNTRUSTED',
    `its certificate does not lead to a CA that is trusted here: ${why}`,
    'Add its root CA and the intermediate ones to those that are trusted, if they are yours.',
    { ...(cause !== undefined && { cause }) },
  );
}
