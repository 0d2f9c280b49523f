import { performance } from 'node:perf_hooks';
import { Iec61850Error } from '../../errors.js';
import { MAX_LOG_LAYOUTS } from '../../limits.js';
import type { TagType, TagValue } from '../../model/tag-value.js';
import { isoTime } from '../../model/timestamp.js';
import { valueText } from '../../model/value-text.js';
import type { MmsData } from '../../mms/data.js';
import { encodeData } from '../../mms/data-codec.js';
import type { JournalEntry, JournalVariable } from '../../mms/services.js';
import { dataSetEntry } from '../data-sets/directory.js';
import { layOut, type DataSetLayout, type MemberPlan } from '../data-sets/layout.js';
import { MemberDecoder } from '../data-sets/member-decoder.js';
import { dataValue } from '../../mms/data-value.js';
import { reasonsOf } from '../reports/control-block-bits.js';
import type { ServiceHost } from '../service-host.js';
import { buildTagValue, type TagRow } from '../tag-value-builder.js';
import { positionOf, type LogName } from './journal.js';
import type { LogPosition } from './log-control-block.js';

/** One entry of a log. */
export interface LogEntry extends LogPosition {
  /** `LD/LN.log`. */
  log: string;
  /**
   * What was logged, as tag values with `source: 'log'`, the entry's `entryTime` and `entryId`, and the reasons for
   * inclusion. They are history: their `status` is `stale`, so that nothing takes them for the present value.
   */
  values: TagValue[];
  /** Text in place of values. */
  annotation?: string;
}

/** A logged variable and why it was logged. */
interface Logged {
  variable: JournalVariable;
  reasons: string[] | undefined;
}

const REASON = /(^|[$.])reasoncode$/i;

/** Decodes the entries of one log over one association, by the live types of what they hold. */
export class EntryDecoder {
  private readonly layouts = new Map<string, DataSetLayout>();
  private sequence = 0;

  constructor(
    private readonly host: ServiceHost,
    private readonly log: LogName,
  ) {}

  /** @throws ConnectionError when the association is lost meanwhile; nothing for an entry, whatever it holds */
  async decode(entry: JournalEntry): Promise<LogEntry> {
    const logged = withReasons(entry.variables ?? []);
    const layout = await this.layoutOf(logged);
    const position = positionOf(entry);
    return {
      log: this.log.reference,
      ...position,
      values: this.values(logged, layout, position),
      ...(entry.annotation !== undefined && { annotation: entry.annotation }),
    };
  }

  private async layoutOf(logged: readonly Logged[]): Promise<DataSetLayout> {
    const tags = logged.map(({ variable }) => variable.tag);
    const key = tags.join('\n');
    let layout = this.layouts.get(key);
    if (!layout) {
      const { types, association } = this.host;
      const members = tags.map((tag) => dataSetEntry({ name: { scope: 'domain', ...placeOf(tag, this.log.domain) } }));
      layout = await layOut(
        { name: this.log.reference, members, deletable: false },
        types,
        association.negotiated.maxOutstanding,
      );
      if (this.layouts.size >= MAX_LOG_LAYOUTS) this.layouts.delete(this.layouts.keys().next().value as string);
      this.layouts.set(key, layout);
    }
    return layout;
  }

  private values(logged: readonly Logged[], layout: DataSetLayout, position: LogPosition): TagValue[] {
    const { ied } = this.host;
    const { table, members, rows } = layout;
    // Each entry stands by itself: a quality of an earlier one is not that of this one.
    const decoder = new MemberDecoder(layout, ied);
    const now = Date.now();
    this.sequence++;
    const stamp = {
      ...(position.entryTime !== null && { entryTime: position.entryTime }),
      ...(position.entryId !== null && { entryId: position.entryId }),
    };
    const reasons = new Map<number, Set<string>>();
    /** Rows with a value, and values without a row, by the place of their variable. */
    const valued = new Map<number, number>();
    const placed: [at: number, value: TagValue][] = [];
    logged.forEach(({ variable: { data }, reasons: why }, i) => {
      const plan = members[i] as MemberPlan;
      if (!decoded(decoder, plan, data, now)) {
        const value = this.general(plan.member.reference, plan.member.fc ?? 'ST', data, now);
        placed.push([i, { ...value, ...stamp, ...(why && { reason: why }) }]);
        return;
      }
      for (const row of plan.decoder?.rows ?? []) valued.set(row, i);
      for (const row of plan.rows) {
        const known = reasons.get(row) ?? new Set();
        for (const reason of why ?? []) known.add(reason);
        reasons.set(row, known);
      }
    });
    decoder.joinCompanions([...valued.keys()]);
    for (const [row, i] of valued) {
      const why = [...(reasons.get(row) ?? [])];
      const info = rows[row] as TagRow;
      const value = buildTagValue(table, row, info, ied, 'stale', 'log', this.sequence, now);
      placed.push([i, { ...value, ...stamp, ...(why.length > 0 && { reason: why }) }]);
    }
    return placed.sort(([a], [b]) => a - b).map(([, value]) => value);
  }

  /** A value that was logged with another type than the model has today, or one that nobody knows. */
  private general(reference: string, fc: TagValue['fc'], data: MmsData, now: number): TagValue {
    const value = dataValue(data, undefined);
    const type = TYPES[data.type];
    return {
      ied: this.host.ied,
      tag: reference.replace('/', '.'),
      reference,
      fc,
      type,
      value,
      text: valueText(type, value),
      quality: null,
      timestamp: null,
      timeQuality: null,
      received: isoTime(now) ?? '',
      status: 'stale',
      source: 'log',
      sequence: this.sequence,
    };
  }
}

/** Decodes a value by its member's type into the layout's rows; false when it is of another type, or of none. */
function decoded(decoder: MemberDecoder, plan: MemberPlan, data: MmsData, now: number): boolean {
  if (data.type === 'other' || plan.untyped >= 0) return false;
  const octets = encodeData(data);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  try {
    decoder.decode(plan, octets, view, 0, octets.length, now, performance.now());
    return true;
  } catch (error) {
    if (error instanceof Iec61850Error) return false;
    throw error;
  }
}

/** What the kinds of MMS data are without a type that says more. */
const TYPES: Readonly<Record<MmsData['type'], TagType>> = {
  structure: 'Structure',
  array: 'Array',
  boolean: 'Boolean',
  'bit-string': 'BitString',
  integer: 'Int64',
  unsigned: 'Int64',
  float: 'Float64',
  'octet-string': 'OctetString',
  'visible-string': 'VisibleString',
  'mms-string': 'UnicodeString',
  'binary-time': 'Timestamp',
  'utc-time': 'Timestamp',
  other: 'OctetString',
};

/** Reason codes stand behind the value that they are about, with a tag that says no more, or names it as well. */
function withReasons(variables: readonly JournalVariable[]): Logged[] {
  const logged: Logged[] = [];
  for (const variable of variables) {
    const { tag, data } = variable;
    if (!REASON.test(tag) || data.type !== 'bit-string') {
      logged.push({ variable, reasons: undefined });
      continue;
    }
    const about = tag.replace(REASON, '');
    const value = about === '' ? logged.at(-1) : logged.find((one) => one.variable.tag === about);
    if (value) value.reasons = reasonsOf(Number.parseInt(data.bits.padEnd(8, '0').slice(0, 8), 2));
  }
  return logged;
}

/** Variables are tagged `LD/LN$FC$DO…`; those of the log's own logical device may leave it out. */
function placeOf(tag: string, domain: string): { domain: string; item: string } {
  const slash = tag.indexOf('/');
  return slash <= 0
    ? { domain, item: tag.slice(slash + 1) }
    : { domain: tag.slice(0, slash), item: tag.slice(slash + 1) };
}
