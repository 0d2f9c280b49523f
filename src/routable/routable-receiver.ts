/** From datagrams to GOOSE and sampled-value frames: taken apart, checked, decrypted, and no SPDU twice. */
import { DecodeError, Iec61850Error } from '../errors.js';
import { BerReader } from '../mms/wire.js';
import {
  BusSecurity,
  keyTime,
  type BusSecurityOptions,
  type FrameSecurity,
  type RefusedFrame,
} from './bus-security.js';
import { decodePayload, ElementTag, type PayloadElement } from './payload.js';
import { openSpdu, type OpenedSpdu } from './protection.js';
import { ReplayWindows } from './replay-window.js';
import { decodeSpdu, type LocatedSpdu } from './spdu.js';

/** One APDU of a datagram. */
export interface RoutableFrame {
  kind: 'goose' | 'sampledValues';
  appId: number;
  simulated: boolean;
  /** Valid until the next datagram is received. */
  apdu: Buffer;
  security: FrameSecurity;
}

export type RoutableOutcome =
  | { frames: RoutableFrame[] }
  /** It is not to be used. */
  | { refused: RefusedFrame }
  | { malformed: Error };

export class RoutableReceiver {
  readonly security: BusSecurity;
  /** Payload elements that are neither GOOSE nor sampled values: tunnelled frames, and management. */
  unsupported = 0;
  private readonly replays = new ReplayWindows();

  /** @throws ArgumentError when a key is none */
  constructor(options: BusSecurityOptions) {
    this.security = new BusSecurity(options);
  }

  /**
   * @param now ms since 1970, for the keys
   * @param clock ms of a clock that only goes forward, for the numbers
   */
  receive(datagram: Buffer, now: number, clock: number): RoutableOutcome {
    try {
      const spdu = decodeSpdu(datagram);
      const opened = openSpdu(datagram, spdu, this.security.keys, now);
      // Without a key nobody knows whether this is encrypted.
      if (opened.verdict === 'notChecked' && mayBeEncrypted(spdu) && !readable(spdu.payload))
        opened.verdict = 'unknownKey';
      const refused = this.security.judge(opened.verdict);
      if (refused) return { refused };
      const elements = decodePayload(opened.payload);
      if (opened.verdict === 'verified' && !this.replays.take(publisherOf(elements), spdu.number, clock)) {
        this.security.counts.replayed++;
        return { refused: 'replayed' };
      }
      return { frames: this.framesOf(elements, securityOf(spdu, opened)) };
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      return { malformed: error };
    }
  }

  private framesOf(elements: readonly PayloadElement[], security: FrameSecurity): RoutableFrame[] {
    const frames: RoutableFrame[] = [];
    for (const { tag, simulation, appId, apdu } of elements) {
      const kind = KINDS[tag];
      if (kind) frames.push({ kind, appId, simulated: simulation !== 0, apdu, security });
      else this.unsupported++;
    }
    return frames;
  }
}

const KINDS: Readonly<Record<number, RoutableFrame['kind']>> = {
  [ElementTag.goose]: 'goose',
  [ElementTag.sampledValues]: 'sampledValues',
};

/** Name of whose numbers these are. It is of the authentic octets: an address can be made up. */
function publisherOf([first]: readonly PayloadElement[]): string {
  if (!first) return '';
  const fields = new BerReader(first.apdu);
  let inside = fields;
  if (KINDS[first.tag] === undefined || !inside.next()) return `${first.tag}`;
  inside = inside.enter();
  // GOOSE begins with gocbRef; the svID of sampled values stands in their first ASDU.
  for (let depth = 0; depth < NAME_DEPTH && inside.next();) {
    if (inside.tag === CONTEXT_0 && (first.tag === ElementTag.goose || depth === NAME_DEPTH - 1)) {
      return `${first.tag} ${inside.content().toString('latin1')}`;
    }
    if (inside.tag === SEQUENCE_OF_ASDU || inside.tag === ASDU) {
      inside = inside.enter();
      depth++;
    }
  }
  throw new DecodeError('the APDU names no control block');
}

const CONTEXT_0 = 0x80;
const SEQUENCE_OF_ASDU = 0xa2;
const ASDU = 0x30;
/** Elements around the svID: the APDU, its sequence, and the ASDU. */
const NAME_DEPTH = 3;

/** Version 1 says it; in version 2 the key tells, and what is encrypted has an initialization vector. */
function mayBeEncrypted({ encryption, iv }: LocatedSpdu): boolean {
  return encryption !== 0 || iv.length > 0;
}

function readable(payload: Buffer): boolean {
  try {
    decodePayload(payload);
    return true;
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return false;
  }
}

function securityOf(spdu: LocatedSpdu, { verdict, key }: OpenedSpdu): FrameSecurity {
  const since = keyTime(spdu.timeOfCurrentKey);
  return {
    verdict: verdict as FrameSecurity['verdict'],
    ...(spdu.keyId !== 0 && { keyId: spdu.keyId }),
    ...(key && { algorithm: key.algorithm }),
    ...(spdu.mac?.length && { macLength: spdu.mac.length }),
    ...(since !== undefined && { timeOfCurrentKey: since }),
    ...(spdu.timeToNextKey !== 0 && { timeToNextKey: spdu.timeToNextKey }),
    spduNumber: spdu.number,
    version: spdu.version,
  };
}
