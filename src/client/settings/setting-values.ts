import { isDeepStrictEqual } from 'node:util';
import { ArgumentError } from '../../errors.js';
import { MAX_EDITED_SETTINGS } from '../../limits.js';
import { principalValue } from '../../model/cdc.js';
import { isMembers } from '../../model/members.js';
import { formatReference, parseReference, type Reference } from '../../model/reference.js';
import type { MmsData } from '../../mms/data.js';
import { ObjectClass } from '../../mms/services.js';
import type { TypeDescription } from '../../mms/type-description.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { refusedAttribute, rethrowNamed, writeAttribute } from '../control-block.js';
import { dataValue } from '../../mms/data-value.js';
import { nameTree } from '../live-model.js';
import { memberType } from '../member-type.js';
import { nameList } from '../name-list.js';
import { referenceVariable, selectedType } from '../reference-variable.js';
import type { ServiceHost } from '../service-host.js';
import { writableData, type WritableValue } from '../write-value.js';

/** Values by reference, `LD/LN.DO` or `LD/LN.DO.DA`; the functional constraint, SG or SE, may stand behind or not. */
export type SettingValues = Readonly<Record<string, WritableValue>>;

/** A setting of a group that is ready to be written. */
export interface PreparedSetting {
  /** `LD/LN.DO.DA[SE]`. */
  reference: string;
  variable: VariableSpecification;
  type: TypeDescription;
  data: MmsData;
}

/**
 * A setting of this logical device, under the functional constraint that is asked for.
 * @throws ArgumentError for what is no setting of a group, or one of another logical device
 */
export function settingReference(text: string, device: string, fc: 'SG' | 'SE'): Reference {
  const reference = parseReference(text);
  const { functionalConstraint: given, logicalDevice, path } = reference;
  if (path.length === 0 || (given !== undefined && given !== 'SG' && given !== 'SE'))
    throw new ArgumentError(
      `${formatReference(reference)} is no setting of a group`,
      given === 'SP'
        ? 'It is the same in all groups: write it with an iec61850-write node.'
        : 'Write LD/LN.DO or LD/LN.DO.DA, such as BAY1PROT/PTOC1.StrVal.',
    );
  if (logicalDevice !== device)
    throw new ArgumentError(
      `${formatReference(reference)} is no setting of ${device}`,
      'Each logical device has groups of its own: edit them one after the other.',
    );
  return { ...reference, functionalConstraint: fc };
}

/**
 * Values in the form of the IED's live types, all of them before the first is written. A data object stands for its own
 * value (`setVal`, `setMag.f`), unless the value is an object of its members.
 * @throws ArgumentError for a setting that the IED does not have, and a value that does not fit
 */
export async function prepareSettings(
  { types }: ServiceHost,
  device: string,
  values: SettingValues,
): Promise<PreparedSetting[]> {
  const entries = Object.entries(values);
  if (entries.length === 0 || entries.length > MAX_EDITED_SETTINGS)
    throw new ArgumentError(`there are ${entries.length} settings to write`, `Give 1 to ${MAX_EDITED_SETTINGS}.`);
  const prepared: PreparedSetting[] = [];
  for (const [text, value] of entries) {
    let reference = settingReference(text, device, 'SE');
    const asked = formatReference(reference);
    let type = await selectedType(types, referenceVariable(reference), asked).catch((error: unknown) =>
      rethrowNamed(error, asked),
    );
    if (type.type === 'structure' && !isMembers(value)) {
      const whole = type;
      const path = principalValue(undefined, 'SE', (member) => memberType(whole, member.split('.')) !== undefined);
      if (path === undefined)
        throw new ArgumentError(`${asked} has several members`, 'Give an object of them, or name one.');
      const steps = path.split('.');
      reference = { ...reference, path: [...reference.path, ...steps] };
      type = memberType(whole, steps) as TypeDescription;
    }
    const name = formatReference(reference);
    prepared.push({
      reference: name,
      variable: referenceVariable(reference),
      type,
      data: writableData(value, type, name),
    });
  }
  return prepared;
}

/** Writes one setting of the group that is being edited. @throws DataAccessError that names it; TimeoutError, ConnectionError */
export function writeSetting({ association }: ServiceHost, setting: PreparedSetting): Promise<void> {
  return writeAttribute(association, setting.variable, setting.data, setting);
}

/**
 * What the IED holds in place of a setting that was just written, as text; undefined when it holds what was written.
 * @throws DataAccessError when it does not show it; TimeoutError, ConnectionError
 */
export async function heldInstead(
  { association }: ServiceHost,
  { reference, variable, type, data }: PreparedSetting,
): Promise<string | undefined> {
  const { results } = await association.request({
    service: 'read',
    specificationWithResult: false,
    access: { list: [variable] },
  });
  const [result] = results;
  if (!result?.success) throw refusedAttribute(reference, 'reading it back', result?.error ?? 2);
  const held = dataValue(result.data, type);
  return isDeepStrictEqual(held, dataValue(sent(data), type)) ? undefined : JSON.stringify(held).slice(0, 120);
}

/** As it is after the wire, which has 32 bits for most numbers. */
function sent(data: MmsData): MmsData {
  if (data.type === 'structure' || data.type === 'array') return { ...data, items: data.items.map(sent) };
  return data.type === 'float' && data.width === 32 ? { ...data, value: Math.fround(data.value) } : data;
}

/** All settings of a logical device's groups as `LD/LN.DO`, in the order of the IED. */
export async function listSettings({ association }: ServiceHost, device: string): Promise<string[]> {
  const names = await nameList(association, ObjectClass.namedVariable, { scope: 'domain', domain: device });
  return [...nameTree(names)].flatMap(([node, constraints]) =>
    [...(constraints.get('SG') ?? constraints.get('SE') ?? [])].map((object) => `${device}/${node}.${object}`),
  );
}
