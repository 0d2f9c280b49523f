/** One setting group control block with its services (IEC 61850-7-2 §16.3, IEC 61850-8-1 §16). */
import { ArgumentError } from '../../errors.js';
import { SETTING_GROUP_RESERVATION_S } from '../../limits.js';
import type { MmsData } from '../../mms/data.js';
import type { Behaviour } from '../behaviour.js';
import { memberValues, storeMembers } from '../block-members.js';
import type { ClientIdentity } from '../client-identity.js';
import type { ClientSession } from '../client-session.js';
import { whenThere, type MaybePromise } from '../maybe-promise.js';
import { AccessError } from '../selection.js';
import type { ServerContext } from '../server-part.js';
import type { Variable } from '../variable.js';
import type { Setting } from './group-values.js';

/** What was done with the setting groups of a logical device. */
export interface SettingGroupEvent {
  /** `LD/LLN0.SGCB`. */
  reference: string;
  /** A group became the active one, is edited, has new values, or is not edited any more. */
  action: 'activated' | 'selected' | 'confirmed' | 'released';
  group: number;
  /** Who did it; absent when it was the owner of the server, or time ran out. */
  client?: ClientIdentity;
}

/** An edit session: one client at a time. */
interface Editing {
  readonly session: ClientSession;
  readonly group: number;
  /** ms since 1970 when the reservation ends. */
  until: number;
  timer: NodeJS.Timeout;
}

export class SettingGroupControl implements Behaviour {
  readonly reference: string;
  private activeGroup: number;
  private editing: Editing | undefined;

  /**
   * @param block the variable `LLN0$SP$SGCB`
   * @param keep takes what must survive a restart
   */
  constructor(
    readonly logicalDevice: string,
    private readonly block: Variable,
    readonly groups: number,
    activeGroup: number,
    readonly settings: readonly Setting[],
    private readonly context: ServerContext,
    private readonly keep: {
      activeGroup(group: number, now: number): void;
      value(setting: Setting, group: number): void;
    },
  ) {
    this.reference = `${logicalDevice}/LLN0.SGCB`;
    this.activeGroup = activeGroup;
    storeMembers(block, { NumOfSG: groups, ActSG: activeGroup });
    for (const { active, edited, values } of settings) {
      active.store(values[activeGroup - 1] as Buffer);
      edited.store(values[activeGroup - 1] as Buffer);
    }
  }

  /**
   * A group that was active before a restart is so again, if there is such a group.
   * @param time when it was activated, in ms since 1970
   */
  restoreActive(group: number, time: number): boolean {
    if (group < 1 || group > this.groups) return false;
    this.activeGroup = group;
    storeMembers(this.block, { LActTm: time });
    return true;
  }

  /** Shows the values of the active group, which were put back. */
  showActive(): void {
    const { activeGroup } = this;
    this.show(
      this.valuesOf(activeGroup, ({ active }) => active),
      { ActSG: activeGroup },
    );
  }

  get active(): number {
    return this.activeGroup;
  }

  /** Group that a client edits, 0 when none does. */
  get edited(): number {
    return this.editing?.group ?? 0;
  }

  /** SelectActiveSG. @throws ArgumentError when there is no such group */
  activate(group: number, client?: ClientIdentity): void {
    if (!Number.isInteger(group) || group < 1 || group > this.groups) {
      throw new ArgumentError(`${this.reference} has no group ${group}`, `Give 1 to ${this.groups}.`);
    }
    this.activeGroup = group;
    const now = this.context.now();
    this.keep.activeGroup(group, now);
    this.show(
      this.valuesOf(group, ({ active }) => active),
      { ActSG: group, LActTm: now },
    );
    this.tell('activated', group, client);
  }

  /** The owner has set values of the active group. */
  updated(setting: Setting, encoding: Buffer): void {
    setting.values[this.activeGroup - 1] = Buffer.from(encoding);
    this.keep.value(setting, this.activeGroup);
  }

  read(): undefined {
    const left = this.editing ? Math.max(1, Math.ceil((this.editing.until - this.context.now()) / 1000)) : 0;
    storeMembers(this.block, { ResvTms: left });
    return undefined;
  }

  write(session: ClientSession, variable: Variable, data: MmsData): MaybePromise<number | undefined> {
    const { writable } = this.context.options;
    const name = variable.name;
    const service = name === 'ActSG' ? 'SG' : name === 'EditSG' || name === 'CnfEdit' ? 'SE' : undefined;
    if (!service || !writable.includes(service) || !session.rights.allows('settingGroups')) {
      return AccessError.objectAccessDenied;
    }
    if (name === 'CnfEdit') {
      if (data.type !== 'boolean') return AccessError.typeInconsistent;
      return data.value ? this.confirm(session) : AccessError.objectValueInvalid;
    }
    if (data.type !== 'unsigned') return AccessError.typeInconsistent;
    const group = Number(data.value);
    const lowest = name === 'ActSG' ? 1 : 0;
    if (data.unpadded || group < lowest || group > this.groups) return AccessError.objectValueInvalid;
    return name === 'EditSG' ? this.select(session, group) : this.choose(session, group);
  }

  /** SelectActiveSG by a client, if the owner does not refuse it. */
  private choose({ identity: client }: ClientSession, group: number): MaybePromise<number | undefined> {
    const request = { client, reference: `${this.reference}.ActSG[SP]`, fc: 'SP', value: group } as const;
    return whenThere(this.context.owner.write?.(request), (error) => {
      if (error === undefined) this.activate(group, client);
      return error;
    });
  }

  /** Whether a client may read what is edited. */
  readEdited(): number | undefined {
    return this.editing ? undefined : AccessError.temporarilyUnavailable;
  }

  /** Whether a client may set what is edited (SetEditSGValue); the reservation then begins anew. */
  admitEdited(session: ClientSession): number | undefined {
    if (this.editing?.session !== session) return AccessError.temporarilyUnavailable;
    this.reserve(session, this.editing.group);
    return undefined;
  }

  sessionClosed(session: ClientSession): void {
    if (this.editing?.session === session) this.release(session.identity);
  }

  /** Ends an edit session; what was not confirmed is lost. */
  release(client?: ClientIdentity): void {
    const { editing } = this;
    if (!editing) return;
    clearTimeout(editing.timer);
    this.editing = undefined;
    this.show(new Map(), { EditSG: 0, CnfEdit: false, ResvTms: 0 });
    this.tell('released', editing.group, client);
  }

  /** SelectEditSG; group 0 gives the reservation back. */
  private select(session: ClientSession, group: number): number | undefined {
    if (this.editing && this.editing.session !== session) return AccessError.temporarilyUnavailable;
    if (group === 0) {
      this.release(session.identity);
      return undefined;
    }
    this.reserve(session, group);
    this.show(
      this.valuesOf(group, ({ edited }) => edited),
      { EditSG: group, CnfEdit: false },
    );
    this.tell('selected', group, session.identity);
    return undefined;
  }

  /** ConfirmEditSGValues: what was edited are the values of the group now, and the edit session is over. */
  private confirm(session: ClientSession): number | undefined {
    const { editing } = this;
    if (editing?.session !== session) return AccessError.temporarilyUnavailable;
    const { group } = editing;
    const shown = new Map<Variable, Buffer>();
    for (const setting of this.settings) {
      const { active, edited, values } = setting;
      const value = (edited.octets as Buffer).subarray(0, edited.length);
      if (value.equals(values[group - 1] as Buffer)) continue;
      values[group - 1] = Buffer.from(value);
      this.keep.value(setting, group);
      if (group === this.activeGroup) shown.set(active, values[group - 1] as Buffer);
    }
    this.show(shown, {});
    this.tell('confirmed', group, session.identity);
    this.release(session.identity);
    return undefined;
  }

  private reserve(session: ClientSession, group: number): void {
    if (this.editing) clearTimeout(this.editing.timer);
    const ms = SETTING_GROUP_RESERVATION_S * 1000;
    const timer = setTimeout(() => this.release(), ms);
    timer.unref();
    this.editing = { session, group, until: this.context.now() + ms, timer };
  }

  private valuesOf(group: number, place: (setting: Setting) => Variable): Map<Variable, Buffer> {
    return new Map(this.settings.map((setting) => [place(setting), setting.values[group - 1] as Buffer]));
  }

  /** One transaction: all values of a group and the control block's own. */
  private show(values: Map<Variable, Buffer>, attributes: Readonly<Record<string, unknown>>): void {
    const own = memberValues(this.block, attributes, this.context.options.timeQuality);
    for (const [leaf, encoding] of own) values.set(leaf, encoding);
    if (values.size > 0) this.context.values.apply(values, 'server', this.context.now());
  }

  private tell(action: SettingGroupEvent['action'], group: number, client: ClientIdentity | undefined): void {
    this.context.tell('settingGroup', { reference: this.reference, action, group, ...(client && { client }) });
  }
}
