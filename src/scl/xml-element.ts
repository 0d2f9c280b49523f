/** An element of the SCL namespace with what this reader needs of it; `Private`, `Text` and foreign ones are not here. */
export interface XmlElement {
  /** Local name, `LDevice`. */
  readonly name: string;
  /** Attributes without a namespace, in an object without a prototype. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Character data, trimmed. */
  readonly text: string;
  /** Offset of its `<` in the text. */
  readonly offset: number;
  readonly parent?: XmlElement;
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element ? element.children.filter((child) => child.name === name) : [];
}

export function firstChild(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The attribute, or undefined when it is absent or empty. */
export function optional(element: XmlElement, name: string): string | undefined {
  return element.attributes[name] || undefined;
}

/** `SCL/IED[BAY1]/…/LN[XCBR1]`: element names, with what tells an element from its siblings. */
export function elementPath(element: XmlElement): string {
  const steps: string[] = [];
  for (let step: XmlElement | undefined = element; step; step = step.parent) steps.push(pathStep(step));
  return steps.reverse().join('/');
}

function pathStep({ name, attributes }: XmlElement): string {
  let key: string | undefined;
  if (name === 'LN') key = logicalNodeName(attributes);
  else if (name === 'FCDA') key = fcdaKey(attributes);
  else if (name === 'ConnectedAP') key = [attributes.iedName, attributes.apName].filter(Boolean).join(' ');
  else if (name === 'P') key = attributes.type;
  else
    key = attributes.name ?? attributes.id ?? attributes.cbName ?? (name === 'LDevice' ? attributes.inst : undefined);
  return key ? `${name}[${key}${attributes.ix === undefined ? '' : `(${attributes.ix})`}]` : name;
}

function fcdaKey(attributes: Readonly<Record<string, string>>): string {
  const logicalNode = `${attributes.prefix ?? ''}${attributes.lnClass ?? ''}${attributes.lnInst ?? ''}`;
  const path = [logicalNode, attributes.doName, attributes.daName].filter(Boolean).join('.');
  return `${attributes.ldInst ?? ''}/${path}`;
}

/** Prefix, class and instance of an `LN`, together. */
export function logicalNodeName(attributes: Readonly<Record<string, string>>): string {
  return `${attributes.prefix ?? ''}${attributes.lnClass ?? ''}${attributes.inst ?? ''}`;
}
