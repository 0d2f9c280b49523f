import type { DataAttribute, DataObject } from '../model/ied-model.js';
import { MAX_LIST_LENGTH } from '../limits.js';
import type { SclContext } from './context.js';
import type { XmlElement } from './xml-element.js';

type Counted = DataObject | DataAttribute;

/**
 * Arrays whose `count` names another attribute, such as `phsAHar` by `numHar` (IEC 61850-6 §9.5.4): its value belongs to
 * the instance, so the count is known only when DOI values were applied.
 */
export class CountReferences {
  private readonly names = new WeakMap<Counted, string>();
  private readonly known = new WeakMap<readonly Counted[], number>();

  set(target: Counted, name: string): void {
    this.names.set(target, name);
  }

  isArray(target: Counted): boolean {
    return target.count !== undefined || this.names.has(target);
  }

  /** A copy of its own to change, that still knows where its count comes from. */
  copy<T extends Counted>(target: T): T {
    const copy = { ...target };
    const name = this.names.get(target);
    if (name !== undefined) this.names.set(copy, name);
    return copy;
  }

  /** How many objects {@link resolve} has to copy: those on the way to an array of this kind. 0 when there is none. */
  copies(target: Counted): number {
    const objects = 'dataObjects' in target ? this.copiesOf(target.dataObjects) : 0;
    const inside = objects + this.copiesOf(target.attributes);
    return inside > 0 || this.names.has(target) ? inside + 1 : 0;
  }

  private copiesOf(members: readonly Counted[]): number {
    let copies = this.known.get(members);
    if (copies === undefined) {
      copies = members.reduce((sum, member) => sum + this.copies(member), 0);
      this.known.set(members, copies);
    }
    return copies;
  }

  /** The data object with its counts filled in; 0, with a diagnostic, where the file does not tell one. */
  resolve(dataObject: DataObject, at: XmlElement, context: SclContext): DataObject {
    return this.resolveObject(dataObject, [], (name, value) => this.toCount(name, value, at, context));
  }

  private resolveObject(object: DataObject, outer: Scopes, toCount: ToCount): DataObject {
    if (this.copies(object) === 0) return object;
    const scopes = [object.attributes, ...outer];
    return {
      ...this.withCount(object, outer, toCount),
      dataObjects: object.dataObjects.map((member) => this.resolveObject(member, scopes, toCount)),
      attributes: object.attributes.map((member) => this.resolveAttribute(member, scopes, toCount)),
    };
  }

  private resolveAttribute(attribute: DataAttribute, scopes: Scopes, toCount: ToCount): DataAttribute {
    if (this.copies(attribute) === 0) return attribute;
    const inner = [attribute.attributes, ...scopes];
    return {
      ...this.withCount(attribute, scopes, toCount),
      attributes: attribute.attributes.map((member) => this.resolveAttribute(member, inner, toCount)),
    };
  }

  private withCount<T extends Counted>(target: T, scopes: Scopes, toCount: ToCount): T {
    const name = this.names.get(target);
    if (name === undefined) return target;
    for (const scope of scopes) {
      const source = scope.find((attribute) => attribute.name === name);
      if (source) return { ...target, count: toCount(name, source.value) };
    }
    return { ...target, count: toCount(name, undefined) };
  }

  private toCount(name: string, value: string | undefined, at: XmlElement, context: SclContext): number {
    if (value === undefined || !/^\d{1,10}$/.test(value)) {
      const message = `An array has as many elements as "${name}" says, but the file gives that no value; 0 is assumed.`;
      context.log.report('SCL_COUNT_UNRESOLVED', message, at);
      return 0;
    }
    const count = Number(value);
    if (count <= MAX_LIST_LENGTH) return count;
    const message = `An array of ${count} elements ("${name}") is larger than ${MAX_LIST_LENGTH}; 0 is assumed.`;
    context.log.report('SCL_ARRAY_TOO_LARGE', message, at);
    return 0;
  }
}

/** Attributes that a count may name, innermost first. */
type Scopes = ReadonlyArray<readonly DataAttribute[]>;
type ToCount = (name: string, value: string | undefined) => number;

/** Counts attributes after unfolding, elements of arrays each, without walking a shared list twice. */
export class AttributeCounter {
  private readonly known = new WeakMap<readonly Counted[], number>();

  total(members: readonly Counted[]): number {
    const known = this.known.get(members);
    if (known !== undefined) return known;
    let total = 0;
    for (const member of members) total += this.weight(member);
    this.known.set(members, total);
    return total;
  }

  private weight(member: Counted): number {
    const objects = 'dataObjects' in member ? this.total(member.dataObjects) : 0;
    const attributes = this.total(member.attributes);
    // An array of none still costs what one element costs.
    return Math.max(member.count ?? 1, 1) * (1 + objects + attributes);
  }
}
