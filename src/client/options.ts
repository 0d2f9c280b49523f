import { ArgumentError } from '../errors.js';
import {
  DEFAULT_MAX_OUTSTANDING,
  DEFAULT_MAX_PDU_SIZE,
  DEFAULT_NESTING_LEVEL,
  DEFAULT_TIMEOUT_MS,
  MAX_SELECTOR_LENGTH,
  MAX_TIMEOUT_MS,
} from '../limits.js';
import type { OsiAddress } from '../model/ied-model.js';
import type { AssociationParameters } from '../mms/association.js';
import type { AcseAuthentication } from '../mms/wire.js';
import type { MaceOptions } from '../security/mace-options.js';
import { SECURE_MMS_PORT, type TlsOptions } from '../security/options.js';

/** Edition 1 (2003), 2 (2009) or 2.1 (2020). */
export type IedEdition = '1' | '2' | '2.1';

/** How to reach one IED. */
export interface IedConnectionOptions {
  host: string;
  /** TCP port; 102 by IEC 61850-8-1, and 3782 with TLS by IEC 62351-4. */
  port?: number;
  /** Makes the connection a secured one (IEC 62351-3). */
  tls?: TlsOptions;
  /** Gives a certificate in ACSE, and asks for one back (IEC 62351-4 §11). */
  mace?: MaceOptions;
  /** Time limit of TCP connect, association and each request, in ms. */
  timeout?: number;
  /**
   * Edition of IEC 61850 that the IED is taken for. Absent: what it shows decides, which is right for nearly all. `1` leaves
   * ResvTms and Owner of its control blocks alone, which some Edition 1 devices show and do not stand by; `2` and `2.1` are
   * as when absent.
   */
  edition?: IedEdition;
  /** ACSE password (IEC 61850-8-1 §25.2). */
  password?: string;
  /** Selectors and names of both ends; what is absent takes the usual values. */
  selectors?: { local?: OsiAddress; remote?: OsiAddress };
  /** MMS PDU size that we offer, in octets. */
  maxPduSize?: number;
  /** Outstanding requests that we offer. */
  maxOutstanding?: number;
  /** Local address of the TCP connection. */
  localAddress?: string;
  /** Name of the IED in errors and tag values; `host:port` when absent. */
  name?: string;
}

/** Whether AP-title and AE-qualifier are sent: some devices take associations of one kind only. */
export type AssociationProfile = 'named' | 'unnamed';

const MMS_PORT = 102;
const DEFAULT_LOCAL: Required<OsiAddress> = {
  tSelector: '0001',
  sSelector: '0001',
  pSelector: '00000001',
  apTitle: '1.1.1.999',
  aeQualifier: 12,
};
const DEFAULT_REMOTE: Required<OsiAddress> = { ...DEFAULT_LOCAL, apTitle: '1.1.1.999.1' };

/** Services that the client uses or answers. */
export const CLIENT_SERVICES = [
  'status',
  'getNameList',
  'identify',
  'read',
  'write',
  'getVariableAccessAttributes',
  'defineNamedVariableList',
  'getNamedVariableListAttributes',
  'deleteNamedVariableList',
  'readJournal',
  'obtainFile',
  'fileOpen',
  'fileRead',
  'fileClose',
  'fileRename',
  'fileDelete',
  'fileDirectory',
  'informationReport',
  'conclude',
  'cancel',
] as const;

/**
 * Octets of a selector: hex text such as `0001` or `00 01`; empty text is a selector that is not sent.
 * @throws ArgumentError
 */
function selectorOctets(text: string, what: string): Buffer | undefined {
  const hex = text.replace(/[\s:]/g, '');
  if (hex === '') return undefined;
  if (!/^([0-9a-fA-F]{2})+$/.test(hex) || hex.length / 2 > MAX_SELECTOR_LENGTH) {
    throw new ArgumentError(
      `${what} "${text}" is no selector`,
      `Write 1 to ${MAX_SELECTOR_LENGTH} octets as hex digits, such as 0001.`,
    );
  }
  return Buffer.from(hex, 'hex');
}

/** Whether the caller fixed the names, so that no other profile is tried. */
export function fixesNames(options: IedConnectionOptions): boolean {
  const { local, remote } = options.selectors ?? {};
  return [local?.apTitle, remote?.apTitle, local?.aeQualifier, remote?.aeQualifier].some((one) => one !== undefined);
}

/** Selectors and names of both ends, with the usual values where nobody chose others. */
export function associationAddresses({ selectors }: IedConnectionOptions): {
  local: Required<OsiAddress>;
  remote: Required<OsiAddress>;
} {
  return {
    local: { ...DEFAULT_LOCAL, ...selectors?.local },
    remote: { ...DEFAULT_REMOTE, ...selectors?.remote },
  };
}

/**
 * @param authentication gives what the client proves itself by, other than a password
 * @throws ArgumentError for selectors and names that cannot be sent, and a time limit that is none.
 */
export function associationParameters(
  options: IedConnectionOptions,
  profile: AssociationProfile,
  authentication?: () => AcseAuthentication | undefined,
): AssociationParameters {
  const { timeout = DEFAULT_TIMEOUT_MS } = options;
  // A timer that is given anything else fires at once.
  if (!(timeout >= 1 && timeout <= MAX_TIMEOUT_MS))
    throw new ArgumentError(`a timeout of ${timeout} ms is none`, `Give 1 to ${MAX_TIMEOUT_MS} ms.`);
  const { local, remote } = associationAddresses(options);
  const selectors = {
    localTSelector: selectorOctets(local.tSelector, 'own T-selector'),
    remoteTSelector: selectorOctets(remote.tSelector, "the IED's T-selector"),
    localSSelector: selectorOctets(local.sSelector, 'own S-selector'),
    remoteSSelector: selectorOctets(remote.sSelector, "the IED's S-selector"),
    localPSelector: selectorOctets(local.pSelector, 'own P-selector'),
    remotePSelector: selectorOctets(remote.pSelector, "the IED's P-selector"),
  };
  const names = ({ apTitle, aeQualifier }: Required<OsiAddress>): { apTitle?: string; aeQualifier?: number } =>
    profile === 'unnamed' || apTitle === '' ? {} : { apTitle, aeQualifier };
  const present = Object.fromEntries(Object.entries(selectors).filter(([, value]) => value !== undefined)) as {
    [key in keyof typeof selectors]?: Buffer;
  };
  return {
    osi: {
      ...present,
      local: names(local),
      remote: names(remote),
      ...(options.password !== undefined && options.password !== '' && { password: options.password }),
      ...(authentication && { authentication }),
    },
    maxPduSize: options.maxPduSize ?? DEFAULT_MAX_PDU_SIZE,
    maxOutstanding: options.maxOutstanding ?? DEFAULT_MAX_OUTSTANDING,
    nestingLevel: DEFAULT_NESTING_LEVEL,
    services: CLIENT_SERVICES,
    timeout,
  };
}

/** Where MMS is expected: 102, or 3782 over TLS (IEC 62351-4 §6.3.2). */
export function mmsPort({ port, tls }: Pick<IedConnectionOptions, 'port' | 'tls'>): number {
  return port ?? (tls ? SECURE_MMS_PORT : MMS_PORT);
}

/** Name of the IED for people. */
export function iedName(options: IedConnectionOptions): string {
  return options.name ?? `${options.host}:${mmsPort(options)}`;
}
