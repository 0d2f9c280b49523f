import { ConnectionError } from '../errors.js';
import type { ResponseHandler } from '../mms/association.js';
import type { ClientIdentity } from './client-identity.js';
import { EVERYTHING, type ClientRights } from './rights.js';

/** What a session needs of the connection below it. */
export interface SessionTransport {
  /** An unconfirmed PDU, given with its tag. */
  sendUnconfirmed(pdu: Buffer): void;
  /** Octets that were sent and that the client has not taken yet. */
  backlog(): number;
  /** Ends the association at once. @param now any clock in ms that only goes forward */
  drop(why: string, now: number): void;
  /** A confirmed request to the client, given with its tag; clocks are those of {@link tick}. */
  request(service: Buffer, handler: ResponseHandler, now: number, timeout: number): void;
  /** Time passes: requests to the client without an answer fail. */
  tick(now: number): void;
}

/**
 * One association as the parts of the server see it: who the client is and what it may do. Parts keep what belongs to a
 * client (selections, reservations, open files) in a map by this object, and let go of it when the session is closed.
 */
export class ClientSession {
  /** What the client may do; set before the association is accepted. */
  rights: ClientRights = EVERYTHING;
  private closed = false;

  constructor(
    readonly identity: ClientIdentity,
    private readonly transport: SessionTransport,
    /** Negotiated size of MMS PDUs, in octets. */
    readonly maxPduSize: number,
  ) {}

  /** Whether the association still stands. */
  get open(): boolean {
    return !this.closed;
  }

  /** Octets that wait for the client: reports are held back while there are many. */
  get backlog(): number {
    return this.transport.backlog();
  }

  /** Sends an unconfirmed PDU such as an information report. Nothing happens when the association is over. */
  sendUnconfirmed(pdu: Buffer): void {
    if (!this.closed) this.transport.sendUnconfirmed(pdu);
  }

  /** Ends the association with a client that does not keep up. @param now any clock in ms that only goes forward */
  drop(why: string, now: number): void {
    if (!this.closed) this.transport.drop(why, now);
  }

  /**
   * Asks the client for something, as for a file that it gives. Who asks calls {@link tick} when the time limit is over.
   * @param now ms, the clock of `performance`
   * @param timeout ms
   */
  request(service: Buffer, handler: ResponseHandler, now: number, timeout: number): void {
    if (this.closed) handler.failed(new ConnectionError('the client is gone', ''));
    else this.transport.request(service, handler, now, timeout);
  }

  tick(now: number): void {
    if (!this.closed) this.transport.tick(now);
  }

  /** The association is over. */
  close(): void {
    this.closed = true;
  }
}
