import { ArgumentError, ConnectionError, DataAccessError, Iec61850Error, ReservedError } from '../../errors.js';
import type { ReportAttribute } from '../../model/report-attribute.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientAssociation } from '../client-association.js';
import {
  bitsOf,
  namesOf,
  OPT_FLDS_LENGTH,
  OptFld,
  TRG_OPS_LENGTH,
  TrgOp,
  type OptionalField,
  type TriggerOption,
} from './control-block-bits.js';
import { accessError, controlBlockVariable, type ControlBlockState } from './report-control-block.js';

/** What a client wants of a control block; what is absent stays as the IED has it. */
export interface ReportWishes {
  /** `LD/LN.name` or `@name`. */
  dataSet?: string;
  rptId?: string;
  /** Absent: all but `dataRef`. */
  optionalFields?: readonly OptionalField[];
  triggerOptions?: readonly TriggerOption[];
  /** BufTm in ms. */
  bufferTime?: number;
  /** IntgPd in ms; 0 for none. */
  integrityPeriod?: number;
  /** General interrogation whenever the control block was enabled; true when absent. */
  interrogate?: boolean;
  /** Empties the buffer before the first enabling. */
  purge?: boolean;
  /** ResvTms in s; 60 when absent, 0 to leave it alone. */
  reservationTime?: number;
}

const DEFAULT_FIELDS: readonly OptionalField[] = [
  'seqNum',
  'timeStamp',
  'reasonCode',
  'dataSet',
  'bufOvfl',
  'entryID',
  'configRef',
];
const BUFFERED_ONLY: ReadonlySet<OptionalField> = new Set(['bufOvfl', 'entryID']);
const DEFAULT_TRIGGERS: readonly TriggerOption[] = ['dchg', 'qchg', 'gi'];
const DEFAULT_RESERVATION_S = 60;

/** One attribute that is to be written. */
export interface AttributeWrite {
  attribute: ReportAttribute;
  data: MmsData;
}

export interface Configured {
  /** Refused attributes that reports can do without. */
  warnings: Iec61850Error[];
  /** The resume point was taken; otherwise everything that the buffer holds comes again. */
  resumed: boolean;
  /** The IED no longer knows the resume point: entries may be lost. */
  gap: boolean;
  /** The IED took a reservation, which is given back at the end. */
  reserved: boolean;
}

/**
 * What differs between the control block and what is wanted. An attribute that is already so is not written: writing
 * RptID, DatSet, BufTm, TrgOps or IntgPd purges the buffer of an Edition 2 device.
 */
export function differences(block: ControlBlockState, wishes: ReportWishes): AttributeWrite[] {
  const writes: AttributeWrite[] = [];
  const text = (attribute: ReportAttribute, wanted: string | undefined): void => {
    if (wanted === undefined || !block.has(attribute) || block.text(attribute) === wanted) return;
    writes.push({ attribute, data: { type: 'visible-string', value: wanted } });
  };
  const number = (attribute: ReportAttribute, wanted: number | undefined): void => {
    if (wanted === undefined || !block.has(attribute) || block.number(attribute) === wanted) return;
    writes.push({ attribute, data: numberData(block, attribute, wanted) });
  };
  const bits = (attribute: 'optflds' | 'trgops', wanted: string): void => {
    if (!block.has(attribute) || sameBits(block.bits(attribute), wanted)) return;
    writes.push({ attribute, data: { type: 'bit-string', bits: wanted } });
  };
  text('rptid', wishes.rptId);
  text('datset', wishes.dataSet === undefined ? undefined : dataSetText(wishes.dataSet));
  bits('optflds', wantedFields(block, wishes));
  number('buftm', wishes.bufferTime);
  bits('trgops', wantedTriggers(block, wishes));
  number('intgpd', wishes.integrityPeriod);
  return writes;
}

/** The standard writes `LD/LN$name`; a dot is accepted from people. */
function dataSetText(name: string): string {
  return name.startsWith('@') ? name : name.replace('.', '$');
}

function sameBits(live: string, wanted: string): boolean {
  const length = Math.max(live.length, wanted.length);
  return live.padEnd(length, '0') === wanted.padEnd(length, '0');
}

function wantedFields(block: ControlBlockState, { optionalFields = DEFAULT_FIELDS }: ReportWishes): string {
  const { buffered } = block.name;
  const fields = optionalFields.filter((field) => field !== 'segmentation' && (buffered || !BUFFERED_ONLY.has(field)));
  // Segmentation is the server's own word, and its bit stays as it is.
  if (block.bits('optflds')[OptFld.segmentation] === '1') fields.push('segmentation');
  return bitsOf(OptFld, fields, OPT_FLDS_LENGTH);
}

function wantedTriggers(block: ControlBlockState, wishes: ReportWishes): string {
  const live = namesOf(TrgOp, block.bits('trgops'));
  const wanted = new Set(wishes.triggerOptions ?? (live.length > 0 ? live : DEFAULT_TRIGGERS));
  // Without its trigger option neither an interrogation nor a period brings anything.
  if (!wishes.triggerOptions) {
    if (wishes.interrogate !== false) wanted.add('gi');
    if ((wishes.integrityPeriod ?? 0) > 0) wanted.add('integrity');
  }
  return bitsOf(TrgOp, [...wanted], TRG_OPS_LENGTH);
}

function numberData(block: ControlBlockState, attribute: ReportAttribute, value: number): MmsData {
  return { type: block.typeOf(attribute)?.type === 'integer' ? 'integer' : 'unsigned', value };
}

/** Writes attributes in one request and gives the refusals, in order; undefined for what was taken. */
export async function writeAttributes(
  association: ClientAssociation,
  block: ControlBlockState,
  writes: readonly AttributeWrite[],
): Promise<(DataAccessError | undefined)[]> {
  if (writes.length === 0) return [];
  const { results } = await association.request({
    service: 'write',
    access: { list: writes.map(({ attribute }) => controlBlockVariable(block.name, block.nameOf(attribute))) },
    data: writes.map(({ data }) => data),
  });
  return writes.map(({ attribute }, i) => {
    const result = results[i];
    return result?.success ? undefined : accessError(block.name, block.nameOf(attribute), result?.error ?? 2);
  });
}

async function writeOne(
  association: ClientAssociation,
  block: ControlBlockState,
  attribute: ReportAttribute,
  data: MmsData,
): Promise<Iec61850Error | undefined> {
  try {
    return (await writeAttributes(association, block, [{ attribute, data }]))[0];
  } catch (error) {
    if (error instanceof Iec61850Error && !(error instanceof ConnectionError)) return error;
    throw error;
  }
}

/**
 * Prepares a control block that was just read: reservation, attributes that differ, purge, resume point. It is not
 * enabled yet, so that the caller can make ready for reports that arrive before the answer.
 * @param resume EntryID as hex text
 * @throws ReservedError, ArgumentError when it has no data set, Iec61850Error when the data set is refused
 */
export async function configure(
  association: ClientAssociation,
  block: ControlBlockState,
  wishes: ReportWishes,
  resume: string | undefined,
): Promise<Configured> {
  const { name } = block;
  if (block.boolean('rptena')) throw new ReservedError(name.reference, block.owner);
  if ((wishes.dataSet ?? block.text('datset')) === '') {
    throw new ArgumentError(`${name.reference} has no data set`, 'Name one in the node, or give it one in the IED.', {
      tag: name.reference,
    });
  }
  const warnings: Iec61850Error[] = [];
  // Some devices want the reservation before any other write; others have none and take RptEna alone.
  const reserved = await reserve(association, block, wishes, warnings);
  const writes = differences(block, wishes);
  const refusals = await writeAttributes(association, block, writes).catch((error: unknown) => {
    // A device that takes no list of variables is asked one by one.
    if (!(error instanceof Iec61850Error) || error instanceof ConnectionError) throw error;
    return undefined;
  });
  for (const [i, { attribute, data }] of writes.entries()) {
    const refusal = refusals ? refusals[i] : await writeOne(association, block, attribute, data);
    if (!refusal) continue;
    if (attribute === 'datset') throw refusal;
    warnings.push(refusal);
  }
  const purge = wishes.purge === true && block.has('purgebuf');
  if (purge) {
    const refusal = await writeOne(association, block, 'purgebuf', { type: 'boolean', value: true });
    if (refusal) warnings.push(refusal);
  }
  const { resumed, gap } = purge
    ? { resumed: false, gap: false }
    : await resumeAfter(association, block, resume, warnings);
  return { warnings, resumed, gap, reserved };
}

async function reserve(
  association: ClientAssociation,
  block: ControlBlockState,
  wishes: ReportWishes,
  warnings: Iec61850Error[],
): Promise<boolean> {
  const { name } = block;
  const { reservationTime = DEFAULT_RESERVATION_S } = wishes;
  const attribute = name.buffered ? 'resvtms' : 'resv';
  if (!block.has(attribute) || (name.buffered && reservationTime === 0)) return false;
  const data: MmsData = name.buffered
    ? numberData(block, attribute, reservationTime)
    : { type: 'boolean', value: true };
  const refusal = await writeOne(association, block, attribute, data);
  if (!refusal) return true;
  const held = name.buffered ? block.number('resvtms') > 0 : block.boolean('resv');
  if (held || block.owner !== '') throw new ReservedError(name.reference, block.owner, refusal);
  warnings.push(refusal);
  return false;
}

async function resumeAfter(
  association: ClientAssociation,
  block: ControlBlockState,
  resume: string | undefined,
  warnings: Iec61850Error[],
): Promise<{ resumed: boolean; gap: boolean }> {
  if (!block.name.buffered || !block.has('entryid') || resume === undefined) return { resumed: false, gap: false };
  const octets = Buffer.from(resume, 'hex');
  const refusal = await writeOne(association, block, 'entryid', { type: 'octet-string', octets });
  if (!refusal) return { resumed: true, gap: false };
  // Zero stands for the beginning of the buffer; a device that refuses that too starts there by itself.
  await writeOne(association, block, 'entryid', { type: 'octet-string', octets: Buffer.alloc(octets.length) });
  warnings.push(
    new Iec61850Error(
      'IEC61850_REPORT_GAP',
      `${block.name.reference}: the IED no longer knows the last entry ${resume}; all that it holds comes again, and entries may be lost`,
      'Compare with the event log of the IED.',
      { tag: block.name.reference, cause: refusal },
    ),
  );
  return { resumed: false, gap: true };
}

/** DataAccessError temporarily-unavailable, by which IEDs say that somebody else has it. */
const TEMPORARILY_UNAVAILABLE = 2;

/** Sets RptEna. @throws ReservedError, naming the owner, or the refusal where it has another reason */
export async function enable(association: ClientAssociation, block: ControlBlockState): Promise<void> {
  const refusal = await writeOne(association, block, 'rptena', { type: 'boolean', value: true });
  if (!refusal) return;
  const isAccessError = refusal instanceof DataAccessError;
  if (!isAccessError || (block.owner === '' && refusal.dataAccessError !== TEMPORARILY_UNAVAILABLE)) throw refusal;
  throw new ReservedError(block.name.reference, block.owner, refusal);
}

/** General interrogation: all members come once, with this reason. Undefined when the IED took it. */
export function interrogate(
  association: ClientAssociation,
  block: ControlBlockState,
): Promise<Iec61850Error | undefined> {
  return writeOne(association, block, 'gi', { type: 'boolean', value: true });
}

/** Writes DatSet of a control block that is not enabled; `LD/LN$name`, `@name`, or empty for none. */
export function nameDataSet(
  association: ClientAssociation,
  block: ControlBlockState,
  dataSet: string,
): Promise<Iec61850Error | undefined> {
  return writeOne(association, block, 'datset', { type: 'visible-string', value: dataSet });
}

/**
 * Disables the control block and gives the reservation back, in one request, as the association may be closing too; what
 * the IED refuses then does not matter.
 */
export async function disarm(
  association: ClientAssociation,
  block: ControlBlockState,
  reserved: boolean,
): Promise<void> {
  const writes: AttributeWrite[] = [{ attribute: 'rptena', data: { type: 'boolean', value: false } }];
  if (reserved) {
    writes.push(
      block.name.buffered
        ? { attribute: 'resvtms', data: numberData(block, 'resvtms', 0) }
        : { attribute: 'resv', data: { type: 'boolean', value: false } },
    );
  }
  await writeAttributes(association, block, writes);
}
