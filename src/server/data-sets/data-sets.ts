/**
 * Data sets as clients and control blocks find them: those of the file, those that clients made in logical nodes, and
 * those that belong to one association (IEC 61850-7-2 §13, 8-1 §14).
 */
import { MAX_ASSOCIATION_DATA_SETS, MAX_DYNAMIC_DATA_SETS, MAX_DYNAMIC_MEMBERS } from '../../limits.js';
import type { ObjectName } from '../../mms/object-name.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import type { ClientSession } from '../client-session.js';
import type { NameSpace, VariableList } from '../name-space.js';

/** Why a data set was not added. */
export type Refusal = 'exists' | 'noNode' | 'full';

/** Name of a data set that is added. */
export type AddedName =
  | { scope: 'domain'; domain: string; logicalNode: string; item: string }
  | { scope: 'association'; item: string; session: ClientSession };

export class DataSets {
  private readonly own = new Map<ClientSession, Map<string, VariableList>>();
  private readonly holds = new WeakMap<VariableList, number>();
  private readonly listeners = new Set<() => void>();
  /** What clients made and did not delete: data sets in logical nodes, and members of all. */
  private inNodes = 0;
  private members = 0;

  constructor(private readonly nameSpace: NameSpace) {}

  /**
   * The data set of a name.
   * @param session whose own data sets are meant by an association-specific name
   */
  find(name: ObjectName, session: ClientSession | undefined): VariableList | undefined {
    if (name.scope !== 'association') return this.nameSpace.variableList(name);
    return session && this.own.get(session)?.get(name.item);
  }

  /**
   * The data set that DatSet of a control block names: `LD/LN$name`, or `@name` for one of the client who writes it.
   * @param session the client who writes it; undefined for what the file says
   */
  named(text: string, session: ClientSession | undefined): VariableList | undefined {
    if (text.startsWith('@')) return this.find({ scope: 'association', item: text.slice(1) }, session);
    const slash = text.indexOf('/');
    if (slash <= 0) return undefined;
    return this.find({ scope: 'domain', domain: text.slice(0, slash), item: text.slice(slash + 1) }, session);
  }

  /** Item names of a session's own data sets. */
  ownNames(session: ClientSession): Iterable<string> {
    return this.own.get(session)?.keys() ?? [];
  }

  /**
   * Keeps a data set from being deleted, as the control block does that uses it, until the function returned is called.
   * One of an association goes with that all the same: {@link VariableList.owner} says whose it is.
   */
  hold(list: VariableList): () => void {
    this.holds.set(list, (this.holds.get(list) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.holds.get(list) ?? 1) - 1;
      if (left > 0) this.holds.set(list, left);
      else this.holds.delete(list);
    };
  }

  isHeld(list: VariableList): boolean {
    return this.holds.has(list);
  }

  /** Calls back whenever a name has come to mean another data set, or none. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Adds a data set, whose name and members were checked. @returns why not, or undefined */
  add(name: AddedName, members: readonly VariableSpecification[]): Refusal | undefined {
    if (this.members + members.length > MAX_DYNAMIC_MEMBERS) return 'full';
    const refusal = name.scope === 'domain' ? this.addToNode(name, members) : this.addToSession(name, members);
    if (refusal) return refusal;
    this.members += members.length;
    this.changed();
    return undefined;
  }

  private addToNode(
    { domain: domainName, logicalNode, item }: Extract<AddedName, { scope: 'domain' }>,
    members: readonly VariableSpecification[],
  ): Refusal | undefined {
    const domain = this.nameSpace.domains.get(domainName);
    if (!domain?.logicalNodes.has(logicalNode)) return 'noNode';
    const name = `${logicalNode}$${item}`;
    if (domain.variableLists.has(name)) return 'exists';
    if (this.inNodes >= MAX_DYNAMIC_DATA_SETS) return 'full';
    domain.variableLists.set(name, { name, members, deletable: true });
    this.inNodes++;
    return undefined;
  }

  private addToSession(
    { item: name, session }: Extract<AddedName, { scope: 'association' }>,
    members: readonly VariableSpecification[],
  ): Refusal | undefined {
    const own = this.own.get(session) ?? new Map<string, VariableList>();
    if (own.has(name)) return 'exists';
    if (own.size >= MAX_ASSOCIATION_DATA_SETS) return 'full';
    this.own.set(session, own.set(name, { name, members, deletable: true, owner: session }));
    return undefined;
  }

  /** Takes a data set away that is deletable and not held. */
  remove(name: ObjectName, session: ClientSession): void {
    const list = this.find(name, session);
    if (!list) return;
    if (name.scope === 'domain') {
      this.nameSpace.domains.get(name.domain)?.variableLists.delete(name.item);
      this.inNodes--;
    } else this.own.get(session)?.delete(name.item);
    this.members -= list.members.length;
    this.changed();
  }

  /** The association is over, and its data sets with it. */
  release(session: ClientSession): void {
    for (const list of this.own.get(session)?.values() ?? []) this.members -= list.members.length;
    this.own.delete(session);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
