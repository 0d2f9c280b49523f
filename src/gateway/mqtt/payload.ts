/** Payloads of the topics of a tag. All are text; what the IED did not give is `null`, never empty and never a guess. */
import { toJson, type TagValue } from '../../model/tag-value.js';
import type { TopicItem } from './topic-template.js';

/** How positions and enumerations are published under `/value`: by their literal, `Closed`, or by their number, `2`. */
export type EnumStyle = 'text' | 'number';

/**
 * Payload of one item of a tag value; undefined when the value says nothing about it.
 * `value` is a scalar as people read it (`true`, `230.4`, `Closed`, `NaN`), and JSON for structures and arrays;
 * `quality` its text (`good`, `questionable (oldData)`); `state` the tag value as JSON.
 */
export function payloadOf(value: TagValue, item: TopicItem, enumStyle: EnumStyle): string | undefined {
  switch (item) {
    case 'value':
      return valuePayload(value, enumStyle);
    case 'quality':
      return value.quality?.text ?? 'null';
    case 'status':
      return value.status;
    case 'state':
      return toJson(value);
  }
}

function valuePayload(tag: TagValue, enumStyle: EnumStyle): string {
  const { value, type, text } = tag;
  if (value === null || value === undefined) return 'null';
  if (enumStyle === 'text' && (type === 'Dbpos' || type === 'Enum') && text) return text;
  return typeof value === 'object' ? toJson(value) : String(value);
}

/**
 * What decides whether an item has changed. A state counts as changed when anything but its bookkeeping did: when and
 * how it was received, and the count of updates.
 */
export function contentOf(value: TagValue, item: TopicItem, payload: string): string {
  if (item !== 'state') return payload;
  const { received, sequence, source, reason, entryTime, entryId, ...content } = value;
  void [received, sequence, source, reason, entryTime, entryId];
  return toJson(content);
}
