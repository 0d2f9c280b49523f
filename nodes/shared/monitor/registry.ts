/**
 * What there is to watch in this process: every node that the sidebar shows adds itself and leaves when it closes. What
 * they add is asked only while somebody looks.
 */
import type { SubscriptionStatus } from '../../../src/client/reports/report-consumer.js';
import type { GatewayState, ModbusCounts } from '../../../src/gateway/modbus/modbus-gateway.js';
import type { Node } from '../red.js';
import type { IedConnection } from '../ied-connection.js';
import type { ServerHost } from '../server-host.js';
import type { TagRows } from './tag-rows.js';

/** A node as the sidebar names it. */
export interface Watched {
  id: string;
  type: string;
  name: string;
  /** Node that the editor can show, where it is another one: that of the subflow's template. */
  place?: string;
}

/** What the sidebar says of any node. */
export function watched(node: Node<object>): Watched {
  const { id, type, name, _alias: place } = node as Node<object> & { _alias?: string };
  return { id, type, name: name || type, ...(place !== undefined && { place }) };
}

export interface WatchedIed extends Watched {
  connection: IedConnection;
  /** Name of the IED as its settings have it. @throws ArgumentError when they are wrong */
  ied: () => string;
}

/** How one group of tags was polled last. */
export interface PollTimes {
  interval: number;
  tags: number;
  /** ms that the poll took. */
  ms: number;
  /** Polls since start, and those whose interval was not held. */
  polls: number;
  late: number;
}

/** A node that brings tag values. */
export interface WatchedTags extends Watched {
  kind: 'read' | 'report' | 'goose';
  /** Node of the IED that it asks; undefined for the process bus. */
  iedId?: string;
  rows: TagRows;
  polls?: () => PollTimes[];
  blocks?: () => SubscriptionStatus[];
}

export interface WatchedServer extends Watched {
  host: ServerHost;
}

export interface ModbusView extends GatewayState, ModbusCounts {
  host: string;
  port: number;
  /** Masters that are connected, as `address:port`. */
  masters: string[];
}

export interface WatchedModbus extends Watched {
  look: () => ModbusView;
}

export interface MqttView {
  /** Without user name and password. */
  broker: string;
  root: string;
  state: 'connecting' | 'online' | 'away';
  error: Error | undefined;
  queued: number;
  published: number;
  dropped: number;
  refused: number;
}

export interface WatchedMqtt extends Watched {
  look: () => MqttView;
}

/** A node that listens to the process bus; undefined before it does. */
export interface WatchedBus extends Watched {
  look: () => object | undefined;
}

interface Kinds {
  ieds: WatchedIed;
  tags: WatchedTags;
  servers: WatchedServer;
  modbus: WatchedModbus;
  mqtt: WatchedMqtt;
  bus: WatchedBus;
}

export class Monitor {
  private readonly entries: { [K in keyof Kinds]: Set<Kinds[K]> } = {
    ieds: new Set(),
    tags: new Set(),
    servers: new Set(),
    modbus: new Set(),
    mqtt: new Set(),
    bus: new Set(),
  };
  private changes = 0;

  /** Another number whenever something came or went. */
  get revision(): number {
    return this.changes;
  }

  /** @returns takes it away again */
  add<K extends keyof Kinds>(kind: K, entry: Kinds[K]): () => void {
    this.entries[kind].add(entry);
    this.changes++;
    return () => {
      if (this.entries[kind].delete(entry)) this.changes++;
    };
  }

  list<K extends keyof Kinds>(kind: K): Kinds[K][] {
    return [...this.entries[kind]];
  }
}

/** What there is to watch in this process. */
export const monitor = new Monitor();
