import { performance } from 'node:perf_hooks';

/** A timer that fired later than this says that the process was held up, and not its peer. */
const HELD_UP_MS = 50;
/** What is then given to read what came meanwhile. */
const CATCH_UP_MS = 50;

export interface FairTimer {
  cancel(): void;
}

/**
 * Calls `act` once after `ms`, by the monotonic clock. Node.js runs the timers that are due before it reads its sockets: after a
 * pause of the whole process (a busy flow, a machine that slept) an answer that is long there would count as late. A timer that
 * comes late itself therefore waits once more, as long as reading takes.
 */
export function afterFairly(ms: number, act: () => void): FairTimer {
  const due = performance.now() + ms;
  let timer = setTimeout(() => {
    if (performance.now() - due <= HELD_UP_MS) act();
    else timer = setTimeout(act, CATCH_UP_MS);
  }, ms);
  return { cancel: () => clearTimeout(timer) };
}
