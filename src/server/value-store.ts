/** The one place where values of a running server change. */
import type { Variable } from './variable.js';

/** Who sets values: the owner by updates, a client by a write, or the server itself. */
export type Origin = 'update' | 'write' | 'server';

/** Encodings that are about to be stored together. */
export interface Transaction {
  readonly values: Map<Variable, Buffer>;
  readonly origin: Origin;
  /** ms since 1970. */
  readonly now: number;
}

/** Trigger conditions of an attribute (IEC 61850-7-2 §5.4.2) as bits. */
export const Trigger = { dchg: 1, qchg: 2, dupd: 4 } as const;

/** An attribute that has a trigger condition, and which of its conditions came true. */
export interface Change {
  readonly leaf: Variable;
  /** Sum of {@link Trigger} bits, never 0. */
  readonly triggers: number;
}

/** Adds values that follow from those of the transaction, or takes out those that must not be stored. */
export type Deriver = (transaction: Transaction) => void;

/** Hears of a transaction when all its values are in place. */
export type ChangeListener = (changes: readonly Change[], now: number) => void;

/** Hears of all values of a transaction when they are in place. */
export type StoredListener = (transaction: Transaction) => void;

export class ValueStore {
  /** What the process gave last for leaves that show something else, put there by a client. */
  readonly underlying = new Map<Variable, Buffer>();
  private readonly derivers: Deriver[] = [];
  private readonly stored: StoredListener[] = [];
  private readonly listeners: ChangeListener[] = [];

  /** Derivers run before anything is stored, in the order in which they were added. */
  derive(deriver: Deriver): void {
    this.derivers.push(deriver);
  }

  /** Listeners hear of those changes alone that meet a trigger condition. */
  subscribe(listener: ChangeListener): void {
    this.listeners.push(listener);
  }

  /** Listeners hear of every transaction, with all of its values. */
  whenStored(listener: StoredListener): void {
    this.stored.push(listener);
  }

  /**
   * Stores encodings as one transaction; each must be of its leaf's type.
   * @returns how many leaves have another value now
   */
  apply(values: Map<Variable, Buffer>, origin: Origin, now: number): number {
    const transaction: Transaction = { values, origin, now };
    for (const deriver of this.derivers) deriver(transaction);
    const changes: Change[] = [];
    let changed = 0;
    for (const [leaf, encoding] of values) {
      const other = leaf.store(encoding);
      if (other) changed++;
      const triggers = other ? leaf.triggers : leaf.triggers & Trigger.dupd;
      if (triggers !== 0) changes.push({ leaf, triggers });
    }
    for (const listener of this.stored) listener(transaction);
    if (changes.length > 0) for (const listener of this.listeners) listener(changes, now);
    return changed;
  }
}
