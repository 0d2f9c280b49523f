/** Tag values as messages; see DESIGN, "The message". */
import type { TagData, TagValue } from '../../src/model/tag-value.js';
import type { NodeMessage } from './red.js';

/** One message a tag, all tags in one object, or all in one array. */
export type OutputForm = 'single' | 'all' | 'table';

/**
 * The messages for some values.
 * @param base The message that asked for them: its other properties travel along.
 */
export function tagMessages(form: OutputForm, values: readonly TagValue[], base: NodeMessage = {}): NodeMessage[] {
  switch (form) {
    case 'single':
      return values.map((value) => tagMessage(value, base));
    case 'all':
      return [allMessage(values, base)];
    case 'table':
      return [{ ...base, payload: values }];
  }
}

function tagMessage(value: TagValue, base: NodeMessage = {}): NodeMessage {
  return {
    ...base,
    topic: `${value.ied}/${value.tag}`,
    payload: value.value,
    quality: value.quality?.text ?? null,
    timestamp: value.timestamp,
    iec61850: value,
  };
}

function allMessage(values: readonly TagValue[], base: NodeMessage): NodeMessage {
  // Assigning would take a tag that is called `__proto__` for something else.
  const payload: Record<string, TagData> = Object.fromEntries(values.map((value) => [value.tag, value.value]));
  const details: Record<string, TagValue> = Object.fromEntries(values.map((value) => [value.tag, value]));
  return { ...base, payload, iec61850: details };
}
