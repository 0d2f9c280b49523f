import { ArgumentError } from '../errors.js';
import { isFunctionalConstraint, type FunctionalConstraint } from './functional-constraint.js';

/**
 * An ACSI reference (IEC 61850-7-2 §22) taken apart: `LD/LN.DO.DA[FC]`. An array element is written `DO(3).DA`.
 */
export interface Reference {
  /** Logical device, which is the MMS domain: IED name and `inst`, or its functional name `ldName`. */
  logicalDevice: string;
  /** Logical node with prefix and instance, `XCBR1`. */
  logicalNode: string;
  /** Names of data object, sub data objects and attributes; an element `name(index)` stays one path step. */
  path: string[];
  /** Absent when the text gave none. */
  functionalConstraint?: FunctionalConstraint;
}

/** Characters of a text that an error repeats. */
const MAX_SHOWN = 120;
const NAME = /^[A-Za-z0-9_]+$/;
const STEP = /^[A-Za-z0-9_]+(\(\d{1,9}\))?$/;

/**
 * Reads `LD/LN.DO.DA[FC]`, and the forms that people paste: with `$` in place of dots, `LD/LN$FC$DO$DA`.
 * @throws ArgumentError that names the part that is wrong.
 */
export function parseReference(text: string): Reference {
  const fail = (why: string): never => {
    const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
    throw new ArgumentError(
      `"${shown}" is not a reference: ${why}`,
      'Write LD/LN.DO.DA[FC], such as BAY1CTRL/XCBR1.Pos[ST].',
    );
  };
  let rest = text.trim();
  let functionalConstraint: FunctionalConstraint | undefined;
  const bracket = /\[([A-Za-z]{2})\]$/.exec(rest);
  if (bracket) {
    const fc = (bracket[1] as string).toUpperCase();
    if (!isFunctionalConstraint(fc)) fail(`unknown functional constraint ${fc}`);
    else functionalConstraint = fc;
    rest = rest.slice(0, bracket.index);
  }
  const slash = rest.indexOf('/');
  if (slash <= 0) fail('no logical device before a slash');
  const logicalDevice = rest.slice(0, slash);
  if (!NAME.test(logicalDevice)) fail(`"${logicalDevice}" is not a logical device name`);
  const dollar = rest.includes('$');
  const steps = rest.slice(slash + 1).split(dollar ? '$' : '.');
  const logicalNode = steps.shift() ?? '';
  if (!NAME.test(logicalNode)) fail(`"${logicalNode}" is not a logical node name`);
  if (dollar && steps.length > 0 && isFunctionalConstraint(steps[0] as string)) {
    functionalConstraint = steps.shift() as FunctionalConstraint;
  }
  for (const step of steps) if (!STEP.test(step)) fail(`"${step}" is not a name`);
  return { logicalDevice, logicalNode, path: steps, ...(functionalConstraint && { functionalConstraint }) };
}

/** `LD/LN.DO.DA` without the functional constraint. */
export function objectReference(reference: Reference): string {
  return `${reference.logicalDevice}/${[reference.logicalNode, ...reference.path].join('.')}`;
}

/** `LD/LN.DO.DA[FC]`. */
export function formatReference(reference: Reference): string {
  const fc = reference.functionalConstraint;
  return fc ? `${objectReference(reference)}[${fc}]` : objectReference(reference);
}

/** The MMS name of a reference (IEC 61850-8-1 §24): domain and item, `XCBR1$ST$Pos$stVal`. Array indices are kept apart. */
export interface MmsName {
  domain: string;
  item: string;
}

/**
 * @throws ArgumentError when a path is given without a functional constraint.
 * An element of an array keeps its `(index)` in the item; the client turns it into alternate access.
 */
export function toMmsName(reference: Reference): MmsName {
  const { logicalDevice, logicalNode, path, functionalConstraint: fc } = reference;
  if (path.length > 0 && !fc) {
    throw new ArgumentError(`"${objectReference(reference)}" needs a functional constraint, such as [ST] or [MX]`);
  }
  return { domain: logicalDevice, item: [logicalNode, ...(fc ? [fc] : []), ...path].join('$') };
}

/** The reference of an MMS variable name, or undefined when the item is not `LN[$FC[$DO…]]`. */
export function fromMmsName(domain: string, item: string): Reference | undefined {
  const [logicalNode, fc, ...path] = item.split('$');
  if (!logicalNode) return undefined;
  if (fc === undefined) return { logicalDevice: domain, logicalNode, path: [] };
  if (!isFunctionalConstraint(fc)) return undefined;
  return { logicalDevice: domain, logicalNode, path, functionalConstraint: fc };
}

/** Parts of a logical node name: `DPDOesGGIO1` is prefix `DPDOes`, class `GGIO`, instance `1`. */
export function splitLogicalNodeName(name: string): { prefix: string; lnClass: string; inst: string } {
  if (name === 'LLN0') return { prefix: '', lnClass: 'LLN0', inst: '' };
  const match = /^(.*?)([A-Z]{4})(\d*)$/.exec(name);
  if (!match) return { prefix: '', lnClass: name, inst: '' };
  return { prefix: match[1] as string, lnClass: match[2] as string, inst: match[3] as string };
}
