/** Sampled values of one interface: each stream measured over an interval, and watched. */
import { EventEmitter } from 'node:events';
import { Iec61850Error } from '../../errors.js';
import { MAX_SV_STREAMS, SV_EXPIRY_MS } from '../../limits.js';
import { lightEditionLayout, type SvLayout } from '../../sv/channels.js';
import { SvStream, type SvMeasurement } from '../../sv/sv-stream.js';
import { SvFrameDecoder, type SvFrame } from '../../sv/sv-frame.js';
import type { SvAsdu } from '../../sv/sv-pdu.js';

export interface SvSubscription {
  svId: string;
  appId?: number;
  confRev?: number;
  layout: SvLayout;
  /** Samples a second. */
  rate: number;
}

export interface SvReceiverOptions {
  subscriptions: readonly SvSubscription[];
  /** Measures every 9-2LE stream that is seen, besides the subscriptions. */
  listen?: boolean;
  /** 50 or 60 Hz. */
  nominal: number;
  /** ms between measurements. */
  interval: number;
  /** Takes simulated frames. */
  simulation?: boolean;
}

/** `mismatch`: another confRev or another number of octets than the file says. */
export type SvState = 'waiting' | 'live' | 'expired' | 'mismatch' | 'simulated';

export interface SvReceiverEvents {
  measured: [measurement: SvMeasurement, source: string];
  state: [state: SvState, svId: string];
}

interface Followed {
  subscription: SvSubscription;
  stream: SvStream;
  state: SvState;
  heard: number;
}

/** Frames without a stream to go to, since start. */
export interface SvReceiverCounts {
  malformed: number;
  foreign: number;
}

export class SvReceiver extends EventEmitter<SvReceiverEvents> {
  readonly counts: SvReceiverCounts = { malformed: 0, foreign: 0 };
  private readonly followed = new Map<string, Followed>();
  private readonly decoder = new SvFrameDecoder();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly options: SvReceiverOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {
    super();
    for (const subscription of options.subscriptions) this.follow(subscription);
    this.timer = setInterval(() => this.expire(), SV_EXPIRY_MS);
  }

  /** States and counts of all streams. */
  get streams(): { svId: string; state: SvState; incomplete: number; samples: number; lost: number }[] {
    return [...this.followed.values()].map(({ subscription, state, stream }) => ({
      svId: subscription.svId,
      state,
      incomplete: stream.incomplete,
      ...stream.counter.statistics,
    }));
  }

  receive(frame: { source: string; payload: Buffer }): void {
    let found: SvFrame;
    try {
      found = this.decoder.decode(frame.payload);
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.counts.malformed++;
      return;
    }
    const now = this.clock();
    for (const asdu of found.asdus) this.take(found, asdu, frame, now);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private take(
    found: SvFrame,
    asdu: SvAsdu,
    { source, payload }: { source: string; payload: Buffer },
    now: number,
  ): void {
    const followed = this.followed.get(asdu.svId) ?? this.discovered(found, asdu);
    if (!followed) {
      this.counts.foreign++;
      return;
    }
    const { subscription, stream } = followed;
    followed.heard = now;
    if (found.simulated && !this.options.simulation) {
      this.become(followed, 'simulated');
      return;
    }
    if (
      (subscription.appId !== undefined && subscription.appId !== found.appId) ||
      (subscription.confRev !== undefined && subscription.confRev !== asdu.confRev) ||
      asdu.end - asdu.start !== subscription.layout.length
    ) {
      this.become(followed, 'mismatch');
      return;
    }
    this.become(followed, 'live');
    const measurement = stream.take(payload, asdu);
    if (measurement) this.emit('measured', measurement, source);
  }

  private discovered(found: SvFrame, asdu: SvAsdu): Followed | undefined {
    const layout = lightEditionLayout();
    if (!this.options.listen || this.followed.size >= MAX_SV_STREAMS || asdu.end - asdu.start !== layout.length) {
      return undefined;
    }
    return this.follow({ svId: asdu.svId, appId: found.appId, layout, rate: rateOf(asdu, this.options.nominal) });
  }

  private follow(subscription: SvSubscription): Followed {
    const { nominal, interval } = this.options;
    const { layout, rate } = subscription;
    const followed: Followed = {
      subscription,
      stream: new SvStream({ layout, rate, nominal, interval }),
      state: 'waiting',
      heard: 0,
    };
    this.followed.set(subscription.svId, followed);
    return followed;
  }

  private expire(): void {
    const now = this.clock();
    for (const followed of this.followed.values()) {
      if (followed.state !== 'waiting' && now - followed.heard > SV_EXPIRY_MS) this.become(followed, 'expired');
    }
  }

  private become(followed: Followed, state: SvState): void {
    if (followed.state === state) return;
    followed.state = state;
    this.emit('state', state, followed.subscription.svId);
  }
}

/** 80 samples a period where the frame does not say otherwise, as 9-2LE has for protection. */
const LIGHT_EDITION_RATE = 80;

function rateOf({ smpRate, smpMod }: SvAsdu, nominal: number): number {
  if (smpRate === undefined || smpRate === 0) return LIGHT_EDITION_RATE * nominal;
  // Without smpMod a rate of thousands can only be one a second.
  return smpMod === 1 || smpRate > 1000 ? smpRate : smpRate * nominal;
}
