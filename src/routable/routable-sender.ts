/** From GOOSE and sampled-value APDUs to datagrams. */
import { randomBytes } from 'node:crypto';
import { SecurityError } from '../errors.js';
import { BusKeys, type BusKey } from './keys.js';
import { encodePayload, ElementTag } from './payload.js';
import { sealSpdu, type CoverageStart } from './protection.js';
import { SpduType, type SpduVersion } from './spdu.js';

export interface RoutableSenderOptions {
  /** The first valid one signs or encrypts; without any frames leave unsigned. */
  keys?: readonly BusKey[];
  /** 1 as in IEC TR 61850-90-5, 2 (default) as in IEC 61850-8-1 Amendment 1. */
  version?: SpduVersion;
  /** Where the authentication code begins to cover; by default the session identifier. */
  coverage?: CoverageStart;
}

/** What leaves in one datagram. */
export interface OutgoingApdu {
  kind: 'goose' | 'sampledValues';
  appId: number;
  simulated: boolean;
  apdu: Buffer;
}

const LONGEST_TIME_TO_NEXT_KEY = 0x7fff;

export class RoutableSender {
  private readonly keys: BusKeys;
  private number: number | undefined;

  /** @throws ArgumentError when a key is none */
  constructor(private readonly options: RoutableSenderOptions = {}) {
    this.keys = new BusKeys(options.keys ?? []);
  }

  /**
   * @param now ms since 1970
   * @throws SecurityError when all keys have expired: nothing leaves unsigned that was to be signed; ArgumentError
   */
  encode({ kind, appId, simulated, apdu }: OutgoingApdu, now: number): Buffer {
    const key = usableKey(this.keys, now);
    const goose = kind === 'goose';
    const number = (this.number ??= firstNumber(now));
    const datagram = sealSpdu(
      {
        type: goose ? SpduType.goose : SpduType.sampledValues,
        number,
        version: this.options.version ?? 2,
        timeOfCurrentKey: Math.floor((key?.from ?? 0) / 1000),
        timeToNextKey: minutesUntil(key, now),
        payload: encodePayload([
          {
            tag: goose ? ElementTag.goose : ElementTag.sampledValues,
            simulation: simulated ? 1 : 0,
            appId,
            apdu,
            excess: 0,
          },
        ]),
      },
      key,
      this.options.coverage ?? 'session',
      randomBytes,
    );
    this.number = (number + 1) >>> 0;
    return datagram;
  }
}

/** A publisher that is started again goes on ahead of its last number, or its frames would be taken for replayed ones. */
function firstNumber(now: number): number {
  return Math.floor(now / MS_A_NUMBER) % 0x1_0000_0000;
}

/** A publisher of fewer frames than one in this time, on average, never comes back behind its last number. */
const MS_A_NUMBER = 4;

/** The key to sign with; undefined when none was given. @throws SecurityError when all have expired */
export function usableKey(keys: BusKeys, now: number): BusKey | undefined {
  const key = keys.current(now);
  if (key || keys.none) return key;
  throw new SecurityError(
    'KEY',
    'every key of this publisher has expired, or is not valid yet',
    'Give a key that is valid now, and the same one to the subscribers.',
  );
}

/** Minutes for which a key is valid yet, as a frame says them; 0 when it has no end. */
export function minutesUntil(key: BusKey | undefined, now: number): number {
  if (key?.until === undefined) return 0;
  return Math.min(LONGEST_TIME_TO_NEXT_KEY, Math.ceil((key.until - now) / 60_000));
}
