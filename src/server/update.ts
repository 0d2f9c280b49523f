/** Values that the owner of the server sets, as one transaction. */
import { ArgumentError, Iec61850Error } from '../errors.js';
import { isMembers } from '../model/members.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import { QualityBit, VALIDITY_MASK } from '../model/quality.js';
import type { TagStatus } from '../model/tag-value.js';
import type { TimeQuality } from '../model/timestamp.js';
import { encodeLeaf, timeInMs } from './leaf-value.js';
import type { Point, Points } from './points.js';
import { qualityBits, type QualityInput } from './quality-input.js';
import type { ValueStore } from './value-store.js';
import type { Variable } from './variable.js';
import type { Assignment } from './written-value.js';

/** One value. A tag value of another source can be given as it is. */
export interface Update {
  /** `LD/LN.DO.DA[FC]`, or a data object `LD/LN.DO[FC]`, which stands for its principal value. */
  reference: string;
  /** Constraint of a reference that has none. */
  fc?: FunctionalConstraint;
  /** The value; an object or array for structures and arrays; `null` when the source has none. */
  value?: unknown;
  /** `null` when the source has none, which is not good. Not given at all: good. */
  quality?: QualityInput | null;
  /** ISO 8601 text, a Date or ms since 1970; `null` when the source has none. Not given at all: now. */
  timestamp?: string | number | Date | null;
  timeQuality?: Partial<TimeQuality> | null;
  /** `stale`, `disconnected` and `error` take the good away, whatever the quality says. */
  status?: TagStatus;
}

export interface UpdateOptions {
  /** When one update is wrong, none is taken. */
  allOrNothing?: boolean;
}

export interface UpdateError {
  /** Position in the list of updates. */
  index: number;
  reference: string;
  code: string;
  message: string;
  hint: string;
}

export interface UpdateResult {
  /** Updates that were taken. */
  accepted: number;
  /** Attributes whose value is another one now, quality and time included. */
  changed: number;
  errors: UpdateError[];
}

const INVALID = 2;
const QUESTIONABLE = 3;

/** What one update would set. */
interface Change {
  /** What its reference names. */
  named: Assignment[];
  /** Quality and time that go with it, given or filled in. */
  beside: Assignment[];
}

export class UpdateTransaction {
  private readonly named = new Map<Variable, Buffer>();
  private readonly beside = new Map<Variable, Buffer>();

  /**
   * @param timeQuality of times that have none of their own
   * @param now ms since 1970, where a time is filled in
   */
  constructor(
    private readonly points: Points,
    private readonly values: ValueStore,
    private readonly timeQuality: Partial<TimeQuality>,
    private readonly now: number,
  ) {}

  run(updates: readonly Update[], { allOrNothing = false }: UpdateOptions = {}): UpdateResult {
    const errors: UpdateError[] = [];
    for (const [index, update] of updates.entries()) {
      try {
        this.take(this.changeOf(update));
      } catch (error) {
        if (!(error instanceof Iec61850Error)) throw error;
        const { code, message, hint } = error;
        errors.push({ index, reference: String(update?.reference), code, message, hint });
      }
    }
    if (allOrNothing && errors.length > 0) return { accepted: 0, changed: 0, errors };
    // Nothing was touched up to here, and no client is served before all is in place.
    // A quality that has an update of its own is that one, wherever it stands in the list.
    for (const [leaf, encoding] of this.beside) if (!this.named.has(leaf)) this.named.set(leaf, encoding);
    const changed = this.values.apply(this.named, 'update', this.now);
    return { accepted: updates.length - errors.length, changed, errors };
  }

  private take({ named, beside }: Change): void {
    for (const { leaf, encoding } of named) this.named.set(leaf, encoding);
    for (const { leaf, encoding } of beside) this.beside.set(leaf, encoding);
  }

  private changeOf(update: Update): Change {
    if (typeof update !== 'object' || update === null || typeof update.reference !== 'string') {
      throw new ArgumentError('an update has no reference', 'Give { reference, value }.');
    }
    const { value, quality, timestamp } = update;
    if (value === undefined && quality === undefined && timestamp === undefined) {
      throw new ArgumentError(
        `"${update.reference}" is given neither value nor quality nor time`,
        'Give { reference, value }.',
      );
    }
    const point = this.points.find(update.reference, update.fc);
    const change: Change = { named: [], beside: [] };
    if (value !== undefined && value !== null) this.assign(target(point, value), value, change.named);
    if (point.process) this.qualityAndTime(point, update, change);
    return change;
  }

  private qualityAndTime(point: Point, update: Update, change: Change): void {
    const { quality, time } = point;
    if (quality?.leaf) {
      const encoding = encodeLeaf(quality.leaf, qualityOf(update), {});
      change.beside.push({ leaf: quality, encoding });
    }
    if (!time?.leaf) return;
    const { timestamp } = update;
    if (timestamp !== undefined && timestamp !== null) {
      const timeQuality = update.timeQuality ?? this.timeQuality;
      change.beside.push({
        leaf: time,
        encoding: encodeLeaf(time.leaf, timeInMs(timestamp) ?? timestamp, timeQuality),
      });
      return;
    }
    // It is the time of the last change of value or quality (IEC 61850-7-3 §7.3): the same again leaves it as it is.
    if (time.owned && !this.changes(change)) return;
    // A source that has no time of its own gets ours, with a clock that nobody should trust.
    const timeQuality = timestamp === null ? { ...this.timeQuality, clockFailure: true } : this.timeQuality;
    change.beside.push({ leaf: time, encoding: encodeLeaf(time.leaf, this.now, timeQuality) });
  }

  private changes({ named, beside }: Change): boolean {
    return [...named, ...beside].some(({ leaf, encoding }) => {
      const before = this.named.get(leaf) ?? this.beside.get(leaf) ?? leaf.octets?.subarray(0, leaf.length);
      return before === undefined || !before.equals(encoding);
    });
  }

  private assign(variable: Variable, value: unknown, named: Assignment[]): void {
    if (variable.leaf) {
      named.push({ leaf: variable, encoding: encodeLeaf(variable.leaf, value, this.timeQuality) });
      return;
    }
    if (!isMembers(value) && !(variable.array && Array.isArray(value))) {
      const members = variable.array
        ? 'an array'
        : `an object with ${variable.children.map(({ name }) => name).join(', ')}`;
      throw new ArgumentError(`the value of ${variable.name} has members of its own`, `Give ${members.slice(0, 200)}.`);
    }
    for (const [name, member] of Object.entries(value)) {
      const child = variable.array ? variable.children[Number(name)] : variable.child(name);
      if (!child) throw new ArgumentError(`${variable.name} has no member "${name}"`);
      if (member !== null && member !== undefined) this.assign(child, member, named);
    }
  }
}

/** An object given to a data object is of its members, not of its principal value. */
function target(point: Point, value: unknown): Variable {
  return isMembers(value) && point.value.leaf && point.value !== point.variable ? point.variable : point.value;
}

/** Quality bits of an update: nothing that is missing, old or cut off is good. */
function qualityOf({ value, quality, status }: Update): number {
  if (value === null || status === 'disconnected' || status === 'error') return worse(quality, INVALID);
  if (quality === null || status === 'stale') return worse(quality, QUESTIONABLE);
  return quality === undefined ? 0 : qualityBits(quality);
}

/** At least as bad, with oldData; the other flags stay. */
function worse(quality: QualityInput | null | undefined, validity: number): number {
  const bits = quality === undefined || quality === null ? 0 : qualityBits(quality);
  const kept = (bits & VALIDITY_MASK) === INVALID ? INVALID : validity;
  return (bits & ~VALIDITY_MASK) | kept | QualityBit.oldData;
}
