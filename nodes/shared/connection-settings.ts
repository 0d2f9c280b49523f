/** From the fields of an `iec61850-ied` form, saved or not, to what a session needs. */
import type { IedEdition } from '../../src/client/index.js';
import { ArgumentError } from '../../src/errors.js';
import {
  DEFAULT_MAX_OUTSTANDING,
  DEFAULT_MAX_PDU_SIZE,
  DEFAULT_TIMEOUT_MS,
  MAX_MAX_OUTSTANDING,
  MAX_MAX_PDU_SIZE,
  MAX_PASSWORD_LENGTH,
  MAX_SELECTOR_LENGTH,
  MAX_TIMEOUT_MS,
  MIN_MAX_PDU_SIZE,
} from '../../src/limits.js';
import { SECURE_MMS_PORT } from '../../src/security/options.js';
import type { OsiAddress } from '../../src/model/ied-model.js';
import { expandEnvironment, type EnvironmentLookup } from './environment.js';
import { hexOctets, objectIdentifier, text, wholeNumber } from './fields.js';
import { parseSclSource, type SclSource } from './scl-source.js';
import { SECURITY_FIELDS, type Security, type SecurityForm } from './security-settings.js';

export const DEFAULT_MMS_PORT = 102;

/** Fields of the form as they are saved: texts, or numbers where the editor wrote some. */
export interface ConnectionForm extends SecurityForm {
  name?: string;
  host?: string;
  port?: string | number;
  host2?: string;
  port2?: string | number;
  timeout?: string | number;
  remoteTSelector?: string;
  remoteSSelector?: string;
  remotePSelector?: string;
  remoteApTitle?: string;
  remoteAeQualifier?: string | number;
  localTSelector?: string;
  localSSelector?: string;
  localPSelector?: string;
  localApTitle?: string;
  localAeQualifier?: string | number;
  maxPduSize?: string | number;
  maxOutstanding?: string | number;
  edition?: string | number;
  sclFile?: unknown;
  sclIed?: string;
  sclAccessPoint?: string;
}

const FORM_FIELDS = [
  'name',
  'host',
  'port',
  'host2',
  'port2',
  'timeout',
  'remoteTSelector',
  'remoteSSelector',
  'remotePSelector',
  'remoteApTitle',
  'remoteAeQualifier',
  'localTSelector',
  'localSSelector',
  'localPSelector',
  'localApTitle',
  'localAeQualifier',
  'maxPduSize',
  'maxOutstanding',
  'edition',
  'sclIed',
  'sclAccessPoint',
  ...SECURITY_FIELDS,
] as const satisfies ReadonlyArray<keyof ConnectionForm>;

/** Fields that hold several names. */
const LISTS: ReadonlySet<string> = new Set(['tlsCa', 'tlsCrl', 'tlsKnownPeers']);
const MAX_LIST_TEXT = 100_000;

/** Fields as the form calls them, for errors. */
const FIELD_NAMES: Partial<Record<keyof ConnectionForm, string>> = {
  name: 'IED name',
  host: 'Address',
  port: 'Port',
  host2: 'Standby address',
  port2: 'Standby port',
  timeout: 'Time limit',
  remoteTSelector: 'T-selector of the IED',
  remoteSSelector: 'S-selector of the IED',
  remotePSelector: 'P-selector of the IED',
  remoteApTitle: 'AP-title of the IED',
  remoteAeQualifier: 'AE-qualifier of the IED',
  localTSelector: 'T-selector of this machine',
  localSSelector: 'S-selector of this machine',
  localPSelector: 'P-selector of this machine',
  localApTitle: 'AP-title of this machine',
  localAeQualifier: 'AE-qualifier of this machine',
  maxPduSize: 'PDU size',
  sclFile: 'SCL file',
  maxOutstanding: 'Outstanding',
  edition: 'Edition',
  sclIed: 'IED of the SCL file',
  sclAccessPoint: 'Access point',
};

const called = (name: keyof ConnectionForm): string => FIELD_NAMES[name] ?? name;

export interface Endpoint {
  host: string;
  port: number;
}

export interface ConnectionSettings extends Security {
  /** Name of the IED in tag values; `host` when the form gives none. */
  name: string;
  /** Tried in turn; empty when the form has no address. */
  endpoints: Endpoint[];
  timeout: number;
  password?: string;
  selectors: { local: OsiAddress; remote: OsiAddress };
  maxPduSize: number;
  maxOutstanding: number;
  edition?: IedEdition;
  scl?: { source: SclSource; ied: string; accessPoint?: string };
}

/**
 * Reads a form with every `${NAME}` replaced.
 * @throws ArgumentError that names the field that is wrong, or the variable that is not set.
 */
export function connectionSettings(
  form: ConnectionForm,
  lookup: EnvironmentLookup,
  password?: string,
  security: Security = {},
): ConnectionSettings {
  const field = (name: keyof ConnectionForm): string => expandEnvironment(text(form[name]), lookup, called(name));
  const endpoint = (hostName: 'host' | 'host2', portName: 'port' | 'port2'): Endpoint[] => {
    const host = field(hostName);
    const usual = security.tls ? SECURE_MMS_PORT : DEFAULT_MMS_PORT;
    const port = wholeNumber(field(portName), called(portName), 1, 65535, usual);
    return host === '' ? [] : [{ host, port }];
  };
  const secret = expandEnvironment(password ?? '', lookup, 'Password');
  if (Buffer.byteLength(secret) > MAX_PASSWORD_LENGTH) {
    throw new ArgumentError(`The password is longer than ${MAX_PASSWORD_LENGTH} octets`);
  }
  const endpoints = [...endpoint('host', 'port'), ...endpoint('host2', 'port2')];
  const source = parseSclSource(
    typeof form.sclFile === 'string' ? expandEnvironment(form.sclFile, lookup, called('sclFile')) : form.sclFile,
  );
  const accessPoint = field('sclAccessPoint');
  return {
    name: field('name') || field('sclIed') || endpoints[0]?.host || '',
    endpoints,
    timeout: wholeNumber(field('timeout'), called('timeout'), 100, MAX_TIMEOUT_MS, DEFAULT_TIMEOUT_MS),
    ...(secret !== '' && { password: secret }),
    ...security,
    selectors: { local: osiAddress(field, 'local'), remote: osiAddress(field, 'remote') },
    maxPduSize: wholeNumber(
      field('maxPduSize'),
      called('maxPduSize'),
      MIN_MAX_PDU_SIZE,
      MAX_MAX_PDU_SIZE,
      DEFAULT_MAX_PDU_SIZE,
    ),
    maxOutstanding: wholeNumber(
      field('maxOutstanding'),
      called('maxOutstanding'),
      1,
      MAX_MAX_OUTSTANDING,
      DEFAULT_MAX_OUTSTANDING,
    ),
    ...editionOf(field('edition')),
    ...(source && { scl: { source, ied: field('sclIed'), ...(accessPoint && { accessPoint }) } }),
  };
}

function editionOf(written: string): { edition?: IedEdition } {
  if (written === '') return {};
  if (written === '1' || written === '2' || written === '2.1') return { edition: written };
  throw new ArgumentError(`The edition "${written}" is none of 1, 2 and 2.1`, 'Correct it, or leave it empty.');
}

function osiAddress(field: (name: keyof ConnectionForm) => string, side: 'local' | 'remote'): OsiAddress {
  const selector = (layer: 'T' | 'S' | 'P'): string | undefined => {
    const name = `${side}${layer}Selector` as const;
    return hexOctets(field(name), called(name), MAX_SELECTOR_LENGTH);
  };
  const [tSelector, sSelector, pSelector] = [selector('T'), selector('S'), selector('P')];
  const apTitle = objectIdentifier(field(`${side}ApTitle`), called(`${side}ApTitle`));
  const qualifier = field(`${side}AeQualifier`);
  const aeQualifier = wholeNumber(qualifier, called(`${side}AeQualifier`), -0x80000000, 0x7fffffff, 0);
  return {
    ...(tSelector !== undefined && { tSelector }),
    ...(sSelector !== undefined && { sSelector }),
    ...(pSelector !== undefined && { pSelector }),
    ...(apTitle !== undefined && { apTitle }),
    ...(qualifier !== '' && { aeQualifier }),
  };
}

/** The part of a request body that is a form; anything else in it is left out. */
export function formFromBody(body: Record<string, unknown>): ConnectionForm {
  const form: Record<string, unknown> = {};
  for (const name of FORM_FIELDS) {
    const value = body[name];
    if (value === undefined || value === null || value === '') continue;
    if (
      !['string', 'number', 'boolean'].includes(typeof value) ||
      String(value as string).length > (LISTS.has(name) ? MAX_LIST_TEXT : 1024)
    ) {
      throw new ArgumentError(`The field ${name} cannot be used`);
    }
    form[name] = value;
  }
  if (body.sclFile !== undefined) form.sclFile = body.sclFile;
  return form as ConnectionForm;
}

/** Whether two settings mean the same association, password aside. */
export function sameConnection(a: ConnectionSettings, b: ConnectionSettings): boolean {
  const key = ({
    endpoints,
    timeout,
    selectors,
    maxPduSize,
    maxOutstanding,
    edition,
    tls,
    mace,
  }: ConnectionSettings): string =>
    JSON.stringify([endpoints, timeout, selectors, maxPduSize, maxOutstanding, edition, tls, mace]);
  return key(a) === key(b);
}

/** Whether every address of `settings` is one that `deployed` has too: only there may a stored password go. */
export function staysWithin(settings: ConnectionSettings, deployed: ConnectionSettings): boolean {
  const known = new Set(deployed.endpoints.map(({ host, port }) => `${host}|${port}`));
  return settings.endpoints.every(({ host, port }) => known.has(`${host}|${port}`));
}
