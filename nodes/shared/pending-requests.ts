/**
 * Requests of clients that wait for the answer of a flow. A message carries the name of its request, so that it finds back
 * however it was copied on its way.
 */
import { randomUUID } from 'node:crypto';
import { LimitError } from '../../src/errors.js';
import { MAX_PENDING_REQUESTS } from '../../src/limits.js';

/** What a flow answers: taken, or refused with a cause. */
export interface Reply {
  accept: boolean;
  /** Name or number of an AddCause, of a write of a DataAccessError. */
  cause?: string | number;
  /** The command was taken, and a second answer tells how it ended. */
  pending?: boolean;
}

/** What became of an answer: `late` when nobody waits for it any more. */
export type Answered = 'taken' | 'late';

interface Waiting {
  /** @returns whether more answers may come */
  take(reply: Reply): boolean;
  timer: NodeJS.Timeout;
}

const waiting = new Map<string, Waiting>();

/**
 * Opens a request.
 * @param ms time that it waits; then `take` is not called any more, and `expired` is
 * @param take takes an answer; gives for how many ms another one may come, 0 for none
 * @returns its name
 * @throws LimitError when too many wait
 */
export function openRequest(ms: number, take: (reply: Reply) => number, expired: () => void): string {
  if (waiting.size >= MAX_PENDING_REQUESTS) {
    throw new LimitError(`${MAX_PENDING_REQUESTS} requests of clients wait for an answer`, 'Answer them in the flow.');
  }
  const id = randomUUID();
  const after = (wait: number): NodeJS.Timeout =>
    setTimeout(() => {
      waiting.delete(id);
      expired();
    }, wait);
  const entry: Waiting = {
    timer: after(ms),
    take(reply) {
      clearTimeout(entry.timer);
      const more = take(reply);
      if (more <= 0) return false;
      entry.timer = after(more);
      return true;
    },
  };
  waiting.set(id, entry);
  return id;
}

/** Gives a request its answer. */
export function answerRequest(id: string, reply: Reply): Answered {
  const entry = waiting.get(id);
  if (!entry) return 'late';
  if (!entry.take(reply)) waiting.delete(id);
  return 'taken';
}

/** A request that nobody needs an answer to any more. */
export function dropRequest(id: string): void {
  const entry = waiting.get(id);
  if (!entry) return;
  clearTimeout(entry.timer);
  waiting.delete(id);
}
