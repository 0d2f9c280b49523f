import { LimitError } from '../errors.js';
import { MAX_TPKT_LENGTH, MAX_TSDU_FRAGMENTS, MAX_TSDU_LENGTH } from '../limits.js';
import { COTP_DATA_HEADER_LENGTH, encodeCotpData } from './cotp.js';
import * as presentation from './presentation.js';
import { SESSION_DATA_HEADER } from './session.js';
import { TPKT_HEADER_LENGTH } from './tpkt.js';

/** Octets that are taken for the first fragments of a TSDU. */
const FIRST_CAPACITY = 16 << 10;
/** A larger buffer is not kept for the next TSDU. */
const MAX_SPARE = 128 << 10;
const PACKET_HEADER = TPKT_HEADER_LENGTH + COTP_DATA_HEADER_LENGTH;

/** Puts the data TPDUs of one TSDU together (ISO 8073 §6.3), bounded in number and octets. */
export class TsduAssembler {
  private target: Buffer | undefined;
  private spare: Buffer | undefined;
  private fragments = 0;
  private octets = 0;
  /** Size of the last TSDU: the next one is often as large. */
  private usual = FIRST_CAPACITY;

  /** Whether no TSDU has begun. */
  get empty(): boolean {
    return this.fragments === 0;
  }

  /**
   * Takes the user data `octets[start … end)` of one TPDU.
   * @returns the whole TSDU after its last TPDU
   * @throws LimitError
   */
  add(
    octets: Buffer,
    { endOfTsdu, start, end }: { endOfTsdu: boolean; start: number; end: number },
  ): Buffer | undefined {
    const length = this.octets + end - start;
    if (length > MAX_TSDU_LENGTH || this.fragments >= MAX_TSDU_FRAGMENTS) {
      throw new LimitError(`the peer sent a TSDU of over ${MAX_TSDU_LENGTH} octets or ${MAX_TSDU_FRAGMENTS} fragments`);
    }
    // Copied: the chunk that it stands in may be reused, and would be kept alive whole.
    const target = this.room(length);
    octets.copy(target, this.octets, start, end);
    this.octets = length;
    this.fragments++;
    if (!endOfTsdu) return undefined;
    this.usual = Math.max(FIRST_CAPACITY, length);
    this.clear();
    return target.subarray(0, length);
  }

  /** Nobody keeps a part of this TSDU any more: its buffer serves for the next one. */
  release(whole: Buffer): void {
    if (whole.length <= MAX_SPARE) this.spare = whole;
  }

  clear(): void {
    this.target = undefined;
    this.fragments = 0;
    this.octets = 0;
  }

  /** The buffer of this TSDU, with room for `length` octets. */
  private room(length: number): Buffer {
    this.target ??= this.spare;
    this.spare = undefined;
    if (this.target && this.target.length >= length) return this.target;
    const larger = Buffer.allocUnsafe(Math.min(MAX_TSDU_LENGTH, Math.max(length, this.usual, 2 * this.octets)));
    this.target?.copy(larger, 0, 0, this.octets);
    this.target = larger;
    return larger;
  }
}

/** TPKTs that carry one TSDU, given in parts that follow each other, in data TPDUs of at most `tpduSize` octets. */
export function tsduPackets(parts: readonly Uint8Array[], tpduSize: number): Buffer {
  const room = Math.min(tpduSize, MAX_TPKT_LENGTH - TPKT_HEADER_LENGTH) - COTP_DATA_HEADER_LENGTH;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const target = Buffer.allocUnsafe(length + Math.ceil(length / room) * PACKET_HEADER);
  let at = 0;
  let left = length;
  let inPacket = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length;) {
      if (inPacket === 0) {
        inPacket = Math.min(room, left);
        at = writePacketHeader(target, at, inPacket, inPacket === left);
      }
      const count = Math.min(inPacket, part.length - from);
      target.set(from === 0 && count === part.length ? part : part.subarray(from, from + count), at);
      at += count;
      from += count;
      inPacket -= count;
      left -= count;
    }
  }
  return target;
}

function writePacketHeader(target: Buffer, at: number, userData: number, endOfTsdu: boolean): number {
  target.writeUInt32BE(((3 << 24) | (PACKET_HEADER + userData)) >>> 0, at);
  target.set(encodeCotpData(endOfTsdu), at + TPKT_HEADER_LENGTH);
  return at + PACKET_HEADER;
}

/**
 * TPKTs that carry one PDU of `length` octets in a presentation context of an open association; the parts of the PDU
 * follow each other. The usual one, which fits a single TPDU, is written in one go.
 */
export function dataPackets(parts: readonly Uint8Array[], length: number, contextId: number, tpduSize: number): Buffer {
  const headerLength = presentation.userDataHeaderLength(length);
  const tsduLength = SESSION_DATA_HEADER.length + headerLength + length;
  if (tsduLength > tpduSize - COTP_DATA_HEADER_LENGTH) {
    const header = Buffer.allocUnsafe(headerLength);
    presentation.writeUserDataHeader(header, 0, contextId, length);
    return tsduPackets([SESSION_DATA_HEADER, header, ...parts], tpduSize);
  }
  const octets = Buffer.allocUnsafe(PACKET_HEADER + tsduLength);
  octets.writeUInt32BE(((3 << 24) | octets.length) >>> 0, 0);
  octets[4] = 2;
  octets[5] = 0xf0;
  octets[6] = 0x80;
  octets.set(SESSION_DATA_HEADER, PACKET_HEADER);
  let at = presentation.writeUserDataHeader(octets, PACKET_HEADER + SESSION_DATA_HEADER.length, contextId, length);
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}
