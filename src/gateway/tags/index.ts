export type { TagCounts } from './tag-counts.js';
export { TagPoller, type PollCycle, type TagPollerOptions } from './tag-poller.js';
