/** IEC 61850 server: an SCL file is the whole configuration. */
export type { ClientIdentity } from './client-identity.js';
export type {
  CommandOrigin,
  ControlAnswer,
  ControlCommand,
  ControlCompletion,
  ControlHandler,
  ControlKind,
  Controlled,
  ControlResult,
  PulseConfiguration,
} from './control/control-handler.js';
export type { IedServerEvents } from './events.js';
export type { GooseOutlet, ServedGoose } from './goose/goose-outlet.js';
export type { ServedFiles } from './files/options.js';
export { IedServer, type IedServerFromSclOptions } from './ied-server.js';
export type { UnknownClients } from './access/access-control.js';
export { loadClientList, parseClientList, type ClientList } from './access/client-file.js';
export type { ExpectedClient } from './access/expected-client.js';
export type { AccessLogOptions } from './access/log-file.js';
export type { Role } from './access/roles.js';
export type { AccessAction, AccessClient, AccessEvent, IdentifiedBy } from './access-log.js';
export type { IedServerOptions } from './options.js';
export type { ServerProblem } from './problems.js';
export type { QualityInput } from './quality-input.js';
export type { ServerValue } from './read-point.js';
export type { WriteDecision, WriteRequest, Written } from './services/write.js';
export type { SettingGroupEvent } from './setting-groups/setting-group-control.js';
export type { ServerSettingGroups } from './setting-groups/setting-groups.js';
export type { Update, UpdateError, UpdateOptions, UpdateResult } from './update.js';
