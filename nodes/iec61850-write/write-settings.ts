/** What an `iec61850-write` node was told in its form, and what a message asks of it. */
import type { Substitution, WritableValue } from '../../src/client/index.js';
import { ArgumentError } from '../../src/errors.js';
import { formatReference, parseReference } from '../../src/model/reference.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text } from '../shared/fields.js';
import type { NodeMessage, VersionedDef } from '../shared/red.js';
import {
  checkDataSetReference,
  DATA_SET_ACTIONS,
  dataSetJob,
  isDataSetAction,
  type DataSetAction,
  type DataSetJob,
} from './data-set-jobs.js';

const VALUE_ACTIONS = ['write', 'substitute', 'release'] as const;
const ACTIONS: readonly WriteAction[] = [...VALUE_ACTIONS, ...DATA_SET_ACTIONS];

export type WriteAction = ValueAction | DataSetAction;
type ValueAction = (typeof VALUE_ACTIONS)[number];

export interface WriteDef extends VersionedDef {
  ied?: string;
  reference?: string;
  allowed?: boolean;
  action?: string;
  subID?: string;
}

export interface WriteSettings {
  /** Empty when messages name what is written. */
  reference: string;
  /** Whether this flow may write. */
  allowed: boolean;
  action: WriteAction;
  subID: string;
}

/** One thing to write, to substitute, or to do with a data set. */
export type WriteJob =
  | { action: 'write'; reference: string; value: WritableValue }
  | { action: 'substitute' | 'release'; reference: string; substitution: Substitution }
  | DataSetJob;

const MAX_WRITES = 1000;

/** @throws ArgumentError that names the field */
export function writeSettings(def: WriteDef, lookup: EnvironmentLookup): WriteSettings {
  const reference = expandEnvironment(text(def.reference), lookup, 'reference');
  const action = actionOf(def.action === '' ? undefined : def.action, 'write');
  if (reference !== '') checkReference(reference, action);
  return {
    reference,
    allowed: def.allowed === true,
    action,
    subID: expandEnvironment(text(def.subID), lookup, 'subID'),
  };
}

/**
 * What a message asks for: its payload for the node's own reference or for `msg.reference`; without any, an object
 * `{ reference: value }`.
 * @throws ArgumentError for what cannot be written
 */
export function jobsOf(msg: NodeMessage, settings: WriteSettings): WriteJob[] {
  const action = actionOf(msg.action, settings.action);
  const named = settings.reference !== '' ? settings.reference : text(msg.reference);
  if (settings.reference !== '' && msg.reference !== undefined && text(msg.reference) !== settings.reference) {
    throw new ArgumentError(
      'msg.reference is another one than that of the node',
      'Leave the reference of the node empty to let messages name it.',
    );
  }
  if (named !== '') return [jobOf(named, msg.payload, action, msg, settings)];
  if (isDataSetAction(action))
    throw new ArgumentError('The message names no data set', 'Set it in the node, or in msg.reference.');
  const { payload } = msg;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload) || Buffer.isBuffer(payload))
    throw new ArgumentError(
      'The message does not say what to write',
      'Set the reference in the node, in msg.reference, or give msg.payload as { reference: value }.',
    );
  const entries = Object.entries(payload);
  if (entries.length === 0 || entries.length > MAX_WRITES)
    throw new ArgumentError(`msg.payload has ${entries.length} values`, `Give 1 to ${MAX_WRITES}.`);
  return entries.map(([reference, value]) => jobOf(reference, value, action, msg, settings));
}

function jobOf(
  reference: string,
  value: unknown,
  action: WriteAction,
  msg: NodeMessage,
  settings: WriteSettings,
): WriteJob {
  if (isDataSetAction(action)) return dataSetJob(reference, value, action);
  checkReference(reference, action);
  if (action === 'write') return { action, reference, value: writable(value, reference) };
  if (action === 'release' || value === null) return { action: 'release', reference, substitution: {} };
  const id = msg.subID === undefined ? settings.subID : text(msg.subID);
  return {
    action,
    reference,
    substitution: {
      value: writable(value, reference),
      ...(id !== '' && { id }),
      ...(msg.subQ !== undefined && { quality: qualityOf(msg.subQ) }),
    },
  };
}

function checkReference(reference: string, action: WriteAction): void {
  if (isDataSetAction(action)) {
    checkDataSetReference(reference, action);
    return;
  }
  const { functionalConstraint: fc, path } = parseReference(reference);
  if (fc === 'CO')
    throw new ArgumentError(
      `${reference} is a control`,
      'Use an iec61850-control node, which guards what it operates.',
    );
  if (action === 'write' && (fc === undefined || path.length === 0))
    throw new ArgumentError(
      `${reference} does not say what to write`,
      'Write LD/LN.DO.DA[FC], such as BAY1PROT/PTOC1.StrVal.setMag.f[SP].',
    );
}

function actionOf(given: unknown, configured: WriteAction): WriteAction {
  if (given === undefined) return configured;
  const action = ACTIONS.find((one) => one === given);
  if (action !== undefined) return action;
  throw new ArgumentError(`The action is none of ${ACTIONS.join(', ')}`, 'Correct it, or leave it out.');
}

function writable(value: unknown, reference: string): WritableValue {
  if (value === undefined || value === null || typeof value === 'function' || typeof value === 'symbol')
    throw new ArgumentError(`${reference}: there is no value to write`, 'Give it in msg.payload.');
  return value as WritableValue;
}

function qualityOf(given: unknown): NonNullable<Substitution['quality']> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw new ArgumentError(
    'msg.subQ is no quality',
    'Give { validity, flags, test, operatorBlocked }, or leave it out.',
  );
}

/** A job in words. */
export function jobText({ action, reference }: WriteJob): string {
  if (isDataSetAction(action)) return `${DATA_SET_WORDS[action]} ${reference}`;
  const parsed = parseReference(reference);
  return `${action} ${formatReference(parsed)}`;
}

const DATA_SET_WORDS: Readonly<Record<DataSetAction, string>> = {
  writeDataSet: 'write data set',
  createDataSet: 'create data set',
  deleteDataSet: 'delete data set',
};
