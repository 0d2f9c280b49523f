import { ArgumentError } from '../../errors.js';
import { formatReference, parseReference } from '../../model/reference.js';
import { isoTime } from '../../model/timestamp.js';
import type { MmsData } from '../../mms/data.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { readControlBlock, writeAttribute, type ControlBlock } from '../control-block.js';
import { bitsOf, namesOf, TRG_OPS_LENGTH, TrgOp, type TriggerOption } from '../reports/control-block-bits.js';
import type { ServiceHost } from '../service-host.js';

/** Attributes of a log control block, in lower case. */
type LogAttribute =
  'logena' | 'logref' | 'datset' | 'oldentrtm' | 'newentrtm' | 'oldentr' | 'newentr' | 'trgops' | 'intgpd';

/** An entry of a log by its place. */
export interface LogPosition {
  /** EntryID as hex text; null for an entry that has none. */
  entryId: string | null;
  /** ISO 8601 UTC; null when the IED gave no date. */
  entryTime: string | null;
}

/** A log control block as it stands (IEC 61850-7-2 §17.3.2, GetLCBValues and GetLogStatusValues). */
export interface LogControlBlockState {
  /** `LD/LN.name[LG]`. */
  reference: string;
  /** LogRef: the log that it writes, `LD/LN.log`; empty when it names none. */
  log: string;
  /** LogEna. */
  enabled: boolean;
  /** DatSet, `LD/LN.name`; empty when it has none. */
  dataSet: string;
  triggerOptions: TriggerOption[];
  /** IntgPd in ms; 0 for none. */
  integrityPeriod: number;
  /** The ends of its log; null while it is empty, or when the IED does not tell. */
  oldest: LogPosition | null;
  newest: LogPosition | null;
}

/** What a log control block is to be; what is absent stays as it is. */
export interface LogWishes {
  enabled?: boolean;
  /** `LD/LN.name`. */
  dataSet?: string;
  triggerOptions?: readonly TriggerOption[];
  /** ms; 0 for none. */
  integrityPeriod?: number;
}

/** Name of a log control block. */
export interface LogControlBlockName {
  reference: string;
  domain: string;
  /** `LN$LG$name`. */
  item: string;
}

/** @throws ArgumentError for what names no log control block */
export function logControlBlockName(text: string): LogControlBlockName {
  const reference = parseReference(text);
  const { logicalDevice: domain, logicalNode, path, functionalConstraint: fc = 'LG' } = reference;
  if (fc !== 'LG' || path.length !== 1)
    throw new ArgumentError(
      `"${text.slice(0, 120)}" names no log control block`,
      'Write LD/LN.name[LG], such as BAY1CTRL/LLN0.EventLog[LG].',
    );
  return {
    reference: formatReference({ ...reference, functionalConstraint: fc }),
    domain,
    item: `${logicalNode}$LG$${path[0] as string}`,
  };
}

type Block = ControlBlock<LogAttribute>;

function variable({ domain, item }: LogControlBlockName, attribute = ''): VariableSpecification {
  return { name: { scope: 'domain', domain, item: item + (attribute && `$${attribute}`) } };
}

const ATTRIBUTES = ['LogEna', 'LogRef', 'DatSet', 'OldEntrTm', 'NewEntrTm', 'OldEntr', 'NewEntr', 'TrgOps', 'IntgPd'];

function readBlock(host: ServiceHost, name: LogControlBlockName): Promise<Block> {
  return readControlBlock<LogAttribute>(host, { ...name, kind: 'log control block', typeless: true }, ATTRIBUTES);
}

/** @throws what the services fail with, naming the control block */
export async function readLogControlBlock(host: ServiceHost, name: LogControlBlockName): Promise<LogControlBlockState> {
  return stateOf(name, await readBlock(host, name));
}

function stateOf({ reference }: LogControlBlockName, block: Block): LogControlBlockState {
  return {
    reference,
    log: dotted(block.text('logref')),
    enabled: block.boolean('logena'),
    dataSet: dotted(block.text('datset')),
    triggerOptions: namesOf(TrgOp, block.bits('trgops')),
    integrityPeriod: block.number('intgpd'),
    oldest: position(block, 'oldentr', 'oldentrtm'),
    newest: position(block, 'newentr', 'newentrtm'),
  };
}

/** `LD/LN.name` of `LD/LN$name`. */
function dotted(name: string): string {
  return name.replace('$', '.');
}

function position(block: Block, entry: 'oldentr' | 'newentr', time: 'oldentrtm' | 'newentrtm'): LogPosition | null {
  const ms = block.time(time);
  const id = block.octets(entry);
  // An identifier of zeros stands for no entry; an empty log has no time either.
  if (ms === undefined && id.every((octet) => octet === 0)) return null;
  return { entryId: id.length === 0 ? null : id.toString('hex'), entryTime: isoTime(ms ?? NaN) };
}

/**
 * Configures, enables or disables a log control block (SetLCBValues). Only what differs is written; an enabled one is
 * disabled for it, and is again what it was when the IED refuses something.
 * @returns its state thereafter
 * @throws DataAccessError that names the attribute; TimeoutError and ConnectionError when nobody knows what was written
 */
export async function configureLog(
  host: ServiceHost,
  name: LogControlBlockName,
  wishes: LogWishes,
): Promise<LogControlBlockState> {
  const block = await readBlock(host, name);
  const enabled = block.boolean('logena');
  const wanted = wishes.enabled ?? enabled;
  const writes = differences(block, wishes);
  const write = (attribute: LogAttribute, data: MmsData): Promise<void> => {
    const spelled = block.nameOf(attribute);
    return writeAttribute(host.association, variable(name, spelled), data, {
      reference: name.reference,
      attribute: spelled,
    });
  };
  const enable = (value: boolean): Promise<void> => write('logena', { type: 'boolean', value });
  if (writes.length > 0 && enabled) await enable(false);
  try {
    for (const [attribute, data] of writes) await write(attribute, data);
  } catch (error) {
    // What the refusal was about is what the caller is to know, and not whether the log could be switched on again.
    if (enabled) await enable(true).catch(() => undefined);
    throw error;
  }
  if (writes.length > 0 ? wanted : wanted !== enabled) await enable(wanted);
  return readLogControlBlock(host, name);
}

function differences(block: Block, wishes: LogWishes): [LogAttribute, MmsData][] {
  const writes: [LogAttribute, MmsData][] = [];
  const { dataSet, triggerOptions, integrityPeriod } = wishes;
  if (dataSet !== undefined && dotted(block.text('datset')) !== dotted(dataSet))
    writes.push(['datset', { type: 'visible-string', value: dataSet.replace('.', '$') }]);
  if (triggerOptions) {
    const bits = bitsOf(TrgOp, triggerOptions, TRG_OPS_LENGTH);
    if (block.bits('trgops').slice(0, TRG_OPS_LENGTH) !== bits) writes.push(['trgops', { type: 'bit-string', bits }]);
  }
  if (integrityPeriod !== undefined && block.number('intgpd') !== integrityPeriod) {
    const type = block.typeOf('intgpd')?.type === 'integer' ? 'integer' : 'unsigned';
    writes.push(['intgpd', { type, value: integrityPeriod }]);
  }
  return writes;
}
