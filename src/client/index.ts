export { IedClient, type IedIdentity } from './ied-client.js';
export {
  IedSession,
  type Endpoint,
  type IedSessionOptions,
  type SessionState,
  type SessionStateEvent,
} from './ied-session.js';
export type { AssociationDetails } from './association-diagnostics.js';
export {
  SessionTrace,
  type NumberedLine,
  type TraceCapture,
  type TracedConnection,
  type TraceLines,
  type TraceState,
} from './trace/session-trace.js';
export type { IedConnectionOptions, IedEdition } from './options.js';
export type { BrowseOptions } from './browse.js';
export type { ProbeResult } from './probe.js';
export type { WritableValue } from './write-value.js';
export {
  DataSets,
  type DataSetContents,
  type DataSetValues,
  type MemberWritten,
  type NewMember,
} from './data-sets/index.js';
export {
  Controls,
  type AddCause,
  type ControlAction,
  type ControlClass,
  type ControlFeedback,
  type ControlModel,
  type ControlOutcome,
  type ControlRequest,
  type ControlStep,
  type Origin,
} from './control/index.js';
export {
  IedFiles,
  type FileChunk,
  type FileContent,
  type FileEntry,
  type FileProgress,
  type GetFileOptions,
  type GotFile,
  type PutFileOptions,
  type ReceiveFilesOptions,
  type SavedFile,
  type SaveTarget,
} from './files/index.js';
export {
  ReportHub,
  ResumeFile,
  type Report,
  type ReportConsumer,
  type ReportLease,
  type ReportWishes,
  type ResumeStore,
  type SubscribeOptions,
  type SubscriptionStatus,
} from './reports/index.js';
export {
  LogFollower,
  Logs,
  type FollowedEntries,
  type FollowOptions,
  type LogControlBlockState,
  type LogDirectory,
  type LogEntry,
  type LogPosition,
  type LogQuery,
  type LogWishes,
  type QueryOptions,
  type TimeRange,
} from './logs/index.js';
export {
  SettingGroups,
  type ActivatedGroup,
  type EditedGroup,
  type EditOptions,
  type GroupReadOptions,
  type GroupValues,
  type SettingGroupState,
  type SettingValues,
} from './settings/index.js';
export { substitute, type Substitution } from './substitution.js';
