/** The named variables of a server as a tree, and their values as the octets that go on the wire. */
import { DataTag } from '../mms/data.js';
import { headerLength, writeHeader } from '../mms/wire.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataObject } from '../model/ied-model.js';
import type { Behaviour } from './behaviour.js';
import type { LeafType } from './leaf-type.js';

const NO_CHILDREN: readonly Variable[] = Object.freeze([]);
/** Members beyond which a name is looked up in a map. */
const LINEAR_SEARCH = 12;
/** Octets up to which copying in JavaScript is quicker than a call. */
const SHORT_COPY = 64;
/** Spare octets of a cached encoding, so that a number may grow without a new buffer. */
const CACHE_SLACK = 8;

/**
 * One variable: a logical node, `LN$FC`, a data object, an attribute or an array element.
 *
 * A leaf always has its encoding in `octets[0 … length)`. A data object keeps the encoding of all its leaves there as
 * well, made when somebody reads it and thrown away (`length` 0) when a leaf changes; other structures are put
 * together from these.
 */
export class Variable {
  children: readonly Variable[] = NO_CHILDREN;
  /** Set for leaves. */
  leaf: LeafType | undefined;
  octets: Buffer | undefined;
  length = 0;
  /** A leaf whose octets are its own, not those of the type's initial value. */
  owned = false;
  /** Whether the encoding of the structure is kept. */
  cached = false;
  /** The data object that it stands for, within one functional constraint. */
  object: DataObject | undefined;
  /** A control block: not written like data. */
  controlBlock = false;
  /** Conditions of the attribute that trigger reports, as `Trigger` bits; 0 for all but leaves. */
  triggers = 0;
  /** What answers for this variable and those below it, where a stored value is not all. */
  behaviour: Behaviour | undefined;
  private byName: Map<string, Variable> | undefined;

  constructor(
    readonly name: string,
    readonly parent: Variable | undefined,
    readonly array = false,
  ) {}

  /** Member of a structure by its name. */
  child(name: string): Variable | undefined {
    const { children } = this;
    if (this.array) return undefined;
    if (children.length <= LINEAR_SEARCH) {
      for (const child of children) if (child.name === name) return child;
      return undefined;
    }
    this.byName ??= new Map(children.map((child) => [child.name, child]));
    return this.byName.get(name);
  }

  /** Octets of the encoding with its header. */
  encodedLength(): number {
    if (this.length > 0) return this.length;
    const content = this.contentLength();
    const length = headerLength(DataTag.structure, content) + content;
    if (this.cached) this.fillCache(length, content);
    return length;
  }

  /** Writes the encoding at `at` and returns the position after it; {@link encodedLength} tells the room it takes. */
  writeTo(target: Buffer, at: number): number {
    if (this.length === 0 && this.cached) this.encodedLength();
    if (this.length > 0) return copyOctets(this.octets as Buffer, this.length, target, at);
    return this.writeMembers(target, at, this.contentLength());
  }

  /** Leaf: takes a new encoding. Returns false when it is the one that was there. */
  store(encoding: Buffer): boolean {
    const old = this.octets;
    if (old && this.length === encoding.length && sameOctets(old, encoding, encoding.length)) return false;
    if (!this.owned || !old || old.length < encoding.length) {
      // Not from the pool of small buffers, which short-lived neighbours would keep alive with it.
      this.octets = Buffer.allocUnsafeSlow(Math.max(encoding.length, this.leaf?.capacity ?? 0));
      this.owned = true;
    }
    copyOctets(encoding, encoding.length, this.octets as Buffer, 0);
    this.length = encoding.length;
    for (let above = this.parent; above; above = above.parent) above.length = 0;
    return true;
  }

  private contentLength(): number {
    let content = 0;
    for (const child of this.children) content += child.encodedLength();
    return content;
  }

  private fillCache(length: number, content: number): void {
    if (!this.octets || this.octets.length < length) this.octets = Buffer.allocUnsafeSlow(length + CACHE_SLACK);
    this.writeMembers(this.octets, 0, content);
    this.length = length;
  }

  private writeMembers(target: Buffer, at: number, content: number): number {
    let end = writeHeader(target, at, this.array ? DataTag.array : DataTag.structure, content);
    for (const child of this.children) end = child.writeTo(target, end);
    return end;
  }
}

function sameOctets(a: Buffer, b: Buffer, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function copyOctets(source: Buffer, length: number, target: Buffer, at: number): number {
  if (length > SHORT_COPY) target.set(length === source.length ? source : source.subarray(0, length), at);
  else for (let i = 0; i < length; i++) target[at + i] = source[i] as number;
  return at + length;
}

/** MMS type of a variable (IEC 61850-8-1 §8). */
export function describe(variable: Variable): TypeDescription {
  if (variable.leaf) return variable.leaf.description;
  const { children } = variable;
  if (variable.array) {
    return { type: 'array', count: children.length, element: describe(children[0] as Variable) };
  }
  return { type: 'structure', components: children.map((child) => ({ name: child.name, type: describe(child) })) };
}

/** Functional constraint that a variable stands below; undefined for a logical node. */
export function constraintOf(variable: Variable): FunctionalConstraint | undefined {
  for (let at = variable; at.parent; at = at.parent) {
    if (!at.parent.parent) return at.name as FunctionalConstraint;
  }
  return undefined;
}

/** `LN.DO.DA[FC]` of a variable; elements of arrays are written `name(index)`. */
export function pathOf(variable: Variable): string {
  const names: string[] = [];
  let suffix = '';
  let at = variable;
  for (; at.parent; at = at.parent) {
    if (at.parent.array) suffix = `(${at.parent.children.indexOf(at)})${suffix}`;
    else {
      names.unshift(at.name + suffix);
      suffix = '';
    }
  }
  const [fc, ...path] = names;
  return `${[at.name, ...path].join('.')}${fc === undefined ? '' : `[${fc}]`}`;
}
