/** What the sidebar shows of IEDs, servers and sinks: plain objects, made when they are asked for, without secrets. */
import type { AssociationDetails } from '../../../src/client/index.js';
import type { SubscriptionCounters } from '../../../src/client/reports/index.js';
import { Iec61850Error } from '../../../src/errors.js';
import type { TagCounts } from '../../../src/gateway/tags/index.js';
import type { AccessClient } from '../../../src/server/access-log.js';
import type {
  Monitor,
  MqttView,
  ModbusView,
  PollTimes,
  Watched,
  WatchedIed,
  WatchedServer,
  WatchedTags,
} from './registry.js';
import type { RequestTimes, RoundTrip } from './request-times.js';
import type { SessionHistory } from './session-history.js';

/** An error as a person is told. */
export interface ErrorView {
  code: string;
  message: string;
  hint: string;
}

export interface BlockView extends SubscriptionCounters {
  controlBlock: string;
  phase: string;
  members: number;
  error?: ErrorView;
}

export interface UserView extends Watched {
  kind: WatchedTags['kind'];
  tags: TagCounts;
  polls: PollTimes[];
  blocks: BlockView[];
}

export interface IedView extends Watched {
  ied: string;
  state: SessionHistory['state'];
  /** ms since 1970, as all times here. */
  since: number;
  connects: number;
  address?: { host: string; port: number | undefined };
  retryAt?: number;
  association?: Omit<AssociationDetails, 'ied'>;
  roundTrip?: RoundTrip;
  lastError?: NonNullable<SessionHistory['lastError']>;
  users: UserView[];
}

export interface ClientView extends Omit<AccessClient, 'certificate'> {
  since: number;
  reports: string[];
}

export interface ServerView extends Watched {
  state: string;
  address?: { host: string; port: number };
  error?: ErrorView;
  clients: ClientView[];
}

export interface ModbusSummary extends Watched, Omit<ModbusView, 'problem'> {
  error?: ErrorView;
}

export interface MqttSummary extends Watched, Omit<MqttView, 'error'> {
  error?: ErrorView;
}

export interface BusSummary extends Watched {
  statistics: object | null;
}

export interface Overview {
  now: number;
  ieds: IedView[];
  servers: ServerView[];
  /** Nodes of the process bus that bring tags. */
  publishers: UserView[];
  modbus: ModbusSummary[];
  mqtt: MqttSummary[];
  bus: BusSummary[];
}

export function overview(monitor: Monitor, times: RequestTimes): Overview {
  const tags = monitor.list('tags');
  return {
    now: Date.now(),
    ieds: iedViews(monitor, times),
    servers: monitor.list('servers').map(serverView),
    publishers: tags.filter(({ kind }) => kind === 'goose').map(userView),
    modbus: monitor.list('modbus').map(({ look, ...where }) => {
      const { problem, ...view } = look();
      return { ...where, ...view, ...errorOf(problem) };
    }),
    mqtt: monitor.list('mqtt').map(({ look, ...where }) => {
      const { error, ...view } = look();
      return { ...where, ...view, ...errorOf(error) };
    }),
    bus: monitor.list('bus').map(({ look, ...where }) => ({ ...where, statistics: look() ?? null })),
  };
}

/** Every IED, or the one whose node has this id. */
export function iedViews(monitor: Monitor, times: RequestTimes, id?: string): IedView[] {
  const tags = monitor.list('tags');
  const entries = monitor.list('ieds').filter((entry) => id === undefined || entry.id === id);
  return entries.map((entry) => iedView(entry, tags, times));
}

function iedView(entry: WatchedIed, tags: readonly WatchedTags[], times: RequestTimes): IedView {
  const { connection, ied: _ied, ...where } = entry;
  const { history, current } = connection;
  const ied = current?.name ?? nameOf(entry);
  const { address, retryAt, lastError, connects, since } = history;
  const details = current?.details;
  const roundTrip = times.of(ied);
  return {
    ...where,
    ied,
    state: history.state,
    since,
    connects,
    ...(address && { address }),
    ...(retryAt !== undefined && { retryAt }),
    ...(details && { association: associationView(details) }),
    ...(roundTrip && { roundTrip: { ...roundTrip } }),
    ...(lastError && { lastError }),
    users: tags.filter(({ iedId }) => iedId === entry.id).map(userView),
  };
}

function associationView({ ied: _ied, ...association }: AssociationDetails): Omit<AssociationDetails, 'ied'> {
  return association;
}

/** Settings that are wrong have no name of an IED; the node's own says enough. */
function nameOf({ name, ied }: WatchedIed): string {
  try {
    return ied();
  } catch {
    return name;
  }
}

function userView({ rows, polls, blocks, iedId: _iedId, ...where }: WatchedTags): UserView {
  return {
    ...where,
    tags: rows.counts(),
    polls: polls?.() ?? [],
    blocks: (blocks?.() ?? []).map(({ controlBlock, phase, members, counters, error }) => ({
      controlBlock,
      phase,
      members,
      ...counters,
      ...errorOf(error),
    })),
  };
}

function serverView({ host, ...where }: WatchedServer): ServerView {
  const { state, address, error, connected } = host;
  return {
    ...where,
    state,
    ...(address && { address }),
    ...errorOf(error),
    clients: [...connected].map(([{ certificate: _certificate, ...client }, { since, reports }]) => ({
      ...client,
      since,
      reports: [...reports],
    })),
  };
}

function errorOf(error: Error | undefined): { error?: ErrorView } {
  if (!error) return {};
  if (!(error instanceof Iec61850Error)) return { error: { code: 'ERROR', message: error.message, hint: '' } };
  return { error: { code: error.code, message: error.message, hint: error.hint } };
}
