/** What an `iec61850-settings` node was told in its form, and what a message asks of it. */
import type { SettingValues } from '../../src/client/index.js';
import { ArgumentError, SettingGroupError } from '../../src/errors.js';
import { DEFAULT_EDIT_TIMEOUT_MS, MAX_EDIT_TIMEOUT_MS } from '../../src/limits.js';
import { isMembers } from '../../src/model/members.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import { refusalOf } from '../shared/message-guard.js';
import type { OutputForm } from '../shared/message.js';
import type { NodeMessage, VersionedDef } from '../shared/red.js';

export type SettingsAction = 'state' | 'values' | 'activate' | 'edit';
const ACTIONS: readonly SettingsAction[] = ['state', 'values', 'activate', 'edit'];

export interface SettingsDef extends VersionedDef {
  ied?: string;
  logicalDevice?: string;
  action?: string;
  group?: string | number;
  output?: string;
  allowed?: boolean;
  verify?: boolean;
  maxAge?: string | number;
  timeout?: string | number;
}

export interface SettingsConfig {
  /** Empty when messages name it. */
  logicalDevice: string;
  action: SettingsAction;
  /** Undefined when messages name it. */
  group?: number;
  output: OutputForm;
  /** Whether this flow may activate and edit. */
  allowed: boolean;
  verify: boolean;
  /** ms; undefined takes messages of any age. */
  maxAge?: number;
  /** ms from selection to confirmation. */
  timeout: number;
}

/** What is to be done. */
export type SettingsJob =
  | { action: 'state'; logicalDevice: string }
  | { action: 'values'; logicalDevice: string; group: number | undefined; references?: string[]; takeOver: boolean }
  | { action: 'activate'; logicalDevice: string; group: number }
  | { action: 'edit'; logicalDevice: string; group: number; values: SettingValues; takeOver: boolean };

const MAX_AGE_S = 86_400;
const MAX_GROUP = 255;

/** @throws ArgumentError that names the field */
export function settingsConfig(def: SettingsDef, lookup: EnvironmentLookup): SettingsConfig {
  const field = (name: 'logicalDevice' | 'group' | 'maxAge' | 'timeout'): string =>
    expandEnvironment(text(def[name]), lookup, name);
  const group = wholeNumber(field('group'), 'group', 1, MAX_GROUP, 0);
  const maxAge = wholeNumber(field('maxAge'), 'maxAge', 0, MAX_AGE_S, 0);
  const timeout = wholeNumber(
    field('timeout'),
    'timeout',
    1,
    MAX_EDIT_TIMEOUT_MS / 1000,
    DEFAULT_EDIT_TIMEOUT_MS / 1000,
  );
  return {
    logicalDevice: field('logicalDevice'),
    action: actionOf(def.action === '' ? undefined : def.action, 'state'),
    ...(group > 0 && { group }),
    output: def.output === 'single' || def.output === 'table' ? def.output : 'all',
    allowed: def.allowed === true,
    verify: def.verify !== false,
    ...(maxAge > 0 && { maxAge: maxAge * 1000 }),
    timeout: timeout * 1000,
  };
}

/**
 * What a message asks for, where it may.
 * @throws ArgumentError for what cannot be done, SettingGroupError for what this node or this message must not do
 */
export function jobOf(msg: NodeMessage, config: SettingsConfig, now = Date.now()): SettingsJob {
  const given = msg as {
    action?: unknown;
    logicalDevice?: unknown;
    group?: unknown;
    references?: unknown;
    takeOver?: unknown;
  };
  const action = actionOf(given.action, config.action);
  if (action === 'activate' || action === 'edit') guard(msg, config, now);
  const logicalDevice = deviceOf(given.logicalDevice, config.logicalDevice);
  if (action === 'state') return { action, logicalDevice };
  if (logicalDevice === '')
    throw new ArgumentError(
      'No logical device is named',
      'Name it in the node or in msg.logicalDevice, such as BAY1PROT.',
    );
  const takeOver = given.takeOver === true;
  if (action === 'values') {
    const group = groupOf(given.group ?? config.group, false);
    return { action, logicalDevice, group, takeOver, ...referencesOf(given.references) };
  }
  if (action === 'activate') {
    const { payload } = msg;
    const number = typeof payload === 'number' || (typeof payload === 'string' && /^\d{1,3}$/.test(payload.trim()));
    return { action, logicalDevice, group: groupOf(given.group ?? (number ? payload : config.group), true) };
  }
  if (!isMembers(msg.payload) || Buffer.isBuffer(msg.payload))
    throw new ArgumentError(
      'The message does not say what to set',
      'Give msg.payload as { "LD/LN.DO": value }, such as { "BAY1PROT/PTOC1.StrVal": 1.2 }.',
    );
  return {
    action,
    logicalDevice,
    group: groupOf(given.group ?? config.group, true),
    values: msg.payload as SettingValues,
    takeOver,
  };
}

function guard(msg: NodeMessage, { allowed, maxAge }: SettingsConfig, now: number): void {
  if (!allowed)
    throw new SettingGroupError(
      'NOT_ALLOWED',
      'this node may not change settings',
      'Tick "This flow may change settings" in the node and deploy.',
    );
  const refusal = refusalOf(msg, 'change', maxAge, now);
  if (refusal) throw new SettingGroupError(refusal.failure, refusal.message, refusal.hint);
}

function actionOf(given: unknown, configured: SettingsAction): SettingsAction {
  if (given === undefined) return configured;
  const action = ACTIONS.find((one) => one === given);
  if (!action) throw new ArgumentError(`The action is none of ${ACTIONS.join(', ')}`, 'Correct it, or leave it out.');
  return action;
}

/** A node that names a logical device does so for good. */
function deviceOf(given: unknown, configured: string): string {
  const named = text(given);
  if (configured !== '' && named !== '' && named !== configured)
    throw new ArgumentError(
      'msg.logicalDevice is another one than that of the node',
      'Leave it empty in the node to let messages name it.',
    );
  return configured || named;
}

function groupOf(given: unknown, needed: true): number;
function groupOf(given: unknown, needed: boolean): number | undefined;
function groupOf(given: unknown, needed: boolean): number | undefined {
  if (given === undefined && !needed) return undefined;
  const number = wholeNumber(given, 'The setting group', 1, MAX_GROUP, 0);
  if (number === 0)
    throw new ArgumentError('No setting group is named', 'Name it in the node or in msg.group, from 1.');
  return number;
}

function referencesOf(given: unknown): { references?: string[] } {
  if (given === undefined) return {};
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || !list.every((one) => typeof one === 'string'))
    throw new ArgumentError('msg.references is no list of references', 'Give ["LD/LN.DO", …], or leave it out.');
  return { references: list };
}
