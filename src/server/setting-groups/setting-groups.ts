/** Setting groups of all logical devices (IEC 61850-7-2 §16). */
import { ArgumentError } from '../../errors.js';
import type { Behaviour } from '../behaviour.js';
import type { ClientSession } from '../client-session.js';
import { fitting, KeptNames } from '../persistence/kept-values.js';
import { keptOf } from '../persistence/revisions.js';
import type { KeptMap } from '../persistence/store.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Transaction } from '../value-store.js';
import type { Variable } from '../variable.js';
import { settingsOf, type Setting } from './group-values.js';
import { SettingGroupControl } from './setting-group-control.js';

/** NumOfSG is an INT8U. */
const MAX_GROUPS = 255;
const ACTIVE = 'active ';

/** Octets of an active group and the time of its activation. */
const ACTIVATION_LENGTH = 9;

function activation(group: number, now: number): Buffer {
  const octets = Buffer.alloc(ACTIVATION_LENGTH, group);
  octets.writeDoubleBE(now, 1);
  return octets;
}

function restoreActivation(control: SettingGroupControl, octets: Buffer): boolean {
  return control.restoreActive(octets.readUInt8(0), octets.readDoubleBE(1));
}

/** State of the setting groups of one logical device. */
export interface ServerSettingGroups {
  logicalDevice: string;
  /** Groups count from 1. */
  numberOfGroups: number;
  active: number;
  /** Group that a client edits at present, 0 when none does. */
  edited: number;
}

export class SettingGroups implements ServerPart {
  private readonly controls: SettingGroupControl[] = [];
  private readonly byLeaf = new Map<Variable, { control: SettingGroupControl; setting: Setting }>();
  private readonly names: KeptNames;
  private readonly kept: KeptMap;

  constructor(private readonly context: ServerContext) {
    this.names = new KeptNames(context);
    this.kept = keptOf(context.store, 'setting groups', context.model);
    for (const logicalDevice of context.model.logicalDevices) this.add(logicalDevice);
    if (this.controls.length > 0) context.values.whenStored((transaction) => this.stored(transaction));
  }

  /** Setting groups by logical device. */
  list(): ServerSettingGroups[] {
    return this.controls.map(({ logicalDevice, groups, active, edited }) => ({
      logicalDevice,
      numberOfGroups: groups,
      active,
      edited,
    }));
  }

  /**
   * Makes a group the active one, as a client does by SelectActiveSG.
   * @param logicalDevice may be left out when one alone has setting groups
   * @throws ArgumentError when there is no such group or logical device, StoreError when it cannot be kept
   */
  activate(group: number, logicalDevice?: string): void {
    this.control(logicalDevice).activate(group);
    this.context.store.commit();
  }

  restore(): void {
    const { context, kept } = this;
    for (const [key, octets] of kept.entries()) {
      if (this.restoreOne(key, octets)) continue;
      kept.delete(key);
      context.problems.add(key, 'its value of a setting group does not fit the model any more; it is dropped');
    }
    for (const control of this.controls) control.showActive();
  }

  sessionClosed(session: ClientSession): void {
    for (const control of this.controls) control.sessionClosed(session);
  }

  stop(): void {
    for (const control of this.controls) control.release();
  }

  private add(logicalDevice: ServerContext['model']['logicalDevices'][number]): void {
    const { nameSpace, problems } = this.context;
    const block = logicalDevice.logicalNodes.find((node) => node.settingGroupControlBlock)?.settingGroupControlBlock;
    const domain = nameSpace.domains.get(logicalDevice.name);
    const variable = domain?.logicalNodes.get('LLN0')?.child('SP')?.child('SGCB');
    if (!block || !domain || !variable || this.controls.some((one) => one.logicalDevice === domain.name)) return;
    const groups = Math.min(MAX_GROUPS, Math.max(1, block.numberOfSettingGroups));
    const active = block.activeSettingGroup >= 1 && block.activeSettingGroup <= groups ? block.activeSettingGroup : 1;
    if (groups !== block.numberOfSettingGroups || active !== block.activeSettingGroup) {
      problems.add(`${domain.name}/LLN0.SGCB[SP]`, `it has ${groups} groups, of which ${active} is the active one`);
    }
    const settings = settingsOf(logicalDevice, domain, groups, problems);
    const control = new SettingGroupControl(domain.name, variable, groups, active, settings, this.context, {
      activeGroup: (group, now) => this.kept.put(ACTIVE + domain.name, activation(group, now)),
      value: (setting, group) =>
        this.kept.put(`${group} ${this.names.of(setting.active)}`, setting.values[group - 1] as Buffer),
    });
    variable.behaviour = control;
    this.controls.push(control);
    for (const setting of settings) this.byLeaf.set(setting.active, { control, setting });
    // The values of the active group change with it alone, and what is edited belongs to whom it is reserved for.
    const edited: Behaviour = {
      read: () => control.readEdited(),
      admit: (session) => control.admitEdited(session),
    };
    for (const logicalNode of domain.logicalNodes.values()) {
      const group = logicalNode.child('SE');
      if (group) group.behaviour = edited;
    }
  }

  private restoreOne(key: string, octets: Buffer): boolean {
    if (key.startsWith(ACTIVE)) {
      const control = this.controls.find(({ logicalDevice }) => logicalDevice === key.slice(ACTIVE.length));
      return control !== undefined && octets.length === ACTIVATION_LENGTH && restoreActivation(control, octets);
    }
    const group = Number.parseInt(key, 10);
    const found = this.byLeaf.get(this.names.find(key.slice(key.indexOf(' ') + 1)) as Variable);
    const value = found && group >= 1 && group <= found.control.groups && fitting(found.setting.active, octets);
    if (!value) return false;
    found.setting.values[group - 1] = value.encoding;
    return true;
  }

  private control(logicalDevice: string | undefined): SettingGroupControl {
    const found =
      logicalDevice === undefined
        ? this.controls.length === 1 && this.controls[0]
        : this.controls.find((one) => one.logicalDevice === logicalDevice);
    if (found) return found;
    const names = this.controls.map((one) => one.logicalDevice).join(', ');
    throw new ArgumentError(
      logicalDevice === undefined ? 'no logical device was named' : `${logicalDevice} has no setting groups`,
      names === '' ? 'The model has no setting groups.' : `These have setting groups: ${names}.`,
    );
  }

  /** The owner sets a setting: it is the active group's value from now on. */
  private stored({ values, origin }: Transaction): void {
    if (origin !== 'update') return;
    for (const [leaf, encoding] of values) {
      const found = this.byLeaf.get(leaf);
      if (found) found.control.updated(found.setting, encoding);
    }
  }
}
