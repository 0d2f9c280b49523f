import { givenNumber, isGiven, numberOf, octetsOf, setNumber, type Pending } from '../leaf-number.js';
import type { Variable } from '../variable.js';

/** An AnalogueValue (IEC 61850-7-3 §6.9): a float, an integer, or both. */
export class Analogue {
  /** The float, or where there is none the integer. */
  readonly main: Variable;

  private constructor(private readonly leaves: readonly Variable[]) {
    this.main = leaves[0] as Variable;
  }

  /** Undefined when the variable is not there or has neither `f` nor `i`. */
  static of(variable: Variable | undefined): Analogue | undefined {
    const leaves = ['f', 'i'].flatMap((name) => {
      const leaf = variable?.child(name);
      return leaf?.leaf ? [leaf] : [];
    });
    return leaves.length > 0 ? new Analogue(leaves) : undefined;
  }

  isIn(values: Pending): boolean {
    return this.leaves.some((leaf) => values.has(leaf));
  }

  isGiven(values: Pending): boolean {
    return this.leaves.some((leaf) => isGiven(leaf, values));
  }

  number(values: Pending): number {
    return numberOf(this.main, values);
  }

  /** The number, where somebody gave it. */
  given(values: Pending): number | undefined {
    return givenNumber(this.main, values);
  }

  /** Takes the members of another one that it has as well. */
  copy(from: Analogue, values: Map<Variable, Buffer>): void {
    for (const leaf of this.leaves) {
      const source = from.leaves.find(({ name, leaf: type }) => name === leaf.name && type === leaf.leaf);
      if (source) values.set(leaf, octetsOf(source, values));
    }
  }

  setZero(values: Map<Variable, Buffer>): void {
    for (const leaf of this.leaves) setNumber(leaf, 0, values);
  }
}
