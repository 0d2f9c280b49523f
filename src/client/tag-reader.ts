import { performance } from 'node:perf_hooks';
import { ConnectionError, DecodeError, Iec61850Error } from '../errors.js';
import { objectReference, parseReference } from '../model/reference.js';
import type { Tag } from '../model/tag.js';
import { ValueTable } from '../model/value-table.js';
import { encodeVariable, type VariableSpecification } from '../mms/variable-access.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { ClientAssociation } from './client-association.js';
import { ObjectDecoder } from './object-decoder.js';
import { LayoutCache } from './object-layout.js';
import type { PlanObject } from './read-batch.js';
import { ReadCycle, type CycleResult } from './read-cycle.js';
import { tagLayout, tagVariable, variableOfKey, type TagLayout } from './tag-layout.js';
import type { TagRow } from './tag-value-builder.js';
import { forEachTyped, typicalSize, type TypeCache } from './type-cache.js';
import { readUnits } from './units.js';

/** Octets of an access result around the data. */
const RESULT_OVERHEAD = 4;

interface Group {
  interval: number;
  /** Rows that each variable brings, by its key. What else belongs to a variable is found anew from its tags. */
  variables: Map<string, number[]>;
  cycle: ReadCycle | undefined;
  failing: Set<PlanObject>;
  /** Variables whose type is not known yet, or was refused. */
  unresolved: Set<string>;
  resolveAt: number;
}

/**
 * Reads a set of tags into a {@link ValueTable}, again and again, over whatever association stands. Tags of one
 * interval make a group; each group is read by its own cycle.
 */
export class TagReader {
  readonly table: ValueTable;
  readonly rows: TagRow[];
  /** Rows whose reference is none, whatever IED is asked. */
  readonly invalid = new Set<number>();
  private readonly groups = new Map<number, Group>();
  private association: ClientAssociation | undefined;
  private types: TypeCache | undefined;
  private layouts = new LayoutCache();

  /**
   * @param interval of tags that have none of their own, in ms
   * @param retryDelay ms after which an object that failed is asked for again; 0: each time
   */
  constructor(
    tags: readonly Tag[],
    private readonly ied: string,
    interval = 0,
    private readonly retryDelay = 0,
  ) {
    this.table = new ValueTable(tags.length);
    this.rows = tags.map((tag, row) => this.place(tag, row, tag.interval ?? interval));
  }

  private place(tag: Tag, row: number, interval: number): TagRow {
    // No spread here: an object made by one takes three times the memory, and there may be 100,000.
    const info: TagRow = { tag, reference: tag.reference, fc: tag.fc, type: tag.type ?? 'Structure' };
    if (tag.unit !== undefined) info.unit = tag.unit;
    if (tag.enumLiterals) info.enumLiterals = tag.enumLiterals;
    try {
      const place = tagVariable(tag);
      const reference = objectReference(parseReference(tag.reference));
      // The tag's own text stays when it is written like that already.
      if (reference !== tag.reference) info.reference = reference;
      info.fc = place.fc;
      let group = this.groups.get(interval);
      if (!group) {
        group = {
          interval,
          variables: new Map(),
          cycle: undefined,
          failing: new Set(),
          unresolved: new Set(),
          resolveAt: 0,
        };
        this.groups.set(interval, group);
      }
      const rows = group.variables.get(place.key);
      if (rows) rows.push(row);
      else group.variables.set(place.key, [row]);
    } catch (error) {
      this.invalid.add(row);
      this.table.setError(row, this.named(error, tag.tag));
    }
    return info;
  }

  /** Intervals of the groups, in ms. */
  get intervals(): number[] {
    return [...this.groups.keys()];
  }

  /** Takes an association; types are asked for at the next run, as the IED may have been replaced. */
  attach(association: ClientAssociation, types: TypeCache): void {
    this.association = association;
    this.types = types;
    this.layouts = new LayoutCache();
    for (const group of this.groups.values()) {
      group.cycle = new ReadCycle([], association.negotiated.maxPduSize, (object, error) =>
        this.objectFailed(group, object, error),
      );
      group.failing.clear();
      group.unresolved = new Set(group.variables.keys());
      group.resolveAt = 0;
    }
  }

  detach(): void {
    this.association = undefined;
    this.types = undefined;
  }

  /** Whether the group's last run still goes on. */
  running(interval: number): boolean {
    return this.groups.get(interval)?.cycle?.running === true;
  }

  /** Reads the group once; outcomes stand in the table. */
  async run(interval: number): Promise<CycleResult> {
    const group = this.groups.get(interval);
    const { association } = this;
    if (!group) return { objects: 0, failed: 0 };
    if (!association || !group.cycle) {
      return {
        objects: 0,
        failed: 0,
        error: new ConnectionError('there is no association with the IED', undefined, { ied: this.ied }),
      };
    }
    if (group.unresolved.size > 0 && performance.now() >= group.resolveAt) await this.resolve(group, association);
    const { cycle } = group;
    if (this.association !== association || !cycle || cycle.running) return { objects: 0, failed: 0 };
    this.retryDue(group, cycle);
    const result = await cycle.run(association);
    if (group.failing.size > 0) cycle.remove(group.failing);
    return result;
  }

  private retryDue(group: Group, cycle: ReadCycle): void {
    if (group.failing.size === 0) return;
    const now = performance.now();
    const due = [...group.failing].filter((object) => object.retryAt <= now);
    for (const object of due) group.failing.delete(object);
    if (due.length > 0) cycle.add(due);
  }

  private objectFailed(group: Group, object: PlanObject, error: Iec61850Error): void {
    for (const row of object.decoder.rows)
      this.table.setError(row, this.named(error, this.rows[row]?.tag.tag ?? object.key));
    if (this.retryDelay === 0) return;
    object.retryAt = performance.now() + this.retryDelay;
    group.failing.add(object);
  }

  private async resolve(group: Group, association: ClientAssociation): Promise<void> {
    const { types } = this;
    if (!types || !group.cycle) return;
    const found: PlanObject[] = [];
    const limit = association.negotiated.maxOutstanding * 2;
    await forEachTyped(types, [...group.unresolved], variableOfKey, limit, async (key) => {
      const rows = group.variables.get(key);
      if (!rows || this.association !== association) return;
      try {
        const variable = variableOfKey(key);
        const type = await types.typeOf(variable);
        if (this.association !== association) return;
        const object = this.planObject(key, variable, rows, type);
        if (object) found.push(object);
        group.unresolved.delete(key);
      } catch (error) {
        if (error instanceof ConnectionError) return;
        for (const row of rows) this.table.setError(row, this.named(error, this.rows[row]?.tag.tag ?? key));
      }
    });
    if (this.association !== association) return;
    group.resolveAt = performance.now() + this.retryDelay;
    group.cycle.add(found);
    await readUnits(
      association,
      types,
      this.rows,
      found.flatMap((object) => object.decoder.rows),
    );
  }

  private planObject(
    key: string,
    variable: VariableSpecification,
    rows: readonly number[],
    type: TypeDescription,
  ): PlanObject | undefined {
    const found: number[] = [];
    const layouts: TagLayout[] = [];
    for (const row of rows) {
      const info = this.rows[row] as TagRow;
      try {
        const layout = tagLayout(info.tag, tagVariable(info.tag), type);
        info.type = layout.type;
        const literals = info.tag.enumLiterals ?? layout.enumLiterals;
        if (literals && layout.type === 'Enum') info.enumLiterals = literals;
        this.table.deadband[row] = info.tag.deadband ?? 0;
        found.push(row);
        layouts.push(layout);
      } catch (error) {
        this.table.setError(row, this.named(error, info.tag.tag));
      }
    }
    if (layouts.length === 0) return undefined;
    return {
      key,
      // Of 100,000 objects few have rows that cannot be read: the others share the group's own list.
      decoder: new ObjectDecoder(
        this.table,
        found.length === rows.length ? rows : found,
        this.layouts.layoutOf(layouts, type),
      ),
      requestSize: encodeVariable(variable).length,
      answerSize: RESULT_OVERHEAD + typicalSize(type),
      retryAt: 0,
      timeouts: 0,
    };
  }

  /** The error with tag and IED in its text, as a Catch node shows it. */
  private named(error: unknown, tag: string): Iec61850Error {
    const known = error instanceof Iec61850Error ? error : new DecodeError(String(error), { cause: error });
    return new Iec61850Error(known.code, `${this.ied}, ${tag}: ${known.message}`, known.hint, {
      ied: this.ied,
      tag,
      cause: known,
    });
  }
}
