export type { LogEntry } from './entry-decoder.js';
export type { LogControlBlockState, LogPosition, LogWishes } from './log-control-block.js';
export { LogFollower, type FollowedEntries, type FollowOptions } from './log-follower.js';
export { Logs, type LogDirectory, type LogQuery, type QueryOptions, type TimeRange } from './logs.js';
