import {
  ArgumentError,
  ConnectionError,
  DataAccessError,
  Iec61850Error,
  SettingGroupError,
  TimeoutError,
} from '../../errors.js';
import { unlessRefused, type ServiceHost } from '../service-host.js';
import { readSettingGroups, writeSettingGroup, type SettingGroupState } from './setting-group-block.js';

/** DataAccessError temporarily-unavailable, by which IEDs say that somebody else has it. */
const TEMPORARILY_UNAVAILABLE = 2;
/** Setting groups are numbered in an INT8U. */
const MAX_GROUP = 255;

/** @throws ArgumentError for what can be no group of any IED */
export function checkGroupNumber(group: number): void {
  if (!Number.isInteger(group) || group < 1 || group > MAX_GROUP)
    throw new ArgumentError(`${String(group)} is no setting group`, 'Give its number, from 1.');
}

/** @throws ArgumentError for a group that this IED does not have */
export function checkGroup({ reference, groups }: SettingGroupState, group: number): void {
  checkGroupNumber(group);
  if (group > groups)
    throw new ArgumentError(
      `${reference} has no setting group ${group}: it has 1 to ${groups}`,
      'Choose one of them; nothing was sent.',
      { tag: reference },
    );
}

/** Whether an error leaves open what the IED did. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof TimeoutError || error instanceof ConnectionError;
}

/**
 * Takes the edit buffer of a control block for a group (SelectEditSG).
 * @param takeOver goes on although EditSG shows that some client edits; the IED may still refuse it
 * @throws ArgumentError, SettingGroupError
 */
export async function selectForEdit(
  host: ServiceHost,
  device: string,
  group: number,
  takeOver: boolean,
): Promise<SettingGroupState> {
  const state = await readSettingGroups(host, device);
  checkGroup(state, group);
  if (state.edited !== 0 && !takeOver) throw busy(host, state);
  try {
    await writeSettingGroup(host, device, 'EditSG', group);
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    const context = { ied: host.ied, tag: state.reference, cause: error };
    if (isUnanswered(error)) {
      const released = await releaseEdit(host, device);
      throw new SettingGroupError(
        'NOT_CONFIRMED',
        `group ${group} was not selected for editing: ${error.message}; ${releaseText(released)}`,
        'Nothing has changed. Read the control block before you edit again.',
        context,
      );
    }
    if (error instanceof DataAccessError && error.dataAccessError === TEMPORARILY_UNAVAILABLE)
      throw busy(host, (await unlessRefused(() => readSettingGroups(host, device))) ?? state, error);
    throw new SettingGroupError('REFUSED', error.message, error.hint, context);
  }
  return state;
}

function busy(
  { ied }: ServiceHost,
  { reference, edited, reservationTime = 0 }: SettingGroupState,
  cause?: Error,
): SettingGroupError {
  const what = edited === 0 ? 'is held by another client' : `is being edited by another client, group ${edited}`;
  const rest = reservationTime > 0 ? ` for ${reservationTime} s more` : '';
  return new SettingGroupError(
    'BUSY',
    `${reference} ${what}${rest}`,
    'End the edit there, or wait until the IED ends it.',
    { ied, tag: reference, ...(cause && { cause }) },
  );
}

/**
 * Gives the edit buffer back: EditSG becomes 0.
 * @returns whether it is; undefined when nobody knows. Never rejects.
 */
export async function releaseEdit(host: ServiceHost, device: string): Promise<boolean | undefined> {
  try {
    await writeSettingGroup(host, device, 'EditSG', 0);
    return true;
  } catch (refusal) {
    if (isUnanswered(refusal)) return undefined;
  }
  // An IED that gave it up by itself has nothing to release.
  try {
    return (await readSettingGroups(host, device)).edited === 0;
  } catch {
    return undefined;
  }
}

export function releaseText(released: boolean | undefined): string {
  if (released === undefined) return 'whether the IED released it is not known';
  return released ? 'it was released' : 'the IED did not release it';
}
