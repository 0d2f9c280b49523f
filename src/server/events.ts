import type { Iec61850Error } from '../errors.js';
import type { AccessEvent } from './access-log.js';
import type { ClientIdentity } from './client-identity.js';
import type { Controlled } from './control/control-handler.js';
import type { Written } from './services/write.js';
import type { SettingGroupEvent } from './setting-groups/setting-group-control.js';

/** What happens in a server, as its owner hears of it. */
export interface IedServerEvents {
  /** A client has associated. */
  clientConnected: [client: ClientIdentity];
  /** An associated client is gone; without an error it took its leave in order. */
  clientDisconnected: [client: ClientIdentity, error?: Iec61850Error];
  /** A connection was closed before it had an association: too many, not allowed, no password, no MMS. */
  clientRefused: [client: ClientIdentity, why: string];
  /** A client has written a value. */
  written: [event: Written];
  /** A setting group was made the active one, edited or given new values. */
  settingGroup: [event: SettingGroupEvent];
  /** A client has commanded, or a command has ended. */
  controlled: [event: Controlled];
  /** What a client did or was refused, in one form for logs: connections, writes, commands, files, data sets. */
  access: [event: AccessEvent];
  /** What its owner should know although all works, such as a certificate that runs out. */
  warning: [text: string];
  /** A client takes the reports of a control block, `LD/LN.name[BR]`. */
  reportEnabled: [client: ClientIdentity, controlBlock: string];
  /** A client takes them no more: it has disabled the control block, or is gone. */
  reportDisabled: [client: ClientIdentity, controlBlock: string];
  /** Something inside the server or in a listener of it failed; the server goes on. */
  error: [error: Error];
}

/** Tells the owner of the server; a listener that throws hurts nobody. */
export type Tell = <E extends keyof IedServerEvents>(event: E, ...values: IedServerEvents[E]) => void;

/** Hears of everything that the owner is told. */
export type Observer = <E extends keyof IedServerEvents>(event: E, values: IedServerEvents[E]) => void;
