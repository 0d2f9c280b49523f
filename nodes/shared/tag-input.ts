/** Tag values out of messages, for the nodes that take them; the counterpart of `message.ts`. */
import { ArgumentError } from '../../src/errors.js';
import type { TagStatus, TagValue } from '../../src/model/tag-value.js';

export interface TagInput {
  values: TagValue[];
  /** What is wrong with parts of the message; the other parts are in `values`. */
  errors: ArgumentError[];
}

const STATUSES: ReadonlySet<unknown> = new Set<TagStatus>(['live', 'stale', 'disconnected', 'error']);
const HINT = 'Wire it behind an iec61850-read node, or give tag values in msg.iec61850.';

/**
 * The tag values of a message: one, an object of them or an array in `msg.iec61850`, or a table in `msg.payload`.
 * @throws ArgumentError when the message holds none at all.
 */
export function tagInput(message: { iec61850?: unknown; payload?: unknown }): TagInput {
  const { iec61850, payload } = message;
  if (iec61850 !== undefined && iec61850 !== null) return collect(iec61850, 'msg.iec61850');
  if (Array.isArray(payload) && payload.some(isNamed)) return collect(payload, 'msg.payload');
  throw new ArgumentError('The message has no msg.iec61850', HINT);
}

function collect(input: unknown, place: string): TagInput {
  if (typeof input !== 'object' || input === null) throw new ArgumentError(`${place} is not a tag value`, HINT);
  const found: TagInput = { values: [], errors: [] };
  if (isNamed(input)) add(found, input, place);
  else if (Array.isArray(input)) input.forEach((item, index) => add(found, item, `${place}[${index}]`));
  else for (const [name, item] of Object.entries(input)) add(found, item, `${place}["${name}"]`);
  return found;
}

function add(found: TagInput, item: unknown, place: string): void {
  const problem = whatIsWrong(item);
  if (problem === undefined) found.values.push(item as TagValue);
  else found.errors.push(new ArgumentError(`${place} ${problem}`, HINT));
}

function whatIsWrong(item: unknown): string | undefined {
  if (!isNamed(item)) return 'is not a tag value: it has no ied and tag';
  if (item.value === undefined) return `(${item.ied}/${item.tag}) has no value`;
  if (!STATUSES.has(item.status)) return `(${item.ied}/${item.tag}) has the unknown status "${String(item.status)}"`;
  const { quality } = item;
  if (quality !== undefined && (typeof quality !== 'object' || (quality && typeof quality.text !== 'string'))) {
    return `(${item.ied}/${item.tag}) has a quality that is not one`;
  }
  return undefined;
}

/** A map of tag values may have members that are called `ied` and `tag`, but they are not texts. */
function isNamed(item: unknown): item is Partial<TagValue> & Pick<TagValue, 'ied' | 'tag'> {
  if (typeof item !== 'object' || item === null) return false;
  const { ied, tag } = item as Partial<Record<keyof TagValue, unknown>>;
  return typeof ied === 'string' && typeof tag === 'string';
}
