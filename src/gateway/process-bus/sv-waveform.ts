/** A recorded waveform as a message has it, and as a COMTRADE record. */
import type { ComtradeRecord } from '../../comtrade/index.js';
import { VALIDITY_MASK } from '../../model/quality.js';
import { qualityText } from '../../sv/sample-row.js';
import type { SvWaveform, WaveformCause, WaveformChannel } from '../../sv/waveform-recorder.js';

export interface WaveformDetails {
  svId: string;
  cause: WaveformCause;
  /** Samples a second, and nominal frequency of the grid in Hz. */
  rate: number;
  nominal: number;
  /** Times of the first sample and of the trigger, ISO 8601 UTC with microseconds. */
  start: string;
  trigger: string;
  /** Place of the trigger's sample. */
  triggerIndex: number;
  samples: number;
  /** Samples that never came; they are null. */
  missing: number;
  complete: boolean;
  smpCnt: number | null;
  synchronised: boolean;
  channels: { name: string; unit: string; samples: (number | null)[]; quality: string | null }[];
}

export function waveformDetails(waveform: SvWaveform): WaveformDetails {
  const { start, smpCnt, channels, synch: _synch, ...plain } = waveform;
  return {
    ...plain,
    start: isoTime(start),
    trigger: isoTime(triggerTime(waveform)),
    smpCnt: smpCnt ?? null,
    channels: channels.map(({ channel: { name, unit }, values, worst }) => ({
      name,
      unit,
      samples: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
      quality: qualityText(worst),
    })),
  };
}

/** @param station name of the place, for the head of the record */
export function comtradeOf(waveform: SvWaveform, station: string): ComtradeRecord {
  const { svId, channels, nominal, rate, start, synchronised, synch } = waveform;
  return {
    station: station || svId,
    device: svId,
    analogs: channels.map(({ channel: { name, unit, type, scale, offset }, values }) => ({
      name,
      phase: phaseOf(name),
      unit,
      values,
      ...(type !== 'Float32' && { scale, offset }),
    })),
    statuses: [
      { name: 'smpSynch global', values: synch },
      ...channels.flatMap(({ channel, qualities, values }) =>
        qualities ? [{ name: `${channel.name} not good`, values: notGood(qualities, values) }] : [],
      ),
    ],
    frequency: nominal,
    rate,
    start,
    trigger: triggerTime(waveform),
    synchronised,
  };
}

/** Name of a record's files without extension: `MU01_20261120_090507_012`, by the time of the trigger. */
export function recordName(waveform: SvWaveform): string {
  const [date = '', time = ''] = new Date(triggerTime(waveform)).toISOString().replace(/[-:Z]/g, '').split('T');
  const name = waveform.svId.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 60) || 'stream';
  return `${name}_${date}_${time.replace('.', '_')}`;
}

function triggerTime({ start, triggerIndex, rate }: SvWaveform): number {
  return start + (triggerIndex * 1000) / rate;
}

/** With microseconds, which samples need: `2026-11-20T09:05:07.012345Z`. */
function isoTime(ms: number): string {
  const microseconds = Math.round(ms * 1000);
  const text = new Date(Math.floor(microseconds / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(microseconds % 1000).padStart(3, '0')}Z`;
}

/** Channels of 9-2LE tell their phase by their last letter; those of a file do not. */
function phaseOf(name: string): string {
  return /^[IV][abcn]$/.test(name) ? (name[1] as string).toUpperCase() : '';
}

/** Validity other than good, or missing. */
function notGood(qualities: NonNullable<WaveformChannel['qualities']>, values: Float64Array): Uint8Array {
  return Uint8Array.from(qualities, (bits, i) => ((bits & VALIDITY_MASK) !== 0 || Number.isNaN(values[i]) ? 1 : 0));
}
