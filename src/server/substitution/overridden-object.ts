/** One data object whose process value a client can replace or freeze (IEC 61850-7-3 §7.3: subEna, blkEna). */
import { QualityBit, qualityBitsFromString, VALIDITY_MASK } from '../../model/quality.js';
import type { TimeQuality } from '../../model/timestamp.js';
import { octetsOf, type Pending } from '../leaf-number.js';
import { dataOf, decodeLeaf, encodeLeaf } from '../leaf-value.js';
import type { Variable } from '../variable.js';

/** The members of one data object by what they are for. */
export interface ObjectParts {
  /** Leaves of the process value; quality and time are not among them. */
  readonly process: readonly Variable[];
  readonly quality: Variable | undefined;
  readonly time: Variable | undefined;
  /** For leaves of the process value, those of the substitute. */
  readonly substitutes: readonly { readonly process: Variable; readonly substitute: Variable }[];
  readonly subEna: Variable | undefined;
  readonly subQ: Variable | undefined;
  readonly blkEna: Variable | undefined;
}

const QUESTIONABLE = 3;

export class OverriddenObject {
  /** Quality as the process gave it last, whatever is shown. */
  private quality: number;
  /** Values as the process gave them, while others are shown. */
  private remembered: Map<Variable, Buffer> | undefined;
  /** Values that are shown while updates are blocked, and their quality. */
  private frozen: { values: Map<Variable, Buffer>; quality: number } | undefined;

  constructor(
    readonly parts: ObjectParts,
    private readonly timeQuality: Partial<TimeQuality>,
  ) {
    this.quality = this.bitsOf(parts.quality, new Map());
  }

  /** Leaves whose change is a matter of this object. */
  *leaves(): Generator<Variable> {
    const { process, quality, time, substitutes, subEna, subQ, blkEna } = this.parts;
    yield* process;
    for (const { substitute } of substitutes) yield substitute;
    for (const leaf of [quality, time, subEna, subQ, blkEna]) if (leaf) yield leaf;
  }

  /** Whether a client has something other shown than the process gives, once the transaction is stored. */
  isActive(pending: Pending): boolean {
    return isTrue(this.parts.subEna, pending) || isTrue(this.parts.blkEna, pending);
  }

  /** Puts what is shown in the place of what the process gives. */
  derive(values: Map<Variable, Buffer>, now: number): void {
    const { process, quality, time } = this.parts;
    const active = this.isActive(values);
    if (quality && values.has(quality)) this.quality = this.bitsOf(quality, values);
    if (!active && !this.remembered) return;
    const remembered = this.remember(values);
    const [shown, shownQuality] = active ? this.override(values, remembered) : [remembered, this.quality];
    if (!active) this.remembered = this.frozen = undefined;
    if (time) values.delete(time);
    let changed = false;
    const show = (leaf: Variable, encoding: Buffer): void => {
      values.set(leaf, encoding);
      changed ||= !encoding.equals(octetsOf(leaf, new Map()));
    };
    for (const leaf of process) show(leaf, shown.get(leaf) ?? octetsOf(leaf, values));
    if (quality?.leaf) show(quality, encodeLeaf(quality.leaf, shownQuality, {}));
    if (changed && time?.leaf) values.set(time, encodeLeaf(time.leaf, now, this.timeQuality));
  }

  /** Takes down what the process gives, in place of showing it. */
  private remember(values: Map<Variable, Buffer>): Map<Variable, Buffer> {
    const before = this.remembered;
    const remembered = before ?? new Map<Variable, Buffer>();
    this.remembered = remembered;
    for (const leaf of this.parts.process) {
      if (before && !values.has(leaf)) continue;
      remembered.set(leaf, Buffer.from(octetsOf(leaf, values)));
      values.delete(leaf);
    }
    return remembered;
  }

  private override(values: Pending, process: Map<Variable, Buffer>): [Map<Variable, Buffer>, number] {
    const { subEna, subQ, blkEna, substitutes } = this.parts;
    const blocked = isTrue(blkEna, values);
    if (!blocked) this.frozen = undefined;
    else this.frozen ??= { values: new Map(process), quality: this.quality };
    let bits = this.frozen?.quality ?? this.quality;
    const shown = new Map(this.frozen?.values ?? process);
    if (isTrue(subEna, values)) {
      bits = (subQ ? this.bitsOf(subQ, values) : 0) | QualityBit.substituted;
      for (const one of substitutes) shown.set(one.process, octetsOf(one.substitute, values));
    }
    if (blocked) {
      // The value is the one that was acquired before the blocking: old data, and not to be called good (§6.2.6).
      if ((bits & VALIDITY_MASK) === 0) bits |= QUESTIONABLE;
      bits |= QualityBit.operatorBlocked | QualityBit.oldData;
    }
    return [shown, bits];
  }

  private bitsOf(leaf: Variable | undefined, pending: Pending): number {
    return leaf?.leaf ? qualityBitsFromString(String(decodeLeaf(leaf.leaf, octetsOf(leaf, pending)) as string)) : 0;
  }
}

function isTrue(leaf: Variable | undefined, pending: Pending): boolean {
  if (!leaf) return false;
  const data = dataOf(octetsOf(leaf, pending));
  return data.type === 'boolean' && data.value;
}
