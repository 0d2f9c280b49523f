/** Looks at the packets of one association: at its beginning always, at the rest while somebody wants to see it. */
import { performance } from 'node:perf_hooks';
import { MAX_TRACED_BEGINNING } from '../../limits.js';
import type { PacketTap } from '../../mms/wire.js';

/** Packets that went or came together. */
export interface TracedPacket {
  direction: 'sent' | 'received';
  /** ms since 1970, with fractions. */
  time: number;
  /** Whole TPKTs, below TLS in the clear; the authentication values of ACSE are masked. */
  octets: Buffer;
}

/**
 * The beginning of an association, some hundred octets, is kept for as long as it stands: without it a dissector cannot
 * tell what the presentation contexts of a trace mean that was begun later.
 */
export class PacketWatch {
  readonly beginning: TracedPacket[] = [];
  private kept = 0;
  private stands = false;
  private listener: ((packet: TracedPacket) => void) | undefined;

  /** @param look shows the packets of the association to a tap, or to nobody */
  constructor(private readonly look: (tap: PacketTap | undefined) => void) {
    this.turn();
  }

  /** The association stands: its beginning is over. */
  begun(): void {
    this.stands = true;
    this.turn();
  }

  /** Shows every packet from now on to one listener, until it is called without one. */
  show(listener: ((packet: TracedPacket) => void) | undefined): void {
    this.listener = listener;
    this.turn();
  }

  private turn(): void {
    this.look(this.stands && !this.listener ? undefined : (direction, octets) => this.take(direction, octets));
  }

  private take(direction: TracedPacket['direction'], octets: Buffer): void {
    // Requests that are sent again are changed in place.
    const packet = { direction, time: performance.timeOrigin + performance.now(), octets: Buffer.from(octets) };
    if (!this.stands && this.kept + octets.length <= MAX_TRACED_BEGINNING) {
      this.kept += octets.length;
      this.beginning.push(packet);
    }
    this.listener?.(packet);
  }
}
