/** The configuration of an `sv-in` node, checked. */
import { ArgumentError } from '../../src/errors.js';
import { MAX_SV_STREAMS } from '../../src/limits.js';
import type { BusCredentials } from '../shared/bus-security-settings.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import { frameSource, type FrameSource, type FrameSourceForm } from '../shared/frame-source.js';
import type { VersionedDef } from '../shared/red.js';
import { parseSclSource, type SclSource } from '../shared/scl-source.js';

export interface SvInDef extends VersionedDef, FrameSourceForm {
  /** `scl`: control blocks of a file; `listen`: every 9-2LE stream. */
  mode?: string;
  sclFile?: unknown;
  sclIed?: string;
  blocks?: unknown;
  frequency?: string | number;
  interval?: string | number;
  simulation?: boolean;
}

export interface SvInSettings {
  source: FrameSource;
  /** Undefined listens to every stream. */
  chosen: { file: SclSource; ied: string; blocks: string[] } | undefined;
  nominal: number;
  interval: number;
  simulation: boolean;
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
  };
}

function chosenBlocks(
  saved: SvInDef,
  lookup: EnvironmentLookup,
  field: (value: unknown, name: string) => string,
): SvInSettings['chosen'] {
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
