/** Write (ISO 9506-2 §14.7). */
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { TagData } from '../../model/tag-value.js';
import type { MmsData } from '../../mms/data.js';
import { encodeServiceResponse, type ServiceRequest, type WriteResult } from '../../mms/services.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { mayChange } from '../access/right-of.js';
import { behaviourOf } from '../behaviour.js';
import type { ClientIdentity } from '../client-identity.js';
import type { ClientSession } from '../client-session.js';
import { whenThere, type MaybePromise } from '../maybe-promise.js';
import type { ServerContext } from '../server-part.js';
import { AccessError, select, type Selection } from '../selection.js';
import { valueOf } from '../value-tree.js';
import { constraintOf, pathOf, type Variable } from '../variable.js';
import { assign, assignEach, type Assignment } from '../written-value.js';
import { OBJECT_NON_EXISTENT, RejectReason, type Answer } from './answer.js';

type Request = Extract<ServiceRequest, { service: 'write' }>;

/** A value that a client has written. */
export interface Written {
  client: ClientIdentity;
  /** `LD/LN.DO.DA[FC]`. */
  reference: string;
  value: TagData;
}

/** A client's write that waits for a decision. */
export interface WriteRequest extends Written {
  fc: FunctionalConstraint;
}

/**
 * Decides on a write that the server's options allow: undefined takes it, the number of a DataAccessError refuses it.
 * Controls do not come here, and of control blocks `SGCB.ActSG` alone.
 */
export type WriteDecision = (request: WriteRequest) => MaybePromise<number | undefined>;

export class WriteService {
  private readonly writable: ReadonlySet<FunctionalConstraint>;

  constructor(private readonly context: ServerContext) {
    // The values of the active setting group change with the group alone.
    this.writable = new Set(context.options.writable.filter((fc) => fc !== 'SG'));
  }

  answer(session: ClientSession, { access, data }: Request): MaybePromise<Answer> {
    const specifications =
      'list' in access ? access.list : this.context.dataSets.find(access.listName, session)?.members;
    if (!specifications) return OBJECT_NON_EXISTENT;
    // CVE-2026-50032: a variable list, and no data for it.
    if (specifications.length !== data.length) return { reject: RejectReason.invalidArgument };
    const { store } = this.context;
    const { changes } = store;
    return whenThere(this.writeEach(session, specifications, data, []), (results) => {
      // What a client is told to be written is on disk. A command does not wait for what others have to keep.
      if (store.changes !== changes) store.commit();
      return { response: encodeServiceResponse({ service: 'write', results }) };
    });
  }

  /** Writes one after the other: a later one may depend on what an earlier one did. */
  private writeEach(
    session: ClientSession,
    specifications: readonly VariableSpecification[],
    data: readonly MmsData[],
    results: WriteResult[],
  ): MaybePromise<WriteResult[]> {
    while (results.length < specifications.length) {
      const at = results.length;
      const error = this.write(session, specifications[at] as VariableSpecification, data[at] as MmsData);
      if (error instanceof Promise) {
        return error.then((later) => this.writeEach(session, specifications, data, [...results, resultOf(later)]));
      }
      results.push(resultOf(error));
    }
    return results;
  }

  private write(
    session: ClientSession,
    specification: VariableSpecification,
    data: MmsData,
  ): MaybePromise<number | undefined> {
    const selection = select(this.context.nameSpace, specification);
    if (typeof selection === 'number') return selection;
    const first = selection.variables[0] as Variable;
    const domain = specification.name.scope === 'domain' ? specification.name.domain : '';
    // Commands are refused by their own part, which explains it to the client (LastApplError).
    const allowed = constraintOf(first) === 'CO' || mayChange(session, first);
    const result = allowed ? this.writeSelected(session, domain, selection, data) : AccessError.objectAccessDenied;
    return whenThere(result, (error) => {
      this.context.audit.wrote(session, first, `${domain}/${pathOf(first)}`, error);
      return error;
    });
  }

  private writeSelected(
    session: ClientSession,
    domain: string,
    selection: Selection,
    data: MmsData,
  ): MaybePromise<number | undefined> {
    const first = selection.variables[0] as Variable;
    const behaviour = behaviourOf(first);
    if (behaviour) {
      if (!behaviour.admit) {
        if (selection.array || !behaviour.write) return AccessError.objectAccessDenied;
        return behaviour.write(session, first, data);
      }
      const refusal = behaviour.admit(session, first);
      if (refusal !== undefined) return refusal;
    }
    if (!selection.variables.every((variable) => this.mayWrite(session, variable))) {
      return AccessError.objectAccessDenied;
    }
    const assignments: Assignment[] = [];
    const error = assignSelection(selection, data, assignments);
    if (error !== undefined) return error;
    return this.decide(session, domain, selection, assignments);
  }

  /** Takes the values when nobody objects to one of the variables. */
  private decide(
    session: ClientSession,
    domain: string,
    { variables }: Selection,
    assignments: readonly Assignment[],
  ): MaybePromise<number | undefined> {
    const { context } = this;
    const decision = context.owner.write;
    const values = new Map(assignments.map(({ leaf, encoding }) => [leaf, encoding]));
    const events = variables.map((variable): WriteRequest => ({
      client: session.identity,
      reference: `${domain}/${pathOf(variable)}`,
      fc: constraintOf(variable) as FunctionalConstraint,
      value: valueOf(variable, values),
    }));
    const take = (): undefined => {
      context.values.apply(values, 'write', context.now());
      // Listeners hear of it when all is in place.
      for (const { client, reference, value } of events) context.tell('written', { client, reference, value });
    };
    const askFrom = (next: number): MaybePromise<number | undefined> => {
      const event = events[next];
      if (!event || !decision) return take();
      return whenThere(decision(event), (error) => error ?? askFrom(next + 1));
    };
    return askFrom(0);
  }

  /** Data of a writable constraint, from the data object downwards; never a control block. */
  private mayWrite({ rights }: ClientSession, variable: Variable): boolean {
    const fc = constraintOf(variable);
    if (fc === undefined || !this.writable.has(fc) || !variable.parent?.parent) return false;
    if (!rights.allows(fc === 'SE' ? 'settingGroups' : 'write')) return false;
    for (let at: Variable | undefined = variable; at; at = at.parent) if (at.controlBlock) return false;
    return true;
  }
}

function resultOf(error: number | undefined): WriteResult {
  return error === undefined ? { success: true } : { success: false, error };
}

function assignSelection(
  { variables, array }: Selection,
  data: MmsData,
  assignments: Assignment[],
): number | undefined {
  if (!array) return assign(variables[0] as Variable, data, assignments);
  return data.type === 'array' ? assignEach(variables, data.items, assignments) : AccessError.typeInconsistent;
}
