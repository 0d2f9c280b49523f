/** GOOSE and sampled values between frames and what flows take. */
export {
  expectationOf,
  gooseBlock,
  gooseBlocks,
  gooseSubscription,
  pointsOf,
  type GooseBlock,
} from './goose-control-block.js';
export {
  GooseReceiver,
  type GooseCarrier,
  type GooseDetails,
  type GooseReceiverCounts,
  type GooseReceiverEvents,
  type GooseReceiverOptions,
  type GooseSubscription,
} from './goose-receiver.js';
export {
  GoosePublishing,
  type GoosePublishingHandler,
  type GoosePublishingOptions,
  type OutgoingFrame,
} from './goose-publishing.js';
export {
  simulationReferences,
  SupervisionNodes,
  type SubscriptionState,
  type SupervisionClass,
} from './supervision.js';
export {
  TYPED_MEMBER_TYPES,
  typedModel,
  type TypedMember,
  type TypedModel,
  type TypedPublisher,
} from './typed-publisher.js';
export { svBlocks, svSubscription, type SvBlock } from './sv-control-block.js';
export {
  SvReceiver,
  type SvReceiverCounts,
  type SvReceiverEvents,
  type SvReceiverOptions,
  type SvState,
  type SvSubscription,
} from './sv-receiver.js';
export { comtradeOf, recordName, waveformDetails, type WaveformDetails } from './sv-waveform.js';
