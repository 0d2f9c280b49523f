/** Whose a report control block is (IEC 61850-7-2 §17.2.2.2.18 ResvTms, §17.2.3.2.4 Resv, Owner). */
import type { ClientSession } from '../client-session.js';
import { addressOctets } from './address-octets.js';
import { Alarm } from './alarm.js';

const NOBODY = Buffer.alloc(0);
/** Who serves a station's file on a desk tests it from there, whatever addresses the file has. */
const LOOPBACK = /^(127\.|::1$)/;

export class Reservation {
  /** The association that has it. */
  private session: ClientSession | undefined;
  /** Address of a client whose association is gone, and that may still come back for it. */
  private absent: string | undefined;
  private readonly alarm = new Alarm(() => {
    this.absent = undefined;
    this.freed();
  });

  /**
   * @param preassigned address of the client that the file gives it to (ClientLN)
   * @param freed an absent client's time is over
   */
  constructor(
    readonly preassigned: string | undefined,
    private readonly freed: () => void,
  ) {}

  /** Whether somebody has it. */
  get taken(): boolean {
    return this.session !== undefined || this.absent !== undefined;
  }

  has(session: ClientSession): boolean {
    return this.session === session;
  }

  /** Whether another client than this one has a right to it. A client that comes back is known by its address. */
  refuses(session: ClientSession): boolean {
    const { address } = session.identity;
    if (this.preassigned !== undefined && this.preassigned !== address && !LOOPBACK.test(address)) return true;
    if (this.session) return this.session !== session;
    return this.absent !== undefined && this.absent !== address;
  }

  take(session: ClientSession): void {
    this.alarm.clear();
    this.absent = undefined;
    this.session = session;
  }

  /** Nobody has it any more. */
  release(): void {
    this.alarm.clear();
    this.session = undefined;
    this.absent = undefined;
  }

  /** Its client is gone, and may come back within `seconds`. */
  leave(seconds: number): void {
    const address = this.session?.identity.address;
    this.release();
    if (seconds <= 0 || address === undefined) return;
    this.absent = address;
    this.alarm.set(seconds * 1000);
  }

  /** Address of who has it as the attribute Owner shows it; no octets for nobody. */
  get owner(): Buffer {
    const address = this.session?.identity.address ?? this.absent ?? this.preassigned;
    return address === undefined ? NOBODY : addressOctets(address);
  }
}
