/**
 * One session shared by every node that uses an IED: opened for the first of them, closed after the last, and one log
 * line per change of its state.
 */
import { AssociationError, Iec61850Error } from '../../src/errors.js';
import type { IedSession } from '../../src/client/session.js';

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
  private session: Promise<IedSession> | undefined;
  private opened: IedSession | undefined;
  private users = 0;
  private linger: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param create Makes a session that is not started yet. */
  constructor(
    private readonly create: () => Promise<IedSession>,
    private readonly log: ConnectionLog,
  ) {}

  /** The running session, if there is one. */
  get current(): IedSession | undefined {
    return this.opened;
  }

  /**
   * The started session for one more user, who releases it when it is no longer needed.
   * @throws whatever the configuration has wrong.
   */
  async acquire(): Promise<SessionLease> {
    clearTimeout(this.linger);
    this.users++;
    try {
      const session = await (this.session ??= this.open());
      if (this.closed) throw new AssociationError('The IED node is closed', '');
      let held = true;
      return {
        session,
        release: () => {
          if (held) this.release();
          held = false;
        },
      };
    } catch (error) {
      this.session = undefined;
      this.release();
      throw error;
    }
  }

  private release(): void {
    this.users--;
    clearTimeout(this.linger);
    if (this.users > 0 || this.closed) return;
    this.linger = setTimeout(() => void this.closeSession(), LINGER_MS);
    this.linger.unref();
  }

  /** Ends the session within {@link CLOSE_TIMEOUT_MS}; it cannot be acquired again. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.linger);
    await this.closeSession();
  }

  private async open(): Promise<IedSession> {
    const session = await this.create();
    if (this.closed) return session;
    session.on('state', (change) => {
      const where = change.endpoint ? ` ${change.endpoint.host}:${change.endpoint.port}` : '';
      if (change.state === 'online') this.log.log(`online${where}`);
      else if (change.state === 'offline') this.log.warn(`offline${where}${reason(change.error)}`);
    });
    this.opened = session;
    session.start();
    return session;
  }

  private async closeSession(): Promise<void> {
    const closing = this.session;
    this.session = undefined;
    this.opened = undefined;
    const session = await closing?.catch(() => undefined);
    await session?.close();
  }
}

function reason(error: Error | undefined): string {
  if (!error) return '';
  return error instanceof Iec61850Error && error.hint ? `: ${error.message}. ${error.hint}` : `: ${error.message}`;
}
