import type { SclContext } from './context.js';
import { optional, type XmlElement } from './xml-element.js';

/** Names that a reference can be made of, and those that the standard has. */
const USABLE_NAME = /^[^\s/.$()[\]\\"'<>&]{1,129}$/;
const STANDARD_NAME = /^[A-Za-z0-9_]+$/;

/** A required name; undefined, with a diagnostic, when it is missing or cannot be part of a reference. */
export function requiredName(element: XmlElement, attribute: string, context: SclContext): string | undefined {
  const name = requiredAttribute(element, attribute, context);
  return name !== undefined && checkName(name, element, context) ? name : undefined;
}

/** Whether a name can be part of a reference; reports when it cannot, or when the standard does not allow it. */
export function checkName(name: string, at: XmlElement, { log }: SclContext): boolean {
  if (!USABLE_NAME.test(name)) {
    log.report('SCL_INVALID_NAME', `"${name}" cannot be a name: ${at.name} is left out.`, at);
    return false;
  }
  if (!STANDARD_NAME.test(name)) {
    log.report('SCL_UNUSUAL_NAME', `"${name}" has characters that the standard does not allow in names.`, at);
  }
  return true;
}

/** A required attribute of any text; undefined, with a diagnostic, when it is missing or empty. */
export function requiredAttribute(element: XmlElement, attribute: string, { log }: SclContext): string | undefined {
  const value = optional(element, attribute);
  if (value === undefined) {
    log.report('SCL_MISSING_ATTRIBUTE', `${element.name} has no ${attribute} and is left out.`, element);
  }
  return value;
}

/** An xs:boolean, or the default when it is absent or something else (which is reported). */
export function booleanAttribute(
  element: XmlElement,
  attribute: string,
  absent: boolean,
  { log }: SclContext,
): boolean {
  const text = optional(element, attribute);
  if (text === undefined) return absent;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  log.report(
    'SCL_INVALID_ATTRIBUTE',
    `${attribute}="${text}" is neither true nor false; ${absent} is assumed.`,
    element,
  );
  return absent;
}

/** A number of 0 or more that fits in 32 bits; undefined when it is absent or something else (which is reported). */
export function unsignedAttribute(element: XmlElement, attribute: string, { log }: SclContext): number | undefined {
  const text = optional(element, attribute)?.trim();
  if (text === undefined) return undefined;
  const number = /^\+?\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (number <= 0xffffffff) return number;
  log.report('SCL_INVALID_ATTRIBUTE', `${attribute}="${text}" is not a number of 0 or more and is ignored.`, element);
  return undefined;
}

/** `{ [key]: value }`, or nothing when there is no value: keeps absent fields absent. */
export function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/** Keeps the first of each name and reports the others. */
export class UniqueNames {
  private readonly names = new Set<string>();

  constructor(private readonly context: SclContext) {}

  accept(name: string, at: XmlElement): boolean {
    if (!this.names.has(name)) {
      this.names.add(name);
      return true;
    }
    this.context.log.report('SCL_DUPLICATE_NAME', `A second ${at.name} "${name}" is left out.`, at);
    return false;
  }
}
