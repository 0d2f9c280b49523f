import { ArgumentError } from '../../errors.js';
import { isoTime } from '../../model/timestamp.js';
import type { MmsData } from '../../mms/data.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { readControlBlock, writeAttribute } from '../control-block.js';
import { memberType } from '../member-type.js';
import { unlessRefused, type ServiceHost } from '../service-host.js';

/** Attributes of a setting group control block, in lower case. */
type SettingGroupAttribute = 'numofsg' | 'actsg' | 'editsg' | 'cnfedit' | 'lacttm' | 'resvtms';

/** A setting group control block as it stands (IEC 61850-7-2 §16.2). */
export interface SettingGroupState {
  /** The logical device whose settings it has. */
  logicalDevice: string;
  /** `LD/LLN0.SGCB[SP]`. */
  reference: string;
  /** NumOfSG: groups are numbered from 1 to this. */
  groups: number;
  /** ActSG: the group by which the IED works. */
  active: number;
  /** EditSG: the group that some client edits; 0 when none does. */
  edited: number;
  /** CnfEdit. */
  confirming: boolean;
  /** LActTm: when the active group became so, ISO 8601 UTC; null when the IED does not tell. */
  activatedAt: string | null;
  /** ResvTms in s: for how long an edit is reserved to its client; absent where the IED has none (Edition 1). */
  reservationTime?: number;
}

/** Where the one control block of a logical device stands (IEC 61850-8-1 §16.2). */
export const SETTING_GROUP_ITEM = 'LLN0$SP$SGCB';
const ATTRIBUTES = ['NumOfSG', 'ActSG', 'EditSG', 'CnfEdit', 'LActTm', 'ResvTms'];
const FORM = /^(\w+)(?:\/LLN0(?:[.$](?:SP\$)?SGCB(?:\[SP\])?)?)?$/;

/**
 * Logical device of `LD`, `LD/LLN0` or `LD/LLN0.SGCB[SP]`.
 * @throws ArgumentError
 */
export function settingGroupDevice(text: string): string {
  const device = FORM.exec(text.trim())?.[1];
  if (device === undefined)
    throw new ArgumentError(
      `"${text.slice(0, 120)}" names no setting group control block`,
      'Write the logical device, such as BAY1PROT, or BAY1PROT/LLN0.SGCB[SP].',
    );
  return device;
}

export function settingGroupReference(device: string): string {
  return `${device}/LLN0.SGCB[SP]`;
}

function blockVariable(device: string, attribute = ''): VariableSpecification {
  return { name: { scope: 'domain', domain: device, item: SETTING_GROUP_ITEM + (attribute && `$${attribute}`) } };
}

/** Reads a control block whole. @throws what the services fail with, naming it */
export async function readSettingGroups(host: ServiceHost, device: string): Promise<SettingGroupState> {
  const reference = settingGroupReference(device);
  const name = { domain: device, item: SETTING_GROUP_ITEM, reference, kind: 'setting group control block' };
  const block = await readControlBlock<SettingGroupAttribute>(host, name, ATTRIBUTES);
  return {
    logicalDevice: device,
    reference,
    groups: block.number('numofsg'),
    active: block.number('actsg'),
    edited: block.number('editsg'),
    confirming: block.boolean('cnfedit'),
    activatedAt: isoTime(block.time('lacttm') ?? NaN),
    ...(block.has('resvtms') && { reservationTime: block.number('resvtms') }),
  };
}

/**
 * Writes ActSG or EditSG, or sets CnfEdit.
 * @throws DataAccessError for a refusal; TimeoutError and ConnectionError when nobody knows whether it was taken
 */
export async function writeSettingGroup(
  { association, types }: ServiceHost,
  device: string,
  ...[attribute, value]: ['ActSG' | 'EditSG', number] | ['CnfEdit', true]
): Promise<void> {
  let data: MmsData = { type: 'boolean', value: true };
  if (typeof value === 'number') {
    // An INT8U is unsigned; some IEDs show it as signed, and take nothing else then.
    const block = await unlessRefused(() => types.typeOf(blockVariable(device)));
    const signed = block && memberType(block, [attribute])?.type === 'integer';
    data = { type: signed ? 'integer' : 'unsigned', value };
  }
  const what = { reference: settingGroupReference(device), attribute: `${attribute} = ${String(value)}` };
  await writeAttribute(association, blockVariable(device, attribute), data, what);
}
