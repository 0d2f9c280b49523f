/** How an IED is, as a message tells it: plain values, times as ISO 8601 UTC, `null` for what there is not. */
import type { BlockView, IedView } from '../shared/monitor/overview.js';
import type { PollTimes } from '../shared/monitor/registry.js';
import type { RoundTrip } from '../shared/monitor/request-times.js';
import type { TagCounts } from '../../src/gateway/tags/index.js';

export interface Health {
  ied: string;
  /** `idle`: no deployed node uses it. */
  state: IedView['state'];
  /** Since when it is in this state. */
  since: string;
  /** Associations since the IED's node was deployed. */
  connects: number;
  /** Address that is in use, or was tried last. */
  address: string | null;
  /** When the next attempt is due, while offline. */
  retryAt: string | null;
  association: IedView['association'] | null;
  /** Of its requests, in ms, since this node looks. */
  roundTrip: RoundTrip | null;
  /** Tags of all nodes that read it; `bad` are those of the live ones that are not usable. */
  tags: TagCounts & { total: number };
  polls: (PollTimes & { node: string })[];
  reports: (Omit<BlockView, 'error'> & { node: string; error: string | null })[];
  /** The last reason why it was offline; it stays after the IED came back. */
  lastError: { time: string; code: string; message: string; hint: string } | null;
}

export function healthOf(view: IedView): Health {
  const { ied, state, since, connects, address, retryAt, association, roundTrip, lastError, users } = view;
  return {
    ied,
    state,
    since: iso(since),
    connects,
    address: address ? `${address.host}:${address.port ?? association?.port ?? 102}` : null,
    retryAt: retryAt === undefined ? null : iso(retryAt),
    association: association ?? null,
    roundTrip: roundTrip ?? null,
    tags: totalOf(users.map(({ tags }) => tags)),
    polls: users.flatMap(({ name, polls }) => polls.map((poll) => ({ node: name, ...poll }))),
    reports: users.flatMap(({ name, blocks }) =>
      blocks.map(({ error, ...block }) => ({ node: name, ...block, error: error?.message ?? null })),
    ),
    lastError: lastError ? { ...lastError, time: iso(lastError.time) } : null,
  };
}

/** What of an IED's health is worth a message when it changes: not its times and counters. */
export function changeKey({ state, address, tags, reports, lastError }: Health): string {
  const { live, stale, disconnected, error } = tags;
  const phases = reports.map(({ controlBlock, phase }) => `${controlBlock} ${phase}`);
  return JSON.stringify([state, address, live, stale, disconnected, error, phases, lastError?.message]);
}

/** Whether somebody should look: it is away, or tags of it are not what they should be. */
export function isTroubled({ state, tags, reports }: Health): boolean {
  if (state === 'idle') return false;
  const blocked = reports.some(({ phase }) => phase === 'failed' || phase === 'reserved');
  return state !== 'online' || tags.stale + tags.disconnected + tags.error > 0 || blocked;
}

function totalOf(counts: readonly TagCounts[]): Health['tags'] {
  const total = { live: 0, stale: 0, disconnected: 0, error: 0, waiting: 0, bad: 0, total: 0 };
  for (const { live, stale, disconnected, error, waiting, bad } of counts) {
    total.live += live;
    total.stale += stale;
    total.disconnected += disconnected;
    total.error += error;
    total.waiting += waiting;
    total.bad += bad;
    total.total += live + stale + disconnected + error + waiting;
  }
  return total;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
