import { ArgumentError, type DataAccessError } from '../../errors.js';
import { formatReference, parseReference } from '../../model/reference.js';
import type { ReportAttribute } from '../../model/report-attribute.js';
import type { MmsData } from '../../mms/data.js';
import type { TypeDescription } from '../../mms/type-description.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import type { ClientAssociation } from '../client-association.js';
import { ControlBlock, readWhole, refusedAttribute } from '../control-block.js';
import type { TypeCache } from '../type-cache.js';

/** Name of a report control block. */
export interface ControlBlockName {
  /** `LD/LN.name[RP]` or `[BR]`. */
  reference: string;
  domain: string;
  /** `LN$RP$name`. */
  item: string;
  buffered: boolean;
}

/**
 * Reads `LD/LN.name[BR]` or `LD/LN$BR$name`.
 * @throws ArgumentError for what names no report control block
 */
export function controlBlockName(text: string): ControlBlockName {
  const reference = parseReference(text);
  const { logicalDevice: domain, logicalNode, path, functionalConstraint: fc } = reference;
  const [name] = path;
  if ((fc !== 'RP' && fc !== 'BR') || path.length !== 1 || name === undefined) {
    throw new ArgumentError(
      `"${text}" names no report control block`,
      'Write LD/LN.name[BR], or [RP] for an unbuffered one, such as BAY1CTRL/LLN0.brcbA01[BR].',
    );
  }
  return {
    reference: formatReference(reference),
    domain,
    item: `${logicalNode}$${fc}$${name}`,
    buffered: fc === 'BR',
  };
}

/** The state of a report control block as it was read (IEC 61850-7-2 §17.2). */
export class ControlBlockState extends ControlBlock<ReportAttribute> {
  /** @throws DecodeError when value and type do not fit */
  constructor(
    readonly name: ControlBlockName,
    type: TypeDescription,
    data: MmsData,
  ) {
    super(`${name.reference} is no report control block`, type, data);
  }

  /** The RptID that its reports carry: an empty one means the control block's own reference. */
  get reportId(): string {
    return this.text('rptid') || `${this.name.domain}/${this.name.item}`;
  }

  /** Who has reserved it, as an IP address where it is one; empty when nobody has, or the IED does not tell. */
  get owner(): string {
    return ownerText(this.octets('owner'));
  }

  /** Whether another client seems to hold it; -1 in ResvTms is a reservation by configuration. */
  get inUse(): boolean {
    return this.boolean('rptena') || this.boolean('resv') || this.number('resvtms') > 0;
  }
}

/** Owner is an octet string of four or sixteen octets for an IP address (IEC 61850-8-1 §17.2.2). */
function ownerText(octets: Buffer): string {
  if (octets.every((octet) => octet === 0)) return '';
  if (octets.length === 4) return [...octets].join('.');
  if (octets.length === 16) {
    return Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16)).join(':');
  }
  return octets.toString('hex');
}

export function controlBlockVariable({ domain, item }: ControlBlockName, attribute?: string): VariableSpecification {
  return { name: { scope: 'domain', domain, item: attribute === undefined ? item : `${item}$${attribute}` } };
}

/** Reads a control block whole. @throws what the services fail with, naming the control block */
export async function readControlBlock(
  association: ClientAssociation,
  types: TypeCache,
  name: ControlBlockName,
): Promise<ControlBlockState> {
  const { type, data } = await readWhole(association, types, controlBlockVariable(name), name.reference);
  return new ControlBlockState(name, type, data);
}

/** A refusal that names control block and attribute. */
export function accessError(name: ControlBlockName, attribute: string | undefined, code: number): DataAccessError {
  return refusedAttribute(name.reference, attribute, code);
}
