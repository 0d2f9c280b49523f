import type { DataAttribute } from '../model/ied-model.js';
import { given } from './attributes.js';
import type { SclContext } from './context.js';
import type { TypeElements } from './type-elements.js';
import { childrenOf, optional, type XmlElement } from './xml-element.js';

/** The literals of each `EnumType` by their number, read once and shared by all attributes that have them. */
export class Enumerations {
  private readonly known = new Map<string, Record<number, string> | undefined>();

  constructor(
    private readonly elements: TypeElements,
    private readonly context: SclContext,
  ) {}

  /** What a DA or BDA of type Enum says about its literals. */
  of(user: XmlElement): Pick<DataAttribute, 'enumLiterals' | 'enumType'> {
    const id = optional(user, 'type') ?? '';
    if (!this.known.has(id)) this.known.set(id, this.read(id));
    const enumLiterals = this.known.get(id);
    if (!enumLiterals) {
      const message = `EnumType "${id}" is missing: "${user.attributes.name ?? ''}" has numbers only.`;
      this.context.log.report('SCL_MISSING_ENUMTYPE', message, user);
    }
    return { ...(id !== '' && { enumType: id }), ...given('enumLiterals', enumLiterals) };
  }

  private read(id: string): Record<number, string> | undefined {
    const element = this.elements.find('EnumType', id);
    if (!element) return undefined;
    const literals: Record<number, string> = {};
    for (const child of childrenOf(element, 'EnumVal')) {
      const ord = optional(child, 'ord')?.trim() ?? '';
      if (/^-?\d{1,10}$/.test(ord)) literals[Number(ord)] = child.text;
      else
        this.context.log.report(
          'SCL_INVALID_ATTRIBUTE',
          `ord="${ord}" is not a number: its literal is left out.`,
          child,
        );
    }
    return literals;
  }
}
