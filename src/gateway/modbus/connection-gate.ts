/**
 * Stands between one socket and modbus-serial: whole and sound frames of reads go on, everything else is answered here.
 * Writes end here because modbus-serial knows neither functions 22 and 23 nor which client it speaks to.
 */
import type { Socket } from 'node:net';
import { diagnostics } from '../../diagnostics.js';
import { MAX_MODBUS_BACKLOG } from '../../limits.js';
import { ModbusExceptionCode } from './exceptions.js';
import { answerFrame, exceptionFrame, frameBody, FrameSplitter } from './mbap.js';
import { type ModbusRequest, parseRequest } from './request.js';
import type { ModbusService } from './service.js';

/** What a client does for which it is disconnected. */
export type Misbehaviour = 'malformed' | 'backlog';

export class ConnectionGate {
  private readonly splitter = new FrameSplitter();
  private readonly timers = new Set<NodeJS.Timeout>();

  /** @param deliver takes frames of reads that may be answered, and answers them */
  constructor(
    private readonly socket: Socket,
    readonly client: string,
    private readonly service: ModbusService,
    private readonly deliver: (frame: Buffer) => void,
    private readonly giveUp: (why: Misbehaviour) => void,
  ) {
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
      this.tell(frame, request);
      this.answer(exceptionFrame(frame, request));
    } else if (request.kind === 'read') {
      const { unit, area, address, quantity } = request;
      const exception = this.service.check(unit, area, address, quantity);
      this.tell(frame, exception, request);
      if (exception === ModbusExceptionCode.NONE) this.deliver(frame);
      else this.answer(exceptionFrame(frame, exception));
    } else {
      this.answer(this.write(frame, request));
    }
  }

  private tell(frame: Buffer, exception: ModbusExceptionCode, request?: ModbusRequest): void {
    this.service.answered?.(exception);
    if (!diagnostics.modbusRequest.watched) return;
    const [unit = 0, functionCode = 0] = frameBody(frame);
    diagnostics.modbusRequest.publish({
      client: this.client,
      unit,
      functionCode,
      exception,
      ...(request && { address: request.address, quantity: quantityOf(request) }),
    });
  }

  private write(frame: Buffer, request: Exclude<ModbusRequest, { kind: 'read' }>): Buffer {
    const read = request.kind === 'write' ? request.read : undefined;
    const exception =
      (read && this.service.check(request.unit, 'holding', read.address, read.quantity)) ||
      this.service.write(request, this.client);
    this.tell(frame, exception, request);
    if (exception !== ModbusExceptionCode.NONE) return exceptionFrame(frame, exception);
    if (read) {
      const registers = this.service.read(request.unit, 'holding', read.address, read.quantity);
      return answerFrame(frame, request.functionCode, registerData(registers));
    }
    // The answer repeats the request; that to several values without the values.
    const several = request.functionCode === 15 || request.functionCode === 16;
    return answerFrame(frame, request.functionCode, frameBody(frame).subarray(2, several ? 6 : undefined));
  }

  /** modbus-serial answers in the next turn of the timers: so do we, and answers keep the order of their requests. */
  private answer(frame: Buffer): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.socket.destroyed) this.socket.write(frame);
    }, 0);
    this.timers.add(timer);
  }
}

function quantityOf(request: ModbusRequest): number {
  if (request.kind === 'read') return request.quantity;
  return request.kind === 'write' ? request.values.length : 1;
}

/** Octet count and registers, as in the answers of functions 3, 4 and 23. */
function registerData(registers: Uint16Array): Buffer {
  const data = Buffer.alloc(1 + registers.length * 2);
  data[0] = registers.length * 2;
  registers.forEach((register, i) => data.writeUInt16BE(register, 1 + i * 2));
  return data;
}
