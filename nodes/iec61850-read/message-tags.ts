/** What an input message wants read. */
import { dataSetName } from '../../src/client/data-sets/name.js';
import type { Tag } from '../../src/model/tag.js';
import { text } from '../shared/fields.js';
import type { NodeMessage } from '../shared/red.js';
import { parseTags } from '../shared/tag-list.js';

/** Tags, or one data set. */
export type Wanted = { tags: Tag[]; dataSet?: undefined } | { dataSet: string; tags?: undefined };

/**
 * `msg.tags`, `msg.dataSet`, or a `msg.payload` that is an array of references or tags, such as `scl-import` sends.
 * @returns undefined when the message names nothing, and what the node has is meant.
 * @throws ArgumentError when `msg.tags` or `msg.dataSet` is there and cannot be used.
 */
export function wantedBy(msg: NodeMessage, ied = ''): Wanted | undefined {
  if (msg.tags !== undefined) return { tags: parseTags(typeof msg.tags === 'string' ? [msg.tags] : msg.tags, { ied }) };
  if (msg.dataSet !== undefined) {
    const dataSet = text(msg.dataSet);
    dataSetName(dataSet);
    return { dataSet };
  }
  return looksLikeTags(msg.payload) ? { tags: parseTags(msg.payload, { ied }) } : undefined;
}

/** A payload is often something else, such as the time of an inject node. */
function looksLikeTags(payload: unknown): payload is unknown[] {
  if (!Array.isArray(payload) || payload.length === 0) return false;
  const first: unknown = payload[0];
  return typeof first === 'string'
    ? first.includes('/')
    : typeof first === 'object' && first !== null && 'reference' in first;
}
