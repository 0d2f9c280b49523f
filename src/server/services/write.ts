/** Write (ISO 9506-2 §14.7). */
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { TagData } from '../../model/tag-value.js';
import type { MmsData } from '../../mms/data.js';
import { encodeServiceResponse, type ServiceRequest, type WriteResult } from '../../mms/services.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import type { NameSpace } from '../name-space.js';
import { AccessError, select, type Selection } from '../selection.js';
import { valueOf } from '../value-tree.js';
import { constraintOf, pathOf, type Variable } from '../variable.js';
import { assign, assignEach, type Assignment } from '../written-value.js';
import { OBJECT_NON_EXISTENT, RejectReason, type Answer } from './answer.js';

type Request = Extract<ServiceRequest, { service: 'write' }>;

/** The client that writes, as it is known to whoever listens. */
export interface Writer {
  readonly address: string;
  readonly port: number;
  readonly apTitle?: string;
  readonly aeQualifier?: number;
}

/** A value that a client has written. */
export interface Written {
  client: Writer;
  /** `LD/LN.DO.DA[FC]`. */
  reference: string;
  value: TagData;
}

export class WriteService {
  private readonly writable: ReadonlySet<FunctionalConstraint>;

  /** @param writable functional constraints of the data that clients may write; nothing else can be written */
  constructor(
    private readonly nameSpace: NameSpace,
    writable: readonly FunctionalConstraint[],
    private readonly written: (event: Written) => void,
  ) {
    this.writable = new Set(writable);
  }

  answer(writer: Writer, { access, data }: Request): Answer {
    const specifications = 'list' in access ? access.list : this.nameSpace.variableList(access.listName)?.members;
    if (!specifications) return OBJECT_NON_EXISTENT;
    // CVE-2026-50032: a variable list, and no data for it.
    if (specifications.length !== data.length) return { reject: RejectReason.invalidArgument };
    const events: Written[] = [];
    const results = specifications.map((specification, i): WriteResult => {
      const error = this.write(writer, specification, data[i] as MmsData, events);
      return error === undefined ? { success: true } : { success: false, error };
    });
    // Listeners hear of it when all is in place, and what they do comes after the request.
    for (const event of events) this.written(event);
    return { response: encodeServiceResponse({ service: 'write', results }) };
  }

  private write(
    client: Writer,
    specification: VariableSpecification,
    data: MmsData,
    events: Written[],
  ): number | undefined {
    const selection = select(this.nameSpace, specification);
    if (typeof selection === 'number') return selection;
    if (!selection.variables.every((variable) => this.mayWrite(variable))) return AccessError.objectAccessDenied;
    const assignments: Assignment[] = [];
    const error = assignSelection(selection, data, assignments);
    if (error !== undefined) return error;
    for (const { leaf, encoding } of assignments) leaf.store(encoding);
    const domain = specification.name.scope === 'domain' ? specification.name.domain : '';
    for (const variable of selection.variables) {
      events.push({ client, reference: `${domain}/${pathOf(variable)}`, value: valueOf(variable) });
    }
    return undefined;
  }

  /** Data of a writable constraint, from the data object downwards; never a control block. */
  private mayWrite(variable: Variable): boolean {
    const fc = constraintOf(variable);
    if (fc === undefined || !this.writable.has(fc) || !variable.parent?.parent) return false;
    for (let at: Variable | undefined = variable; at; at = at.parent) if (at.controlBlock) return false;
    return true;
  }
}

function assignSelection(
  { variables, array }: Selection,
  data: MmsData,
  assignments: Assignment[],
): number | undefined {
  if (!array) return assign(variables[0] as Variable, data, assignments);
  return data.type === 'array' ? assignEach(variables, data.items, assignments) : AccessError.typeInconsistent;
}
