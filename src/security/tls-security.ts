/** Certificates, keys and rules of secured connections: read, checked against each other, and ready for TLS. */
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { ArgumentError, SecurityError } from '../errors.js';
import {
  DEFAULT_REKEY_MS,
  DEFAULT_TLS_SESSION_S,
  MAX_CRL_OCTETS,
  MAX_LISTED_CERTIFICATES,
  MAX_REKEY_MS,
  MAX_TLS_SESSION_S,
  MIN_REKEY_MS,
} from '../limits.js';
import type { PemSource, TlsOptions } from './options.js';
import { certificateProblem, identityOf, shortKey, type PeerRules } from './peer-certificate.js';
import { certificates, fingerprint, fingerprintOf, privateKey, readSource, toPem } from './pem.js';
import { RevocationLists } from './revocation.js';

/**
 * Suites that are offered unless the user names others: those of TLS 1.3, then forward secrecy and authenticated
 * encryption for TLS 1.2. IEC 62351-3 and 62351-4 ask for AES-128-GCM with ECDHE and DHE among them.
 */
export const DEFAULT_CIPHER_SUITES: readonly string[] = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
];
/** A suite is one name; what OpenSSL would take for a rule (`ALL`, `!`, `@SECLEVEL`) is not, and no cipher at all is no suite. */
const SUITE = /^(?!.*(NULL|EXP|anon|ADH|AECDH|RC4|DES|MD5))[A-Za-z0-9]+([-_][A-Za-z0-9]+)+$/;
const EXPIRES_SOON_MS = 30 * 24 * 3_600_000;

/** What this end is; a peer authenticates itself outside TLS, where usages do not matter. */
type Role = 'client' | 'server' | 'peer';

/** The own certificate with its key and the certificates of intermediate CAs. */
export interface OwnCertificate {
  certificate: X509Certificate;
  /** The own one first. */
  chain: X509Certificate[];
  key: KeyObject;
}

export interface TlsSecurity extends PeerRules {
  readonly own: OwnCertificate | undefined;
  readonly cas: readonly X509Certificate[];
  readonly chainValidation: boolean;
  readonly serverName: string | undefined;
  readonly rekeyAfter: number;
  readonly rekeyAfterOctets: number;
  readonly sessionLifetime: number;
  readonly context: SecureContext;
  readonly contextOptions: SecureContextOptions;
  /** What a person should know although it stops nothing: a certificate or a list that runs out. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks everything.
 * @throws SecurityError, ArgumentError, LimitError that name what is wrong
 */
export async function loadTlsSecurity(options: TlsOptions, role: Role): Promise<TlsSecurity> {
  const allowShortKeys = options.allowShortKeys === true;
  const own = await ownCertificate(options);
  if (!own && role !== 'client') {
    throw new ArgumentError(
      'an own certificate and its key are needed',
      'Give both as files, or choose a TLS configuration.',
    );
  }
  const { knownPeers, certificates: pinned } = await readKnownPeers(options.knownPeers);
  const chainValidation = options.chainValidation !== false;
  const cas = await readAll(options.ca, 'the list of CAs');
  if (chainValidation && cas.length === 0) {
    throw new ArgumentError(
      'there is no CA that peers may have their certificates from',
      'Give the certificate of your CA. CAs of the system are never trusted.',
    );
  }
  if (!chainValidation && !knownPeers) {
    throw new ArgumentError(
      'without chain validation, nobody would be known',
      'List the known peers, or switch chain validation on.',
    );
  }
  const revocations = await RevocationLists.read(await sources(options.crl, 'the revocation list', MAX_CRL_OCTETS));
  const now = Date.now();
  const rules: PeerRules = { knownPeers, allowShortKeys, revocations };
  if (own) checkOwn(own, role, rules, now);
  const contextOptions: SecureContextOptions = {
    ...(own && {
      cert: own.chain.map((one) => toPem(one.raw, 'CERTIFICATE')).join(''),
      key: own.key.export({ type: 'pkcs8', format: 'pem' }),
    }),
    // An empty list would mean the CAs of the system.
    ca: [...cas, ...(chainValidation ? [] : pinned)].map((one) => toPem(one.raw, 'CERTIFICATE')),
    ...(revocations.present && { crl: [...revocations.pem] }),
    ...versions(options),
    ciphers: `${suites(options.cipherSuites).join(':')}:@SECLEVEL=${allowShortKeys ? 1 : 2}`,
    ...(role === 'server' && { honorCipherOrder: true, dhparam: 'auto' as unknown as Buffer }),
    sessionTimeout: whole('sessionLifetime', options.sessionLifetime, DEFAULT_TLS_SESSION_S, 0, MAX_TLS_SESSION_S) || 1,
  };
  return {
    ...rules,
    own,
    cas,
    chainValidation,
    serverName: options.serverName?.trim() || undefined,
    rekeyAfter:
      options.rekeyAfter === 0
        ? 0
        : whole('rekeyAfter', options.rekeyAfter, DEFAULT_REKEY_MS, MIN_REKEY_MS, MAX_REKEY_MS),
    rekeyAfterOctets: whole('rekeyAfterOctets', options.rekeyAfterOctets, 0, 0, Number.MAX_SAFE_INTEGER),
    sessionLifetime: options.sessionLifetime ?? DEFAULT_TLS_SESSION_S,
    context: contextOf(contextOptions),
    contextOptions,
    warnings: [...(own ? expiryWarnings(own.certificate, now) : []), ...revocations.problems(now)],
  };
}

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (cause) {
    throw new SecurityError(
      'KEY',
      `TLS cannot be set up: ${(cause as Error).message}`,
      'Check certificate, key and suites.',
      {
        cause,
      },
    );
  }
}

async function ownCertificate(options: TlsOptions): Promise<OwnCertificate | undefined> {
  if (options.cert === undefined && options.key === undefined) return undefined;
  if (options.cert === undefined || options.key === undefined) {
    throw new ArgumentError('a certificate and its key belong together', 'Give both, or none.');
  }
  const chain = certificates(await readSource(options.cert, 'the own certificate'), 'the own certificate');
  const key = privateKey(await readSource(options.key, 'the own key'), 'the own key', options.passphrase);
  const [certificate] = chain as [X509Certificate];
  if (!certificate.checkPrivateKey(key)) {
    throw new SecurityError('KEY', 'the own key does not belong to the own certificate', 'Give those of one pair.');
  }
  return { certificate, chain, key };
}

function checkOwn(own: OwnCertificate, role: Role, rules: PeerRules, now: number): void {
  const short = shortKey(own.certificate, rules.allowShortKeys);
  if (short !== undefined) {
    throw new SecurityError(
      'SHORT_KEY',
      `the own certificate has ${short}`,
      'Have it issued anew, or allow short keys.',
    );
  }
  const problem = certificateProblem(
    own.certificate,
    role === 'peer' ? undefined : role,
    { ...rules, knownPeers: undefined },
    now,
  );
  if (problem)
    throw new SecurityError(problem.failure, `the own certificate cannot be used: ${problem.message}`, problem.hint);
}

function expiryWarnings(certificate: X509Certificate, now: number): string[] {
  const left = Date.parse(certificate.validTo) - now;
  if (left > EXPIRES_SOON_MS) return [];
  return [`the own certificate ${identityOf(certificate).subject} expires on ${certificate.validTo}`];
}

async function sources(
  given: PemSource | readonly PemSource[] | undefined,
  what: string,
  limit?: number,
): Promise<{ octets: Buffer; what: string }[]> {
  const list = given === undefined ? [] : typeof given === 'string' || Buffer.isBuffer(given) ? [given] : given;
  if (list.length > MAX_LISTED_CERTIFICATES) throw new ArgumentError(`${what} has ${list.length} entries`);
  return Promise.all(list.map(async (one) => ({ octets: await readSource(one, what, limit), what })));
}

async function readAll(given: PemSource | readonly PemSource[] | undefined, what: string): Promise<X509Certificate[]> {
  return (await sources(given, what)).flatMap(({ octets }) => certificates(octets, what));
}

/** An empty list is no list: nobody means to let nobody in. */
export async function readKnownPeers(
  given: readonly PemSource[] | undefined,
): Promise<{ knownPeers: ReadonlySet<string> | undefined; certificates: X509Certificate[] }> {
  if (!given || given.length === 0) return { knownPeers: undefined, certificates: [] };
  const printed = given.map((one) => (typeof one === 'string' ? fingerprintOf(one) : undefined));
  const listed = await readAll(
    given.filter((_, i) => printed[i] === undefined),
    'the list of known peers',
  );
  const known = new Set([...printed.filter((one) => one !== undefined), ...listed.map(fingerprint)]);
  return { knownPeers: known, certificates: listed };
}

function versions({ minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' }: TlsOptions): SecureContextOptions {
  for (const version of [minVersion, maxVersion]) {
    if (version !== 'TLSv1.2' && version !== 'TLSv1.3') {
      throw new ArgumentError(
        `the TLS version ${String(version)} is not offered`,
        'IEC 62351-3 asks for TLSv1.2 or TLSv1.3.',
      );
    }
  }
  if (minVersion > maxVersion)
    throw new ArgumentError(`no TLS version is at least ${minVersion} and at most ${maxVersion}`);
  return { minVersion, maxVersion };
}

function suites(given: readonly string[] | undefined): readonly string[] {
  if (!given || given.length === 0) return DEFAULT_CIPHER_SUITES;
  for (const suite of given) {
    if (!SUITE.test(suite)) {
      throw new ArgumentError(
        `"${suite}" is no cipher suite that can be used`,
        'Write names as OpenSSL has them, ECDHE-RSA-AES128-GCM-SHA256; suites without encryption or authentication are refused.',
      );
    }
  }
  return given;
}

function whole(name: string, value: number | undefined, otherwise: number, low: number, high: number): number {
  const number = value ?? otherwise;
  if (!Number.isInteger(number) || number < low || number > high) {
    throw new ArgumentError(`${name} is ${number}`, `Give a whole number from ${low} to ${high}.`);
  }
  return number;
}
