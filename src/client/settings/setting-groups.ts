import { MAX_EDITED_SETTINGS } from '../../limits.js';
import { ArgumentError } from '../../errors.js';
import { formatReference, objectReference } from '../../model/reference.js';
import type { Tag } from '../../model/tag.js';
import type { TagValue } from '../../model/tag-value.js';
import { ObjectClass } from '../../mms/services.js';
import { nameList } from '../name-list.js';
import { unlessRefused, type ServiceHost } from '../service-host.js';
import { activateGroup, type ActivatedGroup } from './activate.js';
import { editGroup, editTimeout, type EditedGroup, type EditOptions } from './edit.js';
import { checkGroup, checkGroupNumber, releaseEdit, selectForEdit } from './selection.js';
import {
  readSettingGroups,
  SETTING_GROUP_ITEM,
  settingGroupDevice,
  settingGroupReference,
  type SettingGroupState,
} from './setting-group-block.js';
import { listSettings, prepareSettings, settingReference, type SettingValues } from './setting-values.js';
import { inTurn } from './turns.js';

/** The values of one setting group. */
export interface GroupValues {
  logicalDevice: string;
  group: number;
  /** Whether it is the group by which the IED works. */
  active: boolean;
  /** One for each setting, in order. */
  values: TagValue[];
  /** Whether EditSG is 0 again, where it was needed for reading; undefined when the IED no longer answered. */
  released: boolean | undefined;
  state: SettingGroupState;
}

export interface GroupReadOptions {
  /** `LD/LN.DO` or `LD/LN.DO.DA`; all settings of the logical device when absent. */
  references?: readonly string[];
  /** As in {@link EditOptions}. */
  takeOver?: boolean;
}

/**
 * Setting groups of one IED (IEC 61850-7-2 §16, 8-1 §16). A logical device with settings has one control block, in its LLN0,
 * and is named by itself: `BAY1PROT`.
 */
export class SettingGroups {
  /** @param host rejects with ConnectionError while there is no association */
  constructor(readonly host: () => Promise<ServiceHost>) {}

  /** All setting group control blocks of the IED. What it refuses to show is left out. */
  async list(): Promise<SettingGroupState[]> {
    const host = await this.host();
    const { association } = host;
    const found: SettingGroupState[] = [];
    for (const domain of await nameList(association, ObjectClass.domain, { scope: 'vmd' })) {
      const names = await nameList(association, ObjectClass.namedVariable, { scope: 'domain', domain });
      if (!names.includes(SETTING_GROUP_ITEM)) continue;
      const state = await unlessRefused(() => readSettingGroups(host, domain));
      if (state) found.push(state);
    }
    return found;
  }

  /** The control block of a logical device (GetSGCBValues). @throws ArgumentError, DataAccessError when it has none */
  async read(logicalDevice: string): Promise<SettingGroupState> {
    const device = settingGroupDevice(logicalDevice);
    return readSettingGroups(await this.host(), device);
  }

  /**
   * Values of a group: of the active one as they are (SG); of another by selecting it for editing and giving it back (SE), which
   * changes nothing and needs that no other client edits.
   * @throws ArgumentError for a group that the IED does not have; SettingGroupError BUSY, REFUSED
   */
  async readValues(logicalDevice: string, group: number, options: GroupReadOptions = {}): Promise<GroupValues> {
    const device = settingGroupDevice(logicalDevice);
    checkGroupNumber(group);
    const named = options.references?.map((text) => objectReference(settingReference(text, device, 'SE')));
    const host = await this.host();
    const references = named ?? (await listSettings(host, device));
    if (references.length === 0 || references.length > MAX_EDITED_SETTINGS)
      throw new ArgumentError(
        `${device} has ${references.length} settings in groups`,
        `Choose 1 to ${MAX_EDITED_SETTINGS} of them.`,
      );
    const tags = (fc: 'SG' | 'SE'): Tag[] => references.map((reference) => ({ tag: reference, reference, fc }));
    return inTurn(host.association, settingGroupReference(device), async () => {
      const state = await readSettingGroups(host, device);
      checkGroup(state, group);
      const common = { logicalDevice: device, group, active: state.active === group, state };
      if (common.active) return { ...common, values: (await host.read(tags('SG'))).map(given), released: true };
      await selectForEdit(host, device, group, options.takeOver === true);
      let released: boolean | undefined;
      let values: TagValue[];
      try {
        values = (await host.read(tags('SE'))).map(given);
      } finally {
        released = await releaseEdit(host, device);
      }
      return { ...common, values, released };
    });
  }

  /**
   * Makes a group the active one (SelectActiveSG) and waits until the IED shows it.
   * @throws ArgumentError for a group that the IED does not have; SettingGroupError REFUSED, NO_EFFECT, UNKNOWN
   */
  async activate(logicalDevice: string, group: number): Promise<ActivatedGroup> {
    const device = settingGroupDevice(logicalDevice);
    checkGroupNumber(group);
    const host = await this.host();
    return inTurn(host.association, settingGroupReference(device), () => activateGroup(host, device, group));
  }

  /**
   * Edits a group as one action: selects it, writes every setting, confirms and releases it. Values are checked against the
   * IED's live types before anything is written; a setting that the IED refuses, or holds otherwise than it was written,
   * ends the edit without a confirmation, and nothing has changed then.
   * @param values by reference, `LD/LN.DO` or `LD/LN.DO.DA`
   * @throws ArgumentError before anything is written; SettingGroupError BUSY, REFUSED, NOT_CONFIRMED, UNKNOWN
   */
  async edit(
    logicalDevice: string,
    group: number,
    values: SettingValues,
    options: EditOptions = {},
  ): Promise<EditedGroup> {
    const device = settingGroupDevice(logicalDevice);
    checkGroupNumber(group);
    editTimeout(options);
    for (const text of Object.keys(values)) formatReference(settingReference(text, device, 'SE'));
    const host = await this.host();
    checkGroup(await readSettingGroups(host, device), group);
    const settings = await prepareSettings(host, device, values);
    return inTurn(host.association, settingGroupReference(device), () =>
      editGroup(host, device, group, settings, options),
    );
  }
}

/** What failed has no value: the last one that was read may be that of another group. */
function given(value: TagValue): TagValue {
  return value.status === 'error' ? { ...value, value: null, text: '', quality: null, timestamp: null } : value;
}
