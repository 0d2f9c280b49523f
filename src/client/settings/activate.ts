import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Iec61850Error, SettingGroupError } from '../../errors.js';
import { ACTIVATION_POLL_MS, ACTIVATION_TIMEOUT_MS } from '../../limits.js';
import type { ServiceHost } from '../service-host.js';
import { checkGroup, isUnanswered } from './selection.js';
import { readSettingGroups, writeSettingGroup, type SettingGroupState } from './setting-group-block.js';

/** A group that is active now. */
export interface ActivatedGroup {
  logicalDevice: string;
  group: number;
  /** The group that was active before; the same when there was nothing to do. */
  before: number;
  state: SettingGroupState;
}

/**
 * Makes a group the active one (SelectActiveSG), and waits until the IED shows it. One that is active already is left so.
 * @throws ArgumentError for a group that it does not have; SettingGroupError: REFUSED, NO_EFFECT when it took the group and
 * did not change, UNKNOWN when it did not answer
 */
export async function activateGroup(host: ServiceHost, device: string, group: number): Promise<ActivatedGroup> {
  const before = await readSettingGroups(host, device);
  checkGroup(before, group);
  const done = { logicalDevice: device, group, before: before.active };
  if (before.active === group) return { ...done, state: before };
  const context = { ied: host.ied, tag: before.reference };
  try {
    await writeSettingGroup(host, device, 'ActSG', group);
    const until = performance.now() + ACTIVATION_TIMEOUT_MS;
    for (;;) {
      const state = await readSettingGroups(host, device);
      if (state.active === group) return { ...done, state };
      if (performance.now() > until) break;
      await pause(ACTIVATION_POLL_MS);
    }
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    if (!isUnanswered(error))
      throw new SettingGroupError('REFUSED', error.message, error.hint, { ...context, cause: error });
    throw new SettingGroupError(
      'UNKNOWN',
      `whether group ${group} of ${device} is active is not known: ${error.message}`,
      'Read the control block before you activate a group again.',
      { ...context, cause: error },
    );
  }
  throw new SettingGroupError(
    'NO_EFFECT',
    `${before.reference} took group ${group}, and group ${before.active} is still active after ${ACTIVATION_TIMEOUT_MS / 1000} s`,
    'Look at the IED: a local or remote switch, or its own logic, may decide which group is active.',
    context,
  );
}
