/** What the TCP server needs to know about what it serves. */
import type { ModbusExceptionCode } from './exceptions.js';
import type { Area } from './map.js';
import type { MaskRequest, WriteRequest } from './request.js';

export interface ModbusService {
  /** Whether masters may write at all; otherwise every write is exception 01. */
  readonly writable: boolean;
  /** The exception that reading these addresses gives. */
  check(unit: number, area: Area, address: number, quantity: number): ModbusExceptionCode;
  /** Contents of addresses that {@link check} has just allowed. */
  read(unit: number, area: Area, address: number, quantity: number): Uint16Array;
  /** Takes a write, whole or not at all. */
  write(request: WriteRequest | MaskRequest, client: string): ModbusExceptionCode;
  /** A request was answered, with an exception or without. */
  answered?(exception: ModbusExceptionCode): void;
}
