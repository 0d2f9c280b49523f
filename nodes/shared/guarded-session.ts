/** The session of a node that writes or operates, and only when a person said that it may; its state is the node's status. */
import type { IedSession, SessionStateEvent } from '../../src/client/index.js';
import type { SessionLease } from './ied-connection.js';
import type { StatusLine } from './status.js';

export class GuardedSession {
  /** @param lease undefined while the node is not allowed to */
  constructor(
    private readonly lease: SessionLease | undefined,
    private readonly status: StatusLine,
  ) {
    lease?.session.on('state', this.showState);
    this.showReady();
  }

  /** Undefined while the node is not allowed to. */
  get session(): IedSession | undefined {
    return this.lease?.session;
  }

  close(): void {
    this.lease?.session.off('state', this.showState);
    this.lease?.release();
  }

  private readonly showState = ({ state }: Pick<SessionStateEvent, 'state'>): void => {
    if (state === 'online') this.showReady();
    else if (state === 'offline') this.status.bad('offline');
  };

  private showReady(): void {
    const { status, session } = this;
    if (!session) status.idle('not allowed');
    else if (session.state === 'online') status.ok('ready');
    else if (session.lastError) status.bad('offline');
    else status.busy('connecting');
  }
}
