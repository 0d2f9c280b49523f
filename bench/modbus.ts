/**
 * Modbus TCP: 125-register reads a second from our server, and from a bare modbus-serial server that gives out an array,
 * by the same master in the same process; and tag values a second into the registers.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { ServerTCP } from 'modbus-serial';
import { assignTags } from '../src/gateway/modbus/assign.js';
import { DEFAULT_LAYOUT } from '../src/gateway/modbus/map.js';
import { ModbusGateway } from '../src/gateway/modbus/modbus-gateway.js';
import { qualityFromBits } from '../src/model/quality.js';
import type { TagValue } from '../src/model/tag-value.js';
import type { BenchPart, BenchRow } from './bench-row.js';
import { cpuNote, medianBy, round, type Round, ROUNDS } from './measure.js';

const MASTERS = 20;
/** Reads of one master between two looks at the clock. */
const BATCH = 50;
const QUANTITY = 125;
const ANSWER_LENGTH = 9 + 2 * QUANTITY;
const READ = Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, QUANTITY]);
const TAGS = 200;
const LEAST_RATIO = 0.8;

export const part: BenchPart = { name: 'modbus', title: 'Modbus TCP server', run: benchModbus };

export async function benchModbus(): Promise<BenchRow[]> {
  const values = tagValues();
  const gateway = await startGateway(values);
  const bare = await startBare();
  const ours = await openMasters(gateway.port);
  const theirs = await openMasters(bare.port);
  try {
    // In turns, so that both meet the same machine.
    const pairs: Array<{ ours: Round; bare: Round }> = [];
    await round(() => readAll(ours), 0.5);
    await round(() => readAll(theirs), 0.5);
    for (let i = 0; i < ROUNDS; i++) {
      pairs.push({ ours: await round(() => readAll(ours)), bare: await round(() => readAll(theirs)) });
    }
    const pair = medianBy(pairs, (one) => one.ours.perSecond / one.bare.perSecond);
    const updates = await round(() => Promise.resolve(updateAll(gateway.gateway, values)));
    return [
      {
        name: `125-register reads, ${MASTERS} masters`,
        figure: pair.ours.perSecond,
        unit: 'reads/s',
        ratio: {
          value: pair.ours.perSecond / pair.bare.perSecond,
          to: 'a bare modbus-serial server',
          atLeast: LEAST_RATIO,
        },
        note: `${cpuNote(pair.ours, 'read')} with its masters; bare ${Math.round(pair.bare.perSecond)} reads/s`,
      },
      {
        name: 'tag values into registers, with metadata',
        figure: updates.perSecond,
        unit: 'tags/s',
        note: cpuNote(updates, 'tag'),
      },
    ];
  } finally {
    for (const socket of [...ours, ...theirs]) socket.destroy();
    await gateway.gateway.close();
    await new Promise<void>((resolve) => {
      bare.server.close(() => resolve());
    });
  }
}

function tagValues(): TagValue[] {
  return Array.from({ length: TAGS }, (_, i) => ({
    ied: 'BAY1',
    tag: `MEAS.MMXU1.Value${i}`,
    reference: `BAY1MEAS/MMXU1.Value${i}`,
    fc: 'MX',
    type: 'Float32',
    value: i * 1.5,
    text: '',
    quality: qualityFromBits(0),
    timestamp: '2026-01-01T00:00:00.000Z',
    timeQuality: null,
    received: '2026-01-01T00:00:00.000Z',
    status: 'live',
    source: 'poll',
    sequence: 1,
  }));
}

async function startGateway(values: TagValue[]): Promise<{ gateway: ModbusGateway; port: number }> {
  const tags = values.map(({ ied, tag, type, fc }) => ({ ied, tag, type, fc }));
  const map = assignTags({ rows: [], blocks: [] }, tags, DEFAULT_LAYOUT);
  const gateway = new ModbusGateway(map, {
    host: '127.0.0.1',
    port: 0,
    maxConnections: MASTERS,
    idleMs: 60_000,
    owner: 'bench',
    writable: false,
    autoAssign: false,
    layout: DEFAULT_LAYOUT,
    gapsReadZero: true,
    nanBeforeFirstValue: false,
    allowTest: false,
    staleAfterMs: 0,
  });
  updateAll(gateway, values);
  const listening = once(gateway, 'listening') as Promise<[number]>;
  gateway.start();
  return { gateway, port: (await listening)[0] };
}

function updateAll(gateway: ModbusGateway, values: TagValue[]): number {
  for (const value of values) gateway.update(value);
  return values.length;
}

/** modbus-serial as its users run it, with its fastest way to give out registers. */
async function startBare(): Promise<{ server: ServerTCP; port: number }> {
  const registers = Array.from({ length: 1000 }, (_, i) => i);
  const vector = {
    getMultipleHoldingRegisters: (address: number, length: number): number[] =>
      registers.slice(address, address + length),
    getHoldingRegister: (address: number): number => registers[address] ?? 0,
  };
  const port = await freePort();
  const server = new ServerTCP(vector, { host: '127.0.0.1', port, unitID: 1 });
  await once(server, 'initialized');
  return { server, port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function openMasters(port: number): Promise<Socket[]> {
  const sockets = Array.from({ length: MASTERS }, () => connect(port, '127.0.0.1').setNoDelay(true));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

async function readAll(sockets: Socket[]): Promise<number> {
  const counts = await Promise.all(sockets.map(readBatch));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** One read after the other, as masters do. */
function readBatch(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let done = 0;
    let received = 0;
    const finish = (settle: () => void): void => {
      socket.off('data', take);
      socket.off('close', fail);
      settle();
    };
    const fail = (): void => finish(() => reject(new Error('the server closed the connection')));
    const take = (data: Buffer): void => {
      received += data.length;
      if (received < ANSWER_LENGTH) return;
      if (received > ANSWER_LENGTH || data[data.length - ANSWER_LENGTH + 7] !== 3) {
        finish(() => reject(new Error('an answer of another length, or an exception')));
        return;
      }
      received = 0;
      done++;
      if (done === BATCH) finish(() => resolve(done));
      else socket.write(READ);
    };
    socket.on('data', take);
    socket.on('close', fail);
    socket.write(READ);
  });
}
