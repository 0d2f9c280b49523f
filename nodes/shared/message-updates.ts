/** What a message asks the server to set. */
import { ArgumentError, Iec61850Error } from '../../src/errors.js';
import { MAX_TAGS } from '../../src/limits.js';
import type { TagValue } from '../../src/model/tag-value.js';
import type { Update, UpdateError } from '../../src/server/update.js';
import { tagInput } from './tag-input.js';

export interface OutMessage {
  topic?: unknown;
  payload?: unknown;
  quality?: unknown;
  timestamp?: unknown;
  iec61850?: unknown;
}

export interface MessageUpdates {
  updates: Update[];
  /** What is wrong with parts of the message; the other parts are in `updates`. */
  errors: Iec61850Error[];
}

const HINT = 'Give msg.topic or the node a reference such as BAY1CTRL/GGIO1.Ind1.stVal[ST].';

/**
 * Values by reference out of a message, in this order: tag values in `msg.iec61850`; an array of
 * `{ reference, value, quality, timestamp }`; an object `{ reference: value }`; or `msg.payload` for the reference of the
 * node or of `msg.topic`.
 * @param configured Reference of the node; empty when it has none.
 * @throws ArgumentError when the message names no reference.
 */
export function messageUpdates(message: OutMessage, configured: string): MessageUpdates {
  const { iec61850, payload, topic } = message;
  if (iec61850 !== undefined && iec61850 !== null) return tagUpdates(message, configured);
  if (payload === undefined) throw new ArgumentError('The message has no msg.payload', HINT);
  if (Array.isArray(payload) && payload.some(hasReference)) return listUpdates(payload);
  if (hasReference(payload)) return { updates: [asUpdate(payload)], errors: [] };
  if (isReferenceMap(payload)) {
    return bounded({
      updates: Object.entries(payload).map(([reference, value]) => ({ reference, value })),
      errors: [],
    });
  }
  const reference = configured || (typeof topic === 'string' ? topic.trim() : '');
  if (reference === '') throw new ArgumentError('The message names no reference', HINT);
  return { updates: [withExtras({ reference, value: payload }, message)], errors: [] };
}

/** Tag values keep quality and time of their source, and `null` where it had none. */
function tagUpdates(message: OutMessage, configured: string): MessageUpdates {
  const { values, errors } = tagInput(message);
  if (configured !== '' && values.length > 1) {
    throw new ArgumentError(
      `The node has one reference, and the message ${values.length} tag values`,
      'Empty the reference of the node: each value then goes to its own.',
    );
  }
  return bounded({ updates: values.map((value) => tagUpdate(value, configured)), errors });
}

function tagUpdate(tag: TagValue, configured: string): Update {
  const { value, status } = tag;
  return {
    ...(configured === '' ? { reference: tag.reference, ...(tag.fc && { fc: tag.fc }) } : { reference: configured }),
    value,
    quality: tag.quality ?? null,
    timestamp: tag.timestamp ?? null,
    timeQuality: tag.timeQuality ?? null,
    status,
  };
}

function listUpdates(items: readonly unknown[]): MessageUpdates {
  const errors: ArgumentError[] = [];
  const updates: Update[] = [];
  for (const [index, item] of items.entries()) {
    if (hasReference(item)) updates.push(asUpdate(item));
    else errors.push(new ArgumentError(`msg.payload[${index}] has no reference`, 'Give { reference, value }.'));
  }
  return bounded({ updates, errors });
}

/** Of a row, only what an update has; a row of a table of tag values is a tag value. */
function asUpdate(item: Update): Update {
  if ('ied' in item && 'tag' in item) return tagUpdate(item as unknown as TagValue, '');
  const { reference, fc, value, quality, timestamp, timeQuality, status } = item;
  return {
    reference,
    ...(fc !== undefined && { fc }),
    ...(value !== undefined && { value }),
    ...(quality !== undefined && { quality }),
    ...(timestamp !== undefined && { timestamp }),
    ...(timeQuality !== undefined && { timeQuality }),
    ...(status !== undefined && { status }),
  };
}

function withExtras(update: Update, { quality, timestamp }: OutMessage): Update {
  return {
    ...update,
    ...(quality !== undefined && { quality: quality as Exclude<Update['quality'], undefined> }),
    ...(timestamp !== undefined && { timestamp: timestamp as Exclude<Update['timestamp'], undefined> }),
  };
}

function hasReference(item: unknown): item is Update {
  return typeof item === 'object' && item !== null && typeof (item as { reference?: unknown }).reference === 'string';
}

/** Members of a structure never have a slash in their name, and references always do. */
function isReferenceMap(payload: unknown): payload is Record<string, unknown> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload) || ArrayBuffer.isView(payload))
    return false;
  const names = Object.keys(payload);
  return names.length > 0 && names.every((name) => name.includes('/'));
}

function bounded(found: MessageUpdates): MessageUpdates {
  if (found.updates.length > MAX_TAGS)
    throw new ArgumentError(`A message sets ${MAX_TAGS} values at most`, 'Send several.');
  return found;
}

/** What was wrong with one update, as nodes tell it. */
export function updateError({ code, message, hint, reference }: UpdateError): Iec61850Error {
  return new Iec61850Error(code, message, hint, { tag: reference });
}
