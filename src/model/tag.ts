import type { FunctionalConstraint } from './functional-constraint.js';
import type { TagType } from './tag-value.js';

/**
 * A point that somebody chose: what the editor saves, SCL import gives out, and the read plan takes.
 * `reference` without a DA names the data object and stands for its principal value with quality and time.
 */
export interface Tag {
  /** Unique in its IED, `LD0.XCBR1.Pos` by the default template `{ld}.{ln}.{do}`. */
  tag: string;
  /** `LD/LN.DO.DA…`, without the functional constraint. */
  reference: string;
  fc: FunctionalConstraint;
  /** Type of the value; learnt from the IED when absent. */
  type?: TagType;
  cdc?: string;
  unit?: string;
  description?: string;
  /** Literals of an Enum by their number, from SCL or the standard. */
  enumLiterals?: Record<number, string>;
  /** Poll interval in ms; the node's own when absent. */
  interval?: number;
  /** Absolute change of a number below which nothing is emitted; 0 or absent emits every change. */
  deadband?: number;
}
