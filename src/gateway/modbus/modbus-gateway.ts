/**
 * Tag values in, Modbus TCP out: the register image, the server that serves it, and what happens when the port cannot
 * be opened or tags come that the map does not know.
 */
import { EventEmitter } from 'node:events';
import type { BlockList } from 'node:net';
import { Iec61850Error } from '../../errors.js';
import { MAX_MODBUS_ROWS, MAX_MODBUS_UNKNOWN_TAGS, RECONNECT_DELAYS_MS } from '../../limits.js';
import { isUsable, type TagValue } from '../../model/tag-value.js';
import { type AssignableTag, assignTags } from './assign.js';
import { ModbusExceptionCode } from './exceptions.js';
import { type Area, type MapLayout, type ModbusMap, rowName } from './map.js';
import { mergeMaps } from './merge-maps.js';
import { ModbusTcpServer, type Refusal } from './modbus-tcp-server.js';
import { type ImageOptions, type ImageStatistics, RegisterImage } from './register-image.js';
import type { MaskRequest, WriteRequest } from './request.js';
import type { ModbusService } from './service.js';
import { type MapIssue, validateMap } from './validate.js';
import { decodeMask, decodeWrite, type TagWrite } from './writes.js';

export interface GatewayOptions extends ImageOptions {
  host: string;
  port: number;
  maxConnections: number;
  idleMs: number;
  allow?: BlockList;
  /** Name of the node, for whoever else wants its port. */
  owner: string;
  /** Whether writes of masters are taken; otherwise they get exception 01. */
  writable: boolean;
  /** Whether tags that the map does not know get addresses when their first value comes. */
  autoAssign: boolean;
  layout: MapLayout;
  /** Addresses that an earlier run gave to tags by itself. */
  earlier?: ModbusMap;
}

export interface GatewayEvents {
  /** The port is open. */
  listening: [port: number];
  /** The port could not be opened, or was lost; another attempt follows. Told once for the same reason. */
  problem: [error: Iec61850Error];
  write: [writes: TagWrite[]];
  refused: [why: Refusal, client: string];
  /** Tags got addresses by themselves; all that did so, for {@link GatewayOptions.earlier}. */
  assigned: [map: ModbusMap];
  /** Number of clients or state of the port; for the status line. */
  change: [];
}

/** Requests of masters since start. */
export interface ModbusCounts {
  requests: number;
  /** Of these, answered by an exception. */
  exceptions: number;
  /** ms since 1970; undefined before the first. */
  lastRequest: number | undefined;
}

export interface GatewayState extends ImageStatistics {
  listening: boolean;
  /** Why the port is not open. */
  problem: Iec61850Error | undefined;
  clients: number;
  /** Tags that came and are not in the map; the count ends at `MAX_MODBUS_UNKNOWN_TAGS`. */
  unknown: number;
  /** Rows that are not served because of an error. */
  badRows: number;
}

/** Time in ms in which new tags gather, so that many of them cost one rebuild. */
const ASSIGN_DELAY_MS = 100;

/** What is needed to show a tag again after the image was rebuilt. */
interface Remembered {
  usable?: { value: TagValue; at: number };
  last: { value: TagValue; at: number };
}

export class ModbusGateway extends EventEmitter<GatewayEvents> implements ModbusService {
  /** What is wrong with the map. */
  readonly issues: readonly MapIssue[];
  private map: ModbusMap;
  readonly counts: ModbusCounts = { requests: 0, exceptions: 0, lastRequest: undefined };
  /** Rows that the flow gave; those behind them were added while running. */
  private readonly ownRows: number;
  private image: RegisterImage;
  private readonly badRows: ReadonlySet<number>;
  private server: ModbusTcpServer | undefined;
  private listening = false;
  private problem: Iec61850Error | undefined;
  private attempt = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private assignTimer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly unknown = new Map<string, AssignableTag>();
  /** Only kept when tags may be assigned while running. */
  private readonly remembered = new Map<string, Remembered>();

  /** @param now ms of a clock that never goes back */
  constructor(
    map: ModbusMap,
    private readonly options: GatewayOptions,
    private readonly now: () => number = () => performance.now(),
  ) {
    super();
    this.map = options.autoAssign && options.earlier ? mergeMaps(map, options.earlier) : map;
    this.ownRows = map.rows.length;
    const check = validateMap(this.map);
    this.issues = check.issues;
    this.badRows = check.badRows;
    this.image = new RegisterImage(this.map, check.badRows, options);
  }

  get writable(): boolean {
    return this.options.writable;
  }

  /** Masters that are connected, as `address:port`. */
  get masters(): string[] {
    return this.server?.clientNames ?? [];
  }

  answered(exception: ModbusExceptionCode): void {
    this.counts.requests++;
    if (exception !== ModbusExceptionCode.NONE) this.counts.exceptions++;
    this.counts.lastRequest = Date.now();
  }

  /** Opens the port, and tries again for as long as it cannot be opened. */
  start(): void {
    const server = new ModbusTcpServer(this, this.options);
    this.server = server;
    server.on('clients', () => this.emit('change'));
    server.on('refused', (why, client) => this.emit('refused', why, client));
    server.on('error', (error) => this.lost(server, error));
    server.listen().then(
      (port) => this.opened(port),
      (error: unknown) => this.lost(server, error as Iec61850Error),
    );
  }

  /** Takes a tag value. @returns false when the map does not know the tag */
  update(value: TagValue): boolean {
    const at = this.now();
    if (this.options.autoAssign) this.remember(value, at);
    if (this.image.update(value, at)) return true;
    this.noteUnknown(value);
    return false;
  }

  /** Tags that came and are not in the map, the first {@link MAX_MODBUS_UNKNOWN_TAGS} of them. */
  unknownTags(): AssignableTag[] {
    return [...this.unknown.values()];
  }

  /** The addresses that were given while running, now or earlier. */
  assignedMap(): ModbusMap {
    return { rows: this.map.rows.slice(this.ownRows), blocks: this.map.blocks };
  }

  state(): GatewayState {
    this.image.tick(this.now());
    return {
      ...this.image.statistics(),
      listening: this.listening,
      problem: this.problem,
      clients: this.server?.clientCount ?? 0,
      unknown: this.unknown.size,
      badRows: this.badRows.size,
    };
  }

  /** Gives the port back and ends all connections. */
  async close(): Promise<void> {
    this.closed = true;
    this.listening = false;
    clearTimeout(this.retryTimer);
    clearTimeout(this.assignTimer);
    await this.server?.close();
  }

  check(unit: number, area: Area, address: number, quantity: number): ModbusExceptionCode {
    this.image.tick(this.now());
    return this.image.check(unit, area, address, quantity);
  }

  read(unit: number, area: Area, address: number, quantity: number): Uint16Array {
    return this.image.read(unit, area, address, quantity);
  }

  write(request: WriteRequest | MaskRequest, client: string): ModbusExceptionCode {
    const decode = (): TagWrite[] | ModbusExceptionCode =>
      request.kind === 'mask' ? decodeMask(request, this.image, client) : decodeWrite(request, this.image, client);
    const writes = decode();
    if (typeof writes === 'number') return writes;
    if (writes.length > 0) this.emit('write', writes);
    return ModbusExceptionCode.NONE;
  }

  private opened(port: number): void {
    if (this.closed) return;
    this.listening = true;
    this.problem = undefined;
    this.attempt = 0;
    this.emit('listening', port);
    this.emit('change');
  }

  private lost(server: ModbusTcpServer, cause: unknown): void {
    if (this.closed || server !== this.server) return;
    const error = cause instanceof Iec61850Error ? cause : new Iec61850Error('IEC61850_INTERNAL', String(cause));
    this.listening = false;
    const known = this.problem?.message === error.message;
    this.problem = error;
    server.removeAllListeners();
    void server.close();
    const delay = RECONNECT_DELAYS_MS[Math.min(this.attempt++, RECONNECT_DELAYS_MS.length - 1)] as number;
    this.retryTimer = setTimeout(() => this.start(), delay);
    if (!known) this.emit('problem', error);
    this.emit('change');
  }

  private noteUnknown(value: TagValue): void {
    const name = rowName(value);
    if (this.unknown.has(name) || this.unknown.size >= MAX_MODBUS_UNKNOWN_TAGS) return;
    const { ied, tag, reference, fc, type, unit } = value;
    this.unknown.set(name, { ied, tag, reference, fc, type, ...(unit !== undefined && { unit }) });
    if (this.options.autoAssign) this.assignTimer ??= setTimeout(() => this.assignUnknown(), ASSIGN_DELAY_MS);
  }

  private assignUnknown(): void {
    this.assignTimer = undefined;
    const { added, rows, blocks } = assignTags(this.map, this.unknown.values(), this.options.layout);
    if (added.length === 0 || rows.length > MAX_MODBUS_ROWS) return;
    this.map = { rows, blocks };
    // New rows stand behind the old ones: the indices of rows with errors stay what they are.
    this.image = new RegisterImage(this.map, this.badRows, this.options);
    for (const { usable, last } of this.remembered.values()) {
      if (usable && usable !== last) this.image.update(usable.value, usable.at);
      this.image.update(last.value, last.at);
    }
    for (const row of added) this.unknown.delete(rowName(row));
    this.emit('assigned', this.assignedMap());
    this.emit('change');
  }

  private remember(value: TagValue, at: number): void {
    const name = rowName(value);
    const known = this.remembered.get(name);
    if (!known && this.remembered.size >= MAX_MODBUS_ROWS) return;
    const last = { value, at };
    // The last usable one may be what a register has to hold.
    const isGood = isUsable({ status: value.status, quality: value.quality ?? null }, this.options.allowTest);
    const usable = isGood ? last : known?.usable;
    this.remembered.set(name, { last, ...(usable && { usable }) });
  }
}
