import { ArgumentError, TimeoutError } from '../errors.js';
import { MAX_KNOWN_TYPES } from '../limits.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { VariableSpecification } from '../mms/variable-access.js';
import { objectNameText } from '../mms/object-name.js';
import type { ClientAssociation } from './client-association.js';
import { memberType } from './member-type.js';

/** Variables of one logical node and functional constraint, by their names, with the path below it. */
interface Wanted {
  domain: string;
  item: string;
  paths: Map<string, [dataObject: string, ...path: string[]]>;
}

/** Live types of variables, asked for once in an association (GetVariableAccessAttributes, ISO 9506-2 §14.8). */
export class TypeCache {
  private readonly types = new Map<string, TypeDescription | Promise<TypeDescription>>();
  /** By their text: an IED has thousands of variables and a few types, of which each is kept once. */
  private readonly distinct = new Map<string, TypeDescription>();
  private asksForGroups = true;

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

  /**
   * Asks for the types of many variables at once: those of one logical node and functional constraint come in one answer,
   * unless the IED refuses it or it does not fit the PDU (libiec61850 issue 96); {@link typeOf} asks for what is missing.
   * Never rejects.
   */
  async expect(variables: readonly VariableSpecification[], concurrency: number): Promise<void> {
    const groups = new Map<string, Wanted>();
    for (const { name } of variables) {
      const key = objectNameText(name);
      if (name.scope !== 'domain' || this.types.has(key)) continue;
      const [logicalNode, fc, first, ...rest] = name.item.split('$');
      if (fc === undefined || first === undefined) continue;
      const item = `${logicalNode}$${fc}`;
      const group = groups.get(`${name.domain}/${item}`) ?? { domain: name.domain, item, paths: new Map() };
      groups.set(`${name.domain}/${item}`, group);
      group.paths.set(key, [first, ...rest]);
    }
    const worth = [...groups.values()].filter(({ paths }) => paths.size > 1);
    await forEachBounded(worth, concurrency, (group) => this.askForGroup(group));
  }

  private async askForGroup({ domain, item, paths }: Wanted): Promise<void> {
    if (!this.asksForGroups) return;
    let type: TypeDescription;
    try {
      const name = { scope: 'domain', domain, item } as const;
      ({ type } = await this.association.request({ service: 'getVariableAccessAttributes', name }));
    } catch (error) {
      // One that is silent over it is not tried again: a request each is quicker than a time limit each.
      if (error instanceof TimeoutError) this.asksForGroups = false;
      return;
    }
    if (type.type !== 'structure') return;
    const objects = new Map(type.components.map((component) => [component.name, component.type]));
    for (const [key, [first, ...rest]] of paths) {
      const object = objects.get(first);
      const found = object && !this.types.has(key) ? memberType(object, rest) : undefined;
      if (found) this.keep(key, found);
    }
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

/**
 * Calls `work` for each item, at most `limit` at a time, with the types of their variables asked for together before.
 * Like {@link forEachBounded} otherwise.
 */
export async function forEachTyped<T>(
  types: TypeCache,
  items: readonly T[],
  variableOf: (item: T) => VariableSpecification,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // Of more the cache would have forgotten the first ones before their turn.
  const atATime = MAX_KNOWN_TYPES >> 1;
  for (let at = 0; at < items.length; at += atATime) {
    const some = items.slice(at, at + atATime);
    await types.expect(some.map(variableOf), limit);
    await forEachBounded(some, limit, work);
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
