/** Turns messages of process variables into updates of a server's attributes. */
import { ArgumentError, Iec61850Error } from '../../errors.js';
import { MAX_UNKNOWN_VARIABLES } from '../../limits.js';
import { isMembers } from '../../model/members.js';
import type { TagType } from '../../model/tag-value.js';
import type { Update } from '../../server/update.js';
import { typed } from './check-variables.js';
import { coerce } from './coerce.js';
import type { VariableProblem, VariableRow } from './variable-row.js';

/** What an update takes beside a value, as a message may give it. */
type Extras = Pick<Update, 'quality' | 'timestamp' | 'timeQuality' | 'status'>;

export interface MappedUpdates {
  updates: Update[];
  /** What is wrong with values of the message; the others are in `updates`. */
  errors: Iec61850Error[];
  /** Names that no line has and that were not seen before. */
  unknown: string[];
  /** Values that lie within their deadband. */
  withheld: number;
}

/** Members of a value that is given with quality and time. */
const WITH_EXTRAS = ['value', 'quality', 'timestamp', 'timeQuality', 'status'] as const;

export class VariableMapper {
  /** Lines that the served model does not have as they say; they are left out. */
  readonly problems: VariableProblem[] = [];
  /** Values of variables that no line has, counted since the start. */
  unknownValues = 0;
  private readonly byVariable = new Map<string, VariableRow[]>();
  /** Beginnings of names, up to a dot: a message may nest its variables. */
  private readonly groups = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly last = new Map<string, { value: number; extras: string }>();

  /**
   * @param typeOf type of what a reference names in the served model
   * @throws what `typeOf` throws beside errors of ours
   */
  constructor(rows: readonly VariableRow[], typeOf: (reference: string) => TagType) {
    for (const row of rows) {
      const checked = this.check(row, typeOf);
      if (checked) this.add(checked);
    }
  }

  /** Variables that are mapped. */
  get size(): number {
    return this.byVariable.size;
  }

  /**
   * Updates for the variables of a message: `{ name: value, … }`, where a value may also be
   * `{ value, quality, timestamp }`. Groups may be nested: `{ pump: { speed: 5 } }` is `pump.speed`.
   */
  take(message: Record<string, unknown>): MappedUpdates {
    const found: MappedUpdates = { updates: [], errors: [], unknown: [], withheld: 0 };
    this.takeGroup(message, '', found);
    return found;
  }

  /** An update of this reference was refused: the next value goes out whatever the deadband says. */
  refused(reference: string): void {
    this.last.delete(reference);
  }

  private check(row: VariableRow, typeOf: (reference: string) => TagType): VariableRow | undefined {
    let checked: VariableRow | string;
    try {
      checked = typed(row, typeOf(row.reference));
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      checked = error.message;
    }
    if (typeof checked !== 'string') return checked;
    this.problems.push({ line: row.line, column: 'reference', message: checked });
    return undefined;
  }

  private add(row: VariableRow): void {
    const rows = this.byVariable.get(row.variable);
    if (rows) rows.push(row);
    else this.byVariable.set(row.variable, [row]);
    for (let dot = row.variable.indexOf('.'); dot > 0; dot = row.variable.indexOf('.', dot + 1)) {
      this.groups.add(row.variable.slice(0, dot));
    }
  }

  private takeGroup(members: Record<string, unknown>, prefix: string, found: MappedUpdates): void {
    for (const [name, value] of Object.entries(members)) {
      const variable = prefix + name;
      const rows = this.byVariable.get(variable);
      if (rows) this.takeValue(rows, value, found);
      else if (this.groups.has(variable) && isMembers(value)) this.takeGroup(value, `${variable}.`, found);
      else this.unknown(variable, found);
    }
  }

  private unknown(variable: string, found: MappedUpdates): void {
    this.unknownValues++;
    if (this.seen.has(variable) || this.seen.size >= MAX_UNKNOWN_VARIABLES) return;
    this.seen.add(variable);
    found.unknown.push(variable);
  }

  private takeValue(rows: readonly VariableRow[], given: unknown, found: MappedUpdates): void {
    const { value, ...extras } = withExtras(given);
    for (const row of rows) {
      try {
        const update = this.update(row, value, extras);
        if (update) found.updates.push(update);
        else found.withheld++;
      } catch (error) {
        if (!(error instanceof Iec61850Error)) throw error;
        found.errors.push(error);
      }
    }
  }

  /** Undefined when the value lies within its deadband. */
  private update(row: VariableRow, value: unknown, extras: Extras): Update | undefined {
    if (value === undefined && extras.quality === undefined && extras.timestamp === undefined) {
      throw new ArgumentError(
        `variable ${row.variable} has no value`,
        'Give a value, or { value, quality, timestamp }.',
      );
    }
    const { reference } = row;
    if (value === undefined || value === null) {
      this.last.delete(reference);
      return { reference, ...(value === null && { value }), ...extras };
    }
    const coerced = coerce(row, row.type, value);
    return this.isWithin(row, coerced, extras) ? undefined : { reference, value: coerced, ...extras };
  }

  /** Whether a value differs from the last that went out by less than its deadband, and its quality not at all. */
  private isWithin({ reference, deadband = 0 }: VariableRow, coerced: unknown, extras: Extras): boolean {
    if (deadband <= 0) return false;
    const value = Number(coerced);
    const last = this.last.get(reference);
    const told = JSON.stringify([extras.quality, extras.status]);
    // A value that is no number compares with nothing, and goes out.
    if (last?.extras === told && Math.abs(value - last.value) < deadband) return true;
    this.last.set(reference, { value, extras: told });
    return false;
  }
}

/** A value alone, or one with quality and time. */
function withExtras(given: unknown): Extras & { value?: unknown } {
  if (!isMembers(given) || !('value' in given || 'quality' in given || 'timestamp' in given)) return { value: given };
  const picked: Record<string, unknown> = {};
  for (const name of WITH_EXTRAS) if (given[name] !== undefined) picked[name] = given[name];
  return picked;
}
