/** Keys of the process bus, and UDP in place of Ethernet, as the forms of its nodes have them. */
import { ArgumentError } from '../../src/errors.js';
import { BUS_ALGORITHMS, type BusAlgorithm, type BusKey, type BusSecurityOptions } from '../../src/routable/index.js';
import type { UdpAddress } from '../../src/bus-link/udp-socket.js';
import { ROUTABLE_PORT } from '../../src/limits.js';
import { hexOctets, wholeNumber } from './fields.js';

/** Reads a field, with its environment variables filled in. */
export type FieldReader = (value: unknown, name: string) => string;

export interface BusSecurityForm {
  /** Empty for none. */
  securityAlgorithm?: string;
  keyId?: string | number;
  /** Time as ISO 8601 after which the first key is not used any more. */
  keyUntil?: string;
  nextKeyId?: string | number;
  /** Frames without a code that was checked give no values. */
  securityRequired?: boolean;
}

export interface UdpForm {
  udpAddress?: string;
  udpPort?: string | number;
  udpInterface?: string;
}

/** What Node-RED keeps apart from the flow. */
export interface BusCredentials {
  busKey?: string;
  nextBusKey?: string;
}

export const BUS_CREDENTIALS = { busKey: { type: 'password' }, nextBusKey: { type: 'password' } } as const;

const MAX_KEY = 64;

/** @throws ArgumentError that names the field which is wrong, and never a key */
export function busSecurity(
  form: BusSecurityForm,
  credentials: BusCredentials | undefined,
  field: FieldReader,
): BusSecurityOptions {
  const algorithm = field(form.securityAlgorithm, 'securityAlgorithm');
  if (algorithm === '') return {};
  if (!BUS_ALGORITHMS.includes(algorithm as BusAlgorithm)) {
    throw new ArgumentError(`The algorithm "${algorithm}" is not known`, `There are ${BUS_ALGORITHMS.join(', ')}.`);
  }
  const common = { algorithm: algorithm as BusAlgorithm };
  const until = instant(field(form.keyUntil, 'keyUntil'));
  const keys: BusKey[] = [
    {
      ...common,
      id: keyId(field(form.keyId, 'keyId'), 'keyId'),
      secret: secretOf(credentials?.busKey, 'key', field),
      ...(until !== undefined && { until }),
    },
  ];
  const nextId = field(form.nextKeyId, 'nextKeyId');
  if (nextId !== '') {
    keys.push({
      ...common,
      id: keyId(nextId, 'nextKeyId'),
      secret: secretOf(credentials?.nextBusKey, 'next key', field),
      // A publisher signs with the first key as long as that is valid; subscribers take both.
    });
  }
  return { keys, required: form.securityRequired !== false };
}

/** @throws ArgumentError that names the field which is wrong */
export function udpAddress(form: UdpForm, field: FieldReader): UdpAddress {
  const name = field(form.udpInterface, 'udpInterface');
  return {
    address: field(form.udpAddress, 'udpAddress'),
    port: wholeNumber(field(form.udpPort, 'udpPort'), 'udpPort', 0, 65_535, ROUTABLE_PORT),
    ...(name !== '' && { interface: name }),
  };
}

function keyId(written: string, name: string): number {
  if (written === '') throw new ArgumentError('No key id is given', 'Open the node and give the id of the key.');
  return wholeNumber(written, name, 1, 0xffff_ffff, 0);
}

function secretOf(value: string | undefined, name: string, field: FieldReader): Buffer {
  let octets: string | undefined;
  try {
    octets = hexOctets(field(value, name), name, MAX_KEY);
  } catch {
    // Its message would repeat what was written.
    throw new ArgumentError(
      `The ${name} is not up to ${MAX_KEY} octets in hexadecimal`,
      'Write two digits an octet, such as 000102030405060708090a0b0c0d0e0f.',
    );
  }
  if (octets === undefined) throw new ArgumentError(`No ${name} is given`, 'Open the node and give it in hexadecimal.');
  return Buffer.from(octets, 'hex');
}

function instant(written: string): number | undefined {
  if (written === '') return undefined;
  const time = Date.parse(written);
  if (Number.isFinite(time)) return time;
  throw new ArgumentError(`"${written}" is no time`, 'Write it as 2027-01-31T12:00:00Z.');
}
