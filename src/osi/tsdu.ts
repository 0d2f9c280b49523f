import { LimitError } from '../errors.js';
import { MAX_TPKT_LENGTH, MAX_TSDU_FRAGMENTS, MAX_TSDU_LENGTH } from '../limits.js';
import { COTP_DATA_HEADER_LENGTH, encodeCotpData } from './cotp.js';
import * as presentation from './presentation.js';
import { SESSION_DATA_HEADER } from './session.js';
import { TPKT_HEADER_LENGTH, encodeTpkt } from './tpkt.js';

/** Puts the data TPDUs of one TSDU together (ISO 8073 §6.3), bounded in number and octets. */
export class TsduAssembler {
  private fragments: Buffer[] = [];
  private octets = 0;

  /** Whether no TSDU has begun. */
  get empty(): boolean {
    return this.fragments.length === 0;
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
    this.octets += end - start;
    if (this.octets > MAX_TSDU_LENGTH || this.fragments.length >= MAX_TSDU_FRAGMENTS) {
      throw new LimitError(`the peer sent a TSDU of over ${MAX_TSDU_LENGTH} octets or ${MAX_TSDU_FRAGMENTS} fragments`);
    }
    if (!endOfTsdu) {
      // Copied: the chunk that it stands in may be reused, and would be kept alive whole.
      this.fragments.push(Buffer.from(octets.subarray(start, end)));
      return undefined;
    }
    this.fragments.push(octets.subarray(start, end));
    const whole = Buffer.concat(this.fragments, this.octets);
    this.clear();
    return whole;
  }

  clear(): void {
    this.fragments = [];
    this.octets = 0;
  }
}

/** TPKTs that carry one TSDU, in data TPDUs of at most `tpduSize` octets. */
export function tsduPackets(tsdu: Buffer, tpduSize: number): Buffer {
  const room = Math.min(tpduSize, MAX_TPKT_LENGTH - TPKT_HEADER_LENGTH) - COTP_DATA_HEADER_LENGTH;
  const packets: Buffer[] = [];
  for (let at = 0; at < tsdu.length; at += room) {
    packets.push(encodeTpkt(encodeCotpData(at + room >= tsdu.length), tsdu.subarray(at, at + room)));
  }
  return Buffer.concat(packets);
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
    return tsduPackets(Buffer.concat([SESSION_DATA_HEADER, header, ...parts]), tpduSize);
  }
  const prefix = TPKT_HEADER_LENGTH + COTP_DATA_HEADER_LENGTH;
  const octets = Buffer.allocUnsafe(prefix + tsduLength);
  octets.writeUInt32BE(((3 << 24) | octets.length) >>> 0, 0);
  octets[4] = 2;
  octets[5] = 0xf0;
  octets[6] = 0x80;
  octets.set(SESSION_DATA_HEADER, prefix);
  let at = presentation.writeUserDataHeader(octets, prefix + SESSION_DATA_HEADER.length, contextId, length);
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}
