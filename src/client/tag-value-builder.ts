import type { Tag } from '../model/tag.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import { qualityFromBits, type Quality } from '../model/quality.js';
import type { TagData, TagSource, TagStatus, TagType, TagValue } from '../model/tag-value.js';
import { isoTime, timeQualityFromOctet, type TimeQuality } from '../model/timestamp.js';
import { valueText } from '../model/value-text.js';
import { NO_QUALITY, NO_TIME_QUALITY, type ValueTable } from '../model/value-table.js';

/** What is known of a row besides its value. */
export interface TagRow {
  tag: Tag;
  /** Without functional constraint. */
  reference: string;
  fc: FunctionalConstraint;
  type: TagType;
  unit?: string;
  enumLiterals?: Record<number, string>;
}

const QUALITIES = new Map<number, Quality>();
const TIME_QUALITIES = new Map<number, TimeQuality>();

/** Quality by its bits; one frozen object for each of the few combinations that occur. */
function sharedQuality(bits: number): Quality {
  let quality = QUALITIES.get(bits);
  if (!quality) {
    quality = qualityFromBits(bits);
    Object.freeze(quality.flags);
    Object.freeze(quality);
    QUALITIES.set(bits, quality);
  }
  return quality;
}

function sharedTimeQuality(octet: number): TimeQuality {
  let quality = TIME_QUALITIES.get(octet);
  if (!quality) {
    quality = Object.freeze(timeQualityFromOctet(octet));
    TIME_QUALITIES.set(octet, quality);
  }
  return quality;
}

let lastMs = NaN;
let lastIso: string | null = null;

/** ISO text of a time; values of one answer mostly share theirs. */
function sharedIso(ms: number): string | null {
  if (ms !== lastMs) {
    lastMs = ms;
    lastIso = isoTime(ms);
  }
  return lastIso;
}

let lastReceivedMs = NaN;
let lastReceivedIso = '';

function receivedIso(ms: number): string {
  if (ms !== lastReceivedMs) {
    lastReceivedMs = ms;
    lastReceivedIso = isoTime(ms) ?? '';
  }
  return lastReceivedIso;
}

/** A flow may change what it is given; the table's last known value is not for it to change. */
function copyOf(value: TagData): TagData {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]));
}

/** Value of a row in the form of its type; null when none was ever read. */
function rowValue(table: ValueTable, row: number, type: TagType): TagData {
  if (!table.known(row)) return null;
  if (table.holdsOther(row)) return copyOf(table.other[row] ?? null);
  const value = table.value[row] as number;
  return type === 'Boolean' ? value !== 0 : value;
}

/** The tag value of a row, as it leaves for a flow. */
export function buildTagValue(
  table: ValueTable,
  row: number,
  info: TagRow,
  ied: string,
  status: TagStatus,
  source: TagSource,
  sequence: number,
  now: number,
): TagValue {
  const value = rowValue(table, row, info.type);
  const quality = table.quality[row] as number;
  const timeQuality = table.timeQuality[row] as number;
  const received = table.received[row] as number;
  const error = status === 'error' ? table.errors[row] : undefined;
  const result: TagValue = {
    ied,
    tag: info.tag.tag,
    reference: info.reference,
    fc: info.fc,
    type: info.type,
    value,
    text: valueText(info.type, value, info),
    quality: quality === NO_QUALITY ? null : sharedQuality(quality),
    timestamp: sharedIso(table.time[row] as number),
    timeQuality: timeQuality === NO_TIME_QUALITY ? null : sharedTimeQuality(timeQuality),
    received: receivedIso(Number.isNaN(received) ? now : received),
    status,
    source,
    sequence,
  };
  if (info.unit !== undefined) result.unit = info.unit;
  if (error)
    result.error = { code: error.code, message: error.hint ? `${error.message}. ${error.hint}` : error.message };
  return result;
}
