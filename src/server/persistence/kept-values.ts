/** Values that clients wrote survive a restart: settings, configuration and descriptions (FC SP, CF, DC). */
import { Iec61850Error } from '../../errors.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import { dataOf } from '../leaf-value.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Transaction } from '../value-store.js';
import { constraintOf, pathOf, type Variable } from '../variable.js';
import { assign, type Assignment } from '../written-value.js';
import { keptOf, useConfiguration } from './revisions.js';
import type { KeptMap } from './store.js';

const KEPT: ReadonlySet<FunctionalConstraint | undefined> = new Set(['SP', 'CF', 'DC']);

/** Names of variables that mean the same after a restart. */
export class KeptNames {
  private readonly domains = new Map<Variable, string>();

  constructor(private readonly context: Pick<ServerContext, 'nameSpace' | 'points'>) {
    const { nameSpace } = context;
    for (const { name, logicalNodes } of nameSpace.domains.values()) {
      for (const logicalNode of logicalNodes.values()) this.domains.set(logicalNode, name);
    }
  }

  /** `LD/LN.DO.DA[FC]`. */
  of(variable: Variable): string {
    let top = variable;
    while (top.parent) top = top.parent;
    return `${this.domains.get(top) ?? ''}/${pathOf(variable)}`;
  }

  /** The variable of a name, if there is still one. */
  find(name: string): Variable | undefined {
    try {
      return this.context.points.find(name).variable;
    } catch (error) {
      if (error instanceof Iec61850Error) return undefined;
      throw error;
    }
  }
}

/** What a kept encoding sets in a variable of today's model; undefined when it does not fit it any more. */
export function fitting(variable: Variable | undefined, octets: Buffer): Assignment | undefined {
  if (!variable?.leaf) return undefined;
  const assignments: Assignment[] = [];
  try {
    if (assign(variable, dataOf(octets), assignments) !== undefined) return undefined;
  } catch (error) {
    if (error instanceof Iec61850Error) return undefined;
    throw error;
  }
  return assignments[0];
}

export class KeptValues implements ServerPart {
  private readonly map: KeptMap;
  private readonly names: KeptNames;
  /** Leaves that have a value on disk. */
  private readonly kept = new Set<Variable>();

  constructor(private readonly context: ServerContext) {
    this.map = keptOf(context.store, 'values', context.model);
    this.names = new KeptNames(context);
    if (context.store.persistent) context.values.whenStored((transaction) => this.stored(transaction));
  }

  restore(): void {
    const { context, map } = this;
    const values = new Map<Variable, Buffer>();
    if (useConfiguration(context.store, context.model, context.now())) {
      context.problems.add(
        context.model.name,
        'what clients set with another configuration revision is not used with this one',
      );
    }
    for (const [key, octets] of map.entries()) {
      const found = fitting(this.names.find(key), octets);
      if (found) {
        values.set(found.leaf, found.encoding);
        this.kept.add(found.leaf);
      } else {
        map.delete(key);
        context.problems.add(key, 'a client had given it a value that does not fit the model any more; it is dropped');
      }
    }
    if (values.size > 0) context.values.apply(values, 'server', context.now());
  }

  private stored({ values, origin }: Transaction): void {
    // What the owner sets is his to set again, unless it takes the place of what a client wrote.
    if (origin === 'server' || (origin === 'update' && this.kept.size === 0)) return;
    for (const [leaf, encoding] of values) {
      if (origin === 'update' ? !this.kept.has(leaf) : !KEPT.has(constraintOf(leaf))) continue;
      this.kept.add(leaf);
      this.map.put(this.names.of(leaf), encoding);
    }
  }
}
