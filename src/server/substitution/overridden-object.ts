/** One data object whose process value a client replaces or freezes (IEC 61850-7-3 §7.3: subEna, blkEna). */
import { QualityBit, qualityBitsFromString, VALIDITY_MASK } from '../../model/quality.js';
import type { TimeQuality } from '../../model/timestamp.js';
import { octetsOf, type Pending } from '../leaf-number.js';
import { decodeLeaf, encodeLeaf } from '../leaf-value.js';
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
const NOTHING: Pending = new Map();

/** Values and quality bits that are shown. */
interface Shown {
  readonly values: ReadonlyMap<Variable, Buffer>;
  readonly quality: number;
}

export class OverriddenObject {
  /** What is shown while updates are blocked. */
  private frozen: Shown | undefined;

  constructor(
    private readonly parts: ObjectParts,
    /** Values and qualities as the process gave them last, while others are shown; of all objects. */
    private readonly underlying: Map<Variable, Buffer>,
    private readonly timeQuality: Partial<TimeQuality>,
  ) {}

  /** Leaves whose change is a matter of this object. */
  *leaves(): Generator<Variable> {
    const { process, quality, time, substitutes, subEna, subQ, blkEna } = this.parts;
    yield* process;
    for (const { substitute } of substitutes) yield substitute;
    for (const leaf of [quality, time, subEna, subQ, blkEna]) if (leaf) yield leaf;
  }

  /**
   * Puts what is shown in the place of what the process gives.
   * @returns false when a client has nothing replaced or frozen any more
   */
  derive(values: Map<Variable, Buffer>, now: number): boolean {
    const { process, quality, time, subEna, blkEna } = this.parts;
    const active = isSet(subEna, values) || isSet(blkEna, values);
    const given = quality ? [...process, quality] : process;
    for (const leaf of given) {
      if (this.underlying.has(leaf) && !values.has(leaf)) continue;
      this.underlying.set(leaf, Buffer.from(octetsOf(leaf, values)));
      values.delete(leaf);
    }
    if (time) values.delete(time);
    const shown = active ? this.override(values) : this.processed();
    let changed = false;
    const show = (leaf: Variable, encoding: Buffer): void => {
      values.set(leaf, encoding);
      changed ||= !encoding.equals(octetsOf(leaf, NOTHING));
    };
    for (const [leaf, encoding] of shown.values) show(leaf, encoding);
    if (quality?.leaf) show(quality, encodeLeaf(quality.leaf, shown.quality, {}));
    if (changed && time?.leaf) values.set(time, encodeLeaf(time.leaf, now, this.timeQuality));
    if (!active) for (const leaf of given) this.underlying.delete(leaf);
    return active;
  }

  private processed(): Shown {
    const values = new Map(this.parts.process.map((leaf) => [leaf, this.underlying.get(leaf) as Buffer]));
    return { values, quality: bitsOf(this.parts.quality, this.underlying) };
  }

  private override(pending: Pending): Shown {
    const { subEna, subQ, blkEna, substitutes } = this.parts;
    const process = this.processed();
    const blocked = isSet(blkEna, pending);
    this.frozen = blocked ? (this.frozen ?? process) : undefined;
    const { values: under, quality } = this.frozen ?? process;
    let bits = quality;
    const values = new Map(under);
    if (isSet(subEna, pending)) {
      // That the logical node is in test is no matter of who gives the value.
      bits = bitsOf(subQ, pending) | QualityBit.substituted | (process.quality & QualityBit.test);
      for (const one of substitutes) values.set(one.process, octetsOf(one.substitute, pending));
    }
    if (blocked) {
      // The value is the one that was acquired before the blocking: old data, and not to be called good (§6.2.6).
      if ((bits & VALIDITY_MASK) === 0) bits |= QUESTIONABLE;
      bits |= QualityBit.operatorBlocked | QualityBit.oldData;
    }
    return { values, quality: bits };
  }
}

/** Whether a BOOLEAN is there and true. */
export function isSet(leaf: Variable | undefined, pending: Pending): boolean {
  return leaf?.leaf?.basicType === 'BOOLEAN' && octetsOf(leaf, pending).at(-1) !== 0;
}

function bitsOf(leaf: Variable | undefined, pending: Pending): number {
  return leaf?.leaf ? qualityBitsFromString(String(decodeLeaf(leaf.leaf, octetsOf(leaf, pending)) as string)) : 0;
}
