/** Qualities of logical nodes that are in test or off: what the process gave is kept, and comes back with the mode. */
import { qualityBitsFromString } from '../../model/quality.js';
import { decodeLeaf, encodeLeaf } from '../leaf-value.js';
import { octetsOf, type Pending } from '../leaf-number.js';
import type { Variable } from '../variable.js';
import { marksQuality, qualityUnder, type Mode } from './mode.js';

/** Data objects whose quality says something of the mode itself. */
const UNMARKED: ReadonlySet<string> = new Set(['Mod', 'Beh']);
const PROCESS = ['ST', 'MX'] as const;

export class QualityMarks {
  /** Qualities as they were given, for those that show another one. */
  private readonly given = new Map<Variable, Buffer>();
  private readonly marked = new Map<Variable, Mode>();

  /** @param underlying qualities of the process where a client has others shown */
  constructor(private readonly underlying: Pending) {}

  /** Whether any logical node has qualities that are marked. */
  get any(): boolean {
    return this.marked.size > 0;
  }

  /** Marks those qualities of a transaction whose logical nodes are in test or off. */
  markNew(values: Map<Variable, Buffer>): void {
    for (const leaf of [...values.keys()]) {
      const behaviour = isMarkable(leaf) ? this.marked.get(logicalNodeOf(leaf)) : undefined;
      if (behaviour !== undefined) this.mark(leaf, values.get(leaf) as Buffer, behaviour, values);
    }
  }

  /**
   * Marks or frees all qualities of a logical node.
   * @param time gives a data object whose quality is another one now its time
   */
  change(
    logicalNode: Variable,
    behaviour: Mode,
    values: Map<Variable, Buffer>,
    time: (dataObject: Variable) => void,
  ): void {
    const marks = marksQuality(behaviour);
    if (!marks && !this.marked.has(logicalNode)) return;
    if (marks) this.marked.set(logicalNode, behaviour);
    else this.marked.delete(logicalNode);
    for (const leaf of qualitiesOf(logicalNode)) {
      const before = octetsOf(leaf, this.underlying);
      const source = this.given.get(leaf) ?? values.get(leaf) ?? before;
      this.given.delete(leaf);
      if (marks) this.mark(leaf, Buffer.from(source), behaviour, values);
      else values.set(leaf, source);
      if (!before.equals(values.get(leaf) as Buffer)) time(leaf.parent as Variable);
    }
  }

  private mark(leaf: Variable, source: Buffer, behaviour: Mode, values: Map<Variable, Buffer>): void {
    if (!leaf.leaf) return;
    this.given.set(leaf, source);
    const bits = qualityBitsFromString(String(decodeLeaf(leaf.leaf, source) as string));
    values.set(leaf, encodeLeaf(leaf.leaf, qualityUnder(behaviour, bits), {}));
  }
}

function isMarkable(leaf: Variable): boolean {
  if (leaf.name !== 'q' || leaf.leaf?.basicType !== 'Quality') return false;
  let at = leaf;
  while (at.parent?.parent?.parent) at = at.parent;
  return !UNMARKED.has(at.name) && (PROCESS as readonly string[]).includes(at.parent?.name ?? '');
}

function logicalNodeOf(leaf: Variable): Variable {
  let at = leaf;
  while (at.parent) at = at.parent;
  return at;
}

function* qualitiesOf(logicalNode: Variable): Generator<Variable> {
  for (const fc of PROCESS) {
    for (const object of logicalNode.child(fc)?.children ?? []) {
      if (!UNMARKED.has(object.name)) yield* qualitiesBelow(object);
    }
  }
}

function* qualitiesBelow(variable: Variable): Generator<Variable> {
  for (const child of variable.children) {
    if (child.name === 'q' && child.leaf?.basicType === 'Quality') yield child;
    else yield* qualitiesBelow(child);
  }
}
