import { ArgumentError } from '../errors.js';
import { MAX_KNOWN_TYPES } from '../limits.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { VariableSpecification } from '../mms/variable-access.js';
import { objectNameText } from '../mms/object-name.js';
import type { ClientAssociation } from './client-association.js';

/** Live types of variables, asked for once in an association (GetVariableAccessAttributes, ISO 9506-2 §14.8). */
export class TypeCache {
  private readonly types = new Map<string, TypeDescription | Promise<TypeDescription>>();
  /** By their text: an IED has thousands of variables and a few types, of which each is kept once. */
  private readonly distinct = new Map<string, TypeDescription>();

  constructor(private readonly association: ClientAssociation) {}

  /**
   * Type of a variable, or of the array element that its access selects.
   * @throws what the service fails with; ArgumentError for an index that the array does not have
   */
  async typeOf(variable: VariableSpecification): Promise<TypeDescription> {
    const key = objectNameText(variable.name);
    let pending = this.types.get(key);
    if (!pending) {
      pending = this.association
        .request({ service: 'getVariableAccessAttributes', name: variable.name })
        .then((response) => this.keep(key, response.type));
      this.types.set(key, pending);
      // What failed may succeed later: some relays refuse types that are asked for too early.
      pending.catch(() => this.types.delete(key));
    }
    const type = await pending;
    const step = variable.access?.[0];
    if (step?.select !== 'index') return type;
    if (type.type !== 'array') throw new ArgumentError(`${key} is no array`, 'Leave out the index.');
    if (step.index >= type.count)
      throw new ArgumentError(`${key} has elements 0 to ${type.count - 1}, not ${step.index}`);
    return type.element;
  }

  private keep(key: string, type: TypeDescription): TypeDescription {
    const text = JSON.stringify(type);
    const known = this.distinct.get(text);
    if (!known) this.distinct.set(text, type);
    this.types.set(key, known ?? type);
    // The oldest goes; whoever asks for it again asks the IED again.
    if (this.types.size > MAX_KNOWN_TYPES) this.types.delete(this.types.keys().next().value as string);
    return known ?? type;
  }
}

/** Calls `work` for each item, at most `limit` at a time; never rejects before all are done. */
export async function forEachBounded<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++] as T);
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Octets that an answer of this type takes at the most likely; strings count as up to 64. */
export function typicalSize(type: TypeDescription): number {
  switch (type.type) {
    case 'structure':
      return type.components.reduce((sum, component) => sum + typicalSize(component.type), 4);
    case 'array':
      return 5 + type.count * typicalSize(type.element);
    case 'boolean':
      return 3;
    case 'float':
      return type.formatWidth > 32 ? 11 : 7;
    case 'integer':
    case 'unsigned':
      return 3 + type.size / 8;
    case 'bit-string':
      return 4 + Math.ceil(Math.abs(type.size) / 8);
    case 'visible-string':
    case 'mms-string':
    case 'octet-string':
      return 3 + Math.min(64, Math.abs(type.size));
    default:
      return 10;
  }
}
