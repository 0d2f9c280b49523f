export type { ReportWishes } from './arm.js';
export type { OptionalField, TriggerOption } from './control-block-bits.js';
export { OptFld, TrgOp } from './control-block-bits.js';
export { listReports, type ListedControlBlock, type ListedDataSet, type ReportDirectory } from './report-directory.js';
export type {
  ConsumerOptions,
  Report,
  ReportConsumer,
  SubscriptionCounters,
  SubscriptionPhase,
  SubscriptionStatus,
} from './report-consumer.js';
export { ReportHub, type ReportLease, type SubscribeOptions } from './report-hub.js';
export { ResumeFile, type ResumeStore } from './resume-store.js';
