import type { SclContext } from './context.js';
import { optional, type XmlElement } from './xml-element.js';

const KINDS = ['LNodeType', 'DOType', 'DAType', 'EnumType'] as const;
export type TypeKind = (typeof KINDS)[number];

/** The elements of `DataTypeTemplates` by their kind and id. */
export class TypeElements {
  private readonly known: Record<TypeKind, Map<string, XmlElement[]>> = {
    LNodeType: new Map(),
    DOType: new Map(),
    DAType: new Map(),
    EnumType: new Map(),
  };

  constructor(
    templates: readonly XmlElement[],
    private readonly context: SclContext,
  ) {
    for (const section of templates) for (const element of section.children) this.add(element);
  }

  /** Edition 1 identifies an LNodeType by its class and id together: the one of that class is preferred. */
  find(kind: TypeKind, id: string, lnClass?: string): XmlElement | undefined {
    const candidates = this.known[kind].get(id);
    return candidates?.find(({ attributes }) => attributes.lnClass === lnClass) ?? candidates?.[0];
  }

  private add(element: XmlElement): void {
    const kind = KINDS.find((name) => name === element.name);
    if (!kind) return;
    const id = optional(element, 'id');
    if (id === undefined) {
      this.context.log.report('SCL_MISSING_ATTRIBUTE', `${kind} has no id and cannot be used.`, element);
      return;
    }
    const same = this.known[kind].get(id);
    if (same?.some(({ attributes }) => kind !== 'LNodeType' || attributes.lnClass === element.attributes.lnClass)) {
      this.context.log.report('SCL_DUPLICATE_TYPE', `A second ${kind} "${id}" is not used.`, element);
    } else if (same) {
      same.push(element);
    } else {
      this.known[kind].set(id, [element]);
    }
  }
}
