/** The services of IEC 61850-8-1 §20 on the wire, each sent once, with their failures sorted by what they leave open. */
import {
  ConnectionError,
  ControlError,
  DataAccessError,
  dataAccessErrorName,
  DecodeError,
  Iec61850Error,
  LimitError,
  RejectError,
  ServiceError,
} from '../../errors.js';
import { LAST_APPL_ERROR_GRACE_MS } from '../../limits.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientAssociation } from '../client-association.js';
import { addCause } from '../../model/add-cause.js';
import type { CommandWatch } from './command-watch.js';
import { CommandEnd, type ControlStep } from './control-request.js';
import type { ControlPlace } from './controllable.js';
import type { LastApplError } from './last-appl-error.js';

/** The error of a LastApplError, in words. */
export function applicationError({ addCause: code }: LastApplError, what: string): ControlError {
  const cause = addCause(code);
  return new ControlError({ addCause: cause.name }, `${what}: ${cause.meaning}`, cause.action);
}

/** Whether a failure tells that the IED did not take the service; all others leave it open. */
function isRefusal(error: Iec61850Error): boolean {
  return error instanceof ServiceError || error instanceof RejectError || error instanceof LimitError;
}

/**
 * Writes Oper, SBOw or Cancel.
 * @throws CommandEnd when the IED refuses, or when nobody knows whether it took it
 */
export async function writeControl(
  association: ClientAssociation,
  place: ControlPlace,
  service: 'Oper' | 'SBOw' | 'Cancel',
  data: MmsData,
  watch: CommandWatch,
): Promise<void> {
  const step: ControlStep = service === 'Oper' ? 'operate' : service === 'SBOw' ? 'select' : 'cancel';
  let result;
  try {
    const { results } = await association.request({
      service: 'write',
      access: { list: [{ name: place.name('CO', service) }] },
      data: [data],
    });
    [result] = results;
  } catch (error) {
    throw await failure(error, step, place, watch);
  }
  if (!result) throw new CommandEnd('unknown', step, new DecodeError(`${place.reference}: the answer has no result`));
  if (result.success) return;
  const explained = await watch.explanation(LAST_APPL_ERROR_GRACE_MS);
  throw new CommandEnd(
    'refused',
    step,
    explained
      ? applicationError(explained, place.reference)
      : new DataAccessError(result.error, `${place.reference}: ${dataAccessErrorName(result.error)}`),
  );
}

/**
 * Selects by reading SBO: the answer names the object, an empty one is a refusal.
 * @throws CommandEnd
 */
export async function readSbo(association: ClientAssociation, place: ControlPlace, watch: CommandWatch): Promise<void> {
  let result;
  try {
    const { results } = await association.request({
      service: 'read',
      specificationWithResult: false,
      access: { list: [{ name: place.name('CO', 'SBO') }] },
    });
    [result] = results;
  } catch (error) {
    throw await failure(error, 'select', place, watch);
  }
  if (result?.success && result.data.type === 'visible-string' && result.data.value.replace(/\0/g, '') !== '') return;
  const explained = await watch.explanation(LAST_APPL_ERROR_GRACE_MS);
  const error = explained
    ? applicationError(explained, place.reference)
    : result && !result.success
      ? new DataAccessError(result.error, `${place.reference}: ${dataAccessErrorName(result.error)}`)
      : new ControlError(
          'SELECT_REFUSED',
          `${place.reference}: the IED refuses the selection and gives no cause`,
          'Another client may have selected it, or the bay is in local; wait and try again.',
        );
  throw new CommandEnd('refused', 'select', error);
}

/**
 * Waits for the CommandTermination of an operate that the IED took.
 * @param ahead ms until a time-activated operate is executed
 * @param limit ms from then
 * @throws CommandEnd unless it is positive
 */
export async function awaitTermination(
  watch: CommandWatch,
  ahead: number,
  limit: number,
  { reference }: ControlPlace,
): Promise<void> {
  const ended = await watch.ended(ahead + limit);
  switch (ended?.ending) {
    case 'positive':
      return;
    case 'negative':
      throw new CommandEnd('refused', 'termination', applicationError(ended.lastApplError, reference));
    case 'cancelled':
      throw new CommandEnd(
        'refused',
        'termination',
        new ControlError('CANCELLED', `${reference}: the command was cancelled before its time`, ''),
      );
    case 'lost':
      throw new CommandEnd('unknown', 'termination', ended.error);
    case undefined:
      throw new CommandEnd(
        'unknown',
        'termination',
        new ControlError(
          'NO_TERMINATION',
          `${reference}: the IED took the command but did not tell its end within ${Math.round(limit)} ms`,
          'Look at the position before a new command; raise the time limit if the drive is slow.',
        ),
      );
  }
}

async function failure(
  error: unknown,
  step: ControlStep,
  place: ControlPlace,
  watch: CommandWatch,
): Promise<CommandEnd> {
  const known =
    error instanceof Iec61850Error
      ? error
      : new ConnectionError(`${place.reference}: ${String(error)}`, undefined, { cause: error });
  if (!isRefusal(known)) return new CommandEnd('unknown', step, known);
  const explained = await watch.explanation(LAST_APPL_ERROR_GRACE_MS);
  return new CommandEnd('refused', step, explained ? applicationError(explained, place.reference) : known);
}
