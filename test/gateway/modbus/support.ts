/** What the Modbus tests share: tag values, maps, a gateway on a free port, and a real master. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import ModbusRTU from 'modbus-serial';
import type { MapRow, ModbusMap } from '../../../src/gateway/modbus/map.js';
import { DEFAULT_LAYOUT } from '../../../src/gateway/modbus/map.js';
import { type GatewayOptions, ModbusGateway } from '../../../src/gateway/modbus/modbus-gateway.js';
import { qualityFromBits } from '../../../src/model/quality.js';
import type { TagType, TagValue } from '../../../src/model/tag-value.js';

export const GOOD = 0;
export const INVALID = 2;

export function tagValue(tag: string, type: TagType, value: TagValue['value'], more: Partial<TagValue> = {}): TagValue {
  return {
    ied: 'BAY1',
    tag,
    reference: `BAY1LD0/${tag}`,
    fc: 'ST',
    type,
    value,
    text: typeof value === 'object' ? '' : String(value),
    quality: qualityFromBits(GOOD),
    timestamp: '2026-05-01T12:00:00.000Z',
    timeQuality: null,
    received: '2026-05-01T12:00:00.010Z',
    status: 'live',
    source: 'poll',
    sequence: 1,
    ...more,
  };
}

export function row(tag: string, fields: Partial<MapRow> = {}): MapRow {
  return { ied: 'BAY1', tag, unit: 1, area: 'holding', address: 0, type: 'Float32', ...fields };
}

/** A map whose rows stand in one block of 1,000 addresses. */
export function blockMap(...rows: MapRow[]): ModbusMap {
  const next = { coil: 0, discrete: 0, input: 0, holding: 0, meta: 400 };
  return { rows, blocks: [{ ied: 'BAY1', unit: 1, start: 0, size: 1000, metaOffset: 400, next }] };
}

export const GATEWAY_OPTIONS: GatewayOptions = {
  host: '127.0.0.1',
  port: 0,
  maxConnections: 5,
  idleMs: 60_000,
  owner: 'test',
  writable: false,
  autoAssign: false,
  layout: DEFAULT_LAYOUT,
  gapsReadZero: true,
  nanBeforeFirstValue: false,
  allowTest: false,
  staleAfterMs: 0,
};

/** Starts a gateway on a free port, with a clock that a test can set. */
export class GatewayFixture {
  now = 1_000_000;
  port = 0;
  private readonly masters: ModbusRTU[] = [];
  private readonly sockets: Socket[] = [];

  private constructor(readonly gateway: ModbusGateway) {}

  static async start(map: ModbusMap, options: Partial<GatewayOptions> = {}): Promise<GatewayFixture> {
    const gateway: ModbusGateway = new ModbusGateway(map, { ...GATEWAY_OPTIONS, ...options }, () => fixture.now);
    const fixture = new GatewayFixture(gateway);
    const listening = once(gateway, 'listening') as Promise<[number]>;
    gateway.start();
    [fixture.port] = await listening;
    return fixture;
  }

  async master(unit = 1): Promise<ModbusRTU> {
    const master = new ModbusRTU();
    await master.connectTCP('127.0.0.1', { port: this.port });
    master.setID(unit);
    master.setTimeout(2000);
    this.masters.push(master);
    return master;
  }

  /** A bare connection, for octets that no master would send. */
  async socket(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => undefined);
    this.sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** Sends a frame and gives back the whole answer in hex. */
  async exchange(socket: Socket, hex: string): Promise<string> {
    socket.write(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString('hex');
  }

  async stop(): Promise<void> {
    await Promise.all(this.masters.map(closeMaster));
    for (const socket of this.sockets) socket.destroy();
    await this.gateway.close();
  }
}

const closeMaster = (master: ModbusRTU): Promise<void> =>
  new Promise((resolve) => {
    master.close(() => resolve());
  });

/** Code of the exception with which a request of a master ends. */
export async function exceptionOf(request: Promise<unknown>): Promise<number | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    return (error as { modbusCode?: number }).modbusCode;
  }
}
