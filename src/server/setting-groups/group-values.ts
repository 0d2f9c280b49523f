/** Values of the setting groups of a logical device (IEC 61850-7-2 §16): for each setting one of every group. */
import { Iec61850Error } from '../../errors.js';
import { MAX_SETTING_GROUP_VALUES } from '../../limits.js';
import type { DataAttribute, DataObject, LogicalDevice } from '../../model/ied-model.js';
import { encodingInFile } from '../initial-value.js';
import type { Domain } from '../name-space.js';
import type { Problems } from '../problems.js';
import { Trigger } from '../value-store.js';
import type { Variable } from '../variable.js';

/** One setting: what clients read of the active group (SG), what they edit (SE), and its value in each group. */
export interface Setting {
  readonly active: Variable;
  readonly edited: Variable;
  /** Encodings by group, the first group at 0. */
  readonly values: Buffer[];
}

/** Finds the settings of a logical device whose model has both SG and SE. */
export function settingsOf(
  logicalDevice: LogicalDevice,
  domain: Domain,
  groups: number,
  problems: Problems,
): Setting[] {
  const settings: Setting[] = [];
  const leaf = (active: Variable, edited: Variable, attribute: DataAttribute, path: string): void => {
    if (settings.length * groups >= MAX_SETTING_GROUP_VALUES) return;
    const values = Array.from({ length: groups }, (_, i) => {
      const value = attribute.groupValues?.[i + 1];
      const common = (active.octets as Buffer).subarray(0, active.length);
      if (value === undefined || !active.leaf) return common;
      try {
        return Buffer.from(encodingInFile(attribute, active.leaf, value));
      } catch (error) {
        if (!(error instanceof Iec61850Error)) throw error;
        problems.add(`${path}[SG]`, `its value of group ${i + 1} in the file is not used: ${error.message}`);
        return common;
      }
    });
    // A setting changes with its group; what is edited is nobody's value yet.
    active.triggers = Trigger.dchg;
    edited.triggers = 0;
    settings.push({ active, edited, values });
  };
  const attributeAt = (
    active: Variable,
    edited: Variable | undefined,
    attribute: DataAttribute,
    path: string,
  ): void => {
    if (!edited) return;
    if (active.leaf) leaf(active, edited, attribute, path);
    else if (active.array) {
      for (const [i, element] of active.children.entries())
        attributeAt(element, edited.children[i], attribute, `${path}(${i})`);
    } else {
      for (const inner of attribute.attributes) {
        const member = active.child(inner.name);
        if (member) attributeAt(member, edited.child(inner.name), inner, `${path}.${inner.name}`);
      }
    }
  };
  const objectAt = (active: Variable, edited: Variable | undefined, dataObject: DataObject, path: string): void => {
    if (!edited) return;
    if (active.array) {
      for (const [i, element] of active.children.entries())
        objectAt(element, edited.children[i], dataObject, `${path}(${i})`);
      return;
    }
    for (const inner of dataObject.dataObjects) {
      const member = active.child(inner.name);
      if (member) objectAt(member, edited.child(inner.name), inner, `${path}.${inner.name}`);
    }
    for (const inner of dataObject.attributes) {
      const member = inner.fc === 'SG' || inner.fc === 'SE' ? active.child(inner.name) : undefined;
      if (member) attributeAt(member, edited.child(inner.name), inner, `${path}.${inner.name}`);
    }
  };
  for (const { name, dataObjects } of logicalDevice.logicalNodes) {
    const variable = domain.logicalNodes.get(name);
    const active = variable?.child('SG');
    const edited = variable?.child('SE');
    if (!active || !edited) continue;
    for (const dataObject of dataObjects) {
      const member = active.child(dataObject.name);
      if (member)
        objectAt(member, edited.child(dataObject.name), dataObject, `${domain.name}/${name}.${dataObject.name}`);
    }
  }
  if (settings.length * groups >= MAX_SETTING_GROUP_VALUES) {
    problems.add(domain.name, 'its setting groups have too many values; some settings are the same in all groups');
  }
  return settings;
}
