import { decodeApplicationHeader } from '../mms/application-header.js';
import { decodeSvPdu, type SvAsdu } from './sv-pdu.js';

export interface SvFrame {
  appId: number;
  simulated: boolean;
  asdus: SvAsdu[];
}

/** @throws DecodeError, LimitError */
export function decodeSvFrame(payload: Buffer): SvFrame {
  const { appId, simulated, start, end } = decodeApplicationHeader(payload);
  return { appId, simulated, asdus: decodeSvPdu(payload, start, end) };
}

/** What is kept of a frame, to know the next one of its stream by. */
interface KnownFrame {
  octets: Buffer;
  frame: SvFrame;
}

/** Frames that are remembered: one for each stream of an interface, and those are few. */
const REMEMBERED = 16;

/**
 * Decodes the frames of an interface. Those of one stream differ in their counts and samples alone, so that the places of
 * these are remembered and everything else is compared: thousands of frames a second are not taken apart again.
 */
export class SvFrameDecoder {
  private readonly known: KnownFrame[] = [];

  /**
   * The frame's ASDUs are valid until the next frame is decoded.
   * @throws DecodeError, LimitError
   */
  decode(payload: Buffer): SvFrame {
    for (const { octets, frame } of this.known) {
      if (!sameBesideSamples(octets, payload, frame.asdus)) continue;
      for (const asdu of frame.asdus) asdu.smpCnt = payload.readUInt16BE(asdu.countAt);
      return frame;
    }
    const frame = decodeSvFrame(payload);
    this.known.push({ octets: Buffer.from(payload), frame });
    if (this.known.length > REMEMBERED) this.known.shift();
    return frame;
  }
}

/** Whether two frames have the same octets everywhere but in the counts and samples of these ASDUs. */
function sameBesideSamples(a: Buffer, b: Buffer, asdus: readonly SvAsdu[]): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  for (const { countAt, start, end } of asdus) {
    if (!sameBetween(a, b, at, countAt) || !sameBetween(a, b, countAt + 2, start)) return false;
    at = end;
  }
  return sameBetween(a, b, at, a.length);
}

function sameBetween(a: Buffer, b: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}
