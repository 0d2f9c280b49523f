/** One area of one unit id: what its registers hold, and which of them may be read. */
import { ModbusExceptionCode } from './exceptions.js';

/** A cell that belongs to no tag and no block, and one whose rows have errors; others count points with nothing to show. */
const UNMAPPED = 0xff;
const BLOCKED = 0xfe;

export class AddressSpace {
  /** Contents; in a bit area 0 or 1. */
  readonly registers: Uint16Array;
  private readonly cells: Uint8Array;

  /** @param size addresses from 0 up to the last one that is used */
  constructor(size: number) {
    this.registers = new Uint16Array(size);
    this.cells = new Uint8Array(size).fill(UNMAPPED);
  }

  /** Makes addresses readable; those that no tag takes read 0. */
  open(start: number, end: number): void {
    for (let i = start; i < Math.min(end, this.cells.length); i++) if (this.cells[i] === UNMAPPED) this.cells[i] = 0;
  }

  /** Makes addresses answer 0x0B for good: what stands there is in doubt. */
  block(start: number, end: number): void {
    this.cells.fill(BLOCKED, start, end);
  }

  /** Counts a point that has nothing to show (`by` 1), or that has again (`by` −1). At most 16 points share a register. */
  fail(start: number, size: number, by: 1 | -1): void {
    for (let i = start; i < start + size; i++) this.cells[i] = (this.cells[i] as number) + by;
  }

  /** The exception that a request gets which covers these addresses: 02 before 0x0B, or none. */
  check(address: number, quantity: number): ModbusExceptionCode {
    const end = address + quantity;
    if (end > this.cells.length) return ModbusExceptionCode.ILLEGAL_DATA_ADDRESS;
    let failing = false;
    for (let i = address; i < end; i++) {
      const cell = this.cells[i];
      if (cell === UNMAPPED) return ModbusExceptionCode.ILLEGAL_DATA_ADDRESS;
      if (cell !== 0) failing = true;
    }
    return failing ? ModbusExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND : ModbusExceptionCode.NONE;
  }
}
