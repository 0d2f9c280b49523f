/**
 * One session shared by every node that uses an IED: opened for the first of them, closed after the last, and one log
 * line per change of its state.
 */
import { AssociationError } from '../../src/errors.js';
import type { IedSession, SessionStateEvent } from '../../src/client/index.js';
import { explain } from './explain.js';
import { SessionHistory } from './monitor/session-history.js';

export interface ConnectionLog {
  log(text: string): void;
  warn(text: string): void;
}

/** One user's hold on a session. */
export interface SessionLease {
  session: IedSession;
  release(): void;
}

/** A partial deploy closes a node and opens its successor at once; the association stays for that long, in ms. */
const LINGER_MS = 1000;

export class IedConnection {
  readonly history = new SessionHistory();
  private session: IedSession | undefined;
  private users = 0;
  private linger: NodeJS.Timeout | undefined;
  private closed = false;
  private logged: SessionStateEvent['state'] | undefined;

  /** @param create Makes a session that is not started yet. */
  constructor(
    private readonly create: () => IedSession,
    private readonly log: ConnectionLog,
  ) {}

  /** The running session, if there is one. */
  get current(): IedSession | undefined {
    return this.session;
  }

  /**
   * The started session for one more user, who releases it when it is no longer needed.
   * @throws whatever the configuration has wrong.
   */
  acquire(): SessionLease {
    if (this.closed) throw new AssociationError('The IED node is closed', '');
    clearTimeout(this.linger);
    const session = (this.session ??= this.open());
    this.users++;
    let held = true;
    return {
      session,
      release: () => {
        if (held) this.release();
        held = false;
      },
    };
  }

  private release(): void {
    this.users--;
    clearTimeout(this.linger);
    if (this.users > 0 || this.closed) return;
    this.linger = setTimeout(() => void this.closeSession().catch(() => undefined), LINGER_MS);
    this.linger.unref();
  }

  /** Ends the session within {@link CLOSE_TIMEOUT_MS}; it cannot be acquired again. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.linger);
    await this.closeSession();
  }

  private open(): IedSession {
    const session = this.create();
    session.on('state', (change) => {
      this.history.note(change);
      this.logState(change);
    });
    session.start();
    return session;
  }

  /** Attempts to connect again are not worth a line each. */
  private logState({ state, endpoint, error, profile }: SessionStateEvent): void {
    if (state === this.logged || (state !== 'online' && state !== 'offline')) return;
    this.logged = state;
    if (state === 'offline') this.log.warn(`offline: ${error ? explain(error).message : 'the connection was lost'}`);
    else {
      const names = profile === 'unnamed' ? ', without AP-titles' : '';
      this.log.log(`online${endpoint ? ` ${endpoint.host}:${endpoint.port ?? ''}` : ''}${names}`);
    }
  }

  private async closeSession(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    this.logged = undefined;
    await session?.close();
    if (!this.session) this.history.closed();
  }
}
