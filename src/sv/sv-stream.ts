/** One stream of sampled values: its order, its synchronisation, and what its waveforms are over an interval. */
import { QualityBit, qualityFromBits, VALIDITY_MASK } from '../model/quality.js';
import type { SvChannel, SvLayout } from './channels.js';
import { analyse, frequencyOf } from './phasors.js';
import { SampleCounter, type SampleStatistics } from './sample-counter.js';
import type { SvAsdu } from './sv-pdu.js';

export interface SvStreamOptions {
  layout: SvLayout;
  /** 50 or 60 Hz. */
  nominal: number;
  /** Samples a second. */
  rate: number;
  /** Length of a window in ms; whole periods are taken, one at least. */
  interval: number;
}

export interface ChannelMeasurement {
  name: string;
  unit: string;
  rms: number;
  /** RMS of the fundamental. */
  fundamental: number;
  /** Degrees against the reference channel, above -180 and up to 180; NaN without a fundamental. */
  angle: number;
  /** Share of the fundamental, 0.05 for 5 %; NaN without a fundamental. */
  thd: number;
  /** The worst quality of the window; `null` when the stream has none for it. */
  quality: string | null;
}

export interface SvMeasurement {
  svId: string;
  /** Hz, NaN when no channel has a fundamental. */
  frequency: number;
  /** Name of the channel that angles refer to: the first voltage that is there, else the first channel that is. */
  reference: string | null;
  channels: ChannelMeasurement[];
  /** Samples of the window, and the first one's count. */
  samples: number;
  smpCnt: number;
  smpSynch: number;
  /** Counts since the stream was first heard. */
  statistics: SampleStatistics;
  /** Windows that were given up because samples were missing. */
  incomplete: number;
}

/** A fundamental below this share of the largest of its unit is noise, and has no angle. */
const NOISE = 0.001;

export class SvStream {
  readonly counter: SampleCounter;
  /** Windows that were given up because samples were missing. */
  incomplete = 0;
  /** ASDUs whose samples have another length than the layout. */
  mismatches = 0;
  private readonly window: Float64Array[];
  private readonly qualities: Int32Array;
  private readonly size: number;
  private count = 0;
  private firstCount = 0;

  constructor(private readonly options: SvStreamOptions) {
    const { layout, nominal, rate, interval } = options;
    const periods = Math.max(2, Math.round((interval / 1000) * nominal));
    this.size = Math.round((periods * rate) / nominal);
    this.window = layout.channels.map(() => new Float64Array(this.size));
    this.qualities = new Int32Array(layout.channels.length).fill(-1);
    this.counter = new SampleCounter(rate);
  }

  /**
   * Takes the samples of an ASDU of this stream.
   * @returns what the window was, when this was its last sample
   */
  take(octets: Buffer, asdu: SvAsdu): SvMeasurement | undefined {
    if (asdu.end - asdu.start !== this.options.layout.length) {
      this.mismatches++;
      return undefined;
    }
    const order = this.counter.take(asdu.smpCnt, asdu.smpSynch);
    if (order === 'late') return undefined;
    if (order !== 'next' && this.count > 0) {
      // A gap would count as distortion: the window begins anew.
      this.incomplete++;
      this.begin();
    }
    if (this.count === 0) this.firstCount = asdu.smpCnt;
    this.store(octets, asdu.start);
    if (this.count < this.size) return undefined;
    const measurement = this.measure(asdu);
    this.begin();
    return measurement;
  }

  private begin(): void {
    this.count = 0;
    this.qualities.fill(-1);
  }

  private store(octets: Buffer, start: number): void {
    const { channels } = this.options.layout;
    for (let i = 0; i < channels.length; i++) {
      const channel = channels[i] as SvChannel;
      const samples = this.window[i] as Float64Array;
      samples[this.count] = numberAt(octets, start + channel.at, channel.type) * channel.scale + channel.offset;
      if (channel.qualityAt === undefined) continue;
      const bits = qualityOf(octets, start + channel.qualityAt);
      const worst = this.qualities[i] as number;
      if (worst < 0 || badness(bits) > badness(worst)) this.qualities[i] = bits;
    }
    this.count++;
  }

  private measure({ svId, smpSynch }: SvAsdu): SvMeasurement {
    const { layout, nominal, rate } = this.options;
    const { channels } = layout;
    const rough = this.window.map((samples) => rms(samples));
    const largest = new Map<string, number>();
    for (const [i, { unit }] of channels.entries())
      largest.set(unit, Math.max(largest.get(unit) ?? 0, rough[i] as number));
    const present = (i: number): boolean => {
      const level = rough[i] as number;
      return level > 0 && level > NOISE * (largest.get((channels[i] as SvChannel).unit) ?? 0);
    };
    const indices = [...channels.keys()].filter(present);
    const referenceIndex = indices.find((i) => (channels[i] as SvChannel).unit.endsWith('V')) ?? indices[0];
    const frequency =
      referenceIndex === undefined
        ? NaN
        : frequencyOf(this.window[referenceIndex] as Float64Array, this.size, nominal, rate);
    const at = Number.isFinite(frequency) ? frequency : nominal;
    const waves = this.window.map((samples) => analyse(samples, this.size, at, rate));
    const zero = referenceIndex === undefined ? 0 : (waves[referenceIndex]?.phase ?? 0);
    return {
      svId,
      frequency,
      reference: referenceIndex === undefined ? null : (channels[referenceIndex] as SvChannel).name,
      channels: channels.map(({ name, unit }, i) => {
        const wave = waves[i] as (typeof waves)[number];
        const bits = this.qualities[i] as number;
        return {
          name,
          unit,
          rms: wave.rms,
          fundamental: wave.fundamental,
          angle: present(i) ? degrees(wave.phase - zero) : NaN,
          thd: present(i) ? wave.thd : NaN,
          quality: bits < 0 ? null : qualityText(bits),
        };
      }),
      samples: this.size,
      smpCnt: this.firstCount,
      smpSynch,
      statistics: { ...this.counter.statistics },
      incomplete: this.incomplete,
    };
  }
}

function numberAt(octets: Buffer, at: number, type: SvChannel['type']): number {
  if (type === 'Int32') return octets.readInt32BE(at);
  return type === 'Float32' ? octets.readFloatBE(at) : octets.readInt16BE(at);
}

/** Quality as a 32-bit word, of which the low bits count from the right here: validity stands last (9-2LE §7). */
function qualityOf(octets: Buffer, at: number): number {
  const word = octets.readUInt32BE(at);
  // Validity is one number of two bits here, and in a bit string its first bit counts for more.
  const validity = word & 3;
  return (word & ~3 & 0x3fff) | ((validity & 1) << 1) | (validity >> 1);
}

/** Invalid is worse than questionable, which is worse than good; flags count less. */
function badness(bits: number): number {
  const validity = bits & VALIDITY_MASK;
  return (validity === 2 ? 3 : validity === 3 ? 2 : validity) * 0x10000 + bits;
}

function qualityText(bits: number): string {
  return qualityFromBits(bits).text + ((bits & QualityBit.derived) !== 0 ? ', derived' : '');
}

function rms(samples: Float64Array): number {
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  return Math.sqrt(squares / samples.length);
}

function degrees(radians: number): number {
  const turned = ((radians * 180) / Math.PI) % 360;
  return turned > 180 ? turned - 360 : turned <= -180 ? turned + 360 : turned;
}
