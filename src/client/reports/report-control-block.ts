import { ArgumentError, DataAccessError, dataAccessErrorName, DecodeError } from '../../errors.js';
import { formatReference, parseReference } from '../../model/reference.js';
import type { MmsData } from '../../mms/data.js';
import type { TypeDescription } from '../../mms/type-description.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import type { ClientAssociation } from '../client-association.js';
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

/** Attributes of a control block, with names in lower case: `TimeofEntry` and `TimeOfEntry` both occur. */
export type ControlBlockAttribute =
  | 'rptid'
  | 'rptena'
  | 'resv'
  | 'datset'
  | 'confrev'
  | 'optflds'
  | 'buftm'
  | 'sqnum'
  | 'trgops'
  | 'intgpd'
  | 'gi'
  | 'purgebuf'
  | 'entryid'
  | 'timeofentry'
  | 'resvtms'
  | 'owner';

interface Attribute {
  name: string;
  type: TypeDescription;
  data: MmsData;
}

/** The state of a control block as it was read, with whichever attributes its live type has (IEC 61850-7-2 §17.2). */
export class ControlBlockState {
  private readonly attributes = new Map<string, Attribute>();

  /** @throws DecodeError when value and type do not fit */
  constructor(
    readonly name: ControlBlockName,
    type: TypeDescription,
    data: MmsData,
  ) {
    if (type.type !== 'structure' || data.type !== 'structure' || type.components.length !== data.items.length)
      throw new DecodeError(`${name.reference} is no report control block`);
    type.components.forEach((component, i) => {
      this.attributes.set(component.name.toLowerCase(), {
        ...component,
        data: data.items[i] as MmsData,
      });
    });
  }

  has(attribute: ControlBlockAttribute): boolean {
    return this.attributes.has(attribute);
  }

  /** Name of an attribute as the IED writes it. */
  nameOf(attribute: ControlBlockAttribute): string {
    return this.attributes.get(attribute)?.name ?? attribute;
  }

  typeOf(attribute: ControlBlockAttribute): TypeDescription | undefined {
    return this.attributes.get(attribute)?.type;
  }

  boolean(attribute: ControlBlockAttribute): boolean {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'boolean' && data.value;
  }

  number(attribute: ControlBlockAttribute): number {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'integer' || data?.type === 'unsigned' ? Number(data.value) : 0;
  }

  text(attribute: ControlBlockAttribute): string {
    const data = this.attributes.get(attribute)?.data;
    if (data?.type !== 'visible-string' && data?.type !== 'mms-string') return '';
    const end = data.value.indexOf('\0');
    return end < 0 ? data.value : data.value.slice(0, end);
  }

  bits(attribute: ControlBlockAttribute): string {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'bit-string' ? data.bits : '';
  }

  octets(attribute: ControlBlockAttribute): Buffer {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'octet-string' ? data.octets : Buffer.alloc(0);
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
  const variable = controlBlockVariable(name);
  const type = await types.typeOf(variable);
  const { results } = await association.request({
    service: 'read',
    specificationWithResult: false,
    access: { list: [variable] },
  });
  const [result] = results;
  if (!result?.success) throw accessError(name, undefined, result?.error ?? 2);
  return new ControlBlockState(name, type, result.data);
}

/** A refusal that names control block and attribute. */
export function accessError(name: ControlBlockName, attribute: string | undefined, code: number): DataAccessError {
  const what = attribute === undefined ? name.reference : `${name.reference}: ${attribute}`;
  return new DataAccessError(code, `${what} was refused: ${dataAccessErrorName(code)}`, { tag: name.reference });
}
