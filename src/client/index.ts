export { IedClient, type IedIdentity } from './ied-client.js';
export {
  IedSession,
  type Endpoint,
  type IedSessionOptions,
  type SessionState,
  type SessionStateEvent,
} from './ied-session.js';
export type { IedConnectionOptions } from './options.js';
export type { BrowseOptions } from './browse.js';
export type { ProbeResult } from './probe.js';
export type { WritableValue } from './write-value.js';
