/** Everything that is to be true before a command reaches the owner (IEC 61850-7-2 §20.3, "perform test"). */
import { MAX_OPERATE_AHEAD_MS } from '../../limits.js';
import { needsSelection, type ControlModel } from '../../model/control-model.js';
import type { ClientSession } from '../client-session.js';
import type { Variable } from '../variable.js';
import { blockedByCommand, blockedByHierarchy, blockedByMode } from './authority.js';
import type { ControlObject } from './control-object.js';
import { sameParameters, type ControlParameters } from './control-parameters.js';
import type { ControlValue } from './control-value.js';
import { Cause, refusal, type Refusal } from './refusal.js';

/** What a client asks for. */
export interface Request {
  session: ClientSession;
  service: 'SBO' | 'SBOw' | 'Oper' | 'Cancel';
  /** Absent for SBO, which brings nothing. */
  parameters?: ControlParameters;
  value?: ControlValue;
}

/** Who holds the object. */
export interface Holder {
  session: ClientSession;
  /** What was selected, until it was operated once. */
  parameters?: ControlParameters | undefined;
  /** Whether the owner still decides on the selection. */
  deciding: boolean;
}

/** Whether the model has the service, and the client the right. */
export function serviceRefusal(model: ControlModel, { session, service }: Request): Refusal | undefined {
  if (!session.rights.allows('control')) {
    return refusal(Cause.noAccessAuthority, `the role ${session.rights.role} does not control`);
  }
  if (model === 'status-only') return refusal(Cause.notSupported, 'the control model is status-only');
  if (service === 'SBO' && model !== 'sbo-with-normal-security') return wrongService(service, model);
  if (service === 'SBOw' && model !== 'sbo-with-enhanced-security') return wrongService(service, model);
  return undefined;
}

function wrongService(service: string, model: ControlModel): Refusal {
  return refusal(Cause.notSupported, `${service} is no service of the control model ${model}`);
}

/** Whether the selection lets the client go on. */
export function selectionRefusal(
  model: ControlModel,
  { session, service, parameters }: Request,
  holder: Holder | undefined,
): Refusal | undefined {
  if (holder && holder.session !== session) return refusal(Cause.lockedByOtherClient);
  if (service !== 'Oper') return holder ? refusal(Cause.objectAlreadySelected) : undefined;
  if (!needsSelection(model)) return undefined;
  if (!holder || holder.deciding) return refusal(Cause.objectNotSelected);
  if (holder.parameters && parameters && !sameParameters(holder.parameters, parameters)) {
    return refusal(Cause.inconsistentParameters, 'it differs from what was selected');
  }
  return undefined;
}

/** Whether value and time are such that they can be meant. */
export function valueRefusal(
  object: ControlObject,
  { service, parameters, value }: Request,
  now: number,
): Refusal | undefined {
  if (service === 'SBO') return undefined;
  if (!value) return refusal(Cause.inconsistentParameters, 'ctlVal is no command of the class');
  if (typeof value.value === 'number' && value.expectation.change !== 'rises' && value.expectation.change !== 'falls') {
    const { min, max } = object.range;
    if ((min !== undefined && value.value < min) || (max !== undefined && value.value > max)) {
      const cause = object.cdc === 'ISC' ? Cause.stepLimit : Cause.inconsistentParameters;
      return refusal(cause, `${value.value} is outside of ${min ?? '…'} to ${max ?? '…'}`);
    }
  }
  const at = parameters?.operateAt;
  if (at === undefined) return undefined;
  if (at <= now) return { ...refusal(Cause.timeLimitOver, 'the time of the operate has passed'), timeTest: true };
  return at - now > MAX_OPERATE_AHEAD_MS
    ? refusal(Cause.notSupported, 'the time of the operate lies more than a day ahead')
    : undefined;
}

/** Whether mode, switching authority, blocks and the position let the command through now. */
export function stateRefusal(
  object: ControlObject,
  zero: Variable | undefined,
  { parameters, value }: Pick<Request, 'parameters' | 'value'>,
): Refusal | undefined {
  const blocked =
    blockedByMode(object, parameters?.test) ??
    (parameters && blockedByHierarchy(object, zero, parameters.orCat)) ??
    blockedByCommand(object);
  if (blocked) return blocked;
  const position = object.cdc === 'DPC' && value?.expectation.change === 'equals' ? value.expectation.value : undefined;
  return position !== undefined && object.statusGood && object.statusValue === position
    ? refusal(Cause.positionReached)
    : undefined;
}
