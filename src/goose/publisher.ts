/** Publishing one GOOSE control block: what is sent, and when (IEC 61850-8-1 §18.1.2.5, IEC 61850-7-2 §18.2.3). */
import { ArgumentError } from '../errors.js';
import {
  DEFAULT_GOOSE_MAX_TIME_MS,
  DEFAULT_GOOSE_MIN_TIME_MS,
  MAX_GOOSE_DATA,
  MAX_GOOSE_ENTRIES,
  MAX_GOOSE_TTL_MS,
  MIN_GOOSE_TTL_MS,
} from '../limits.js';
import { encodeData } from '../mms/data-codec.js';
import type { MmsData } from '../mms/data.js';
import { encodeApplicationFrame } from '../mms/application-header.js';
import { encodeGooseFrame, type UtcTime } from './goose-pdu.js';
import { next } from './sequence.js';

export interface GoosePublisherOptions {
  /** 0 to 65,535; 0x0000–0x3FFF and, for trips, 0x8000–0xBFFF are those of GOOSE. */
  appId: number;
  gocbRef: string;
  datSet: string;
  goId?: string;
  confRev: number;
  /** ms from a change to its first repeat; each further wait is twice as long. */
  minTime?: number;
  /** ms between repeats when nothing changes, the longest wait. */
  maxTime?: number;
  /** timeAllowedtoLive of every frame, in ms; without it twice the wait until the next frame, and at least 100. */
  timeAllowedToLive?: number;
  /**
   * Numbers of the header have a fixed length (FixedOffs, IEC 61850-8-1 §A.3); the values have to come so as well, see
   * {@link fixedLengthData}.
   */
  fixedLength?: boolean;
  simulation?: boolean;
  ndsCom?: boolean;
}

/**
 * State and retransmission of one publisher. No socket, clock or timer: {@link publish} and {@link tick} give the octets
 * that follow the EtherType, and {@link nextWakeup} says when the next ones are due, in ms of the caller's clock.
 */
export class GoosePublisher {
  private readonly minTime: number;
  private readonly maxTime: number;
  private data: Buffer | undefined;
  private entries = 0;
  private t: UtcTime = { seconds: 0, fraction: 0, quality: 0 };
  private stNum = 0;
  private sqNum = 0;
  private wait = 0;
  private due: number | undefined;
  private simulation: boolean;
  private ndsCom: boolean;

  /** @throws ArgumentError when times or APPID are out of range */
  constructor(private readonly options: GoosePublisherOptions) {
    const { appId, minTime = DEFAULT_GOOSE_MIN_TIME_MS, maxTime = DEFAULT_GOOSE_MAX_TIME_MS } = options;
    if (!Number.isInteger(appId) || appId < 0 || appId > 0xffff) {
      throw new ArgumentError(`the APPID ${appId} is none`, 'Give a whole number from 0 to 65535.');
    }
    if (!(minTime >= 1 && minTime <= maxTime && maxTime <= MAX_GOOSE_TTL_MS / 2)) {
      throw new ArgumentError(
        `GOOSE ${options.gocbRef} is to be repeated after ${minTime} to ${maxTime} ms`,
        `Give MinTime of at least 1 ms, and MaxTime of at least that and at most ${MAX_GOOSE_TTL_MS / 2} ms.`,
      );
    }
    const { timeAllowedToLive: ttl = MAX_GOOSE_TTL_MS } = options;
    if (!(Number.isInteger(ttl) && ttl > maxTime && ttl <= MAX_GOOSE_TTL_MS)) {
      throw new ArgumentError(
        `GOOSE ${options.gocbRef} is to be believed for ${ttl} ms and repeated after ${maxTime} ms`,
        `Give a timeAllowedtoLive above MaxTime, of at most ${MAX_GOOSE_TTL_MS} ms.`,
      );
    }
    this.minTime = minTime;
    this.maxTime = maxTime;
    this.simulation = options.simulation ?? false;
    this.ndsCom = options.ndsCom ?? false;
  }

  /** When the next repeat is due; undefined before the first {@link publish}. */
  get nextWakeup(): number | undefined {
    return this.due;
  }

  /** StNum and SqNum of the last frame. */
  get numbers(): { stNum: number; sqNum: number } {
    return { stNum: this.stNum, sqNum: this.sqNum };
  }

  /**
   * The values of a new state; the frame has to leave at once.
   * @param t when the values became so
   * @throws ArgumentError when there are more than a frame may have
   */
  publish(values: readonly MmsData[], t: UtcTime, now: number): Buffer {
    return this.publishEncoded(Buffer.concat(values.map(encodeData)), values.length, t, now);
  }

  /**
   * As {@link publish} for values that are encoded already, one after the other.
   * @throws ArgumentError when there are more than a frame may have
   */
  publishEncoded(data: Buffer, entries: number, t: UtcTime, now: number): Buffer {
    if (entries > MAX_GOOSE_ENTRIES || data.length > MAX_GOOSE_DATA) {
      throw new ArgumentError(
        `GOOSE ${this.options.gocbRef} has ${entries} values of ${data.length} octets`,
        'One Ethernet frame has to hold them: take members out of the data set.',
      );
    }
    const first = this.data === undefined;
    this.data = data;
    this.entries = entries;
    this.t = t;
    this.stNum = next(this.stNum);
    // 0 marks the first frame of a change; what goes out when publishing begins is no change.
    this.sqNum = first ? 1 : 0;
    this.wait = this.minTime;
    this.due = now + this.wait;
    return this.frame();
  }

  /** The repeat that is due, if one is. */
  tick(now: number): Buffer | undefined {
    if (this.due === undefined || now < this.due) return undefined;
    this.sqNum = next(this.sqNum);
    this.wait = Math.min(this.wait * 2, this.maxTime);
    this.due = now + this.wait;
    return this.frame();
  }

  /** Simulation and ndsCom as frames from now on say them. */
  set(bits: { simulation?: boolean; ndsCom?: boolean }): void {
    this.simulation = bits.simulation ?? this.simulation;
    this.ndsCom = bits.ndsCom ?? this.ndsCom;
  }

  private frame(): Buffer {
    const { options, simulation } = this;
    const header = {
      gocbRef: options.gocbRef,
      // Twice the wait, so that one lost frame is not taken for a lost publisher; never so short that a pause of this
      // process is taken for one either.
      timeAllowedToLive: options.timeAllowedToLive ?? Math.max(MIN_GOOSE_TTL_MS, 2 * this.wait),
      datSet: options.datSet,
      ...(options.goId !== undefined && { goId: options.goId }),
      t: this.t,
      stNum: this.stNum,
      sqNum: this.sqNum,
      simulation,
      confRev: options.confRev,
      ndsCom: this.ndsCom,
    };
    return encodeApplicationFrame(
      options.appId,
      simulation,
      encodeGooseFrame(header, this.data as Buffer, this.entries, options.fixedLength),
    );
  }
}
