/** Messages for a publisher that was typed in: members by the names that the form gave them. */
import type { OutMessage } from '../shared/message-updates.js';

/**
 * The message with references in place of the names that are known: in an object `{ name: value }`, in an array of
 * `{ name, value }`, in `msg.topic`, and as the tags of `msg.iec61850`.
 */
export function withReferences(message: OutMessage, references: ReadonlyMap<string, string>): OutMessage {
  const { payload, topic, iec61850 } = message;
  const name = typeof topic === 'string' ? references.get(topic.trim()) : undefined;
  return {
    ...message,
    ...(payload !== undefined && { payload: named(payload, references) }),
    ...(iec61850 !== undefined && { iec61850: tagged(iec61850, references) }),
    ...(name !== undefined && { topic: name }),
  };
}

function named(payload: unknown, references: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(payload)) return payload.map((item) => renamed(item, 'name', references));
  if (!isPlain(payload)) return payload;
  const single = renamed(payload, 'name', references);
  if (single !== payload) return single;
  const entries = Object.entries(payload);
  if (!entries.some(([name]) => references.has(name))) return payload;
  // What is no member keeps its name: the error then says which.
  return entries.map(([name, value]) => ({ reference: references.get(name) ?? name, value }));
}

function tagged(input: unknown, references: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(input)) return input.map((item) => renamed(item, 'tag', references));
  if (!isPlain(input)) return input;
  if (typeof input.tag === 'string') return renamed(input, 'tag', references);
  return Object.fromEntries(Object.entries(input).map(([key, item]) => [key, renamed(item, 'tag', references)]));
}

function renamed(item: unknown, key: 'name' | 'tag', references: ReadonlyMap<string, string>): unknown {
  if (!isPlain(item)) return item;
  const name = item[key] ?? item.reference;
  const reference = typeof name === 'string' ? references.get(name) : undefined;
  return reference === undefined ? item : { ...item, reference, fc: 'ST' };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
