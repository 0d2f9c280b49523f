/** Whether a message may act on equipment or its settings now, whoever sends it again. */
import type { NodeMessage } from './red.js';

/** Why a message must not act. */
export interface MessageRefusal {
  failure: 'RETAINED' | 'TOO_OLD';
  message: string;
  hint: string;
}

/**
 * Refuses a retained message, which a broker repeats at every connect, and one that is older than it may be.
 * @param what the message asks for, such as `command`
 * @param maxAge ms; undefined takes messages of any age
 */
export function refusalOf(
  msg: NodeMessage,
  what: string,
  maxAge: number | undefined,
  now = Date.now(),
): MessageRefusal | undefined {
  const { retain, timestamp } = msg as { retain?: unknown; timestamp?: unknown };
  if (retain !== undefined && retain !== false) {
    return {
      failure: 'RETAINED',
      message: `the ${what} is a retained message, which a broker repeats at every connect`,
      hint: `Send ${what}s without the retain flag.`,
    };
  }
  if (maxAge === undefined) return undefined;
  const age = now - timeOf(timestamp);
  if (Math.abs(age) <= maxAge) return undefined;
  const why = Number.isNaN(age)
    ? `the ${what} has no msg.timestamp`
    : age > 0
      ? `the ${what} is ${Math.round(age / 1000)} s old`
      : `the ${what} is dated ${Math.round(-age / 1000)} s ahead`;
  return {
    failure: 'TOO_OLD',
    message: `${why}; the limit is ${maxAge / 1000} s`,
    hint: 'Let the sender set msg.timestamp (ISO 8601 or ms) when a person commands, and compare the clocks.',
  };
}

function timeOf(timestamp: unknown): number {
  if (typeof timestamp === 'number') return timestamp;
  if (timestamp instanceof Date) return timestamp.getTime();
  return typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
}
