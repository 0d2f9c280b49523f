/** What an `iec61850-settings` node does with its messages. */
import type { IedSession, SettingValues, WritableValue } from '../../src/client/index.js';
import { SettingGroupError, TimeoutError, type SettingGroupFailure } from '../../src/errors.js';
import { GuardedSession } from '../shared/guarded-session.js';
import type { SessionLease } from '../shared/ied-connection.js';
import { tagMessages } from '../shared/message.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import { jobOf, type SettingsConfig, type SettingsJob } from './settings-job.js';

export interface WorkerOutput {
  status: StatusLine;
  log(text: string): void;
  warn(text: string): void;
}

const FAILURES: Readonly<Partial<Record<SettingGroupFailure, string>>> = {
  NOT_ALLOWED: 'not allowed',
  BUSY: 'busy',
  NO_EFFECT: 'no effect',
  NOT_CONFIRMED: 'not confirmed',
};

export class SettingsWorker {
  private readonly session: IedSession;
  private readonly guarded: GuardedSession;

  constructor(
    lease: SessionLease,
    private readonly config: SettingsConfig,
    private readonly out: WorkerOutput,
  ) {
    this.session = lease.session;
    this.guarded = new GuardedSession(lease, out.status);
  }

  close(): void {
    this.guarded.close();
  }

  /**
   * Does what a message asks for.
   * @returns the messages to send
   * @throws Iec61850Error that names IED, logical device and setting
   */
  async input(msg: NodeMessage): Promise<NodeMessage[]> {
    const { status } = this.out;
    let job: SettingsJob | undefined;
    try {
      job = jobOf(msg, this.config);
      return await this.work(job, msg);
    } catch (error) {
      const failure = error instanceof SettingGroupError ? error.failure : undefined;
      // A Catch node keeps it out of Node-RED's log, and who tried to change a relay is to stand there.
      if (job?.action === 'activate' || job?.action === 'edit')
        this.out.log(
          `${this.session.name}: ${job.action} group ${job.group} of ${job.logicalDevice}: ${messageOf(error)}`,
        );
      if (failure === 'UNKNOWN') status.bad('unknown');
      else if (this.session.state === 'online' || failure === 'NOT_ALLOWED')
        status.warn(error instanceof TimeoutError ? 'no answer' : (FAILURES[failure ?? 'REFUSED'] ?? 'refused'));
      throw error;
    }
  }

  private async work(job: SettingsJob, msg: NodeMessage): Promise<NodeMessage[]> {
    switch (job.action) {
      case 'state':
        return [await this.state(job.logicalDevice, msg)];
      case 'values':
        return this.values(job, msg);
      case 'activate':
        return [await this.activate(job, msg)];
      case 'edit':
        return [await this.edit(job, msg)];
    }
  }

  private async state(logicalDevice: string, msg: NodeMessage): Promise<NodeMessage> {
    const { settingGroups, name } = this.session;
    if (logicalDevice === '') {
      const states = await settingGroups.list();
      this.out.status.ok(`${states.length} SGCB`);
      return { ...msg, topic: name, payload: states };
    }
    const state = await settingGroups.read(logicalDevice);
    this.out.status.ok(`group ${state.active} of ${state.groups}`);
    return { ...msg, topic: `${name}/${logicalDevice}`, payload: state };
  }

  private async values(job: SettingsJob & { action: 'values' }, msg: NodeMessage): Promise<NodeMessage[]> {
    const { settingGroups, name } = this.session;
    const { logicalDevice, references, takeOver } = job;
    const group = job.group ?? (await settingGroups.read(logicalDevice)).active;
    const { values, ...settings } = await settingGroups.readValues(logicalDevice, group, {
      takeOver,
      ...(references && { references }),
    });
    this.unreleased(settings.released, logicalDevice, group);
    const failed = values.filter(({ status }) => status === 'error').length;
    if (failed > 0) this.out.status.warn(`${failed} of ${values.length} failed`);
    else this.out.status.ok(`group ${group} · ${values.length}`);
    return tagMessages(this.config.output, values, { ...msg, topic: `${name}/${logicalDevice}`, settings });
  }

  private async activate(job: SettingsJob & { action: 'activate' }, msg: NodeMessage): Promise<NodeMessage> {
    const { settingGroups, name } = this.session;
    const { logicalDevice, group } = job;
    this.out.status.busy(`activating ${group}`);
    const settings = await settingGroups.activate(logicalDevice, group);
    this.out.log(`${name}: setting group ${group} of ${logicalDevice} is active, before it ${settings.before}`);
    this.out.status.ok(`group ${group} active`);
    return { ...msg, topic: `${name}/${logicalDevice}`, payload: group, settings };
  }

  private async edit(job: SettingsJob & { action: 'edit' }, msg: NodeMessage): Promise<NodeMessage> {
    const { settingGroups, name } = this.session;
    const { logicalDevice, group, values, takeOver } = job;
    const { verify, timeout } = this.config;
    this.out.status.busy(`editing ${group}`);
    const settings = await settingGroups.edit(logicalDevice, group, values, { verify, takeOver, timeout });
    this.out.log(`${name}: group ${group} of ${logicalDevice} was confirmed with ${changes(values)}`);
    this.unreleased(settings.released, logicalDevice, group);
    this.out.status.ok(`${settings.written.length} set in ${group}`);
    return { ...msg, topic: `${name}/${logicalDevice}`, written: settings.written, settings };
  }

  private unreleased(released: boolean | undefined, logicalDevice: string, group: number): void {
    if (released === true) return;
    const what = released === false ? 'was not released' : 'was perhaps not released';
    this.out.warn(
      `${this.session.name}: group ${group} of ${logicalDevice} ${what} after its edit; other clients may find it busy`,
    );
  }
}

const MAX_NAMED = 20;

/** What was set, for the log of who changed what. */
function changes(values: SettingValues): string {
  const entries = Object.entries(values);
  const named = entries.slice(0, MAX_NAMED).map(([reference, value]) => `${reference} = ${shown(value)}`);
  return named.join(', ') + (entries.length > MAX_NAMED ? ` and ${entries.length - MAX_NAMED} more` : '');
}

function shown(value: WritableValue): string {
  const plain = (_key: string, member: unknown): unknown => (typeof member === 'bigint' ? member.toString() : member);
  const text = JSON.stringify(value, plain);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
