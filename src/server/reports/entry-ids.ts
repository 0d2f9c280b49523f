/** EntryIDs: eight octets that only rise, also from one start of the server to the next (IEC 61850-7-2 §17.2.2.2.17). */
import type { KeptMap } from '../persistence/store.js';
import { ENTRY_ID_LENGTH } from './report-pdu.js';

/** Entries that one ms of server time has room for, so that the next start is past all of this one's. */
const PER_MS = 1n << 20n;
const KEY = 'base';

export class EntryIds {
  /** @param base EntryID before the first entry of this numbering */
  constructor(private base: bigint) {}

  /** A numbering that starts past those of earlier starts. @param now ms since 1970 */
  static from(now: number): EntryIds {
    return new EntryIds(BigInt(Math.max(1, Math.floor(now))) * PER_MS);
  }

  /** Goes on with a numbering that was kept, or keeps this one. */
  keepIn(map: KeptMap): void {
    const kept = map.entries().find(([key]) => key === KEY)?.[1];
    if (kept?.length === ENTRY_ID_LENGTH) this.base = kept.readBigUInt64BE(0);
    else {
      const octets = Buffer.alloc(ENTRY_ID_LENGTH);
      octets.writeBigUInt64BE(this.base);
      map.put(KEY, octets);
    }
  }

  /** Writes the EntryID of entry `number`; 0 is none, eight zero octets. */
  write(number: number, target: Buffer, at: number): void {
    target.writeBigUInt64BE(number === 0 ? 0n : this.base + BigInt(number), at);
  }

  /** Number of the entry with an EntryID: 0 for the one of zeros, undefined for one that was never given. */
  numberOf(octets: Buffer): number | undefined {
    if (octets.length !== ENTRY_ID_LENGTH) return undefined;
    const id = octets.readBigUInt64BE(0);
    if (id === 0n) return 0;
    const number = Number(id - this.base);
    return number > 0 && Number.isSafeInteger(number) ? number : undefined;
  }
}
