/** TLS and certificates in ACSE as forms have them: Node-RED's `tls-config` node, or files, and lists beside either. */
import path from 'node:path';
import { ArgumentError } from '../../src/errors.js';
import type { MaceOptions } from '../../src/security/mace-options.js';
import type { TlsOptions } from '../../src/security/options.js';
import { expandEnvironment, type EnvironmentLookup } from './environment.js';
import { text } from './fields.js';
import { userDirectory, type Node, type RED } from './red.js';

/** Fields of a form, saved or not. */
export interface SecurityForm {
  /** Whether connections are secured. */
  secure?: unknown;
  /** Id of a `tls-config` node. */
  tls?: unknown;
  tlsCert?: unknown;
  tlsKey?: unknown;
  /** Files, separated by commas or lines. */
  tlsCa?: unknown;
  tlsCrl?: unknown;
  /** Fingerprints or files, separated by commas or lines. */
  tlsKnownPeers?: unknown;
  tlsServerName?: unknown;
  /** Whether certificates are given in ACSE as well. */
  mace?: unknown;
  /** Whether shorter keys than RSA 2048 or EC 256 are taken. */
  tlsShortKeys?: unknown;
}

export const SECURITY_FIELDS = [
  'secure',
  'tls',
  'tlsCert',
  'tlsKey',
  'tlsCa',
  'tlsCrl',
  'tlsKnownPeers',
  'tlsServerName',
  'mace',
  'tlsShortKeys',
] as const satisfies ReadonlyArray<keyof SecurityForm>;

export interface Security {
  tls?: TlsOptions;
  mace?: MaceOptions;
}

/** What `addTLSOptions` of Node-RED's own node fills in. */
interface NodeRedTls {
  key?: string | Buffer;
  cert?: string | Buffer;
  ca?: string | Buffer;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

interface TlsConfigNode extends Node {
  valid?: boolean;
  addTLSOptions(options: NodeRedTls): NodeRedTls;
}

/** @throws ArgumentError that names the field, or the `tls-config` node, that cannot be used. */
export function securitySettings(
  red: RED,
  form: SecurityForm,
  lookup: EnvironmentLookup,
  passphrase: string | undefined,
): Security {
  const secure = isOn(form.secure);
  if (!secure && !isOn(form.mace)) return {};
  const field = (name: keyof SecurityForm): string => expandEnvironment(text(form[name]), lookup, name);
  const directory = userDirectory(red);
  const file = (name: string): string => path.resolve(directory, name);
  const list = (name: keyof SecurityForm): string[] =>
    field(name)
      .split(/[,;\n]+/)
      .map((one) => one.trim())
      .filter(Boolean);
  const shared = tlsConfig(red, form.tls);
  const [cert, key, serverName] = [field('tlsCert'), field('tlsKey'), field('tlsServerName') || shared?.servername];
  const secret = expandEnvironment(passphrase ?? '', lookup, 'passphrase') || shared?.passphrase;
  const cas = list('tlsCa').map(file);
  const knownPeers = list('tlsKnownPeers').map((one) => (/^[0-9a-f\s:-]{64,}$/i.test(one) ? one : file(one)));
  const crl = list('tlsCrl').map(file);
  const own =
    cert === '' && key === '' ? { cert: shared?.cert, key: shared?.key } : { cert: file(cert), key: file(key) };
  const material: MaceOptions = {
    ...(own.cert !== undefined && { cert: own.cert }),
    ...(own.key !== undefined && { key: own.key }),
    ...(secret && { passphrase: secret }),
    ca: [...(shared?.ca ? [shared.ca] : []), ...cas],
    ...(crl.length > 0 && { crl }),
    ...(knownPeers.length > 0 && { knownPeers }),
    ...(isOn(form.tlsShortKeys) && { allowShortKeys: true }),
    // "Verify server certificate" of the tls-config node; without it, the list of known peers has to decide.
    ...(shared?.rejectUnauthorized === false && { chainValidation: false }),
  };
  return {
    ...(secure && { tls: { ...material, ...(serverName && { serverName }) } }),
    ...(isOn(form.mace) && { mace: material }),
  };
}

function isOn(value: unknown): boolean {
  return value === true || value === 'true';
}

function tlsConfig(red: RED, id: unknown): NodeRedTls | undefined {
  if (typeof id !== 'string' || id === '' || id === '_ADD_') return undefined;
  const node = red.nodes.getNode(id) as TlsConfigNode | null | undefined;
  if (node?.type !== 'tls-config') {
    throw new ArgumentError('The TLS configuration that was chosen is not there', 'Choose one, or deploy it first.');
  }
  if (node.valid === false) {
    throw new ArgumentError(
      'The TLS configuration that was chosen cannot be used',
      'Its own error tells what is wrong.',
    );
  }
  return node.addTLSOptions({});
}
