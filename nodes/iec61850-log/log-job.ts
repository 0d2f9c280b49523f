/** What an `iec61850-log` node was told in its form, and what a message asks of it. */
import type { LogPosition, TimeRange } from '../../src/client/index.js';
import { ArgumentError } from '../../src/errors.js';
import { DEFAULT_LOG_ENTRIES, MAX_LOG_ENTRIES } from '../../src/limits.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import { refusalOf } from '../shared/message-guard.js';
import type { NodeMessage, VersionedDef } from '../shared/red.js';

export interface LogDef extends VersionedDef {
  ied?: string;
  log?: string;
  mode?: string;
  interval?: string | number;
  span?: string | number;
  start?: string;
  resume?: boolean;
  maxEntries?: string | number;
  output?: string;
  allowed?: boolean;
}

export interface LogConfig {
  /** `LD/LN.log`; empty when messages name it. */
  log: string;
  /** `follow`: what came since the last time; `range`: a span of time. */
  mode: 'follow' | 'range';
  /** ms between queries; 0 when messages ask for them. */
  interval: number;
  /** ms back from now, for mode `range`; undefined for all that the log holds. */
  span?: number;
  /** Where following begins. */
  start: 'oldest' | 'newest';
  /** Whether the last entry is remembered over a restart. */
  resume: boolean;
  /** Entries of one query. */
  maxEntries: number;
  /** One message an entry, or one table of all values. */
  output: 'entry' | 'table';
  /** Whether this flow may switch logging on and off. */
  allowed: boolean;
}

/** What is to be done. */
export type LogJob =
  | { action: 'follow' }
  | { action: 'range'; log: string; range: TimeRange }
  | { action: 'after'; log: string; position: LogPosition; maxEntries: number }
  | { action: 'list' }
  | { action: 'status'; controlBlock: string }
  | { action: 'enable' | 'disable'; controlBlock: string };

const MAX_SPAN_S = 366 * 86_400;
/** A timer of Node.js goes to 24 days. */
const MAX_INTERVAL_S = 7 * 86_400;

/** @throws ArgumentError that names the field */
export function logConfig(def: LogDef, lookup: EnvironmentLookup): LogConfig {
  const field = (name: 'log' | 'interval' | 'span' | 'maxEntries'): string =>
    expandEnvironment(text(def[name]), lookup, name);
  const span = wholeNumber(field('span'), 'span', 0, MAX_SPAN_S, 0);
  const log = field('log');
  const interval = wholeNumber(field('interval'), 'interval', 0, MAX_INTERVAL_S, 0) * 1000;
  if (log === '' && interval > 0)
    throw new ArgumentError('The node has no log', 'Name it, such as BAY1CTRL/LLN0.EventLog.');
  return {
    log,
    mode: def.mode === 'range' ? 'range' : 'follow',
    interval,
    ...(span > 0 && { span: span * 1000 }),
    start: def.start === 'newest' ? 'newest' : 'oldest',
    resume: def.resume !== false,
    maxEntries: wholeNumber(field('maxEntries'), 'maxEntries', 1, MAX_LOG_ENTRIES, DEFAULT_LOG_ENTRIES),
    output: def.output === 'table' ? 'table' : 'entry',
    allowed: def.allowed === true,
  };
}

/**
 * What a message asks for, where it may.
 * @throws ArgumentError
 */
export function jobOf(msg: NodeMessage, config: LogConfig, now = Date.now()): LogJob {
  const given = msg as Record<string, unknown>;
  const { action } = given;
  switch (action) {
    case undefined:
    case 'query':
      return queryOf(given, config, now);
    case 'list':
      return { action };
    case 'status':
      return { action, controlBlock: controlBlockOf(given) };
    case 'enable':
    case 'disable':
      guard(msg, config, now);
      return { action, controlBlock: controlBlockOf(given) };
    default:
      throw new ArgumentError(
        'msg.action is none of query, list, status, enable and disable',
        'Correct it, or leave it out.',
      );
  }
}

/** What the node does by itself. */
export function ownJob(config: LogConfig, now = Date.now()): LogJob {
  return queryOf({}, config, now);
}

function queryOf(given: Record<string, unknown>, config: LogConfig, now: number): LogJob {
  const log = logOf(given.log, config.log);
  const { maxEntries } = config;
  const { after, from, to } = given;
  if (after !== undefined) return { action: 'after', log, position: positionOf(after), maxEntries };
  if (from === undefined && to === undefined && config.mode === 'follow' && config.log !== '')
    return { action: 'follow' };
  const begin = from ?? (to === undefined && config.span !== undefined ? now - config.span : undefined);
  return {
    action: 'range',
    log,
    range: {
      maxEntries,
      ...(begin !== undefined && { from: timeOf(begin, 'msg.from') }),
      ...(to !== undefined && { to: timeOf(to, 'msg.to') }),
    },
  };
}

function guard(msg: NodeMessage, { allowed }: LogConfig, now: number): void {
  if (!allowed)
    throw new ArgumentError(
      'this node may not switch logging',
      'Tick "This flow may switch logging on and off" in the node and deploy.',
    );
  const refusal = refusalOf(msg, 'change', undefined, now);
  if (refusal) throw new ArgumentError(refusal.message, refusal.hint);
}

/** A node that names a log does so for good. */
function logOf(given: unknown, configured: string): string {
  const named = text(given);
  if (configured !== '' && named !== '' && named !== configured)
    throw new ArgumentError(
      'msg.log is another one than that of the node',
      'Leave the log of the node empty to let messages name it.',
    );
  const log = configured || named;
  if (log === '')
    throw new ArgumentError('No log is named', 'Name it in the node or in msg.log, such as BAY1CTRL/LLN0.EventLog.');
  return log;
}

function controlBlockOf({ controlBlock }: Record<string, unknown>): string {
  const named = text(controlBlock);
  if (named === '')
    throw new ArgumentError(
      'No log control block is named',
      'Name it in msg.controlBlock, such as BAY1CTRL/LLN0.EventLog[LG].',
    );
  return named;
}

function timeOf(given: unknown, what: string): number {
  const ms =
    given instanceof Date
      ? given.getTime()
      : typeof given === 'number'
        ? given
        : typeof given === 'string'
          ? Date.parse(given)
          : NaN;
  if (Number.isNaN(ms)) throw new ArgumentError(`${what} is no time`, 'Give ISO 8601, ms since 1970 or a Date.');
  return ms;
}

function positionOf(after: unknown): LogPosition {
  const { entryId, entryTime } = (typeof after === 'object' && after !== null ? after : {}) as Partial<LogPosition>;
  if (typeof entryId !== 'string' || (typeof entryTime !== 'string' && entryTime !== null))
    throw new ArgumentError(
      'msg.after is no entry',
      'Give { entryId, entryTime } as they were in msg.entry or msg.log.last.',
    );
  return { entryId, entryTime };
}
