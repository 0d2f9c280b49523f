/** Values of process variables out of a message, for a node that maps them by a file. */
import { ArgumentError } from '../../src/errors.js';
import { MAX_TAGS } from '../../src/limits.js';
import { isMembers } from '../../src/model/members.js';
import { tagInput } from '../shared/tag-input.js';
import type { OutMessage } from '../shared/message-updates.js';

export interface VariableMessage {
  values: Record<string, unknown>;
  errors: ArgumentError[];
}

const HINT = 'Send { variable: value, … }, or msg.topic with the name of a variable.';

/**
 * Values by the names of variables, in this order: tag values in `msg.iec61850`, by their tags, with quality and time of
 * their source; an object `{ variable: value, … }`; or `msg.payload` for the variable that `msg.topic` names.
 * `msg.quality` and `msg.timestamp` are those of all values that have none of their own.
 * @throws ArgumentError when the message names no variable.
 */
export function variableMessage(message: OutMessage): VariableMessage {
  const { iec61850, payload, topic } = message;
  if (iec61850 !== undefined && iec61850 !== null) return tagVariables(message);
  if (payload === undefined) throw new ArgumentError('The message has no msg.payload', HINT);
  const name = typeof topic === 'string' ? topic.trim() : '';
  const values = isMembers(payload) ? payload : name === '' ? undefined : { [name]: payload };
  if (!values) throw new ArgumentError('The message names no variable', HINT);
  if (Object.keys(values).length > MAX_TAGS) {
    throw new ArgumentError(`A message sets ${MAX_TAGS} values at most`, 'Send several.');
  }
  return { values: withExtras(values, message), errors: [] };
}

/** A source without quality or time has `null` there, so that nothing is filled in as if it were good. */
function tagVariables(message: OutMessage): VariableMessage {
  const { values, errors } = tagInput(message);
  const entries = values.map(({ tag, value, quality, timestamp, timeQuality, status }) => [
    tag,
    { value, quality: quality ?? null, timestamp: timestamp ?? null, timeQuality: timeQuality ?? null, status },
  ]);
  return { values: Object.fromEntries(entries) as Record<string, unknown>, errors };
}

function withExtras(values: Record<string, unknown>, { quality, timestamp }: OutMessage): Record<string, unknown> {
  if (quality === undefined && timestamp === undefined) return values;
  const extras = { ...(quality !== undefined && { quality }), ...(timestamp !== undefined && { timestamp }) };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isMembers(value)
        ? isGroup(value)
          ? withExtras(value, { quality, timestamp })
          : { ...extras, ...value }
        : { value, ...extras },
    ]),
  );
}

/** An object of further variables, and no value with quality and time. */
function isGroup(value: Record<string, unknown>): boolean {
  return !('value' in value || 'quality' in value || 'timestamp' in value);
}
