/** Packets of a trace, bounded in number and octets: the oldest give way. */
import { MAX_TRACED_OCTETS, MAX_TRACED_PACKETS } from '../../limits.js';
import type { TracedPacket } from './packet-watch.js';

/** A packet in its place: which connection it belongs to, and which one it is. */
export interface RingPacket extends TracedPacket {
  /** Counts from 1. */
  number: number;
  /** Number of its connection, from 1. */
  connection: number;
}

const NOTHING = Buffer.alloc(0);

export class PacketRing {
  private packets: RingPacket[] = [];
  /** Place of the oldest packet that is kept. */
  private first = 0;
  private size = 0;
  private taken = 0;
  /** Packets that gave way. */
  dropped = 0;

  constructor(
    private readonly maxPackets = MAX_TRACED_PACKETS,
    private readonly maxOctets = MAX_TRACED_OCTETS,
  ) {}

  get length(): number {
    return this.packets.length - this.first;
  }

  /** Octets of all that are kept. */
  get octets(): number {
    return this.size;
  }

  add(packet: TracedPacket, connection: number): RingPacket {
    const added = { ...packet, number: ++this.taken, connection };
    this.packets.push(added);
    this.size += packet.octets.length;
    while (this.length > 1 && (this.length > this.maxPackets || this.size > this.maxOctets)) this.drop();
    return added;
  }

  /** Those after packet `number`, oldest first. */
  after(number: number): RingPacket[] {
    const oldest = this.packets[this.first]?.number ?? 0;
    return this.packets.slice(this.first + Math.max(0, number + 1 - oldest));
  }

  private drop(): void {
    const oldest = this.packets[this.first] as RingPacket;
    this.size -= oldest.octets.length;
    oldest.octets = NOTHING;
    this.dropped++;
    this.first++;
    // Now and then what is gone is cut off, so that a packet costs the same whatever the size of the ring.
    if (this.first < 1024 || this.first < this.length) return;
    this.packets = this.packets.slice(this.first);
    this.first = 0;
  }
}
