import { ConnectionError, FileError, type Iec61850Error, TimeoutError } from '../../errors.js';
import type { ClientAssociation } from '../client-association.js';
import type { SessionUser } from '../ied-session.js';

/** Where file services get their association from. */
export interface AssociationSource {
  /** Name of the IED for people. */
  readonly ied: string;
  /** The association that stands. @throws ConnectionError */
  current(): ClientAssociation;
  /** Whether a lost association comes back by itself. */
  readonly reconnects: boolean;
  /**
   * Waits for an association, `limit` ms at the most.
   * @throws TimeoutError; FileError STOPPED when the signal says so
   */
  next(limit: number, signal?: AbortSignal): Promise<ClientAssociation>;
  /**
   * Does something on every association, from the present one on.
   * @param use gives what undoes it
   * @returns what ends it
   */
  each(use: (association: ClientAssociation) => () => void): () => void;
}

/** Of one association that somebody opened and that does not come back. */
export function fixedSource(ied: string, current: () => ClientAssociation): AssociationSource {
  return {
    ied,
    current,
    reconnects: false,
    next: () => Promise.reject(new ConnectionError(`${ied}: the association is lost`, undefined, { ied })),
    each: (use) => use(current()),
  };
}

interface Waiting {
  go(association: ClientAssociation): void;
  fail(error: Iec61850Error): void;
}

interface EachUser {
  use(association: ClientAssociation): () => void;
  undo?: (() => void) | undefined;
}

/** Of a session, which connects again by itself. */
export class SessionSource implements AssociationSource, SessionUser {
  readonly reconnects = true;
  private association: ClientAssociation | undefined;
  private lost: Iec61850Error | undefined;
  private closed = false;
  private readonly waiting = new Set<Waiting>();
  private readonly users = new Set<EachUser>();

  constructor(readonly ied: string) {}

  attached(association: ClientAssociation): void {
    this.association = association;
    for (const user of this.users) user.undo = user.use(association);
    for (const one of [...this.waiting]) one.go(association);
  }

  detached(error: Iec61850Error): void {
    this.association = undefined;
    this.lost = error;
  }

  /** The session is over: nobody waits for it any more. */
  close(): void {
    this.closed = true;
    for (const one of [...this.waiting]) one.fail(this.closedError());
  }

  current(): ClientAssociation {
    if (this.association?.open) return this.association;
    const why = this.lost ? `: ${this.lost.message}` : '';
    throw new ConnectionError(
      `${this.ied} is not connected${why}`,
      this.lost?.hint ?? 'Wait until the IED is online.',
      {
        ied: this.ied,
        cause: this.lost,
      },
    );
  }

  each(use: (association: ClientAssociation) => () => void): () => void {
    const user: EachUser = { use, ...(this.association?.open && { undo: use(this.association) }) };
    this.users.add(user);
    return () => {
      this.users.delete(user);
      user.undo?.();
    };
  }

  async next(limit: number, signal?: AbortSignal): Promise<ClientAssociation> {
    throwIfStopped(signal, this.ied);
    if (this.association?.open) return this.association;
    if (this.closed) throw this.closedError();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(one);
        signal?.removeEventListener('abort', stopped);
      };
      const one: Waiting = {
        go: (association) => {
          end();
          resolve(association);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      const stopped = (): void => one.fail(stoppedError(this.ied));
      const timer = setTimeout(() => {
        one.fail(new TimeoutError(`${this.ied} did not come back within ${limit} ms`, { ied: this.ied }));
      }, limit);
      this.waiting.add(one);
      signal?.addEventListener('abort', stopped);
    });
  }

  private closedError(): ConnectionError {
    return new ConnectionError(`${this.ied}: the session was closed`, '', { ied: this.ied });
  }
}

/** @throws FileError STOPPED */
export function throwIfStopped(signal: AbortSignal | undefined, ied: string): void {
  if (signal?.aborted) throw stoppedError(ied);
}

function stoppedError(ied: string): FileError {
  return new FileError('STOPPED', `${ied}: the file transfer was stopped`, '', { ied });
}
