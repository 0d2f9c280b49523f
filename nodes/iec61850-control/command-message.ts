/** What a message asks an `iec61850-control` node to do, and whether it may. */
import type { ControlRequest, Origin } from '../../src/client/control/index.js';
import { ArgumentError, ControlError } from '../../src/errors.js';
import { refusalOf } from '../shared/message-guard.js';
import type { NodeMessage } from '../shared/red.js';
import type { ControlSettings } from './control-settings.js';

/** @throws ControlError for a message that must not operate equipment */
export function guard(msg: NodeMessage, { allowed, maxAge }: ControlSettings, now = Date.now()): void {
  if (!allowed) {
    throw new ControlError(
      'NOT_ALLOWED',
      'this node may not operate equipment',
      'Tick "This flow may operate equipment" in the node and deploy.',
    );
  }
  const refusal = refusalOf(msg, 'command', maxAge, now);
  if (refusal) throw new ControlError(refusal.failure, refusal.message, refusal.hint);
}

/**
 * The command of a message: `payload` is its value; `action`, `origin`, `operateAt` and `test` may come with it. Checks that
 * the node asks for cannot be switched off by a message.
 * @throws ArgumentError for a property that cannot be used
 */
export function commandOf(msg: NodeMessage, settings: ControlSettings): ControlRequest {
  const action = actionOf(msg.action, settings.action);
  const { reference, cdc, enumLiterals, select, model, terminationTimeout, feedback } = settings;
  const value = action === 'operate' || (action === 'select' && isValue(msg.payload)) ? msg.payload : undefined;
  return {
    reference,
    action,
    ...(value !== undefined && { value }),
    origin: originOf(msg.origin, settings),
    test: settings.test || flag(msg.test, 'test'),
    interlockCheck: settings.interlockCheck || flag(msg.interlockCheck, 'interlockCheck'),
    synchroCheck: settings.synchroCheck || flag(msg.synchroCheck, 'synchroCheck'),
    select,
    ...(msg.operateAt !== undefined && { operateAt: msg.operateAt as ControlRequest['operateAt'] & {} }),
    ...(cdc && { cdc }),
    ...(enumLiterals && { enumLiterals }),
    ...(model && { model }),
    ...(terminationTimeout !== undefined && { terminationTimeout }),
    ...(feedback && { feedback }),
  };
}

/** A select may be a button without a payload; of a cancel the payload never matters. */
function isValue(payload: unknown): boolean {
  return payload !== undefined && payload !== null && payload !== '';
}

function actionOf(given: unknown, configured: ControlSettings['action']): ControlSettings['action'] {
  if (given === undefined) return configured;
  if (given === 'select' || given === 'operate' || given === 'cancel') return given;
  throw new ArgumentError('msg.action is none of select, operate and cancel', 'Correct it, or leave it out.');
}

function flag(given: unknown, name: string): boolean {
  if (given === undefined) return false;
  if (typeof given === 'boolean') return given;
  throw new ArgumentError(`msg.${name} is neither true nor false`, 'Correct it, or leave it out.');
}

function originOf(given: unknown, { category, identifier }: ControlSettings): Origin {
  const configured: Origin = { category, ...(identifier !== '' && { identifier }) };
  if (given === undefined) return configured;
  if (typeof given !== 'object' || given === null)
    throw new ArgumentError('msg.origin is no object', 'Give { category, identifier }.');
  return { ...configured, ...(given as Origin) };
}
