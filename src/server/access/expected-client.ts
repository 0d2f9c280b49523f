/** Clients that a server expects, and what it knows them by. */
import { ArgumentError } from '../../errors.js';
import { MAX_EXPECTED_CLIENTS, MAX_PASSWORD_LENGTH, MAX_SELECTOR_LENGTH } from '../../limits.js';
import { fingerprintOf } from '../../security/pem.js';
import { AllowedAddresses } from '../allowed-addresses.js';
import { isRole, ROLES, type Role } from './roles.js';

/** One expected client. Whatever is given must fit; at least one of it must be. */
export interface ExpectedClient {
  /** Its name in logs and events. */
  name: string;
  role: Role;
  /** Address or subnet, or several separated by commas or blanks. */
  address?: string;
  /** Dotted object identifier. */
  apTitle?: string;
  aeQualifier?: number;
  /** Selectors that it calls with, as hex digits. */
  tSelector?: string;
  sSelector?: string;
  pSelector?: string;
  /** SHA-256 fingerprint of its certificate, which it shows by TLS or by MACE. */
  certificate?: string;
  /** ACSE password. */
  password?: string;
}

export interface CheckedClient {
  readonly name: string;
  readonly role: Role;
  readonly addresses: AllowedAddresses | undefined;
  readonly apTitle: string | undefined;
  readonly aeQualifier: number | undefined;
  readonly selectors: {
    readonly t: Buffer | undefined;
    readonly s: Buffer | undefined;
    readonly p: Buffer | undefined;
  };
  readonly certificate: string | undefined;
  readonly password: string | undefined;
}

const NAME_LENGTH = 128;

/** @throws ArgumentError that names the entry which is wrong, and why */
export function checkExpectedClients(list: readonly ExpectedClient[]): CheckedClient[] {
  if (list.length > MAX_EXPECTED_CLIENTS) {
    throw new ArgumentError(`${list.length} clients are expected`, `At most ${MAX_EXPECTED_CLIENTS} can be.`);
  }
  const names = new Set<string>();
  const checked = list.map((entry, i) => {
    const client = check(entry, typeof entry.name === 'string' && entry.name.trim() ? `"${entry.name}"` : `${i + 1}`);
    if (names.has(client.name)) throw new ArgumentError(`two expected clients have the name "${client.name}"`);
    names.add(client.name);
    return client;
  });
  // Who shows a certificate is that client, also where an entry by address alone would fit as well.
  const strength = ({ certificate, password }: CheckedClient): number => (certificate ? 2 : password ? 1 : 0);
  return checked.sort((a, b) => strength(b) - strength(a));
}

function check(entry: ExpectedClient, which: string): CheckedClient {
  const fail = (why: string, hint: string): never => {
    throw new ArgumentError(`the expected client ${which} ${why}`, hint);
  };
  const name = text(entry.name);
  if (name === undefined || name.length > NAME_LENGTH)
    return fail('has no name', `Give one of up to ${NAME_LENGTH} characters.`);
  if (!isRole(entry.role)) return fail('has no role', `Give one of ${ROLES.join(', ')}.`);
  const address = text(entry.address);
  const apTitle = text(entry.apTitle)?.replace(/[,\s]+/g, '.');
  if (apTitle !== undefined && !/^\d+(\.\d+)+$/.test(apTitle))
    fail('has an AP-title that is none', 'Write 1.1.1.999.1.');
  const { aeQualifier } = entry;
  if (aeQualifier !== undefined && !Number.isInteger(aeQualifier))
    fail('has an AE-qualifier that is none', 'Write a number.');
  const certificate = text(entry.certificate);
  const printed = certificate === undefined ? undefined : fingerprintOf(certificate);
  if (certificate !== undefined && printed === undefined) {
    fail(
      'has a fingerprint that is none',
      'Write the 64 hex digits of SHA-256; openssl x509 -fingerprint -sha256 shows them.',
    );
  }
  const password = entry.password === '' ? undefined : entry.password;
  if (password !== undefined && Buffer.byteLength(password) > MAX_PASSWORD_LENGTH) {
    fail('has a password that is too long', `Give up to ${MAX_PASSWORD_LENGTH} octets.`);
  }
  const selector = (given: string | undefined, what: string): Buffer | undefined => {
    const hex = text(given)?.replace(/[\s:-]/g, '');
    if (hex === undefined) return undefined;
    if (!/^([0-9a-f]{2})+$/i.test(hex) || hex.length / 2 > MAX_SELECTOR_LENGTH)
      fail(`has a ${what} that is none`, 'Write hex digits.');
    return Buffer.from(hex, 'hex');
  };
  const selectors = {
    t: selector(entry.tSelector, 'T-selector'),
    s: selector(entry.sSelector, 'S-selector'),
    p: selector(entry.pSelector, 'P-selector'),
  };
  const known = [address, apTitle, aeQualifier, printed, password, ...Object.values(selectors)];
  if (known.every((one) => one === undefined)) {
    fail('would be anybody', 'Give an address, an AP-title, a certificate, a password or a selector.');
  }
  return {
    name,
    role: entry.role,
    addresses: address === undefined ? undefined : new AllowedAddresses(address.split(/[,;\s]+/).filter(Boolean)),
    apTitle,
    aeQualifier,
    selectors,
    certificate: printed,
    password,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
