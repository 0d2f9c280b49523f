/** One row of the map while it is served: it turns tag values into registers and says what they are worth. */
import { qualityToBits } from '../../model/quality.js';
import { isUsable, type TagStatus, type TagValue } from '../../model/tag-value.js';
import type { AddressSpace } from './address-space.js';
import { encodeNumber, encodeSentinel, encodeText } from './encode.js';
import { defaultPolicy, isFloat, type MapRow, META_REGISTERS, type Policy, rowSize } from './map.js';
import { booleanValue, numericValue, textValue } from './numeric-value.js';

export interface PointOptions {
  /** Values whose quality says test count as usable. */
  allowTest: boolean;
  /** Policy `nan` applies before the first value too; otherwise a tag that never had one gets exception 0x0B. */
  nanBeforeFirstValue: boolean;
  /** A tag without a live value for so many ms is stale; 0: as long as its source says so. */
  staleAfterMs: number;
}

/** Bits of the quality register above the thirteen of IEC 61850-7-3 §6.2. */
const QUALITY_REGISTER_MASK = 0x1fff;
export const STALE_BIT = 1 << 13;
export const OFFLINE_BIT = 1 << 14;
export const NEVER_BIT = 1 << 15;

const MAX_AGE = 0xffff;
/** Registers of the metadata. */
const AGE = 1;
const SEQUENCE = 2;

export class Point {
  /** Whether the last value may be used; false as long as there is none. */
  usable = false;
  clamped = false;
  hadValue = false;
  private readonly policy: Policy;
  private status: TagStatus | undefined;
  private quality = 0;
  private hadQuality = false;
  private hadUsable = false;
  private failing = false;
  private sequence = 0;
  /** When the last live value arrived. */
  private liveAt = -Infinity;
  /** Until when a true value stays, and what comes after it. */
  private latchedUntil = -Infinity;
  private afterLatch = true;

  constructor(
    readonly row: MapRow,
    private readonly space: AddressSpace,
    private readonly metaSpace: AddressSpace | undefined,
    private readonly options: PointOptions,
  ) {
    this.policy = row.policy ?? defaultPolicy(row.type);
    space.open(row.address, row.address + rowSize(row));
    if (row.meta !== undefined) metaSpace?.open(row.meta, row.meta + META_REGISTERS);
    this.showUnusable();
    this.writeMeta(-Infinity);
  }

  /** @param now ms of a clock that never goes back */
  update(value: TagValue, now: number): void {
    this.status = value.status;
    // A flow may make tag values that leave quality out.
    const quality = value.quality ?? null;
    if (quality) {
      this.quality = qualityToBits(quality);
      this.hadQuality = true;
    }
    if (value.value !== null) this.hadValue = true;
    if (value.status === 'live') this.liveAt = now;
    this.sequence = (Number.isInteger(value.sequence) ? value.sequence : this.sequence + 1) & 0xffff;
    const usable = value.value !== null && isUsable({ status: value.status, quality }, this.options.allowTest);
    this.usable = usable && this.show(value, now);
    if (this.usable) {
      this.hadUsable = true;
      this.setFailing(false);
    } else {
      this.showUnusable();
    }
    this.writeMeta(now);
  }

  /** Counts the age, and finds out by itself that nothing comes any more. */
  age(now: number): void {
    const { staleAfterMs } = this.options;
    if (staleAfterMs > 0 && this.status === 'live' && now - this.liveAt > staleAfterMs) {
      this.status = 'stale';
      this.usable = false;
      this.showUnusable();
    }
    this.writeMeta(now);
  }

  /** Whether the point waits for its latch to end. */
  get latched(): boolean {
    return !this.afterLatch;
  }

  /** Shows what came after a latched value once the time is up; then the point is not latched any more. */
  releaseLatch(now: number): void {
    if (this.afterLatch || now < this.latchedUntil) return;
    this.afterLatch = true;
    this.putBit(false);
    if (!this.usable) this.showUnusable();
  }

  /** @returns false when the value has no form in these registers */
  private show(tagValue: TagValue, now: number): boolean {
    const { row, space } = this;
    switch (row.type) {
      case 'Bool':
      case 'Bit':
        return this.showBoolean(booleanValue(tagValue), now);
      case 'Text': {
        const text = textValue(tagValue);
        if (text === undefined) return false;
        this.clamped = encodeText(row, text, space.registers, row.address);
        return true;
      }
      default: {
        const value = numericValue(tagValue);
        if (value === undefined || (Number.isNaN(value) && !isFloat(row.type))) return false;
        this.clamped = encodeNumber(row, value, space.registers, row.address);
        return true;
      }
    }
  }

  private showBoolean(value: boolean | undefined, now: number): boolean {
    if (value === undefined) return false;
    if (value) {
      this.latchedUntil = now + (this.row.latch ?? 0);
      this.afterLatch = true;
    } else if (now < this.latchedUntil) {
      this.afterLatch = false;
      return true;
    }
    this.putBit(value);
    return true;
  }

  private putBit(value: boolean): void {
    const { row, space } = this;
    const mask = row.type === 'Bit' ? 1 << (row.bit ?? 0) : 1;
    const old = space.registers[row.address] as number;
    space.registers[row.address] = value ? old | mask : old & ~mask;
  }

  private showUnusable(): void {
    const { row, space, options } = this;
    const never = !this.hadValue && !options.nanBeforeFirstValue;
    this.setFailing(this.policy === 'exception' || (this.policy === 'hold' ? !this.hadUsable : never));
    if (this.policy !== 'nan' || this.failing) return;
    this.clamped = false;
    if (row.type === 'Bool' || row.type === 'Bit') this.putBit(row.sentinel === 1);
    else encodeSentinel(row, space.registers, row.address);
  }

  private setFailing(failing: boolean): void {
    if (failing === this.failing) return;
    this.failing = failing;
    this.space.fail(this.row.address, rowSize(this.row), failing ? 1 : -1);
  }

  private writeMeta(now: number): void {
    const at = this.row.meta;
    if (at === undefined || !this.metaSpace) return;
    const { registers } = this.metaSpace;
    registers[at] =
      (this.quality & QUALITY_REGISTER_MASK) |
      (this.status === 'stale' ? STALE_BIT : 0) |
      (this.status === 'disconnected' || this.status === 'error' ? OFFLINE_BIT : 0) |
      (this.hadValue && this.hadQuality ? 0 : NEVER_BIT);
    const age = this.liveAt === -Infinity ? MAX_AGE : Math.floor((now - this.liveAt) / 1000);
    registers[at + AGE] = Math.min(Math.max(age, 0), MAX_AGE);
    registers[at + SEQUENCE] = this.sequence;
  }
}
