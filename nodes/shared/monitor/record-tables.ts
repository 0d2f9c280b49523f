/** Parts of a record as tables for spreadsheets. */
import { formatCsv } from '../../../src/gateway/csv.js';
import { toJson } from '../../../src/model/tag-value.js';
import type { SupportRecord } from './support-record.js';

type Cell = string | number | undefined;

export function valueTable({ values }: SupportRecord): string {
  const head = ['ied', 'tag', 'reference', 'fc', 'type', 'value', 'text', 'unit', 'quality', 'timestamp'].concat([
    'received',
    'status',
    'source',
    'sequence',
    'node',
    'error',
  ]);
  const rows = values.map((one): Cell[] => [
    one.ied,
    one.tag,
    one.reference,
    one.fc,
    one.type,
    plain(one.value),
    one.text,
    one.unit,
    one.quality?.text,
    one.timestamp ?? undefined,
    one.received,
    one.status,
    one.source,
    one.sequence,
    one.node,
    one.error?.message,
  ]);
  return formatCsv([head, ...rows]);
}

export function connectionTable({ connections }: SupportRecord): string {
  const head = ['ied', 'host', 'port', 'state', 'since', 'connects', 'maxPduSize', 'maxOutstanding', 'edition', 'tls']
    .concat(['authentication', 'meanMs', 'maxMs', 'good', 'bad', 'stale', 'disconnected', 'failed', 'waiting'])
    .concat(['polls', 'late', 'slowestPollMs', 'lastError', 'lastErrorAt']);
  const rows = connections.ieds.map((one): Cell[] => {
    const { association, roundTrip, address, lastError } = one;
    const sum = (name: keyof (typeof one.users)[number]['tags']): number =>
      one.users.reduce((total, { tags }) => total + tags[name], 0);
    const polls = one.users.flatMap((user) => user.polls);
    return [
      one.ied,
      address?.host,
      address?.port,
      one.state,
      iso(one.since),
      one.connects,
      association?.maxPduSize,
      association?.maxOutstanding,
      association?.edition,
      association?.tls?.version,
      association?.authentication,
      rounded(roundTrip?.mean),
      rounded(roundTrip?.max),
      sum('live') - sum('bad'),
      ...(['bad', 'stale', 'disconnected', 'error', 'waiting'] as const).map(sum),
      polls.reduce((total, { polls: count }) => total + count, 0),
      polls.reduce((total, { late }) => total + late, 0),
      rounded(polls.length > 0 ? Math.max(...polls.map(({ ms }) => ms)) : undefined),
      lastError?.message,
      lastError && iso(lastError.time),
    ];
  });
  return formatCsv([head, ...rows]);
}

export function activityTable({ modbus, mqtt }: SupportRecord): string {
  const head = ['kind', 'node', 'where', 'state', 'connected', 'requests', 'exceptions', 'published', 'waiting'].concat(
    ['dropped', 'refused', 'last', 'error'],
  );
  const masters = modbus.map((one): Cell[] => [
    'modbus',
    one.name,
    `${one.host}:${one.port}`,
    one.listening ? 'listening' : 'not listening',
    one.clients,
    one.requests,
    one.exceptions,
    ...Array<undefined>(4).fill(undefined),
    one.lastRequest && iso(one.lastRequest),
    one.error?.message,
  ]);
  const links = mqtt.map((one): Cell[] => [
    'mqtt',
    one.name,
    `${one.broker} ${one.root}`,
    one.state,
    ...Array<undefined>(3).fill(undefined),
    one.published,
    one.queued,
    one.dropped,
    one.refused,
    undefined,
    one.error?.message,
  ]);
  return formatCsv([head, ...masters, ...links]);
}

export function logTable({ log }: SupportRecord): string {
  const rows = log.map(({ time, level, source, kind, code, text }): Cell[] => [time, level, source, kind, code, text]);
  return formatCsv([['time', 'level', 'source', 'kind', 'code', 'text'], ...rows]);
}

function plain(value: unknown): Cell {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' ? value : toJson(value);
}

const iso = (time: number): string => new Date(time).toISOString();
const rounded = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms * 10) / 10;
