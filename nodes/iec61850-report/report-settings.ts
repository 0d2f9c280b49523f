/** The configuration of an `iec61850-report` node, checked. */
import type { OptionalField, ReportWishes, TriggerOption } from '../../src/client/reports/index.js';
import { OptFld, TrgOp } from '../../src/client/reports/index.js';
import { controlBlockName } from '../../src/client/reports/report-control-block.js';
import { ArgumentError } from '../../src/errors.js';
import { MAX_REPORT_SUBSCRIPTIONS } from '../../src/limits.js';
import type { Tag } from '../../src/model/tag.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { OutputForm } from '../shared/message.js';
import type { VersionedDef } from '../shared/red.js';
import { parseTags } from '../shared/tag-list.js';

export interface ReportDef extends VersionedDef {
  ied?: string;
  mode?: string;
  blocks?: unknown;
  tags?: unknown[];
  interval?: string | number;
  output?: string;
  /** `live`: as the IED has it; `set`: those of the list. */
  triggers?: string;
  triggerOptions?: unknown;
  fields?: string;
  optionalFields?: unknown;
  integrityPeriod?: string | number;
  bufferTime?: string | number;
  reservationTime?: string | number;
  interrogate?: boolean;
  purge?: boolean;
  resume?: boolean;
  acknowledge?: boolean;
}

export interface ReportSettings {
  mode: 'blocks' | 'tags';
  /** `LD/LN.name[BR]`, for mode `blocks`. */
  blocks: string[];
  /** For mode `tags`. */
  tags: Tag[];
  interval: number;
  output: OutputForm;
  wishes: ReportWishes;
  /** Whether the resume point survives a restart. */
  resume: boolean;
  acknowledge: boolean;
}

const MAX_PERIOD_MS = 24 * 3_600_000;
const MAX_RESERVATION_S = 32_767;

/** @throws ArgumentError that names the field which is wrong */
export function reportSettings(config: ReportDef, lookup: EnvironmentLookup): ReportSettings {
  const field = (name: 'interval' | 'integrityPeriod' | 'bufferTime' | 'reservationTime'): string =>
    expandEnvironment(text(config[name]), lookup, name);
  const optional = (name: 'integrityPeriod' | 'bufferTime', max: number): number | undefined => {
    const written = field(name);
    return written === '' ? undefined : wholeNumber(written, name, 0, max, 0);
  };
  const mode = config.mode === 'tags' ? 'tags' : 'blocks';
  const blocks = mode === 'blocks' ? blocksOf(config.blocks, lookup) : [];
  const tags = mode === 'tags' ? parseTags(config.tags ?? []) : [];
  if (blocks.length === 0 && tags.length === 0) {
    throw mode === 'blocks'
      ? new ArgumentError('No report control block is chosen', 'Open the node and choose one.')
      : new ArgumentError('No tag is chosen', 'Open the node and browse the IED.');
  }
  const integrityPeriod = optional('integrityPeriod', MAX_PERIOD_MS);
  const bufferTime = optional('bufferTime', MAX_PERIOD_MS);
  const reservationTime = wholeNumber(field('reservationTime'), 'reservationTime', 0, MAX_RESERVATION_S, 60);
  return {
    mode,
    blocks,
    tags,
    interval: wholeNumber(field('interval'), 'interval', 10, MAX_PERIOD_MS, 1000),
    output: config.output === 'all' || config.output === 'table' ? config.output : 'single',
    wishes: {
      ...(integrityPeriod !== undefined && { integrityPeriod }),
      ...(bufferTime !== undefined && { bufferTime }),
      ...(config.triggers === 'set' && { triggerOptions: namesIn(TrgOp, config.triggerOptions) }),
      ...(config.fields === 'set' && { optionalFields: namesIn(OptFld, config.optionalFields) }),
      reservationTime,
      interrogate: config.interrogate !== false,
      purge: config.purge === true,
    },
    resume: config.resume !== false,
    acknowledge: config.acknowledge === true,
  };
}

function blocksOf(value: unknown, lookup: EnvironmentLookup): string[] {
  if (!Array.isArray(value)) return [];
  if (value.length > MAX_REPORT_SUBSCRIPTIONS) {
    throw new ArgumentError(`More than ${MAX_REPORT_SUBSCRIPTIONS} report control blocks are chosen`);
  }
  const references = value.map((one) => controlBlockName(expandEnvironment(text(one), lookup, 'blocks')).reference);
  return [...new Set(references)];
}

function namesIn<Name extends OptionalField | TriggerOption>(
  names: Readonly<Record<Name, number>>,
  value: unknown,
): Name[] {
  const wanted: readonly unknown[] = Array.isArray(value) ? value : [];
  return (Object.keys(names) as Name[]).filter((name) => wanted.includes(name));
}
