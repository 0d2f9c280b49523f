import { isFunctionalConstraint, type FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataAttribute, DataObject } from '../model/ied-model.js';
import { MAX_DATA_NESTING, MAX_LIST_LENGTH } from '../limits.js';
import { CountReferences } from './array-count.js';
import { booleanAttribute, given, requiredName, UniqueNames, unsignedAttribute } from './attributes.js';
import { basicTypeInfo, phyComAddrMembers } from './basic-types.js';
import type { SclContext } from './context.js';
import { Enumerations } from './enumerations.js';
import { TypeElements } from './type-elements.js';
import { childrenOf, optional, type XmlElement } from './xml-element.js';
import { readValues } from './values.js';

/** An LNodeType or DOType after unfolding, shared by everything that is of this type. */
export interface UnfoldedType {
  dataObjects: DataObject[];
  attributes: DataAttribute[];
  cdc?: string;
  description?: string;
  /** Levels of structures below it. */
  height: number;
}

interface Trigger {
  dchg?: boolean;
  qchg?: boolean;
  dupd?: boolean;
}

interface UnfoldedStruct {
  attributes: DataAttribute[];
  height: number;
}

interface UnfoldedAttribute {
  attribute: DataAttribute;
  height: number;
}

/** Elements of an array: a number, or the name of the attribute that has it; neither when there is no array. */
interface ArrayCount {
  fixed?: number;
  from?: string;
}

/**
 * The `DataTypeTemplates` of a file (IEC 61850-6 §9.5). Each type is unfolded once, when it is first used: LNodeType to
 * DOType to SDO to DAType to BDA. The functional constraint and trigger options of a DA hold for all of its members.
 */
export class TypeLibrary {
  readonly counts = new CountReferences();
  private readonly elements: TypeElements;
  private readonly enumerations: Enumerations;
  private readonly unfolded = new Map<XmlElement, UnfoldedType>();
  private readonly structs = new Map<string, UnfoldedStruct>();
  /** Types that are being unfolded, outermost first: one that comes again is recursive. */
  private readonly open: XmlElement[] = [];

  constructor(
    templates: readonly XmlElement[],
    private readonly context: SclContext,
  ) {
    this.elements = new TypeElements(templates, context);
    this.enumerations = new Enumerations(this.elements, context);
  }

  /** The type of a logical node, or undefined (with a diagnostic at `user`) when the file lacks it. */
  logicalNodeType(id: string, lnClass: string, user: XmlElement): UnfoldedType | undefined {
    const element = this.elements.find('LNodeType', id, lnClass);
    if (!element) {
      this.context.log.report('SCL_MISSING_LNODETYPE', `LNodeType "${id}" is missing: ${user.name} is left out.`, user);
      return undefined;
    }
    return this.unfold(element, user, () => this.readDataObjects(element, 'DO'));
  }

  /** Unfolds a type once; undefined, with a diagnostic at its user, when it contains itself or nests too deep. */
  private unfold(element: XmlElement, user: XmlElement, read: () => UnfoldedType): UnfoldedType | undefined {
    const known = this.unfolded.get(element);
    if (known) return this.open.length + known.height > MAX_DATA_NESTING ? this.tooDeep(user) : known;
    const type = this.guarded(element, user, read);
    if (type) this.unfolded.set(element, type);
    return type;
  }

  private guarded<T>(element: XmlElement, user: XmlElement, read: () => T): T | undefined {
    if (this.open.includes(element)) {
      const id = element.attributes.id ?? '';
      this.context.log.report(
        'SCL_RECURSIVE_TYPE',
        `${element.name} "${id}" contains itself: ${user.name} is left out.`,
        user,
      );
      return undefined;
    }
    if (this.open.length >= MAX_DATA_NESTING) return this.tooDeep(user);
    this.open.push(element);
    try {
      return read();
    } finally {
      this.open.pop();
    }
  }

  private tooDeep(user: XmlElement): undefined {
    const message = `Types nest deeper than ${MAX_DATA_NESTING} levels: ${user.name} is left out.`;
    this.context.log.report('SCL_TYPE_TOO_DEEP', message, user);
    return undefined;
  }

  /** The DO of an LNodeType, or the SDO of a DOType. */
  private readDataObjects(element: XmlElement, tag: 'DO' | 'SDO'): UnfoldedType {
    const names = new UniqueNames(this.context);
    const result: UnfoldedType = { dataObjects: [], attributes: [], height: 0 };
    for (const child of childrenOf(element, tag)) {
      const name = requiredName(child, 'name', this.context);
      if (name === undefined || !names.accept(name, child)) continue;
      const type = this.dataObjectType(optional(child, 'type') ?? '', child);
      const count = this.readCount(child);
      if (!type || !count) continue;
      const dataObject: DataObject = {
        name,
        ...given('cdc', type.cdc),
        ...given('description', optional(child, 'desc') ?? type.description),
        ...given('count', count.fixed),
        ...(booleanAttribute(child, 'transient', false, this.context) && { transient: true }),
        dataObjects: type.dataObjects,
        attributes: type.attributes,
      };
      if (count.from !== undefined) this.counts.set(dataObject, count.from);
      result.dataObjects.push(dataObject);
      result.height = Math.max(result.height, type.height + 1);
    }
    return result;
  }

  private dataObjectType(id: string, user: XmlElement): UnfoldedType | undefined {
    const element = this.elements.find('DOType', id);
    if (!element) {
      this.context.log.report('SCL_MISSING_DOTYPE', `DOType "${id}" is missing: ${user.name} is left out.`, user);
      return undefined;
    }
    return this.unfold(element, user, () => this.readDataObjectType(element));
  }

  private readDataObjectType(element: XmlElement): UnfoldedType {
    const type = this.readDataObjects(element, 'SDO');
    const names = new UniqueNames(this.context);
    for (const child of childrenOf(element, 'DA')) {
      const fc = this.readFc(child);
      const read = fc && this.readAttribute(child, fc, this.readTrigger(child), names);
      if (!read) continue;
      type.attributes.push(read.attribute);
      type.height = Math.max(type.height, read.height + 1);
    }
    return { ...type, ...given('cdc', optional(element, 'cdc')), ...given('description', optional(element, 'desc')) };
  }

  private readFc(element: XmlElement): FunctionalConstraint | undefined {
    const fc = element.attributes.fc ?? '';
    if (isFunctionalConstraint(fc)) return fc;
    const said = fc === '' ? 'no functional constraint' : `the unknown functional constraint "${fc}"`;
    this.context.log.report(
      'SCL_UNKNOWN_FC',
      `DA "${element.attributes.name ?? ''}" has ${said} and is left out.`,
      element,
    );
    return undefined;
  }

  private readTrigger(element: XmlElement): Trigger {
    const trigger: Trigger = {};
    for (const name of ['dchg', 'qchg', 'dupd'] as const) {
      if (booleanAttribute(element, name, false, this.context)) trigger[name] = true;
    }
    return trigger;
  }

  /** A DA or BDA. */
  private readAttribute(
    element: XmlElement,
    fc: FunctionalConstraint,
    trigger: Trigger,
    names: UniqueNames,
  ): UnfoldedAttribute | undefined {
    const name = requiredName(element, 'name', this.context);
    if (name === undefined || !names.accept(name, element)) return undefined;
    const bType = element.attributes.bType ?? '';
    const info = basicTypeInfo(bType);
    if (!info) {
      const message = `${element.name} "${name}" has the unknown basic type "${bType}" and is left out.`;
      this.context.log.report('SCL_UNKNOWN_BTYPE', message, element);
      return undefined;
    }
    const count = this.readCount(element);
    if (!count) return undefined;
    const struct = info.type === 'Structure' ? this.members(element, info.basicType, fc, trigger) : NO_MEMBERS;
    if (!struct) return undefined;
    const attribute: DataAttribute = {
      name,
      fc,
      ...info,
      ...given('count', count.fixed),
      ...given('description', optional(element, 'desc')),
      ...(info.basicType === 'Enum' && this.enumerations.of(element)),
      attributes: struct.attributes,
      ...trigger,
      ...given('shortAddress', optional(element, 'sAddr')),
      ...given('valKind', optional(element, 'valKind')),
      ...(booleanAttribute(element, 'valImport', false, this.context) && { valImport: true }),
    };
    Object.assign(attribute, readValues(element, attribute, this.context));
    if (count.from !== undefined) this.counts.set(attribute, count.from);
    return { attribute, height: struct.height };
  }

  private members(
    user: XmlElement,
    basicType: string,
    fc: FunctionalConstraint,
    trigger: Trigger,
  ): UnfoldedStruct | undefined {
    if (basicType === 'PhyComAddr') return { attributes: phyComAddrMembers(fc), height: 1 };
    const id = optional(user, 'type') ?? '';
    const element = this.elements.find('DAType', id);
    if (!element) {
      this.context.log.report('SCL_MISSING_DATYPE', `DAType "${id}" is missing: ${user.name} is left out.`, user);
      return undefined;
    }
    const key = [fc, trigger.dchg, trigger.qchg, trigger.dupd, id].join(' ');
    const known = this.structs.get(key);
    if (known) return this.open.length + known.height > MAX_DATA_NESTING ? this.tooDeep(user) : known;
    const struct = this.guarded(element, user, () => this.readStruct(element, fc, trigger));
    if (struct) this.structs.set(key, struct);
    return struct;
  }

  private readStruct(element: XmlElement, fc: FunctionalConstraint, trigger: Trigger): UnfoldedStruct {
    const names = new UniqueNames(this.context);
    const struct: UnfoldedStruct = { attributes: [], height: 1 };
    for (const child of childrenOf(element, 'BDA')) {
      const read = this.readAttribute(child, fc, trigger, names);
      if (!read) continue;
      struct.attributes.push(read.attribute);
      struct.height = Math.max(struct.height, read.height + 1);
    }
    return struct;
  }

  /** The `count` of a DA, BDA or SDO; undefined, with a diagnostic, when it is too large. */
  private readCount(element: XmlElement): ArrayCount | undefined {
    const text = optional(element, 'count')?.trim() ?? '';
    if (text !== '' && !/^[+-]?\d/.test(text)) return { from: text };
    const fixed = unsignedAttribute(element, 'count', this.context);
    if (fixed === undefined || fixed === 0) return {};
    if (fixed <= MAX_LIST_LENGTH) return { fixed };
    const message = `An array of ${fixed} elements is larger than ${MAX_LIST_LENGTH}: ${element.name} is left out.`;
    this.context.log.report('SCL_ARRAY_TOO_LARGE', message, element);
    return undefined;
  }
}

const NO_MEMBERS: UnfoldedStruct = { attributes: [], height: 0 };
