/** SPDU numbers that were taken, so that none is taken twice (in the manner of RFC 4303 §3.4.3). */
import { MAX_ROUTABLE_SOURCES, ROUTABLE_RESTART_MS } from '../limits.js';

const WINDOW = 64;
const WINDOW_MASK = (1n << BigInt(WINDOW)) - 1n;

interface Taken {
  newest: number;
  /** Bit i: the number `newest - i` was taken. */
  seen: bigint;
  /** ms of the caller's clock. */
  at: number;
}

/** One publisher's numbers may come out of order by 64, and roll over. */
export class ReplayWindows {
  private readonly publishers = new Map<string, Taken>();

  /**
   * Whether the number is new, which it is no more then. After a silence a publisher may count anew: it was restarted.
   * @param now ms of a clock that only goes forward
   */
  take(publisher: string, number: number, now: number): boolean {
    const known = this.publishers.get(publisher);
    if (!known || now - known.at > ROUTABLE_RESTART_MS) {
      this.remember(publisher, { newest: number, seen: 1n, at: now });
      return true;
    }
    // Serial number arithmetic (RFC 1982): half of the numbers are ahead.
    const ahead = (number - known.newest) | 0;
    if (ahead > 0) {
      known.seen = ahead < WINDOW ? ((known.seen << BigInt(ahead)) | 1n) & WINDOW_MASK : 1n;
      known.newest = number;
    } else {
      const bit = 1n << BigInt(-ahead);
      if (-ahead >= WINDOW || (known.seen & bit) !== 0n) return false;
      known.seen |= bit;
    }
    known.at = now;
    return true;
  }

  private remember(publisher: string, taken: Taken): void {
    this.publishers.delete(publisher);
    if (this.publishers.size >= MAX_ROUTABLE_SOURCES) {
      // Only who has the key comes this far; the one that was first is let go.
      const [first] = this.publishers.keys();
      if (first !== undefined) this.publishers.delete(first);
    }
    this.publishers.set(publisher, taken);
  }
}
