import { performance } from 'node:perf_hooks';
import { ArgumentError, Iec61850Error, SettingGroupError, TimeoutError } from '../../errors.js';
import { DEFAULT_EDIT_TIMEOUT_MS, MAX_EDIT_TIMEOUT_MS } from '../../limits.js';
import { unlessRefused, type ServiceHost } from '../service-host.js';
import { isUnanswered, releaseEdit, releaseText, selectForEdit } from './selection.js';
import { readSettingGroups, writeSettingGroup, type SettingGroupState } from './setting-group-block.js';
import { heldInstead, writeSetting, type PreparedSetting } from './setting-values.js';

export interface EditOptions {
  /** Reads each setting back before the group is confirmed; true when absent. */
  verify?: boolean;
  /** Goes on although EditSG shows that some client edits, as after a lost connection; the IED may still refuse it. */
  takeOver?: boolean;
  /** ms from the selection to the confirmation, 1 to 3 600 000; 60 000 when absent. */
  timeout?: number;
}

/** A group that was edited and confirmed. */
export interface EditedGroup {
  logicalDevice: string;
  group: number;
  /** `LD/LN.DO.DA[SE]`, in the order in which they were written. */
  written: string[];
  /** Whether EditSG is 0 again; undefined when the IED no longer answered. The settings are confirmed either way. */
  released: boolean | undefined;
  /** The control block thereafter; absent when the IED no longer answered. */
  state?: SettingGroupState;
}

/** @throws ArgumentError */
export function editTimeout({ timeout = DEFAULT_EDIT_TIMEOUT_MS }: EditOptions): number {
  if (!(timeout >= 1 && timeout <= MAX_EDIT_TIMEOUT_MS))
    throw new ArgumentError(`an edit of ${timeout} ms is none`, `Give 1 to ${MAX_EDIT_TIMEOUT_MS} ms.`);
  return timeout;
}

/**
 * Selects a group, writes settings, confirms and releases it, as one action: it is confirmed only when every setting was
 * taken, and whatever happens it is released.
 * @throws SettingGroupError: BUSY and REFUSED before anything was written, NOT_CONFIRMED when nothing has changed, UNKNOWN
 * when the confirmation had no answer
 */
export async function editGroup(
  host: ServiceHost,
  device: string,
  group: number,
  settings: readonly PreparedSetting[],
  options: EditOptions,
): Promise<EditedGroup> {
  const deadline = performance.now() + editTimeout(options);
  await selectForEdit(host, device, group, options.takeOver === true);
  const written: string[] = [];
  let confirming = false;
  try {
    for (const setting of settings) {
      await writeAndCheck(host, setting, deadline, options.verify !== false);
      written.push(setting.reference);
    }
    confirming = true;
    await writeSettingGroup(host, device, 'CnfEdit', true);
  } catch (error) {
    const released = await releaseEdit(host, device);
    if (!(error instanceof Iec61850Error)) throw error;
    throw confirming && isUnanswered(error)
      ? new SettingGroupError(
          'UNKNOWN',
          `whether group ${group} of ${device} was confirmed is not known: ${error.message}; ${releaseText(released)}`,
          'Read the group back before you edit it again.',
          { ied: host.ied, tag: device, cause: error },
        )
      : new SettingGroupError(
          'NOT_CONFIRMED',
          `group ${group} of ${device} was not confirmed: ${error.message}${named(written)}; ${releaseText(released)}`,
          `No setting has changed. ${error.hint}`.trim(),
          { ied: host.ied, tag: error.tag ?? device, cause: error },
        );
  }
  return { logicalDevice: device, group, written, ...(await afterwards(host, device)) };
}

async function writeAndCheck(
  host: ServiceHost,
  setting: PreparedSetting,
  deadline: number,
  verify: boolean,
): Promise<void> {
  if (performance.now() > deadline)
    throw new TimeoutError(`${setting.reference} was not written within the time limit of the edit`, {
      tag: setting.reference,
    });
  await writeSetting(host, setting);
  const held = verify ? await heldInstead(host, setting) : undefined;
  if (held === undefined) return;
  throw new Iec61850Error(
    'IEC61850_VALUE_INVALID',
    `${setting.reference}: the IED holds ${held} in place of what was written`,
    'Give a value of its step size and range, or switch reading back off.',
    { tag: setting.reference },
  );
}

const MAX_NAMED = 10;

/** What was written before a failure. */
function named(written: readonly string[]): string {
  if (written.length === 0) return '';
  const rest = written.length - MAX_NAMED;
  return `; taken before it: ${written.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** A confirmed group is released by some IEDs, and by others not. */
async function afterwards(host: ServiceHost, device: string): Promise<Pick<EditedGroup, 'released' | 'state'>> {
  const read = (): Promise<SettingGroupState | undefined> =>
    unlessRefused(() => readSettingGroups(host, device)).catch(() => undefined);
  const state = await read();
  if (state?.edited === 0) return { released: true, state };
  const released = await releaseEdit(host, device);
  const after = await read();
  return { released, ...(after && { state: after }) };
}
