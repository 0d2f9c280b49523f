/** The keys of a process-bus group, which its publishers and subscribers share. */
import { ArgumentError } from '../errors.js';
import { MAX_BUS_KEYS } from '../limits.js';
import { BUS_ALGORITHMS, fitsKey, MIN_HMAC_KEY, type BusAlgorithm } from './algorithms.js';

export interface BusKey {
  /** 1 to 4,294,967,295, as the key distribution centre or a person gave it; 0 means no key. */
  id: number;
  algorithm: BusAlgorithm;
  /** 16 or 32 octets for AES, at least 16 for HMAC. */
  secret: Buffer;
  /** First and last ms since 1970 in which it may be used; without them it always may. */
  from?: number;
  until?: number;
}

/** What became of looking for a key. */
export type KeyLookup = { key: BusKey } | 'unknownKey' | 'expiredKey';

/** The keys of a node. Two at least make a change of keys possible without a frame lost. */
export class BusKeys {
  private readonly keys: readonly BusKey[];

  /** @throws ArgumentError when one does not fit its algorithm, or two have one identity */
  constructor(keys: readonly BusKey[]) {
    if (keys.length > MAX_BUS_KEYS) throw new ArgumentError(`there are more than ${MAX_BUS_KEYS} keys`);
    keys.forEach((key, i) => {
      check(key);
      if (keys.findIndex(({ id }) => id === key.id) !== i) {
        throw new ArgumentError(`two keys have the id ${key.id}`, 'Give each key an id of its own.');
      }
    });
    this.keys = keys;
  }

  get none(): boolean {
    return this.keys.length === 0;
  }

  /** The key that a frame names. */
  find(id: number, now: number): KeyLookup {
    const key = this.keys.find((candidate) => candidate.id === id);
    if (!key) return 'unknownKey';
    return valid(key, now) ? { key } : 'expiredKey';
  }

  /** The first key that is valid, which a publisher uses; undefined when none is. */
  current(now: number): BusKey | undefined {
    return this.keys.find((key) => valid(key, now));
  }
}

function valid({ from, until }: BusKey, now: number): boolean {
  return (from === undefined || now >= from) && (until === undefined || now < until);
}

function check({ id, algorithm, secret }: BusKey): void {
  if (!Number.isInteger(id) || id < 1 || id > 0xffff_ffff) {
    throw new ArgumentError(`the key id ${id} is none`, 'Give a whole number from 1 to 4294967295.');
  }
  if (!BUS_ALGORITHMS.includes(algorithm)) {
    throw new ArgumentError(`the algorithm ${algorithm} is not known`, `There are ${BUS_ALGORITHMS.join(', ')}.`);
  }
  if (fitsKey(algorithm, secret.length)) return;
  // The length is told, the key is not.
  throw new ArgumentError(
    `the key ${id} has ${secret.length} octets, which does not suit ${algorithm}`,
    `Give 16 octets for AES-128, 32 for AES-256, 16 or 32 for AES-GMAC, at least ${MIN_HMAC_KEY} for HMAC, in hexadecimal.`,
  );
}
