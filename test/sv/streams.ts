/** Streams of made-up merging units. */
import type { SvChannel, SvLayout } from '../../src/sv/channels.js';
import { encodeSvPdu, type SvAsdu } from '../../src/sv/sv-pdu.js';
import { SvStream, type SvMeasurement, type SvStreamOptions } from '../../src/sv/sv-stream.js';
import type { SampleBatch } from '../../src/sv/decimator.js';
import type { SvWaveform } from '../../src/sv/waveform-recorder.js';

export const BEGIN = Date.UTC(2026, 10, 20, 12);

/** Names and channels as IEC 61869-9 names them: `F4800S2I4U4` has 2 ASDUs a frame, 4 currents and 4 voltages. */
export function layoutOf(currents: number, voltages: number): SvLayout {
  const channels = Array.from({ length: currents + voltages }, (_, i): SvChannel => {
    const current = i < currents;
    return {
      name: current ? `I${i + 1}` : `U${i - currents + 1}`,
      at: i * 8,
      type: 'Int32',
      scale: current ? 0.001 : 0.01,
      offset: 0,
      unit: current ? 'A' : 'V',
      qualityAt: i * 8 + 4,
    };
  });
  return { channels, length: channels.length * 8 };
}

export interface Source {
  layout: SvLayout;
  /** Value of a channel at a time in seconds, in its unit. */
  value: (channel: number, seconds: number) => number;
  quality?: (channel: number, seconds: number) => number;
}

/** A symmetric system: currents of 100 A, voltages of 60 kV. */
export function grid(layout: SvLayout, frequency: number): Source {
  return {
    layout,
    value: (i, seconds) => {
      const peak = (layout.channels[i]?.unit === 'A' ? 100 : 60_000) * Math.SQRT2;
      return peak * Math.cos(2 * Math.PI * (frequency * seconds - (i % 4) / 3));
    },
  };
}

export function samplesAt({ layout, value, quality }: Source, seconds: number): Buffer {
  const octets = Buffer.alloc(layout.length);
  layout.channels.forEach(({ at, scale, qualityAt }, i) => {
    octets.writeInt32BE(Math.round(value(i, seconds) / scale), at);
    if (qualityAt !== undefined) octets.writeUInt32BE(quality?.(i, seconds) ?? 0, qualityAt);
  });
  return octets;
}

export function asduOf(smpCnt: number, length: number, different: Partial<SvAsdu> = {}): SvAsdu {
  return { svId: 'MU01', smpCnt, confRev: 1, smpSynch: 2, countAt: 0, start: 0, end: length, ...different };
}

/** The APDUs of a second, each of several ASDUs. */
export function frameOf(
  source: Source,
  rate: number,
  first: number,
  asdus: number,
  different: Partial<SvAsdu> = {},
): Buffer {
  const { length } = source.layout;
  const samples = Array.from({ length: asdus }, (_, i) => samplesAt(source, (first + i) / rate));
  const list = samples.map((_, i) =>
    asduOf((first + i) % rate, length, { ...different, start: i * length, end: (i + 1) * length }),
  );
  return encodeSvPdu(list, Buffer.concat(samples));
}

/** A stream with everything that it told. */
export class Told {
  readonly measured: SvMeasurement[] = [];
  readonly batches: SampleBatch[] = [];
  readonly waveforms: SvWaveform[] = [];
  readonly changes: [rate: number, nominal: number][] = [];
  readonly stream: SvStream;
  /** Seconds that went by. */
  seconds = 0;

  constructor(options: SvStreamOptions) {
    this.stream = new SvStream(options, {
      measured: (one) => this.measured.push(one),
      samples: (one) => this.batches.push(one),
      waveform: (one) => this.waveforms.push(one),
      changed: (...one) => this.changes.push(one),
    });
  }

  /**
   * Goes on for some seconds, with samples that come 1 ms after they were taken.
   * @param keep which counts come at all
   */
  run(
    source: Source,
    rate: number,
    seconds: number,
    { keep = () => true, ...different }: { keep?: (smpCnt: number) => boolean } & Partial<SvAsdu> = {},
  ): this {
    const samples = Math.round(seconds * rate);
    for (let i = 0; i < samples; i++) {
      const at = this.seconds + i / rate;
      const smpCnt = Math.round(at * rate) % rate;
      if (!keep(smpCnt)) continue;
      const octets = samplesAt(source, at);
      this.stream.take(octets, asduOf(smpCnt, octets.length, different), BEGIN + at * 1000 + 1);
    }
    this.seconds += seconds;
    return this;
  }
}
