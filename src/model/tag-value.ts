import type { FunctionalConstraint } from './functional-constraint.js';
import { QualityBit, VALIDITY_MASK, type Quality } from './quality.js';
import type { TimeQuality } from './timestamp.js';

/** Types that a tag can have; those of an attribute in IEC 61850-7-2 §6.1.2 and 7-3, less the ones that MMS merges. */
export type TagType =
  | 'Boolean'
  | 'Dbpos'
  | 'Enum'
  | 'Int8'
  | 'Int16'
  | 'Int32'
  | 'Int64'
  | 'UInt8'
  | 'UInt16'
  | 'UInt32'
  | 'Float32'
  | 'Float64'
  | 'Quality'
  | 'Timestamp'
  | 'VisibleString'
  | 'UnicodeString'
  | 'OctetString'
  | 'BitString'
  | 'Structure'
  | 'Array';

export type TagStatus = 'live' | 'stale' | 'disconnected' | 'error';
export type TagSource = 'read' | 'poll' | 'report' | 'log' | 'goose' | 'server';

export type TagScalar = boolean | number | string;
export interface TagStructure {
  [member: string]: TagData;
}
/** What `value` can hold; `null` when the IED gave none. */
export type TagData = TagScalar | TagStructure | TagData[] | null;

/** The value of one point as every source emits it and every sink takes it. See DESIGN, "The tag value". */
export interface TagValue {
  ied: string;
  tag: string;
  /** ACSI reference `LD/LN.DO.DA…`, without the functional constraint. */
  reference: string;
  fc: FunctionalConstraint;
  type: TagType;
  value: TagData;
  text: string;
  unit?: string;
  quality: Quality | null;
  /** The IED's own time, ISO 8601 UTC with milliseconds. */
  timestamp: string | null;
  timeQuality: TimeQuality | null;
  /** This machine's clock when the value arrived, ISO 8601 UTC. */
  received: string;
  entryTime?: string;
  entryId?: string;
  status: TagStatus;
  source: TagSource;
  reason?: string[];
  /** Counts this tag's emitted updates since start. */
  sequence: number;
  error?: { code: string; message: string };
}

/** Whether a sink may use the value: live, validity good, and not test unless the caller allows it. */
export function isUsable(value: Pick<TagValue, 'status' | 'quality'>, allowTest = false): boolean {
  if (value.status !== 'live') return false;
  if (value.quality === null) return true;
  return value.quality.validity === 'good' && (allowTest || !value.quality.test);
}

/** {@link isUsable} of a live value by its quality bits, which are negative when it has none. */
export function areUsable(qualityBits: number, allowTest = false): boolean {
  return qualityBits < 0 || (qualityBits & (VALIDITY_MASK | (allowTest ? 0 : QualityBit.test))) === 0;
}

/** JSON text of a tag value or payload; floats that are not finite become the strings `NaN`, `Infinity`, `-Infinity`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'number' && !Number.isFinite(member) ? String(member) : member,
  );
}
