/** What a flow saves of a `modbus-map-out` node, and what the node works with. */
import { ArgumentError } from '../../src/errors.js';
import { parseAllowList } from '../../src/gateway/modbus/allow-list.js';
import type { ModbusMap } from '../../src/gateway/modbus/map.js';
import type { GatewayOptions } from '../../src/gateway/modbus/modbus-gateway.js';
import { parseLayout, parseMap } from '../../src/gateway/modbus/parse-map.js';
import { DEFAULT_MODBUS_CONNECTIONS, DEFAULT_MODBUS_IDLE_MS, MAX_MODBUS_CONNECTIONS } from '../../src/limits.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { Migration } from '../shared/migrate.js';
import type { VersionedDef } from '../shared/red.js';

export interface ModbusMapOutDef extends VersionedDef {
  host?: string;
  port?: string | number;
  /** Unit id of the first IED, and how further ones get addresses: `block` or `unit`. */
  unit?: string | number;
  layout?: string;
  blockSize?: string | number;
  metadata?: boolean;
  metaOffset?: string | number;
  rows?: unknown;
  blocks?: unknown;
  /** What an unused address of a block answers: `zero`, or `exception` 02. */
  gaps?: string;
  /** What a tag with policy NaN answers before its first value: `exception` 0x0B, or as its `policy` says. */
  beforeFirstValue?: string;
  allowTest?: boolean;
  /** Seconds without a live value after which a tag is stale; 0: never. */
  staleAfter?: string | number;
  /** Other unit ids mean the first one. */
  anyUnit?: boolean;
  writes?: boolean;
  autoAssign?: boolean;
  /** Addresses and networks of clients that may connect; empty: all. */
  allow?: string;
  maxClients?: string | number;
  /** Seconds after which a silent client is disconnected. */
  idle?: string | number;
}

/** One step for each earlier form: version 1 is the first, so version 0 (never released) stays as it is. */
export const MIGRATIONS: ReadonlyArray<Migration<ModbusMapOutDef>> = [(config) => config];

export interface ModbusMapOutConfig {
  map: ModbusMap;
  options: GatewayOptions;
}

/** Nobody else is reached before the user says so. */
export const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 502;
const MAX_SECONDS = 86_400;
const MIN_IDLE_S = 5;

/**
 * @param owner name of the node in messages about its port
 * @throws ArgumentError that names the field that is wrong
 */
export function readConfig(saved: ModbusMapOutDef, owner: string, lookup: EnvironmentLookup): ModbusMapOutConfig {
  const field = (value: unknown, name: string): string => expandEnvironment(text(value), lookup, name);
  const whole = (value: unknown, name: string, min: number, max: number, fallback: number): number =>
    wholeNumber(field(value, name), name, min, max, fallback);
  const host = field(saved.host, 'Address') || DEFAULT_HOST;
  if (!/^[\w.:%-]+$/.test(host)) throw new ArgumentError(`"${host}" is not an address`, 'Write 127.0.0.1 or 0.0.0.0.');
  const layout = parseLayout({
    mode: saved.layout,
    unit: field(saved.unit, 'Unit id'),
    blockSize: field(saved.blockSize, 'Block size'),
    metadata: saved.metadata,
    metaOffset: field(saved.metaOffset, 'Metadata offset'),
  });
  const allow = parseAllowList(field(saved.allow, 'Allowed clients'));
  const idleSeconds = whole(saved.idle, 'Idle time', MIN_IDLE_S, MAX_SECONDS, DEFAULT_MODBUS_IDLE_MS / 1000);
  return {
    map: parseMap(saved.rows, saved.blocks),
    options: {
      host,
      // Port 0 takes a free one, which only tests want.
      port: whole(saved.port, 'Port', 0, 65535, DEFAULT_PORT),
      maxConnections: whole(saved.maxClients, 'Clients', 1, MAX_MODBUS_CONNECTIONS, DEFAULT_MODBUS_CONNECTIONS),
      idleMs: idleSeconds * 1000,
      ...(allow && { allow }),
      owner,
      writable: saved.writes === true,
      autoAssign: saved.autoAssign === true,
      layout,
      gapsReadZero: saved.gaps !== 'exception',
      nanBeforeFirstValue: saved.beforeFirstValue === 'policy',
      allowTest: saved.allowTest === true,
      staleAfterMs: whole(saved.staleAfter, 'Stale after', 0, MAX_SECONDS, 0) * 1000,
      ...(saved.anyUnit === true && { fallbackUnit: layout.unit }),
    },
  };
}
