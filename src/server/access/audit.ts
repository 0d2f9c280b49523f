/** Tells the owner of the server what clients do, refused or not, in one form. */
import { dataAccessErrorName } from '../../errors.js';
import { MAX_LOGGED_VALUE } from '../../limits.js';
import { toJson } from '../../model/tag-value.js';
import type { AccessClient, AccessEvent } from '../access-log.js';
import type { ClientIdentity } from '../client-identity.js';
import type { ClientSession } from '../client-session.js';
import type { Controlled } from '../control/control-handler.js';
import type { IedServerEvents, Tell } from '../events.js';
import type { Written } from '../services/write.js';
import type { Variable } from '../variable.js';
import { changeByWriting, mayChange } from './right-of.js';

/** Attributes of control blocks that begin or end something. */
const TURNED_ON = new Set(['RptEna', 'LogEna', 'GoEna', 'SvEna', 'PurgeBuf']);
import type { SettingGroupEvent } from '../setting-groups/setting-group-control.js';

export class Audit {
  constructor(
    private readonly tell: Tell,
    private readonly now: () => number,
  ) {}

  record(client: ClientIdentity, what: Omit<AccessEvent, 'time' | 'client'>): void {
    this.tell('access', { time: new Date(this.now()).toISOString(), client: { ...client }, ...what });
  }

  /** What the server tells anyway is recorded as well. */
  follow<E extends keyof IedServerEvents>(event: E, values: IedServerEvents[E]): void {
    switch (event) {
      case 'clientConnected':
        this.connected(values[0] as AccessClient);
        return;
      case 'clientDisconnected': {
        const [client, error] = values as IedServerEvents['clientDisconnected'];
        const reason = error && { reason: error.message };
        this.record(client, { action: 'disconnect', object: '', result: 'accepted', ...reason });
        return;
      }
      case 'clientRefused': {
        const [client, reason] = values as IedServerEvents['clientRefused'];
        this.record(client, { action: 'connect', object: '', result: 'refused', reason });
        return;
      }
      case 'written':
        this.written(values[0] as Written);
        return;
      case 'settingGroup':
        this.settingGroup(values[0] as SettingGroupEvent);
        return;
      case 'controlled':
        this.controlled(values[0] as Controlled);
        return;
      default:
        return;
    }
  }

  /**
   * A client has written a variable, or was refused. Values, commands and setting groups that were taken are told by
   * events of their own.
   * @param error number of a DataAccessError
   */
  wrote(session: ClientSession, variable: Variable, reference: string, error: number | undefined): void {
    const { action } = changeByWriting(variable);
    if (error === undefined) {
      if (action !== 'controlBlock' || !TURNED_ON.has(variable.name)) return;
      this.record(session.identity, {
        action,
        operation: `write ${variable.name}`,
        object: reference,
        result: 'accepted',
      });
      return;
    }
    // A command has told itself why it was refused.
    if (action === 'control') return;
    const allowed = mayChange(session, variable);
    const reason = allowed ? dataAccessErrorName(error) : `the role ${session.rights.role} does not allow it`;
    this.record(session.identity, { action, object: reference, result: 'refused', reason });
  }

  private connected(client: AccessClient): void {
    this.record(client, { action: 'connect', object: '', result: 'accepted' });
  }

  private written({ client, reference, value }: Written): void {
    this.record(client, { action: 'write', object: reference, result: 'accepted', value: bounded(value) });
  }

  private settingGroup({ client, reference, action, group }: SettingGroupEvent): void {
    if (client)
      this.record(client, {
        action: 'settingGroup',
        operation: action,
        object: reference,
        result: 'accepted',
        value: group,
      });
  }

  private controlled({ client, reference, kind, result, value, addCause, reason }: Controlled): void {
    const why = [addCause?.name, reason].filter(Boolean).join(': ');
    this.record(client, {
      action: 'control',
      operation: result === 'accepted' ? kind : `${kind} ${result}`,
      object: reference,
      result: result === 'refused' ? 'refused' : result === 'failed' ? 'failed' : 'accepted',
      ...(why !== '' && { reason: why }),
      ...(value !== null && { value }),
    });
  }
}

/** A value for a log: long texts and structures are cut. */
export function bounded(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = typeof value === 'string' ? value : toJson(value);
  return text.length <= MAX_LOGGED_VALUE ? value : `${text.slice(0, MAX_LOGGED_VALUE)}…`;
}
