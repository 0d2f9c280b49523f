import { TimeoutError } from '../../src/errors.js';
import { BROWSE_TIMEOUT_MS } from '../../src/limits.js';

/** A result, or a TimeoutError that names it when the signal comes first. */
export function within<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new TimeoutError(`${what} took longer than ${BROWSE_TIMEOUT_MS / 1000} s`));
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}
