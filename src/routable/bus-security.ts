/** What checking the frames of the process bus comes to: counts, and what is not taken. */
import type { BusAlgorithm } from './algorithms.js';
import { BusKeys, type BusKey } from './keys.js';
import type { FrameVerdict } from './protection.js';

export interface BusSecurityOptions {
  keys?: readonly BusKey[];
  /** Takes no frame without a code that was checked; by default so when there are keys. */
  required?: boolean;
}

/** Why frames were refused last; `ok` when none was for a while. */
export type BusSecurityState = 'ok' | RefusedFrame;

/** Reasons to take no value from a frame. */
export type RefusedFrame = Exclude<FrameVerdict, 'verified' | 'notChecked'> | 'replayed';

/** Frames by what checking them found, since start. */
export interface BusSecurityCounts extends Record<FrameVerdict, number> {
  /** Authentic frames that came again. */
  replayed: number;
}

/** What is known of one frame that was taken. */
export interface FrameSecurity {
  verdict: 'verified' | 'unsigned' | 'notChecked';
  keyId?: number;
  algorithm?: BusAlgorithm;
  /** Octets of the authentication code. */
  macLength?: number;
  /** ISO 8601, as the publisher says it. */
  timeOfCurrentKey?: string;
  /** Minutes until the next key, as the publisher says it. */
  timeToNextKey?: number;
  /** R-GOOSE and R-SV: number and version of the SPDU. */
  spduNumber?: number;
  version?: number;
}

/** Keys, and what frames have to be. */
export class BusSecurity {
  readonly keys: BusKeys;
  readonly required: boolean;
  readonly counts: BusSecurityCounts = {
    verified: 0,
    unsigned: 0,
    notChecked: 0,
    unknownKey: 0,
    expiredKey: 0,
    badSignature: 0,
    replayed: 0,
  };

  /** @throws ArgumentError when a key is none */
  constructor({ keys = [], required }: BusSecurityOptions) {
    this.keys = new BusKeys(keys);
    this.required = required ?? !this.keys.none;
  }

  /** Counts a verdict; undefined when the frame may be used, else why it may not. */
  judge(verdict: FrameVerdict): RefusedFrame | undefined {
    this.counts[verdict]++;
    switch (verdict) {
      case 'verified':
        return undefined;
      case 'unsigned':
        return this.required ? 'unsigned' : undefined;
      case 'notChecked':
        return this.required ? 'unknownKey' : undefined;
      default:
        return verdict;
    }
  }
}

/** Seconds since 1970 of a frame as text; undefined when it does not say them. */
export function keyTime(seconds: number): string | undefined {
  return seconds === 0 ? undefined : new Date(seconds * 1000).toISOString();
}
