/** Chooses where the points of a dialog come from, and takes care that a stored password stays with its IED. */
import { ArgumentError } from '../../src/errors.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { Tag } from '../../src/model/tag.js';
import { textField } from './admin.js';
import {
  connectionSettings,
  formFromBody,
  sameConnection,
  staysWithin,
  type ConnectionSettings,
} from './connection-settings.js';
import { expandEnvironment, formEnvironment, nodeEnvironment, type EnvironmentLookup } from './environment.js';
import { iedNode, type IedNode } from './ied-node.js';
import { liveSource, type LiveTarget } from './live-source.js';
import type { PointSource, Probed } from './point-source.js';
import type { RED } from './red.js';
import { sclLibrary } from './scl-library.js';
import { parseSclSource, type SclSource } from './scl-source.js';
import { securitySettings } from './security-settings.js';

/**
 * The source that a request of the editor means: `{ source: 'scl', sclFile, ied, accessPoint }`, or
 * `{ source: 'live', node, form, password: { state, value } }`, where `form` is the unsaved form of an `iec61850-ied`.
 * @throws ArgumentError when it cannot be used, before anything is connected.
 */
export function pointSourceOf(red: RED, body: Record<string, unknown>): PointSource {
  if (body.source === 'scl') return sclSourceOf(red, body, formEnvironment(red, textField(body.z, 'z', 64)));
  if (body.source !== 'live') throw new ArgumentError('The request names no source');
  return liveSource(liveTarget(red, body));
}

/** @throws ArgumentError when the form cannot be used, or its stored password may not go there. */
export function liveTarget(red: RED, body: Record<string, unknown>): LiveTarget {
  const node = iedNode(red, body.node);
  // A deployed node knows variables of groups and secrets that an undeployed form cannot.
  const lookup = node ? nodeEnvironment(red, node) : formEnvironment(red, textField(body.z, 'z', 64));
  const form = formFromBody(isRecord(body.form) ? body.form : {});
  const security = securitySettings(red, form, lookup, node?.credentials?.passphrase);
  const settings = connectionSettings(form, lookup, undefined, security);
  if (settings.endpoints.length === 0) throw new ArgumentError('The IED has no address', 'Enter it in the IED node.');
  const { password, unchanged } = passwordOf(body.password, node, settings, lookup);
  const same = node && unchanged && sameAsDeployed(node, settings);
  return {
    settings: { ...settings, ...(password !== undefined && { password }) },
    ...(same && { running: node.connection }),
  };
}

function sclSourceOf(red: RED, body: Record<string, unknown>, lookup: EnvironmentLookup): PointSource {
  const file = body.sclFile;
  const source = parseSclSource(typeof file === 'string' ? expandEnvironment(file, lookup, 'sclFile') : file);
  const ied = expandEnvironment(textField(body.ied, 'ied'), lookup, 'ied');
  const accessPoint = expandEnvironment(textField(body.accessPoint, 'accessPoint'), lookup, 'accessPoint');
  if (!source || ied === '') throw new ArgumentError('No IED of an SCL file is chosen', 'Choose file and IED first.');
  return new SclPointSource(red, source, ied, accessPoint);
}

class SclPointSource implements PointSource {
  readonly via = 'scl';
  readonly canProbe = false;

  constructor(
    private readonly red: RED,
    private readonly source: SclSource,
    private readonly ied: string,
    private readonly accessPoint: string,
  ) {}

  async browse(): Promise<IedModel> {
    const document = await sclLibrary(this.red).open(this.source);
    return document.model(this.ied, this.accessPoint || undefined);
  }

  async probe(_tags: readonly Tag[]): Promise<Probed[]> {
    throw new ArgumentError('A file has no values to probe', 'Choose the live IED as the source.');
  }
}

/**
 * The password to use: what was typed, or the stored one, which goes only where the deployed node itself sends it.
 * @returns `unchanged` when the deployed association uses the same one.
 */
function passwordOf(
  value: unknown,
  node: IedNode | undefined,
  settings: ConnectionSettings,
  lookup: EnvironmentLookup,
): { password?: string; unchanged: boolean } {
  const { state, value: typed } = isRecord(value) ? value : {};
  const stored = deployedSettings(node);
  if (state === 'typed') {
    const password = expandEnvironment(textField(typed, 'password'), lookup, 'password');
    return { password, unchanged: password === stored?.password };
  }
  if (state !== 'stored') return { unchanged: stored?.password === undefined };
  if (stored?.password === undefined) return { unchanged: true };
  if (!staysWithin(settings, stored)) {
    throw new ArgumentError(
      'The stored password belongs to another address and is not sent to this one',
      'Type the password again, or deploy the new address first.',
    );
  }
  return { password: stored.password, unchanged: true };
}

function sameAsDeployed(node: IedNode, settings: ConnectionSettings): boolean {
  const deployed = deployedSettings(node);
  return deployed !== undefined && sameConnection(settings, deployed);
}

/** Undefined when the deployed node's own settings cannot be used. */
function deployedSettings(node: IedNode | undefined): ConnectionSettings | undefined {
  try {
    return node?.settings();
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
