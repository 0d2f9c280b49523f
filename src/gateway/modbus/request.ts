/** Requests of the Modbus Application Protocol V1.1b3 §6, checked for form: lengths, quantities and fixed values. */
import { ModbusExceptionCode } from './exceptions.js';
import { ADDRESS_SPACE, type Area } from './map.js';

export interface ReadRequest {
  kind: 'read';
  unit: number;
  functionCode: number;
  area: Area;
  address: number;
  quantity: number;
}

export interface WriteRequest {
  kind: 'write';
  unit: number;
  functionCode: number;
  area: 'coil' | 'holding';
  address: number;
  /** Registers, or 0 and 1 for coils. */
  values: number[];
  /** Function 23 reads these holding registers after it has written. */
  read?: { address: number; quantity: number };
}

/** Function 22: register = (register AND andMask) OR (orMask AND NOT andMask). */
export interface MaskRequest {
  kind: 'mask';
  unit: number;
  functionCode: number;
  address: number;
  andMask: number;
  orMask: number;
}

export type ModbusRequest = ReadRequest | WriteRequest | MaskRequest;

const READ_AREAS: Readonly<Record<number, Area>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };
const WRITE_CODES: ReadonlySet<number> = new Set([5, 6, 15, 16, 22, 23]);

const MAX_READ_BITS = 2000;
const MAX_READ_REGISTERS = 125;
const MAX_WRITE_BITS = 1968;
const MAX_WRITE_REGISTERS = 123;
const MAX_READ_WRITE_REGISTERS = 121;
const COIL_ON = 0xff00;

const { ILLEGAL_FUNCTION, ILLEGAL_DATA_ADDRESS, ILLEGAL_DATA_VALUE } = ModbusExceptionCode;

/**
 * @param body unit id and PDU
 * @param writable whether writes are allowed at all; otherwise they are illegal functions
 * @returns the request, or the exception that it gets
 */
export function parseRequest(body: Buffer, writable: boolean): ModbusRequest | ModbusExceptionCode {
  const functionCode = body[1] as number;
  if (READ_AREAS[functionCode]) return parseRead(body, READ_AREAS[functionCode]);
  if (!WRITE_CODES.has(functionCode) || !writable) return ILLEGAL_FUNCTION;
  switch (functionCode) {
    case 5:
      return parseWriteCoil(body);
    case 6:
      return body.length === 6 ? write(body, 'holding', word(body, 2), [word(body, 4)]) : ILLEGAL_DATA_VALUE;
    case 15:
      return parseWriteCoils(body);
    case 16:
      return parseWriteRegisters(body, 2, MAX_WRITE_REGISTERS);
    case 22:
      return parseMask(body);
    default:
      return parseReadWrite(body);
  }
}

const word = (body: Buffer, at: number): number => body.readUInt16BE(at);
const inSpace = (address: number, quantity: number): boolean => address + quantity <= ADDRESS_SPACE;

function parseRead(body: Buffer, area: Area): ReadRequest | ModbusExceptionCode {
  if (body.length !== 6) return ILLEGAL_DATA_VALUE;
  const address = word(body, 2);
  const quantity = word(body, 4);
  const max = area === 'coil' || area === 'discrete' ? MAX_READ_BITS : MAX_READ_REGISTERS;
  if (quantity < 1 || quantity > max) return ILLEGAL_DATA_VALUE;
  if (!inSpace(address, quantity)) return ILLEGAL_DATA_ADDRESS;
  return { kind: 'read', unit: body[0] as number, functionCode: body[1] as number, area, address, quantity };
}

function write(
  body: Buffer,
  area: 'coil' | 'holding',
  address: number,
  values: number[],
): WriteRequest | ModbusExceptionCode {
  if (!inSpace(address, values.length)) return ILLEGAL_DATA_ADDRESS;
  return { kind: 'write', unit: body[0] as number, functionCode: body[1] as number, area, address, values };
}

function parseWriteCoil(body: Buffer): WriteRequest | ModbusExceptionCode {
  if (body.length !== 6) return ILLEGAL_DATA_VALUE;
  const value = word(body, 4);
  if (value !== 0 && value !== COIL_ON) return ILLEGAL_DATA_VALUE;
  return write(body, 'coil', word(body, 2), [value === COIL_ON ? 1 : 0]);
}

function parseWriteCoils(body: Buffer): WriteRequest | ModbusExceptionCode {
  if (body.length < 8) return ILLEGAL_DATA_VALUE;
  const quantity = word(body, 4);
  const octets = Math.ceil(quantity / 8);
  const sound = quantity >= 1 && quantity <= MAX_WRITE_BITS && body[6] === octets && body.length === 7 + octets;
  if (!sound) return ILLEGAL_DATA_VALUE;
  const values = Array.from({ length: quantity }, (_, i) => ((body[7 + (i >> 3)] as number) >> (i & 7)) & 1);
  return write(body, 'coil', word(body, 2), values);
}

/** Registers to write, whose address stands at `at`: address, quantity, octet count, registers. */
function parseWriteRegisters(body: Buffer, at: number, max: number): WriteRequest | ModbusExceptionCode {
  const data = at + 5;
  if (body.length < data) return ILLEGAL_DATA_VALUE;
  const quantity = word(body, at + 2);
  const sound =
    quantity >= 1 && quantity <= max && body[at + 4] === quantity * 2 && body.length === data + quantity * 2;
  if (!sound) return ILLEGAL_DATA_VALUE;
  const values = Array.from({ length: quantity }, (_, i) => word(body, data + i * 2));
  return write(body, 'holding', word(body, at), values);
}

function parseMask(body: Buffer): MaskRequest | ModbusExceptionCode {
  if (body.length !== 8) return ILLEGAL_DATA_VALUE;
  const [unit, functionCode] = [body[0] as number, body[1] as number];
  return { kind: 'mask', unit, functionCode, address: word(body, 2), andMask: word(body, 4), orMask: word(body, 6) };
}

function parseReadWrite(body: Buffer): WriteRequest | ModbusExceptionCode {
  if (body.length < 11) return ILLEGAL_DATA_VALUE;
  const read = { address: word(body, 2), quantity: word(body, 4) };
  if (read.quantity < 1 || read.quantity > MAX_READ_REGISTERS) return ILLEGAL_DATA_VALUE;
  if (!inSpace(read.address, read.quantity)) return ILLEGAL_DATA_ADDRESS;
  const written = parseWriteRegisters(body, 6, MAX_READ_WRITE_REGISTERS);
  return typeof written === 'number' ? written : { ...written, read };
}
