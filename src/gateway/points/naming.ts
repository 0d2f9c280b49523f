/** Names of tags, made from a template such as `{ld}.{ln}.{do}`. */
import { ArgumentError } from '../../errors.js';
import { MAX_TAG_NAME } from '../../limits.js';
import { parseReference, splitLogicalNodeName } from '../../model/reference.js';
import type { PointSite } from './walk.js';

export const DEFAULT_TAG_TEMPLATE = '{ld}.{ln}.{do}';

/** What a template may hold. */
export interface TagNameParts {
  /** Name of the IED. */
  ied: string;
  /** Logical device without the IED's name in front, `CTRL` of `BAY1CTRL`. */
  ld: string;
  /** `inst` of the logical device in SCL; the same as `ld` where there is none. */
  ldInst: string;
  /** The whole MMS domain name, `BAY1CTRL`. */
  ldName: string;
  /** Logical node, `Q0XCBR1`, and its parts. */
  ln: string;
  prefix: string;
  lnClass: string;
  lnInst: string;
  /** Data object and sub data objects, `A.phsA`. */
  do: string;
  /** Attribute when one was chosen, `cVal.ang.f`; else empty. */
  da: string;
  desc: string;
  fc: string;
}

const PLACEHOLDERS = [
  ...(['ied', 'ld', 'ldInst', 'ldName', 'ln', 'prefix', 'lnClass', 'lnInst', 'do', 'da', 'desc', 'fc'] as const),
];
/** As a key of an object it would replace the object's prototype. */
export const RESERVED_NAME = '__proto__';
const FIRST_SEPARATOR = /^[._\-/: ]/;
const LAST_SEPARATOR = /[._\-/: ]$/;

function isPlaceholder(name: string): name is keyof TagNameParts {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

/** A template that was read once and names many points. */
export type TagNamer = (parts: TagNameParts) => string;

/**
 * @throws ArgumentError when the template has an unknown placeholder, or none at all that tells points apart.
 */
export function compileTagTemplate(template: string): TagNamer {
  const pieces = template
    .split(/(\{[^{}]*\})/)
    .map((text, i) => (i % 2 === 0 ? text : readPlaceholder(text, template)));
  if (!pieces.some((piece) => typeof piece === 'object')) {
    throw new ArgumentError(
      `The tag name template "${template}" gives every point the same name`,
      `Use placeholders, such as ${DEFAULT_TAG_TEMPLATE}.`,
    );
  }
  const hasAttribute = pieces.some((piece) => typeof piece === 'object' && piece.name === 'da');
  return (parts) => {
    let name = '';
    // Whether the next text follows an empty part at the very beginning, and loses its separator.
    let bare = false;
    for (const piece of pieces) {
      const text = typeof piece === 'string' ? piece : parts[piece.name];
      // An empty part takes the separator before it along, or the one after it when it is the first.
      if (text === '') {
        if (typeof piece === 'object') name = name.replace(LAST_SEPARATOR, '');
        bare ||= typeof piece === 'object' && name === '';
      } else {
        name += bare ? text.replace(FIRST_SEPARATOR, '') : text;
        bare = bare && name === '';
      }
    }
    if (parts.da !== '' && !hasAttribute) name += `.${parts.da}`;
    const clean = cleanTagName(name);
    return clean === '' || clean === RESERVED_NAME ? cleanTagName(`${parts.ld}.${parts.ln}.${parts.do}`) : clean;
  };
}

function readPlaceholder(text: string, template: string): { name: keyof TagNameParts } {
  const name = text.slice(1, -1);
  if (isPlaceholder(name)) return { name };
  throw new ArgumentError(
    `${text} in the tag name template "${template}" is not known`,
    `Use ${PLACEHOLDERS.map((known) => `{${known}}`).join(' ')}.`,
  );
}

/** Name of one point; for many points compile the template once. */
export function tagName(template: string, parts: TagNameParts): string {
  return compileTagTemplate(template)(parts);
}

/** Control characters and line separators; a name goes into topics, tables and log lines. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]+/gu;

/** Control characters and outer blanks go, and what is too long is cut. */
export function cleanTagName(name: string): string {
  return name.replace(UNPRINTABLE, ' ').trim().slice(0, MAX_TAG_NAME);
}

/** Parts of a point of a model. */
export function partsOfSite(site: PointSite, fc: string, attributePath = '', description = ''): TagNameParts {
  const { model, logicalDevice, logicalNode } = site;
  const ld = withoutIedName(logicalDevice.name, model.name);
  return {
    ied: model.name,
    ld,
    ldInst: logicalDevice.inst ?? ld,
    ldName: logicalDevice.name,
    ln: logicalNode.name,
    prefix: logicalNode.prefix,
    lnClass: logicalNode.lnClass,
    lnInst: logicalNode.inst,
    do: site.path.join('.'),
    da: attributePath,
    desc: description,
    fc,
  };
}

/**
 * Parts of a reference that stands alone, without a model: attributes cannot be told from sub data objects there, and
 * the whole path is `{do}`.
 * @throws ArgumentError as `parseReference`.
 */
export function partsOfReference(reference: string, fc: string, ied = ''): TagNameParts {
  const { logicalDevice, logicalNode, path } = parseReference(reference);
  const { prefix, lnClass, inst } = splitLogicalNodeName(logicalNode);
  const ld = withoutIedName(logicalDevice, ied);
  const names = { ied, ld, ldInst: ld, ldName: logicalDevice, ln: logicalNode, prefix, lnClass, lnInst: inst };
  return { ...names, do: path.join('.'), da: '', desc: '', fc };
}

/**
 * Gives every tag a name of its own: the second `X` becomes `X_2`. The order decides, and a name that was unique stays.
 * @param taken names that are in use already, such as the tags of a node that more are added to
 */
export function uniqueTagNames<T extends { tag: string }>(tags: readonly T[], taken: Iterable<string> = []): T[] {
  const used = new Set(taken);
  // Names that stand for themselves are not taken away by the suffix of an earlier twin.
  const own = new Set(tags.map(({ tag }) => tag));
  const next = new Map<string, number>();
  return tags.map((entry) => {
    if (!used.has(entry.tag)) {
      used.add(entry.tag);
      return entry;
    }
    for (let n = next.get(entry.tag) ?? 2; ; n++) {
      const suffix = `_${n}`;
      const name = entry.tag.slice(0, MAX_TAG_NAME - suffix.length) + suffix;
      if (used.has(name) || own.has(name)) continue;
      next.set(entry.tag, n + 1);
      used.add(name);
      return { ...entry, tag: name };
    }
  });
}

function withoutIedName(logicalDevice: string, ied: string): string {
  return ied !== '' && logicalDevice.startsWith(ied) && logicalDevice.length > ied.length
    ? logicalDevice.slice(ied.length)
    : logicalDevice;
}
