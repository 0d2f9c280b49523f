/**
 * The one place that knows modbus-serial. Its `ServerTCP` listens and answers reads. What it leaves out (as tried on
 * 8.0.25) stands here and in the gate of each connection: how many clients there are, who they are and how long they
 * idle; frames, quantities, unit ids and writes.
 */
import { EventEmitter, once } from 'node:events';
import { type BlockList, isIP, Server, type Socket } from 'node:net';
import { ServerTCP } from 'modbus-serial';
import { diagnostics } from '../../diagnostics.js';
import type { ListenError } from '../../errors.js';
import { CLOSE_TIMEOUT_MS } from '../../limits.js';
import { ConnectionGate, type Misbehaviour } from './connection-gate.js';
import { ModbusExceptionCode } from './exceptions.js';
import { listenError } from './listen-error.js';
import type { Area } from './map.js';
import { claimPort } from './port-registry.js';
import type { ModbusService } from './service.js';

export interface ModbusServerOptions {
  /** Address to listen on. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  maxConnections: number;
  /** A client that sends nothing for so many ms is disconnected. */
  idleMs: number;
  /** Clients that may connect; undefined: all. */
  allow?: BlockList;
  /** Whose port this is, for the error message of somebody who wants it too. */
  owner: string;
}

/** Why a client was sent away. */
export type Refusal = 'limit' | 'not-allowed' | 'idle' | Misbehaviour;

interface ServerEvents {
  clients: [count: number];
  refused: [why: Refusal, client: string];
  /** The listening socket failed after it had been opened. */
  error: [error: ListenError];
}

/** An exception on its way through modbus-serial, which takes the code from this property. */
class ModbusException extends Error {
  constructor(readonly modbusErrorCode: ModbusExceptionCode) {
    super(`Modbus exception ${modbusErrorCode}`);
  }
}

export class ModbusTcpServer extends EventEmitter<ServerEvents> {
  private readonly clients = new Map<Socket, ConnectionGate>();
  private server: ServerTCP | undefined;
  private closing = false;
  private release: () => void = () => undefined;

  constructor(
    private readonly service: ModbusService,
    private readonly options: ModbusServerOptions,
  ) {
    super();
  }

  get clientCount(): number {
    return this.clients.size;
  }

  /** Clients that are connected, as `address:port`. */
  get clientNames(): string[] {
    return [...this.clients.values()].map(({ client }) => client);
  }

  /**
   * Opens the port.
   * @returns the port, which matters when it was 0
   * @throws ListenError
   */
  async listen(): Promise<number> {
    const { host, port } = this.options;
    // ServerTCP takes a port of 0 for "none given"; as a text it passes, and Node.js understands it.
    const givenPort = (port === 0 ? '0' : port) as number;
    const server = new ServerTCP(serviceVector(this.service), { host, port: givenPort, unitID: 255 });
    this.server = server;
    // Errors of single sockets end these sockets, which their gates see.
    server.on('error', () => undefined);
    const netServer = netServerOf(server);
    netServer.on('connection', (socket: Socket) => this.accept(socket));
    try {
      await once(netServer, 'listening');
    } catch (cause) {
      throw listenError(cause as NodeJS.ErrnoException, host, port);
    }
    netServer.on('error', (cause: NodeJS.ErrnoException) => this.emit('error', listenError(cause, host, port)));
    const address = netServer.address();
    const opened = typeof address === 'object' && address ? address.port : port;
    if (this.closing) netServer.close();
    else this.release = claimPort(opened, this.options.owner);
    return opened;
  }

  /** Destroys all connections and gives the port back; takes {@link CLOSE_TIMEOUT_MS} at most. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    this.release();
    for (const gate of this.clients.values()) gate.close();
    const { server } = this;
    if (!server) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private accept(socket: Socket): void {
    const client = clientName(socket);
    const { allow, maxConnections, idleMs } = this.options;
    if (this.closing) {
      socket.destroy();
    } else if (allow && !isAllowed(allow, socket.remoteAddress)) {
      this.refuse('not-allowed', socket, client);
    } else if (this.clients.size >= maxConnections) {
      this.refuse('limit', socket, client);
    } else {
      const gate = new ConnectionGate(socket, client, this.service, takeDataListener(socket), (why) =>
        this.refuse(why, socket, client),
      );
      this.clients.set(socket, gate);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, Math.min(idleMs, 60_000));
      socket.setTimeout(idleMs, () => this.refuse('idle', socket, client));
      socket.once('close', () => {
        gate.close();
        this.clients.delete(socket);
        this.tell('left', client);
        this.emit('clients', this.clients.size);
      });
      this.tell('connected', client);
      this.emit('clients', this.clients.size);
    }
  }

  private refuse(why: Refusal, socket: Socket, client: string): void {
    socket.destroy();
    this.tell('refused', client, why);
    this.emit('refused', why, client);
  }

  private tell(event: 'connected' | 'refused' | 'left', client: string, reason?: Refusal): void {
    if (!diagnostics.modbusClient.watched) return;
    const { owner: server } = this.options;
    diagnostics.modbusClient.publish({ server, event, client, clients: this.clients.size, ...(reason && { reason }) });
  }
}

type ServiceVector = ConstructorParameters<typeof ServerTCP>[0];

/** All functions of the vector: where one is missing, ServerTCP leaves the client without an answer. */
function serviceVector(service: ModbusService): ServiceVector {
  const read = (unit: number, area: Area, address: number, quantity: number): Uint16Array => {
    const exception = service.check(unit, area, address, quantity);
    if (exception !== ModbusExceptionCode.NONE) throw new ModbusException(exception);
    return service.read(unit, area, address, quantity);
  };
  const one = (unit: number, area: Area, address: number): number => read(unit, area, address, 1)[0] as number;
  const refuse = (): never => {
    throw new ModbusException(ModbusExceptionCode.ILLEGAL_FUNCTION);
  };
  return {
    getCoil: (address: number, unit: number) => one(unit, 'coil', address) === 1,
    getDiscreteInput: (address: number, unit: number) => one(unit, 'discrete', address) === 1,
    getInputRegister: (address: number, unit: number) => one(unit, 'input', address),
    getHoldingRegister: (address: number, unit: number) => one(unit, 'holding', address),
    getMultipleInputRegisters: (address: number, length: number, unit: number) =>
      plainArray(read(unit, 'input', address, length)),
    getMultipleHoldingRegisters: (address: number, length: number, unit: number) =>
      plainArray(read(unit, 'holding', address, length)),
    // Writes end at the gate.
    setCoil: refuse,
    setRegister: refuse,
    setRegisterArray: refuse,
  };
}

/** Several times faster than `Array.from`, which goes through the iterator. */
function plainArray(registers: Uint16Array): number[] {
  const values = new Array<number>(registers.length);
  for (let i = 0; i < registers.length; i++) values[i] = registers[i] as number;
  return values;
}

/**
 * ServerTCP has just installed its own listener to a new socket. It is taken off, to hear whole and sound frames from
 * the gate, and nothing else.
 */
function takeDataListener(socket: Socket): (frame: Buffer) => void {
  const [listener] = socket.listeners('data');
  if (!listener) throw new Error('modbus-serial has changed: its server does not listen to the socket');
  socket.removeListener('data', listener as () => void);
  return listener as (frame: Buffer) => void;
}

/** The server inside ServerTCP, which has no public way to its address and its connections. */
function netServerOf(server: ServerTCP): Server {
  const inner: unknown = Reflect.get(server, '_server');
  if (!(inner instanceof Server)) throw new Error('modbus-serial has changed: its server holds no net.Server');
  return inner;
}

/** `10.0.0.5:49152`; an IPv4 client of a dual-stack socket is shown as IPv4. */
function clientName(socket: Socket): string {
  const address = plainAddress(socket.remoteAddress ?? '');
  return `${address.includes(':') ? `[${address}]` : address}:${socket.remotePort ?? 0}`;
}

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function isAllowed(allow: BlockList, remoteAddress: string | undefined): boolean {
  const address = plainAddress(remoteAddress ?? '');
  const family = isIP(address);
  return family !== 0 && allow.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
