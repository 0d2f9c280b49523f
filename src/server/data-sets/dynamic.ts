/**
 * Data sets that clients make and delete: DefineNamedVariableList and DeleteNamedVariableList (ISO 9506-2 §14.10, §14.12;
 * IEC 61850-8-1 §14.3.2, §14.3.3).
 */
import { MAX_DATA_SET_NAME, MAX_DYNAMIC_DATA_SET_MEMBERS } from '../../limits.js';
import type { ObjectName } from '../../mms/object-name.js';
import { serviceErrorByName } from '../../mms/service-error.js';
import { decodeServiceRequest, encodeServiceRequest, encodeServiceResponse } from '../../mms/services.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { BerReader } from '../../mms/wire.js';
import type { ClientSession } from '../client-session.js';
import type { NameSpace } from '../name-space.js';
import { select } from '../selection.js';
import type { ServerContext, ServerPart, ServiceHandlers } from '../server-part.js';
import { OBJECT_ACCESS_UNSUPPORTED, OBJECT_NON_EXISTENT, type Answer } from '../services/answer.js';
import { constraintOf, type Variable } from '../variable.js';
import type { AddedName, DataSets, Refusal } from './data-sets.js';

const REFUSALS: Readonly<Record<Refusal, Answer>> = {
  exists: { error: serviceErrorByName('definition', 'object-exists') },
  noNode: OBJECT_NON_EXISTENT,
  full: { error: serviceErrorByName('resource', 'capability-unavailable') },
};
const BAD_NAME: Answer = { error: serviceErrorByName('definition', 'invalid-address') };
const NO_MEMBER: Answer = { error: serviceErrorByName('definition', 'object-undefined') };
const NOT_A_MEMBER: Answer = { error: serviceErrorByName('definition', 'object-attribute-inconsistent') };

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Data sets of logical nodes are kept by this name in the store, each as the request that made it. */
const KEPT = 'data-sets';

export class DynamicDataSets implements ServerPart {
  readonly services: ServiceHandlers = {
    defineNamedVariableList: (session, { name, variables }) => this.define(session, name, variables),
    deleteNamedVariableList: (session, { names }) => this.delete(session, names),
  };
  private readonly nameSpace: NameSpace;
  private readonly dataSets: DataSets;

  constructor(private readonly context: ServerContext) {
    ({ nameSpace: this.nameSpace, dataSets: this.dataSets } = context);
  }

  sessionClosed(session: ClientSession): void {
    this.dataSets.release(session);
  }

  /** Puts back the data sets of logical nodes; those that the file no longer has room for are forgotten. */
  restore(): void {
    const kept = this.context.store.map(KEPT);
    for (const [key, octets] of kept.entries()) {
      const reader = new BerReader(octets);
      reader.next();
      const request = decodeServiceRequest(reader);
      const made =
        request.service === 'defineNamedVariableList'
          ? this.make(undefined, request.name, request.variables)
          : NO_MEMBER;
      if (made) kept.delete(key);
    }
  }

  private define(session: ClientSession, name: ObjectName, members: readonly VariableSpecification[]): Answer {
    const refusal = this.make(session, name, members);
    if (refusal) return refusal;
    if (name.scope === 'domain') {
      const request = encodeServiceRequest({ service: 'defineNamedVariableList', name, variables: [...members] });
      this.context.store.map(KEPT).put(keyOf(name), request);
      this.context.store.commit();
    }
    return { response: encodeServiceResponse({ service: 'defineNamedVariableList' }) };
  }

  /** @returns why not, or undefined when it is there now */
  private make(
    session: ClientSession | undefined,
    name: ObjectName,
    members: readonly VariableSpecification[],
  ): Answer | undefined {
    const added = newName(name, session);
    if (!added) return name.scope === 'vmd' ? OBJECT_ACCESS_UNSUPPORTED : BAD_NAME;
    if (members.length === 0) return NOT_A_MEMBER;
    if (members.length > MAX_DYNAMIC_DATA_SET_MEMBERS) return REFUSALS.full;
    for (const member of members) {
      const wrong = this.memberError(member);
      if (wrong) return wrong;
    }
    const refusal = this.dataSets.add(added, members);
    return refusal && REFUSALS[refusal];
  }

  /** A member is a data object or something below it, or an element of an array; never a control block. */
  private memberError(member: VariableSpecification): Answer | undefined {
    if (member.access?.some(({ select: how }) => how !== 'index' && how !== 'component')) return NOT_A_MEMBER;
    const selection = select(this.nameSpace, member);
    if (typeof selection === 'number') return NO_MEMBER;
    return selection.variables.every(isData) ? undefined : NOT_A_MEMBER;
  }

  private delete(session: ClientSession, names: readonly ObjectName[]): Answer {
    let matched = 0;
    let deleted = 0;
    const kept = this.context.store.map(KEPT);
    for (const name of names) {
      const list = this.dataSets.find(name, session);
      if (!list) continue;
      matched++;
      if (!list.deletable || this.dataSets.isHeld(list)) continue;
      this.dataSets.remove(name, session);
      if (name.scope === 'domain') kept.delete(keyOf(name));
      deleted++;
    }
    if (deleted > 0) this.context.store.commit();
    return { response: encodeServiceResponse({ service: 'deleteNamedVariableList', matched, deleted }) };
  }
}

/** The name as it is kept; undefined for one that no data set can have. */
function newName(name: ObjectName, session: ClientSession | undefined): AddedName | undefined {
  if (name.scope === 'association') return session && isName(name.item) ? { ...name, session } : undefined;
  if (name.scope !== 'domain') return undefined;
  const [logicalNode = '', item = '', ...more] = name.item.split('$');
  return more.length === 0 && isName(item) ? { scope: 'domain', domain: name.domain, logicalNode, item } : undefined;
}

function isName(text: string): boolean {
  return text.length <= MAX_DATA_SET_NAME && NAME.test(text);
}

function keyOf({ domain, item }: Extract<ObjectName, { scope: 'domain' }>): string {
  return `${domain}/${item}`;
}

function isData(variable: Variable): boolean {
  if (constraintOf(variable) === undefined || !variable.parent?.parent) return false;
  for (let at: Variable | undefined = variable; at; at = at.parent) if (at.controlBlock) return false;
  return true;
}
