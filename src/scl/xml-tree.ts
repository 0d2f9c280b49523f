import { XMLParser } from 'fast-xml-parser';
import { SclError } from '../errors.js';
import { MAX_XML_DEPTH } from '../limits.js';
import type { DiagnosticLog } from './diagnostics.js';
import type { LineIndex } from './line-index.js';
import { notWellFormed } from './well-formed.js';
import type { XmlElement } from './xml-element.js';

const SCL_NAMESPACE = 'http://www.iec.ch/61850/2003/SCL';
const ATTRIBUTES = ':@';
const TEXT = '#text';
const CDATA = '#cdata';
/** Names that fast-xml-parser refuses with an exception; no element or attribute of SCL has one. */
const REFUSED_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
const METADATA = XMLParser.getMetaDataSymbol() as symbol;
const NAMED_CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** A node as fast-xml-parser gives it with `preserveOrder`: one key is the tag's name, its value the children. */
interface OrderedNode {
  [name: string | symbol]: unknown;
}

/**
 * The SCL elements of a well-formed text. Elements and attributes of other namespaces are left out, `Private` and `Text` too.
 * @throws SclError `SCL_NOT_SCL` when the root is something else.
 */
export function parseXmlTree(text: string, lines: LineIndex, log: DiagnosticLog): XmlElement {
  const root = parseOrdered(text).find((node) => !tagName(node).startsWith('?'));
  const tree = new TreeBuilder(log);
  const element = root && tree.root(root);
  if (!element || element.name !== 'SCL') {
    const { line, column } = lines.position(element?.offset ?? 0);
    throw new SclError(
      'SCL_NOT_SCL',
      `This is an XML file, but not SCL: its root is <${element?.name ?? ''}>, not <SCL>.`,
      line,
      column,
      'Choose an ICD, CID, SCD, IID, SED or SSD file.',
    );
  }
  return element;
}

function parseOrdered(text: string): OrderedNode[] {
  const parser = new XMLParser({
    preserveOrder: true,
    captureMetaData: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    textNodeName: TEXT,
    cdataPropName: CDATA,
    parseTagValue: false,
    trimValues: true,
    processEntities: false,
    jPath: false,
    maxNestedTags: MAX_XML_DEPTH + 1,
    transformTagName: acceptedName,
    transformAttributeName: acceptedName,
    updateTag: (name) => !isIgnored(name),
  });
  try {
    return parser.parse(text) as OrderedNode[];
  } catch (cause) {
    throw notWellFormed(cause instanceof Error ? cause.message : String(cause), 1, 1, cause);
  }
}

/** fast-xml-parser applies it twice to an empty element: the answer must map to itself. */
function acceptedName(name: string): string {
  return REFUSED_NAMES.has(name) ? `${name}.` : name;
}

/** `Private` can be most of a file, and `Text` is for people: they are dropped before they cost memory. */
function isIgnored(tag: string): boolean {
  const name = tag.slice(tag.indexOf(':') + 1);
  return name === 'Private' || name === 'Text';
}

function tagName(node: OrderedNode): string {
  for (const key of Object.keys(node)) if (key !== ATTRIBUTES) return key;
  return '';
}

/** Namespaces in force, by prefix; the default one under the empty prefix. */
type Scope = ReadonlyMap<string, string>;

interface MutableElement extends XmlElement {
  children: XmlElement[];
  text: string;
}

class TreeBuilder {
  /** Namespace of the root: what it calls SCL. */
  private namespace = '';

  constructor(private readonly log: DiagnosticLog) {}

  root(node: OrderedNode): XmlElement {
    const scope = innerScope(new Map(), node[ATTRIBUTES] as Record<string, string> | undefined);
    const [prefix, name] = splitName(tagName(node));
    this.namespace = scope.get(prefix) ?? '';
    const element = this.element(node, name, scope, undefined);
    if (prefix !== '' && !scope.has(prefix)) this.reportPrefix(prefix, element);
    else if (this.namespace !== SCL_NAMESPACE) {
      const said = this.namespace === '' ? 'no namespace' : `the namespace ${this.namespace}`;
      this.log.report('SCL_NAMESPACE', `The root has ${said}; that of SCL is ${SCL_NAMESPACE}.`, element);
    }
    return element;
  }

  private element(node: OrderedNode, name: string, scope: Scope, parent: XmlElement | undefined): XmlElement {
    const metadata = node[METADATA] as { startIndex?: number } | undefined;
    const element: MutableElement = {
      name,
      attributes: ownAttributes(node[ATTRIBUTES] as Record<string, string> | undefined),
      children: [],
      text: '',
      offset: metadata?.startIndex ?? 0,
      ...(parent && { parent }),
    };
    for (const child of node[tagName(node)] as OrderedNode[]) this.addChild(element, child, scope);
    return element;
  }

  private addChild(element: MutableElement, child: OrderedNode, scope: Scope): void {
    const tag = tagName(child);
    if (tag === TEXT) {
      element.text += decodeReferences(String(child[TEXT]));
    } else if (tag === CDATA) {
      const [part] = child[CDATA] as Array<Record<string, string>>;
      element.text += (part?.[TEXT] ?? '').trim();
    } else if (!tag.startsWith('?')) {
      const inner = innerScope(scope, child[ATTRIBUTES] as Record<string, string> | undefined);
      const [prefix, name] = splitName(tag);
      const namespace = inner.get(prefix);
      // An element without any namespace counts as SCL: files with `scl:SCL` and plain children exist.
      if ((namespace ?? '') !== this.namespace && (prefix !== '' || namespace)) {
        if (prefix !== '' && namespace === undefined) this.reportPrefix(prefix, element);
        return;
      }
      element.children.push(this.element(child, name, inner, element));
    }
  }

  private reportPrefix(prefix: string, at: XmlElement): void {
    const message = `The prefix "${prefix}" is not declared; its elements are taken as foreign ones unless it is the root's.`;
    this.log.report('SCL_UNDECLARED_PREFIX', message, at);
  }
}

function splitName(tag: string): [prefix: string, name: string] {
  const colon = tag.indexOf(':');
  return colon === -1 ? ['', tag] : [tag.slice(0, colon), tag.slice(colon + 1)];
}

function innerScope(scope: Scope, attributes: Record<string, string> | undefined): Scope {
  let inner: Map<string, string> | undefined;
  for (const name in attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    inner ??= new Map(scope);
    inner.set(name.slice(6), decodeReferences(attributes[name] as string));
  }
  return inner ?? scope;
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);

function ownAttributes(attributes: Record<string, string> | undefined): Readonly<Record<string, string>> {
  if (!attributes) return NO_ATTRIBUTES;
  const own = Object.create(null) as Record<string, string>;
  for (const name in attributes) {
    if (name === 'xmlns' || name.includes(':')) continue;
    const value = attributes[name] as string;
    // XML 1.0 §3.3.3: a line end or tab inside of a value is a space.
    own[name] = decodeReferences(/[\n\t]/.test(value) ? value.replace(/[\n\t]/g, ' ') : value);
  }
  return own;
}

/** The five entities and character references; a text that was found well-formed has no others. Never longer than before. */
function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g,
    (whole, decimal?: string, hexadecimal?: string, name?: string) => {
      if (decimal) return String.fromCodePoint(Number(decimal));
      if (hexadecimal) return String.fromCodePoint(parseInt(hexadecimal, 16));
      return NAMED_CHARACTERS[name ?? ''] ?? whole;
    },
  );
}
