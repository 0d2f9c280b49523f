import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { EthernetError, Iec61850Error } from '../../errors.js';
import { MAX_CAPTURE_OCTETS } from '../../limits.js';
import { decodeFrame } from '../frame.js';
import type { FrameLink, LinkFilter, LinkHandler, LinkStatistics } from '../frame-link.js';
import { readCapture, type CapturedFrame } from './capture-file.js';

export interface ReplayOptions {
  /** 1 is as it was, 10 ten times as quick, `Infinity` as quick as the reader takes them. */
  speed?: number;
  /** Begins again at the end. */
  repeat?: boolean;
}

/** Longest pause that is replayed, in ms: nobody waits for the gap between two days of recording. */
const LONGEST_PAUSE_MS = 10_000;
/** Frames that are given before other work of the process has its turn. */
const FRAMES_AT_A_TIME = 500;

/** A capture file in place of an interface, for tests, training and forensics. What is sent goes nowhere. */
export class CaptureLink implements FrameLink {
  readonly address = '00-00-00-00-00-00';
  readonly up = true;
  readonly name: string;
  private filter: LinkFilter | undefined;
  private destinations: ReadonlySet<string> = new Set();
  private frames: Generator<CapturedFrame>;
  private upcoming: CapturedFrame | undefined;
  private previous: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly counts: LinkStatistics = { received: 0, sent: 0, dropped: 0, malformed: 0 };

  private constructor(
    path: string,
    private readonly file: Buffer,
    private readonly handler: LinkHandler,
    private readonly options: ReplayOptions,
  ) {
    this.name = basename(path);
    this.frames = readCapture(file);
  }

  /** @throws EthernetError when the file cannot be read or is too large, DecodeError when it is no capture */
  static async open(path: string, handler: LinkHandler, options: ReplayOptions = {}): Promise<CaptureLink> {
    let file;
    try {
      const { size } = await stat(path);
      if (size > MAX_CAPTURE_OCTETS) {
        throw new EthernetError(
          'IEC61850_ETHERNET',
          `the capture "${basename(path)}" has ${size} octets`,
          `Cut it to ${MAX_CAPTURE_OCTETS} octets, such as with editcap.`,
        );
      }
      file = await readFile(path);
    } catch (cause) {
      if (cause instanceof EthernetError) throw cause;
      throw new EthernetError(
        'IEC61850_ETHERNET',
        `the capture "${basename(path)}" cannot be read: ${(cause as Error).message}`,
        'Check its name and that Node-RED may read it.',
        { cause },
      );
    }
    // A file of another kind is told of now, not at its first frame.
    readCapture(file).next();
    return new CaptureLink(path, file, handler, options);
  }

  listen(filter: LinkFilter): void {
    this.filter = filter;
    this.destinations = new Set(filter.destinations);
    this.timer ??= setTimeout(() => this.replay(), 0);
  }

  send(): void {
    this.counts.sent++;
  }

  statistics(): LinkStatistics {
    return { ...this.counts };
  }

  close(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.filter = undefined;
    return Promise.resolve();
  }

  private replay(): void {
    try {
      for (let given = 0; given < FRAMES_AT_A_TIME; given++) {
        if (!this.filter) return;
        this.upcoming ??= this.nextFrame();
        const frame = this.upcoming;
        if (!frame) return;
        const pause = this.pauseBefore(frame);
        this.previous = frame.time;
        if (pause >= 1) {
          this.timer = setTimeout(() => this.replay(), pause);
          return;
        }
        this.upcoming = undefined;
        this.give(frame);
      }
      this.timer = setTimeout(() => this.replay(), 0);
    } catch (error) {
      this.handler.failed?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private nextFrame(): CapturedFrame | undefined {
    const next = this.frames.next();
    if (!next.done) return next.value;
    // A file without a frame is not read again and again.
    if (!this.options.repeat || this.previous === undefined) return undefined;
    this.frames = readCapture(this.file);
    this.previous = undefined;
    const first = this.frames.next();
    return first.done ? undefined : first.value;
  }

  private pauseBefore(frame: CapturedFrame): number {
    if (this.previous === undefined) return 0;
    return Math.min((frame.time - this.previous) / (this.options.speed ?? 1), LONGEST_PAUSE_MS);
  }

  private give({ octets, time }: CapturedFrame): void {
    let frame;
    try {
      frame = decodeFrame(octets);
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.counts.malformed++;
      return;
    }
    if (!this.filter?.etherTypes.includes(frame.etherType)) return;
    if (this.destinations.size > 0 && !this.destinations.has(frame.destination)) return;
    this.counts.received++;
    this.handler.frame(frame, time);
  }
}
