/** Everything that the sidebar knows, as one record for a support case or an acceptance test; no secrets. */
import { createHash } from 'node:crypto';
import type { TagValue } from '../../../src/model/tag-value.js';
import type { RED } from '../red.js';
import type { LogEntry, LogRing } from './log-ring.js';
import { overview, type BlockView, type Overview } from './overview.js';
import { packageVersion } from './package-folder.js';
import type { Monitor } from './registry.js';
import type { RequestTimes } from './request-times.js';

export interface RecordHeader {
  format: 'iec61850-record';
  formatVersion: 1;
  /** ISO 8601 UTC. */
  created: string;
  package: { name: string; version: string };
  nodeRed: string;
  node: string;
  platform: string;
  /** s since the process was started, and octets of its memory. */
  uptime: number;
  memory: number;
  /** SHA-256 of the deployed flows without their credentials: the same for the same flows. */
  flows: { nodes: number; sha256: string };
}

/** One tag; without the fields of a value before it had one. */
export type RecordedValue = Partial<Omit<TagValue, 'status'>> &
  Pick<TagValue, 'ied' | 'tag' | 'reference' | 'fc'> & { node: string; status: TagValue['status'] | 'waiting' };

export interface RecordedReport extends BlockView {
  ied: string;
  node: string;
}

export interface SupportRecord {
  header: RecordHeader;
  connections: Pick<Overview, 'ieds' | 'servers'>;
  reports: RecordedReport[];
  values: RecordedValue[];
  modbus: Overview['modbus'];
  mqtt: Overview['mqtt'];
  bus: Overview['bus'];
  log: (Omit<LogEntry, 'time'> & { time: string })[];
}

export async function supportRecord(
  red: RED,
  monitor: Monitor,
  times: RequestTimes,
  log: LogRing,
): Promise<SupportRecord> {
  const { ieds, servers, modbus, mqtt, bus } = overview(monitor, times);
  return {
    header: {
      format: 'iec61850-record',
      formatVersion: 1,
      created: new Date().toISOString(),
      package: packageVersion(),
      nodeRed: await nodeRedVersion(red),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      uptime: Math.round(process.uptime()),
      memory: process.memoryUsage().rss,
      flows: flowsOf(red),
    },
    connections: { ieds, servers },
    reports: ieds.flatMap(({ ied, users }) =>
      users.flatMap(({ name, blocks }) => blocks.map((block) => ({ ied, node: name, ...block }))),
    ),
    values: valuesOf(monitor),
    modbus,
    mqtt,
    bus,
    log: log.after(0).map((entry) => ({ ...entry, time: new Date(entry.time).toISOString() })),
  };
}

function valuesOf(monitor: Monitor): RecordedValue[] {
  return monitor.list('tags').flatMap(({ name: node, rows }) =>
    Array.from({ length: rows.size }, (_, row): RecordedValue => {
      const value = rows.value(row);
      if (value) return { node, ...value };
      const { ied, tag, reference, fc } = rows.identity(row);
      return { node, status: 'waiting', ied, tag, reference, fc };
    }),
  );
}

/** Hosts that are not Node-RED itself need not tell. */
async function nodeRedVersion(red: RED): Promise<string> {
  return typeof red.version === 'function' ? red.version() : '';
}

/** Places and sizes of nodes count too: what was tested is what stands in the file. */
function flowsOf(red: RED): RecordHeader['flows'] {
  const configs: [string, string][] = [];
  red.nodes.eachNode((config) => {
    const { credentials: _credentials, ...saved } = config as typeof config & { credentials?: unknown };
    configs.push([config.id, JSON.stringify(saved)]);
  });
  configs.sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  for (const [, text] of configs) hash.update(`${text}\n`);
  return { nodes: configs.length, sha256: hash.digest('hex') };
}
