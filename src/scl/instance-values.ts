import type { DataAttribute, DataObject } from '../model/ied-model.js';
import type { CountReferences } from './array-count.js';
import { booleanAttribute, given, unsignedAttribute } from './attributes.js';
import type { SclContext } from './context.js';
import { readValues } from './values.js';
import { optional, type XmlElement } from './xml-element.js';

/** Index of the array element that is being described: none outside of arrays; `nested` inside of two. */
type Index = number | 'nested' | undefined;

interface Container {
  dataObjects?: DataObject[];
  attributes: DataAttribute[];
}

/**
 * Puts the values of DOI, SDI and DAI (IEC 61850-6 §9.3.6) over an unfolded type: only what lies on the way to a value is
 * copied, the rest stays shared. A value inside of an array element goes to `values` of the attribute by that index.
 */
export class InstanceValues {
  /** Objects and lists that were copied already and may be changed. */
  private readonly owned = new WeakSet<object>();

  constructor(
    private readonly counts: CountReferences,
    private readonly context: SclContext,
  ) {}

  apply(dataObject: DataObject, doi: XmlElement): DataObject {
    const copy = this.own(dataObject);
    const description = optional(doi, 'desc');
    if (description !== undefined) copy.description = description;
    this.applyChildren(copy, doi, undefined);
    return copy;
  }

  private applyChildren(container: Container, element: XmlElement, index: Index): void {
    if (element.children.length === 0) return;
    container.attributes = this.ownList(container.attributes);
    if (container.dataObjects) container.dataObjects = this.ownList(container.dataObjects);
    for (const child of element.children) {
      if (child.name === 'SDI') this.applySdi(container, child, index);
      else if (child.name === 'DAI') this.applyDai(container, child, index);
    }
  }

  private applySdi(container: Container, sdi: XmlElement, outer: Index): void {
    const name = sdi.attributes.name;
    const object = position(container.dataObjects, name);
    const attribute = position(container.attributes, name);
    const target = container.dataObjects?.[object] ?? container.attributes[attribute];
    if (!target || ('fc' in target && target.type !== 'Structure')) return this.unknown(sdi);
    const index = this.indexOf(sdi, target, outer);
    if (index === 'invalid') return;
    const copy = this.own(target);
    this.applyChildren(copy, sdi, index);
    if ('fc' in copy) container.attributes[attribute] = withShortAddress(copy, sdi);
    else if (container.dataObjects) container.dataObjects[object] = copy;
  }

  private applyDai(container: Container, dai: XmlElement, outer: Index): void {
    const at = position(container.attributes, dai.attributes.name);
    const target = container.attributes[at];
    if (!target) return this.unknown(dai);
    const index = this.indexOf(dai, target, outer);
    if (index === 'invalid') return;
    const copy = withShortAddress(this.own(target), dai);
    const { value, groupValues } = readValues(dai, target, this.context);
    if (index === 'nested') {
      this.context.log.report('SCL_INVALID_INDEX', 'A value inside of two arrays is not kept.', dai);
    } else if (index !== undefined) {
      if (value !== undefined) (copy.values ??= {})[index] = value;
    } else if (value !== undefined) {
      copy.value = value;
    }
    if (groupValues && typeof index !== 'number') copy.groupValues = Object.assign(copy.groupValues ?? {}, groupValues);
    Object.assign(copy, given('description', optional(dai, 'desc')), given('valKind', optional(dai, 'valKind')));
    if (dai.attributes.valImport !== undefined) {
      copy.valImport = booleanAttribute(dai, 'valImport', copy.valImport ?? false, this.context);
    }
    container.attributes[at] = copy;
  }

  private indexOf(element: XmlElement, target: DataObject | DataAttribute, outer: Index): Index | 'invalid' {
    if (optional(element, 'ix') === undefined) return outer;
    const ix = unsignedAttribute(element, 'ix', this.context);
    const isArray = this.counts.isArray(target);
    if (ix === undefined || !isArray || (target.count !== undefined && ix >= target.count)) {
      const size = isArray ? `has ${target.count ?? 'other'} elements` : 'is not an array';
      const message = `"${target.name}" ${size}: the values of element ${element.attributes.ix ?? ''} are left out.`;
      this.context.log.report('SCL_INVALID_INDEX', message, element);
      return 'invalid';
    }
    return outer === undefined ? ix : 'nested';
  }

  private own<T extends DataObject | DataAttribute>(target: T): T {
    if (this.owned.has(target)) return target;
    const copy = this.counts.copy(target);
    if ('fc' in copy) {
      if (copy.values) copy.values = { ...copy.values };
      if (copy.groupValues) copy.groupValues = { ...copy.groupValues };
    }
    this.owned.add(copy);
    return copy;
  }

  private ownList<T>(list: T[]): T[] {
    if (this.owned.has(list)) return list;
    const copy = [...list];
    this.owned.add(copy);
    return copy;
  }

  private unknown(element: XmlElement): void {
    const name = element.attributes.name ?? '';
    const message = `${element.name} "${name}" is not in the type of its data object: its values are left out.`;
    this.context.log.report('SCL_UNKNOWN_DATA', message, element);
  }
}

function position(members: ReadonlyArray<{ name: string }> | undefined, name: string | undefined): number {
  return members?.findIndex((member) => member.name === name) ?? -1;
}

function withShortAddress(attribute: DataAttribute, element: XmlElement): DataAttribute {
  return Object.assign(attribute, given('shortAddress', optional(element, 'sAddr')));
}
