/** The configuration of an `iec61850-report` node, checked. */
import type { OptionalField, ReportWishes, TriggerOption } from '../../src/client/reports/index.js';
import { OptFld, TrgOp } from '../../src/client/reports/index.js';
import { dataSetName } from '../../src/client/data-sets/name.js';
import { controlBlockName } from '../../src/client/reports/report-control-block.js';
import { ArgumentError } from '../../src/errors.js';
import type { MadeDataSetOptions } from '../../src/gateway/reports/index.js';
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
  /** Of the one control block that is chosen. */
  rptId?: string;
  dataSet?: string;
  /** Whether data sets are made for tags that none holds: `association`, `persistent`, or neither. */
  makeDataSets?: string;
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
  makeDataSets?: MadeDataSetOptions;
}

const MAX_PERIOD_MS = 24 * 3_600_000;
const MAX_RESERVATION_S = 32_767;
/** Characters of RptID (IEC 61850-7-2 §17.2.2.3); longer ones have crashed servers (CVE-2026-68908). */
const MAX_RPT_ID = 129;

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
  const own = mode === 'blocks' ? ownNames(config, blocks, lookup) : {};
  const reservationTime = wholeNumber(field('reservationTime'), 'reservationTime', 0, MAX_RESERVATION_S, 60);
  return {
    mode,
    blocks,
    tags,
    interval: wholeNumber(field('interval'), 'interval', 10, MAX_PERIOD_MS, 1000),
    output: config.output === 'all' || config.output === 'table' ? config.output : 'single',
    wishes: {
      ...own,
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
    ...(mode === 'tags' && madeOf(config.makeDataSets)),
  };
}

/** RptID and DatSet, which can only be those of one control block. */
function ownNames(
  config: ReportDef,
  blocks: readonly string[],
  lookup: EnvironmentLookup,
): Pick<ReportWishes, 'rptId' | 'dataSet'> {
  const rptId = expandEnvironment(text(config.rptId), lookup, 'rptId');
  const dataSet = expandEnvironment(text(config.dataSet), lookup, 'dataSet');
  if (blocks.length > 1 && (rptId !== '' || dataSet !== ''))
    throw new ArgumentError(
      'RptID and DatSet are set for several control blocks',
      'Choose one control block, or leave both empty.',
    );
  if (rptId.length > MAX_RPT_ID) throw new ArgumentError(`RptID has more than ${MAX_RPT_ID} characters`, 'Shorten it.');
  if (dataSet !== '') dataSetName(dataSet);
  return { ...(rptId !== '' && { rptId }), ...(dataSet !== '' && { dataSet }) };
}

function madeOf(scope: unknown): Pick<ReportSettings, 'makeDataSets'> {
  return scope === 'association' || scope === 'persistent' ? { makeDataSets: { scope } } : {};
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
