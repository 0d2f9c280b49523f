export { TagPoller, type PollCycle, type TagPollerOptions } from './tag-poller.js';
