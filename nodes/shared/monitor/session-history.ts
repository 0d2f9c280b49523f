import { Iec61850Error } from '../../../src/errors.js';
import type { SessionState, SessionStateEvent } from '../../../src/client/index.js';

/** What a session has been through, beyond its present state. */
export class SessionHistory {
  state: SessionState = 'idle';
  /** ms since 1970. */
  since = Date.now();
  /** Associations since start. */
  connects = 0;
  /** When the next attempt is due, ms since 1970; while offline. */
  retryAt: number | undefined;
  address: { host: string; port: number | undefined } | undefined;
  /** The last reason why it was offline; it stays after the IED came back. */
  lastError: { time: number; code: string; message: string; hint: string } | undefined;

  note({ state, endpoint, error, retryIn }: SessionStateEvent): void {
    const now = Date.now();
    // Attempts while it is away are the same outage.
    const shown = state === 'connecting' && this.state === 'offline' ? 'offline' : state;
    if (shown !== this.state) this.since = now;
    this.state = shown;
    if (state === 'online') this.connects++;
    if (endpoint) this.address = { host: endpoint.host, port: endpoint.port };
    this.retryAt = retryIn === undefined ? undefined : now + retryIn;
    if (error) {
      const { code, message } = error;
      this.lastError = { time: now, code, message, hint: error instanceof Iec61850Error ? error.hint : '' };
    }
  }

  /** The session was closed because nobody needs it. */
  closed(): void {
    this.state = 'idle';
    this.since = Date.now();
    this.retryAt = undefined;
  }
}
