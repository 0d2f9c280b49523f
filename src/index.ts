/**
 * The public API: what a script outside Node-RED uses.
 *
 * A reference is written `LD/LN.DO.DA[FC]`. Without a DA it names the data object, whose principal value, quality and
 * time are then read together.
 */
export {
  Controls,
  DataSets,
  IedClient,
  IedFiles,
  IedSession,
  LogFollower,
  Logs,
  ResumeFile,
  SessionTrace,
  SettingGroups,
  substitute,
} from './client/index.js';
export type {
  ActivatedGroup,
  AssociationDetails,
  AddCause,
  BrowseOptions,
  ControlAction,
  ControlClass,
  ControlFeedback,
  ControlModel,
  ControlOutcome,
  ControlRequest,
  ControlStep,
  DataSetContents,
  DataSetValues,
  EditedGroup,
  EditOptions,
  Endpoint,
  FollowedEntries,
  FollowOptions,
  FileChunk,
  FileContent,
  FileEntry,
  FileProgress,
  GetFileOptions,
  GotFile,
  GroupReadOptions,
  GroupValues,
  IedConnectionOptions,
  IedEdition,
  IedIdentity,
  IedSessionOptions,
  LogControlBlockState,
  LogDirectory,
  LogEntry,
  LogPosition,
  LogQuery,
  LogWishes,
  MemberWritten,
  NewMember,
  NumberedLine,
  Origin,
  ProbeResult,
  PutFileOptions,
  ReceiveFilesOptions,
  QueryOptions,
  Report,
  ReportConsumer,
  ReportLease,
  ReportWishes,
  ResumeStore,
  SavedFile,
  SaveTarget,
  SessionState,
  SessionStateEvent,
  SettingGroupState,
  SettingValues,
  SubscribeOptions,
  SubscriptionStatus,
  Substitution,
  TimeRange,
  TraceCapture,
  TracedConnection,
  TraceLines,
  TraceState,
  WritableValue,
} from './client/index.js';
export type { BusLinkHandler, BusLinkStatistics } from './bus-link/bus-link.js';
export { UdpLink, type UdpLinkOptions } from './bus-link/udp-link.js';
export { DIAGNOSTIC_CHANNELS, onDiagnostic } from './diagnostics.js';
export type * from './diagnostics.js';
export * from './errors.js';
export { CaptureLink, type ReplayOptions } from './ethernet/capture/capture-link.js';
export { encodeTcpCapture } from './ethernet/capture/tcp-capture.js';
export type { EthernetFrame, VlanTag } from './ethernet/frame.js';
export type { FrameLink, LinkFilter, LinkHandler, LinkStatistics } from './ethernet/frame-link.js';
export { openLink } from './ethernet/open-link.js';
export {
  gooseBlocks,
  GoosePublishing,
  GooseReceiver,
  gooseSubscription,
  typedModel,
} from './gateway/process-bus/index.js';
export type {
  GooseBlock,
  GooseDetails,
  GoosePublishingOptions,
  GooseReceiverEvents,
  GooseReceiverOptions,
  GooseSubscription,
  OutgoingFrame,
  TypedMember,
  TypedPublisher,
} from './gateway/process-bus/index.js';
export type { GooseState, GooseStatistics } from './goose/subscriber.js';
export { comtradeOf, svBlocks, SvReceiver, svSubscription, waveformDetails } from './gateway/process-bus/index.js';
export type {
  SubscriptionState,
  SvBlock,
  SvReceiverCounts,
  SvReceiverEvents,
  SvReceiverOptions,
  SvState,
  SvSubscription,
  WaveformDetails,
} from './gateway/process-bus/index.js';
export type { BusAlgorithm, BusKey, BusSecurityOptions } from './routable/index.js';
export type { DecimationOptions, SampleBatch } from './sv/decimator.js';
export { encodeSvPdu, type SvAsdu } from './sv/sv-pdu.js';
export type { SvMeasurement } from './sv/sv-stream.js';
export type { SvThreshold } from './sv/threshold.js';
export type { SvWaveform, WaveformOptions } from './sv/waveform-recorder.js';
export {
  COMTRADE_FORMATS,
  encodeComtrade,
  type ComtradeFiles,
  type ComtradeFormat,
  type ComtradeRecord,
} from './comtrade/index.js';
export { encodeApplicationFrame, EtherType } from './mms/application-header.js';
export type { MaceOptions } from './security/mace-options.js';
export type { PemSource, TlsOptions, TlsVersion } from './security/options.js';
export type * from './model/ied-model.js';
export type { FunctionalConstraint } from './model/functional-constraint.js';
export type { Quality, QualityFlag, Validity } from './model/quality.js';
export { formatReference, parseReference, type Reference } from './model/reference.js';
export type { Tag } from './model/tag.js';
export {
  isUsable,
  toJson,
  type TagData,
  type TagSource,
  type TagStatus,
  type TagType,
  type TagValue,
} from './model/tag-value.js';
export type { TimeQuality } from './model/timestamp.js';
export {
  checkVariables,
  VariableMapper,
  variablesFromCsv,
  variablesToCsv,
  variableTemplate,
} from './gateway/variables/index.js';
export type { MappedUpdates, VariableFile, VariableProblem, VariableRow } from './gateway/variables/index.js';
export { loadScl } from './scl/index.js';
export type { SclAccessPoint, SclAddress, SclDiagnostic, SclDocument, SclIed, SclLoadOptions } from './scl/index.js';
export { IedServer, loadClientList } from './server/index.js';
export type {
  ClientIdentity,
  ClientList,
  ControlAnswer,
  ControlCommand,
  ControlCompletion,
  ControlHandler,
  Controlled,
  IedServerEvents,
  IedServerFromSclOptions,
  AccessAction,
  AccessClient,
  AccessEvent,
  AccessLogOptions,
  ExpectedClient,
  IedServerOptions,
  Role,
  UnknownClients,
  QualityInput,
  ServedFiles,
  ServerProblem,
  ServerValue,
  SettingGroupEvent,
  ServerSettingGroups,
  Update,
  UpdateError,
  UpdateResult,
  Written,
} from './server/index.js';
