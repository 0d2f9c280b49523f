/** Tags that an input message brings. */
import type { Tag } from '../../src/model/tag.js';
import type { NodeMessage } from '../shared/red.js';
import { parseTags } from '../shared/tag-list.js';

/**
 * `msg.tags`, or a `msg.payload` that is an array of references or tags, such as `scl-import` sends.
 * @returns undefined when the message names none, and the node's own are meant.
 * @throws ArgumentError when `msg.tags` is there and cannot be used.
 */
export function tagsOfMessage(msg: NodeMessage, ied = ''): Tag[] | undefined {
  if (msg.tags !== undefined) return parseTags(typeof msg.tags === 'string' ? [msg.tags] : msg.tags, { ied });
  return looksLikeTags(msg.payload) ? parseTags(msg.payload, { ied }) : undefined;
}

/** A payload is often something else, such as the time of an inject node. */
function looksLikeTags(payload: unknown): payload is unknown[] {
  if (!Array.isArray(payload) || payload.length === 0) return false;
  const first: unknown = payload[0];
  return typeof first === 'string'
    ? first.includes('/')
    : typeof first === 'object' && first !== null && 'reference' in first;
}
