/** The samples of all channels at one instant, read out of a frame. */
import { QualityBit, qualityFromBits, VALIDITY_MASK } from '../model/quality.js';
import type { SvChannel, SvLayout } from './channels.js';
import type { SvAsdu } from './sv-pdu.js';

/** One row is filled again and again: a stream has thousands a second. */
export class SampleRow {
  /** In the units of the channels. */
  readonly values: Float64Array;
  /** Quality bits as MMS has them; -1 for a channel without. */
  readonly qualities: Int32Array;
  svId = '';
  smpCnt = 0;
  smpSynch = 0;
  /** When its frame came, ms since 1970. */
  time = 0;
  /** Samples that are missing before it; Infinity when nobody can say how many. */
  missing = Infinity;

  constructor(readonly layout: SvLayout) {
    this.values = new Float64Array(layout.channels.length);
    this.qualities = new Int32Array(layout.channels.length).fill(-1);
  }

  read(octets: Buffer, { start, svId, smpCnt, smpSynch }: SvAsdu, time: number, missing: number): void {
    this.svId = svId;
    this.smpCnt = smpCnt;
    this.smpSynch = smpSynch;
    this.time = time;
    this.missing = missing;
    const { channels } = this.layout;
    for (let i = 0; i < channels.length; i++) {
      const channel = channels[i] as SvChannel;
      this.values[i] = numberAt(octets, start + channel.at, channel.type) * channel.scale + channel.offset;
      if (channel.qualityAt !== undefined) this.qualities[i] = qualityAt(octets, start + channel.qualityAt);
    }
  }
}

function numberAt(octets: Buffer, at: number, type: SvChannel['type']): number {
  if (type === 'Int32') return octets.readInt32BE(at);
  return type === 'Float32' ? octets.readFloatBE(at) : octets.readInt16BE(at);
}

/** Quality as a 32-bit word, of which the low bits count from the right here: validity stands last (9-2LE §7). */
function qualityAt(octets: Buffer, at: number): number {
  const word = octets.readUInt32BE(at);
  // Validity is one number of two bits here, and in a bit string its first bit counts for more.
  const validity = word & 3;
  return (word & ~3 & 0x3fff) | ((validity & 1) << 1) | (validity >> 1);
}

/** The worse of two qualities, of which either may be none (-1). */
export function worse(a: number, b: number): number {
  return b >= 0 && (a < 0 || badness(b) > badness(a)) ? b : a;
}

/** Invalid is worse than questionable, which is worse than good; flags count less. */
function badness(bits: number): number {
  const validity = bits & VALIDITY_MASK;
  return (validity === 2 ? 3 : validity === 3 ? 2 : validity) * 0x10000 + bits;
}

/** `good, derived`; null where a channel has no quality. */
export function qualityText(bits: number): string | null {
  if (bits < 0) return null;
  return qualityFromBits(bits).text + ((bits & QualityBit.derived) !== 0 ? ', derived' : '');
}

/** smpSynch of a publisher that follows a global clock (IEC 61850-9-2 Table 14). */
const GLOBAL_CLOCK = 2;

export function isGlobal(smpSynch: number): boolean {
  return smpSynch === GLOBAL_CLOCK;
}

/**
 * When a sample was taken, in ms since 1970: with a global clock by its count, which is 0 at each full second; else when it
 * came, as nothing better is known.
 */
export function sampleTime({ time, smpCnt, smpSynch }: SampleRow, rate: number): number {
  if (!isGlobal(smpSynch) || smpCnt >= rate) return time;
  const within = smpCnt / rate;
  return (Math.round(time / 1000 - within) + within) * 1000;
}
