/** A data set as reports see it: which of its members change, and what they are at a moment. */
import { encodeAccessResult } from '../../mms/data-codec.js';
import { DataTag } from '../../mms/data.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import { berVisibleString } from '../../mms/wire.js';
import type { NameSpace, VariableList } from '../name-space.js';
import { select, selectionLength, writeSelection, type Selection } from '../selection.js';
import type { Variable } from '../variable.js';
import { REASONS } from './bits.js';
import { filtered, ReportBody } from './report-body.js';

/** What happened to a data set in one transaction. */
export class Notification {
  private readonly bodies = new Map<number, ReportBody | undefined>();

  constructor(
    private readonly whole: ReportBody,
    private readonly reasons: number,
  ) {}

  /** What a control block with these trigger options has to report; the same object for the same members. */
  bodyFor(trgOps: number): ReportBody | undefined {
    const mask = trgOps & this.reasons;
    if (mask === this.reasons) return this.whole;
    if (mask === 0) return undefined;
    if (!this.bodies.has(mask)) this.bodies.set(mask, filtered(this.whole, mask));
    return this.bodies.get(mask);
  }
}

/** Hears of the changes of a data set's members. */
export interface DataSetListener {
  /** @param now ms since 1970 */
  notified(notification: Notification, now: number): void;
}

export class ReportedDataSet {
  readonly listeners = new Set<DataSetListener>();
  /** References of the members as the reports carry them, encoded (IEC 61850-8-1 §17.2.3). */
  readonly references: readonly Buffer[];
  private readonly members: readonly (Selection | Buffer)[];
  /** By member the triggers of the transaction under way. */
  private readonly triggers: Uint8Array;
  private readonly touched: number[] = [];
  private everything: readonly number[] | undefined;

  constructor(
    nameSpace: NameSpace,
    readonly list: VariableList,
  ) {
    const specifications = list.members;
    this.members = specifications.map((specification) => {
      const selection = select(nameSpace, specification);
      return typeof selection === 'number' ? encodeAccessResult({ success: false, error: selection }) : selection;
    });
    this.references = specifications.map((one) => berVisibleString(DataTag.visibleString, referenceOf(one)));
    this.triggers = new Uint8Array(this.members.length);
  }

  /** Number of members. */
  get size(): number {
    return this.members.length;
  }

  /** Attributes with a trigger condition, each with the number of its member. */
  *leaves(): Generator<{ leaf: Variable; member: number }> {
    for (const [member, selection] of this.members.entries()) {
      if (Buffer.isBuffer(selection)) continue;
      for (const variable of selection.variables) for (const leaf of triggersBelow(variable)) yield { leaf, member };
    }
  }

  /** Takes down what happened to a member. Returns whether it is the first of its transaction. */
  note(member: number, triggers: number): boolean {
    const before = this.triggers[member] as number;
    this.triggers[member] = before | triggers;
    return before === 0 && this.touched.push(member) === 1;
  }

  /** What was noted since the last call. */
  take(): Notification {
    const { touched, triggers } = this;
    touched.sort((a, b) => a - b);
    let all = 0;
    const body = this.bodyOf(touched, (member) => {
      const reason = REASONS[triggers[member] as number] as number;
      triggers[member] = 0;
      all |= reason;
      return reason;
    });
    touched.length = 0;
    return new Notification(body, all);
  }

  /** All members as they are now, for one reason. */
  snapshot(reason: number): ReportBody {
    this.everything ??= Array.from(this.members.keys());
    return this.bodyOf(this.everything, () => reason);
  }

  private bodyOf(numbers: readonly number[], reasonOf: (member: number) => number): ReportBody {
    let length = 0;
    for (const number of numbers) {
      const member = this.members[number] as Selection | Buffer;
      length += Buffer.isBuffer(member) ? member.length : selectionLength(member);
    }
    const body = ReportBody.layOut(numbers.length, length);
    let at = body.valuesAt;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] as number;
      const member = this.members[number] as Selection | Buffer;
      if (Buffer.isBuffer(member)) at += member.copy(body.octets, at);
      else at = writeSelection(member, body.octets, at);
      body.set(i, number, reasonOf(number), at);
    }
    return body;
  }
}

function* triggersBelow(variable: Variable): Generator<Variable> {
  if (variable.triggers !== 0) yield variable;
  for (const child of variable.children) yield* triggersBelow(child);
}

/** `LD/LN$FC$DO(3)$DA`. */
function referenceOf({ name, access = [] }: VariableSpecification): string {
  let text = name.scope === 'domain' ? `${name.domain}/${name.item}` : name.item;
  for (const step of access) {
    if (step.select === 'index') text += `(${step.index})`;
    else if (step.select === 'component') text += `$${step.name}`;
  }
  return text;
}
