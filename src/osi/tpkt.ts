import { DecodeError } from '../errors.js';
import { MAX_TPKT_LENGTH } from '../limits.js';

/** TPKT header (RFC 1006 §6): version 3, reserved, length of the whole packet in two octets. */
export const TPKT_HEADER_LENGTH = 4;
/** A TPKT holds at least the shortest COTP TPDU that we take: length indicator, code and one octet. */
const MIN_TPKT_LENGTH = TPKT_HEADER_LENGTH + 3;

/**
 * Cuts a TCP stream into TPKTs. The payload is given as a slice of what came in, copied only when a packet was spread
 * over several chunks; it is valid until the callback returns.
 */
export class TpktFramer {
  private pending: Buffer | undefined;
  private filled = 0;

  /**
   * @param onPayload called with each whole packet's payload `octets[start … end)`; returns false to stop, as when the
   * association ended.
   * @throws DecodeError on a header that is no TPKT; the stream cannot be followed after that.
   */
  push(chunk: Buffer, onPayload: (octets: Buffer, start: number, end: number) => boolean): void {
    let at = 0;
    if (this.pending) {
      at = this.fillPending(chunk);
      if (!this.pendingComplete()) return;
      const whole = this.pending;
      const end = this.filled;
      this.pending = undefined;
      this.filled = 0;
      if (!onPayload(whole, TPKT_HEADER_LENGTH, end)) return;
    }
    while (chunk.length - at >= TPKT_HEADER_LENGTH) {
      const length = packetLength(chunk, at);
      if (chunk.length - at < length) {
        this.keep(chunk, at, length);
        return;
      }
      const end = at + length;
      if (!onPayload(chunk, at + TPKT_HEADER_LENGTH, end)) return;
      at = end;
    }
    if (at < chunk.length) this.keep(chunk, at, TPKT_HEADER_LENGTH);
  }

  private keep(chunk: Buffer, at: number, size: number): void {
    this.pending = Buffer.allocUnsafe(size);
    this.filled = chunk.copy(this.pending, 0, at);
  }

  private fillPending(chunk: Buffer): number {
    let pending = this.pending as Buffer;
    let at = 0;
    if (this.filled < TPKT_HEADER_LENGTH) {
      const taken = Math.min(TPKT_HEADER_LENGTH - this.filled, chunk.length);
      chunk.copy(pending, this.filled, 0, taken);
      this.filled += taken;
      at = taken;
      if (this.filled < TPKT_HEADER_LENGTH) return at;
      const whole = Buffer.allocUnsafe(packetLength(pending, 0));
      pending.copy(whole, 0, 0, this.filled);
      this.pending = pending = whole;
    }
    const taken = Math.min(pending.length - this.filled, chunk.length - at);
    chunk.copy(pending, this.filled, at, at + taken);
    this.filled += taken;
    return at + taken;
  }

  private pendingComplete(): boolean {
    return this.filled >= TPKT_HEADER_LENGTH && this.filled === this.pending?.length;
  }
}

function packetLength(octets: Buffer, at: number): number {
  if (octets[at] !== 3)
    throw new DecodeError(
      `TPKT version is ${octets[at]} in place of 3; the peer does not speak MMS`,
      undefined,
      'Check address and port: MMS is on port 102 of nearly every device.',
    );
  const length = octets.readUInt16BE(at + 2);
  if (length < MIN_TPKT_LENGTH) throw new DecodeError(`TPKT length ${length} is too short`);
  return length;
}

/** One TPKT around the contents. */
export function encodeTpkt(...contents: readonly Uint8Array[]): Buffer {
  let length = TPKT_HEADER_LENGTH;
  for (const content of contents) length += content.length;
  if (length > MAX_TPKT_LENGTH) throw new DecodeError(`TPKT of ${length} octets is too long`);
  return Buffer.concat([Buffer.of(3, 0, length >>> 8, length & 0xff), ...contents], length);
}
