/** The configuration of an `sv-in` node, checked. */
import { COMTRADE_FORMATS, type ComtradeFormat } from '../../src/comtrade/index.js';
import { ArgumentError } from '../../src/errors.js';
import { MAX_SV_CHANNELS, MAX_SV_STREAMS } from '../../src/limits.js';
import type { DecimationOptions } from '../../src/sv/decimator.js';
import type { SvThreshold } from '../../src/sv/threshold.js';
import type { WaveformOptions } from '../../src/sv/waveform-recorder.js';
import type { BusCredentials } from '../shared/bus-security-settings.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import { frameSource, type FieldReader, type FrameSource, type FrameSourceForm } from '../shared/frame-source.js';
import type { VersionedDef } from '../shared/red.js';
import { parseSclSource, type SclSource } from '../shared/scl-source.js';

/** ms before and after a trigger, each. */
const MAX_WAVEFORM_MS = 10_000;
const MAX_COMTRADE_RECORDS = 10_000;

const THRESHOLDS: Readonly<Record<string, Pick<SvThreshold, 'measure' | 'when'>>> = {
  rmsAbove: { measure: 'rms', when: 'above' },
  rmsBelow: { measure: 'rms', when: 'below' },
  peakAbove: { measure: 'peak', when: 'above' },
};

export interface SvInDef extends VersionedDef, FrameSourceForm {
  /** `scl`: control blocks of a file; `listen`: every 9-2LE stream. */
  mode?: string;
  sclFile?: unknown;
  sclIed?: string;
  blocks?: unknown;
  frequency?: string | number;
  interval?: string | number;
  simulation?: boolean;
  /** Id of the `iec61850-server` that supervises. */
  server?: string;
  /** `measurements` or `samples`. */
  output?: string;
  sampleRate?: string | number;
  average?: boolean;
  /** Whether waveforms are recorded. */
  waveform?: boolean;
  before?: string | number;
  after?: string | number;
  holdOff?: string | number;
  /** `message`, `rmsAbove`, `rmsBelow` or `peakAbove`. */
  trigger?: string;
  channels?: string;
  level?: string | number;
  /** A format of COMTRADE, or empty when nothing is written. */
  comtrade?: string;
  folder?: string;
  station?: string;
  maxRecords?: string | number;
}

export interface SvInSettings {
  source: FrameSource;
  /** Undefined listens to every stream. */
  chosen: { file: SclSource; ied: string; blocks: string[] } | undefined;
  nominal: number;
  interval: number;
  simulation: boolean;
  /** Undefined gives measurements. */
  decimation: DecimationOptions | undefined;
  waveform: WaveformOptions | undefined;
  comtrade: ComtradeSettings | undefined;
}

export interface ComtradeSettings {
  format: ComtradeFormat;
  /** Folder of this machine, outside which nothing is written. */
  folder: string;
  station: string;
  /** Records that the folder may have. */
  maxRecords: number;
}

/** @throws ArgumentError that names the field which is wrong */
export function svInSettings(saved: SvInDef, lookup: EnvironmentLookup, credentials?: BusCredentials): SvInSettings {
  const field = (value: unknown, name: string): string => expandEnvironment(text(value), lookup, name);
  const frequency = field(saved.frequency, 'frequency');
  if (frequency !== '' && frequency !== '50' && frequency !== '60') {
    throw new ArgumentError(`The frequency ${frequency} is none of a grid`, 'Choose 50 or 60 Hz.');
  }
  return {
    source: frameSource(saved, field, credentials),
    chosen: saved.mode === 'listen' ? undefined : chosenBlocks(saved, lookup, field),
    nominal: frequency === '60' ? 60 : 50,
    interval: wholeNumber(field(saved.interval, 'interval'), 'interval', 40, 60_000, 1000),
    simulation: saved.simulation === true,
    decimation: saved.output === 'samples' ? decimationOf(saved, field) : undefined,
    waveform: saved.waveform === true ? waveformOf(saved, field) : undefined,
    comtrade: saved.waveform === true && saved.comtrade ? comtradeOf(saved, field) : undefined,
  };
}

function decimationOf(saved: SvInDef, field: FieldReader): DecimationOptions {
  const rate = wholeNumber(field(saved.sampleRate, 'sampleRate'), 'sampleRate', 1, 20_000, 1000);
  return { rate, average: saved.average !== false };
}

function waveformOf(saved: SvInDef, field: FieldReader): WaveformOptions {
  const ms = (name: 'before' | 'after' | 'holdOff', lowest: number, highest: number, otherwise: number): number =>
    wholeNumber(field(saved[name], name), name, lowest, highest, otherwise);
  const threshold = thresholdOf(saved, field);
  return {
    before: ms('before', 0, MAX_WAVEFORM_MS, 100),
    after: ms('after', 1, MAX_WAVEFORM_MS, 200),
    holdOff: ms('holdOff', 0, 3_600_000, 1000),
    ...(threshold && { threshold }),
  };
}

function thresholdOf(saved: SvInDef, field: FieldReader): SvThreshold | undefined {
  const kind = saved.trigger ?? 'message';
  if (kind === 'message' || kind === '') return undefined;
  const found = THRESHOLDS[kind];
  if (!found) throw new ArgumentError(`The trigger "${kind}" is none`, `Choose ${Object.keys(THRESHOLDS).join(', ')}.`);
  const channels = field(saved.channels, 'channels')
    .split(/[,;\s]+/)
    .filter((name) => name !== '');
  if (channels.length === 0 || channels.length > MAX_SV_CHANNELS)
    throw new ArgumentError('The trigger has no channel', 'Open the node and give one, such as Ia.');
  const level = Number(field(saved.level, 'level') || NaN);
  if (!(level > 0) || !Number.isFinite(level))
    throw new ArgumentError('The level of the trigger is no number above 0', 'Give it in the unit of the channel.');
  return { ...found, channels, level };
}

function comtradeOf(saved: SvInDef, field: FieldReader): ComtradeSettings {
  const format = COMTRADE_FORMATS.find((name) => name === saved.comtrade);
  if (!format)
    throw new ArgumentError(`"${saved.comtrade}" is no format of COMTRADE`, `Choose ${COMTRADE_FORMATS.join(', ')}.`);
  const folder = field(saved.folder, 'folder');
  if (folder === '')
    throw new ArgumentError('The node has no folder for COMTRADE', 'Enter the folder of this machine that it may use.');
  return {
    format,
    folder,
    station: field(saved.station, 'station'),
    maxRecords: wholeNumber(field(saved.maxRecords, 'maxRecords'), 'maxRecords', 1, MAX_COMTRADE_RECORDS, 200),
  };
}

function chosenBlocks(saved: SvInDef, lookup: EnvironmentLookup, field: FieldReader): SvInSettings['chosen'] {
  const { sclFile } = saved;
  const file = parseSclSource(
    typeof sclFile === 'string' ? expandEnvironment(sclFile.trim(), lookup, 'sclFile') : sclFile,
  );
  if (!file) throw new ArgumentError('No SCL file is chosen', 'Open the node and choose the file of the merging unit.');
  const given = Array.isArray(saved.blocks) ? (saved.blocks as unknown[]) : [];
  const blocks = given.slice(0, MAX_SV_STREAMS).map((block) => field(block, 'blocks'));
  if (blocks.length === 0) throw new ArgumentError('No stream is chosen', 'Open the node and tick a control block.');
  return { file, ied: field(saved.sclIed, 'sclIed'), blocks };
}
