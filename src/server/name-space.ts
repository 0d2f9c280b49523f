/** What a server's clients can name: domains, their variables, variable lists and journals (IEC 61850-8-1 §23, §24). */
import type { ObjectName } from '../mms/object-name.js';
import type { VariableSpecification } from '../mms/variable-access.js';
import type { ClientSession } from './client-session.js';
import type { Variable } from './variable.js';

/** A data set: a named variable list that the file brought, or that a client made. */
export interface VariableList {
  readonly name: string;
  readonly members: readonly VariableSpecification[];
  /** Whether clients may delete it. */
  readonly deletable: boolean;
  /** The session that it belongs to, and ends with; absent for those of a logical node. */
  readonly owner?: ClientSession;
}

/** A logical device. */
export class Domain {
  readonly logicalNodes = new Map<string, Variable>();
  /** Data sets by their item name, `LLN0$dsPositions`. */
  readonly variableLists = new Map<string, VariableList>();
  /** Item names of logs, `LLN0$EventLog`. */
  readonly journals: string[] = [];

  constructor(readonly name: string) {}

  /** Variable with an item name such as `XCBR1$ST$Pos$stVal`. */
  variable(item: string): Variable | undefined {
    const first = item.indexOf('$');
    if (first < 0) return this.logicalNodes.get(item);
    const logicalNode = this.logicalNodes.get(item.slice(0, first));
    return logicalNode && below(logicalNode, item.slice(first + 1));
  }

  /**
   * Item names of variables in the order of their characters, which is also that of a walk from the top: `$` comes
   * before all letters and digits. Elements of arrays have no names of their own.
   * @param after names up to this one are left out
   */
  *names(after?: string): Generator<string> {
    yield* walk([...this.logicalNodes.values()], '', after);
  }
}

export class NameSpace {
  readonly domains = new Map<string, Domain>();

  variable(domain: string, item: string): Variable | undefined {
    return this.domains.get(domain)?.variable(item);
  }

  /** The data set of a name that stands in a logical node; those of associations are found by `DataSets`. */
  variableList(name: ObjectName): VariableList | undefined {
    return name.scope === 'domain' ? this.domains.get(name.domain)?.variableLists.get(name.item) : undefined;
  }
}

/** The member of a variable with a path of names between `$`. */
export function below(variable: Variable, path: string): Variable | undefined {
  let at: Variable | undefined = variable;
  let from = 0;
  while (at) {
    const end = path.indexOf('$', from);
    at = at.child(end < 0 ? path.slice(from) : path.slice(from, end));
    if (end < 0) return at;
    from = end + 1;
  }
  return undefined;
}

function byName(a: Variable, b: Variable): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function* walk(variables: readonly Variable[], prefix: string, after: string | undefined): Generator<string> {
  for (const variable of [...variables].sort(byName)) {
    const name = prefix + variable.name;
    const inner = `${name}$`;
    const beyond = after === undefined || name > after;
    // Everything below starts with `inner`; it can be left out whole when `after` is past all of that.
    if (!beyond && name !== after && !after.startsWith(inner)) continue;
    if (beyond) yield name;
    if (!variable.array) yield* walk(variable.children, inner, beyond ? undefined : after);
  }
}
