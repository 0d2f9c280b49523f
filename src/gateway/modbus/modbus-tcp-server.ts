/**
 * The one place that knows modbus-serial. Its `ServerTCP` listens and answers reads; in front of every connection
 * stands a gate that does what it leaves out (as tried on 8.0.25): it checks frames, quantities and unit ids, takes
 * all writes (ServerTCP knows neither functions 22 and 23 nor who the client is), and limits how many clients there
 * are, who they are, how long they idle and how much may wait for them.
 */
import { EventEmitter, once } from 'node:events';
import { BlockList, isIP, Server, type Socket } from 'node:net';
import { ServerTCP } from 'modbus-serial';
import type { ListenError } from '../../errors.js';
import { CLOSE_TIMEOUT_MS, MAX_MODBUS_BACKLOG } from '../../limits.js';
import { ModbusExceptionCode } from './exceptions.js';
import { listenError } from './listen-error.js';
import { answerFrame, exceptionFrame, frameBody, FrameSplitter } from './mbap.js';
import type { Area } from './map.js';
import { claimPort } from './port-registry.js';
import { type ModbusRequest, parseRequest } from './request.js';
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
export type Refusal = 'limit' | 'not-allowed' | 'malformed' | 'backlog' | 'idle';

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
  private readonly clients = new Map<Socket, Gate>();
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
      const gate = new Gate(socket, client, this.service, (why) => this.refuse(why, socket, client));
      this.clients.set(socket, gate);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, Math.min(idleMs, 60_000));
      socket.setTimeout(idleMs, () => this.refuse('idle', socket, client));
      socket.once('close', () => {
        gate.close();
        this.clients.delete(socket);
        this.emit('clients', this.clients.size);
      });
      this.emit('clients', this.clients.size);
    }
  }

  private refuse(why: Refusal, socket: Socket, client: string): void {
    socket.destroy();
    this.emit('refused', why, client);
  }
}

/** Stands between one socket and modbus-serial. */
class Gate {
  private readonly splitter = new FrameSplitter();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly deliver: (frame: Buffer) => void;

  constructor(
    private readonly socket: Socket,
    private readonly client: string,
    private readonly service: ModbusService,
    private readonly giveUp: (why: Refusal) => void,
  ) {
    // ServerTCP has just installed its own listener: from now on it hears whole, sound frames, and these from us.
    const [listener] = socket.listeners('data');
    if (!listener) throw new Error('modbus-serial has changed: its server does not listen to the socket');
    this.deliver = listener as (frame: Buffer) => void;
    socket.removeListener('data', this.deliver);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    const frames = this.splitter.push(chunk);
    if (!frames) {
      this.giveUp('malformed');
      return;
    }
    // A master that asks and never listens must not fill our memory.
    if (this.socket.writableLength > MAX_MODBUS_BACKLOG) {
      this.giveUp('backlog');
      return;
    }
    for (const frame of frames) this.handle(frame);
  }

  private handle(frame: Buffer): void {
    const request = parseRequest(frameBody(frame), this.service.writable);
    if (typeof request === 'number') {
      this.answer(exceptionFrame(frame, request));
    } else if (request.kind === 'read') {
      const { unit, area, address, quantity } = request;
      const exception = this.service.check(unit, area, address, quantity);
      if (exception === ModbusExceptionCode.NONE) this.deliver(frame);
      else this.answer(exceptionFrame(frame, exception));
    } else {
      this.answer(this.write(frame, request));
    }
  }

  private write(frame: Buffer, request: Exclude<ModbusRequest, { kind: 'read' }>): Buffer {
    const read = request.kind === 'write' ? request.read : undefined;
    const exception =
      (read && this.service.check(request.unit, 'holding', read.address, read.quantity)) ||
      this.service.write(request, this.client);
    if (exception !== ModbusExceptionCode.NONE) return exceptionFrame(frame, exception);
    if (read) {
      const registers = this.service.read(request.unit, 'holding', read.address, read.quantity);
      return answerFrame(frame, request.functionCode, registerData(registers));
    }
    // The answer repeats the request; that to several values without the values.
    const several = request.functionCode === 15 || request.functionCode === 16;
    return answerFrame(frame, request.functionCode, frameBody(frame).subarray(2, several ? 6 : undefined));
  }

  /** ServerTCP answers in the next turn of the timers: so do we, and answers keep the order of their requests. */
  private answer(frame: Buffer): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.socket.destroyed) this.socket.write(frame);
    }, 0);
    this.timers.add(timer);
  }
}

/** Octet count and registers, as in the answers of functions 3, 4 and 23. */
function registerData(registers: Uint16Array): Buffer {
  const data = Buffer.alloc(1 + registers.length * 2);
  data[0] = registers.length * 2;
  registers.forEach((register, i) => data.writeUInt16BE(register, 1 + i * 2));
  return data;
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

