import {
  ConnectionError,
  DataAccessError,
  dataAccessErrorName,
  DecodeError,
  Iec61850Error,
  RejectError,
  ServiceError,
  TimeoutError,
} from '../errors.js';
import { binaryTimeToMs, utcTimeToMs } from '../model/timestamp.js';
import type { AccessResult, MmsData } from '../mms/data.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { VariableSpecification } from '../mms/variable-access.js';
import type { ClientAssociation } from './client-association.js';
import type { TypeCache } from './type-cache.js';

interface Attribute {
  name: string;
  type: TypeDescription;
  data: MmsData;
}

/**
 * A control block as it was read, with whichever attributes its live type has. They are asked for in lower case:
 * `TimeofEntry` and `TimeOfEntry` both occur.
 */
export class ControlBlock<Name extends string> {
  private readonly attributes = new Map<string, Attribute>();

  /**
   * @param otherwise what is said when value and type do not fit
   * @throws DecodeError
   */
  constructor(otherwise: string, type: TypeDescription, data: MmsData) {
    if (type.type !== 'structure' || data.type !== 'structure' || type.components.length !== data.items.length)
      throw new DecodeError(otherwise);
    type.components.forEach((component, i) => {
      this.attributes.set(component.name.toLowerCase(), {
        ...component,
        data: data.items[i] as MmsData,
      });
    });
  }

  has(attribute: Name): boolean {
    return this.attributes.has(attribute);
  }

  /** Name of an attribute as the IED writes it. */
  nameOf(attribute: Name): string {
    return this.attributes.get(attribute)?.name ?? attribute;
  }

  typeOf(attribute: Name): TypeDescription | undefined {
    return this.attributes.get(attribute)?.type;
  }

  boolean(attribute: Name): boolean {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'boolean' && data.value;
  }

  number(attribute: Name): number {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'integer' || data?.type === 'unsigned' ? Number(data.value) : 0;
  }

  text(attribute: Name): string {
    const data = this.attributes.get(attribute)?.data;
    if (data?.type !== 'visible-string' && data?.type !== 'mms-string') return '';
    const end = data.value.indexOf('\0');
    return end < 0 ? data.value : data.value.slice(0, end);
  }

  bits(attribute: Name): string {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'bit-string' ? data.bits : '';
  }

  octets(attribute: Name): Buffer {
    const data = this.attributes.get(attribute)?.data;
    return data?.type === 'octet-string' ? data.octets : Buffer.alloc(0);
  }

  /** ms since 1970; undefined for a time that was never set, which is all zero. */
  time(attribute: Name): number | undefined {
    const data = this.attributes.get(attribute)?.data;
    if (data?.type === 'utc-time' && (data.seconds > 0 || data.fraction > 0))
      return utcTimeToMs(data.seconds, data.fraction);
    if (data?.type === 'binary-time' && data.days !== undefined && (data.days > 0 || data.ms > 0))
      return binaryTimeToMs(data.ms, data.days);
    return undefined;
  }
}

/**
 * Type and value of a control block, read whole.
 * @param reference names it in errors
 * @throws what the services fail with
 */
export async function readWhole(
  association: ClientAssociation,
  types: TypeCache,
  variable: VariableSpecification,
  reference: string,
): Promise<{ type: TypeDescription; data: MmsData }> {
  const type = await types.typeOf(variable).catch((error: unknown) => rethrowNamed(error, reference));
  const [result] = await readAll(association, [variable]);
  if (!result?.success) throw refusedAttribute(reference, undefined, result?.error ?? 2);
  return association.edition === '1' ? asInEdition1(type, result.data) : { type, data: result.data };
}

/** Attributes that came with Edition 2 (IEC 61850-7-2 Ed.2 §16.3, §17.2). */
const SINCE_EDITION_2: ReadonlySet<string> = new Set(['resvtms', 'owner']);

/** A control block without what Edition 1 does not have, though the IED shows it. */
function asInEdition1(type: TypeDescription, data: MmsData): { type: TypeDescription; data: MmsData } {
  if (type.type !== 'structure' || data.type !== 'structure') return { type, data };
  const kept = [...type.components.keys()].filter(
    (i) => !SINCE_EDITION_2.has(type.components[i]?.name.toLowerCase() ?? ''),
  );
  // One that does not fit its type is told by whoever takes it apart.
  if (type.components.length !== data.items.length) return { type, data };
  return {
    type: { ...type, components: kept.map((i) => type.components[i] as (typeof type.components)[number]) },
    data: { ...data, items: kept.map((i) => data.items[i] as MmsData) },
  };
}

/**
 * A control block: whole, or where the IED shows no type for it, or one that its value does not have, attribute by
 * attribute.
 * @param block its MMS name, and what it is in errors; `typeless` where some IEDs show no type
 * @param names of the attributes that the standard gives it
 * @throws what the services fail with, naming the control block
 */
export async function readControlBlock<Name extends string>(
  { association, types }: { association: ClientAssociation; types: TypeCache },
  block: { domain: string; item: string; reference: string; kind: string; typeless?: boolean },
  names: readonly string[],
): Promise<ControlBlock<Name>> {
  const { reference, domain, item } = block;
  const otherwise = `${reference} is no ${block.kind}`;
  try {
    const name = { scope: 'domain', domain, item } as const;
    const { type, data } = await readWhole(association, types, { name }, reference);
    return new ControlBlock<Name>(otherwise, type, data);
  } catch (error) {
    // To some servers a question for what is not there is the end of the association: only what is there is asked for again.
    if (!(error instanceof DecodeError) && !(block.typeless && isRefusal(error))) throw error;
    const variables = names.map((one): VariableSpecification => ({
      name: { scope: 'domain', domain, item: `${item}$${one}` },
    }));
    const results = await readAll(association, variables);
    const found = names.flatMap((one, i) => {
      const result = results[i];
      return result?.success ? [{ name: one, data: result.data }] : [];
    });
    // Nothing there: what was wrong at first is what is wrong.
    if (found.length === 0) throw error;
    return new ControlBlock<Name>(
      otherwise,
      { type: 'structure', components: found.map(({ name, data }) => ({ name, type: typeOfData(data) })) },
      { type: 'structure', items: found.map(({ data }) => data) },
    );
  }
}

async function readAll(
  association: ClientAssociation,
  list: readonly VariableSpecification[],
): Promise<readonly AccessResult[]> {
  const { results } = await association.request({
    service: 'read',
    specificationWithResult: false,
    access: { list: [...list] },
  });
  return results;
}

/** As far as a control block needs it: its numbers are signed or not. */
function typeOfData(data: MmsData): TypeDescription {
  return data.type === 'integer' ? { type: 'integer', size: 32 } : { type: 'unsigned', size: 32 };
}

function isRefusal(error: unknown): boolean {
  return error instanceof Iec61850Error && !(error instanceof ConnectionError) && !(error instanceof TimeoutError);
}

/** The same failure with what it is about in its text; IEDs do not say. @throws always */
export function rethrowNamed(error: unknown, what: string): never {
  if (!(error instanceof ServiceError) && !(error instanceof RejectError)) throw error;
  throw new Iec61850Error(error.code, `${what}: ${error.message}`, error.hint, { tag: what, cause: error });
}

/** A refusal that names control block and attribute. */
export function refusedAttribute(reference: string, attribute: string | undefined, code: number): DataAccessError {
  const what = attribute === undefined ? reference : `${reference}: ${attribute}`;
  return new DataAccessError(code, `${what} was refused: ${dataAccessErrorName(code)}`, { tag: reference });
}

/**
 * Writes one attribute. @throws DataAccessError that names it, TimeoutError and ConnectionError when nobody knows whether
 * it was written
 */
export async function writeAttribute(
  association: ClientAssociation,
  variable: VariableSpecification,
  data: MmsData,
  what: { reference: string; attribute?: string },
): Promise<void> {
  const { results } = await association.request({ service: 'write', access: { list: [variable] }, data: [data] });
  const [result] = results;
  if (!result?.success) throw refusedAttribute(what.reference, what.attribute, result?.error ?? 2);
}
