/** Sampled values of one interface: each stream measured over an interval, and watched. */
import { EventEmitter } from 'node:events';
import { diagnostics } from '../../diagnostics.js';
import { Iec61850Error, LimitError } from '../../errors.js';
import { MAX_SV_STREAMS, MAX_SV_WINDOW_VALUES_TOTAL, SV_EXPIRY_MS } from '../../limits.js';
import { lightEditionLayout, type SvLayout } from '../../sv/channels.js';
import type { DecimationOptions, SampleBatch } from '../../sv/decimator.js';
import { statedRate } from '../../sv/rate-watch.js';
import { SvStream, type SvMeasurement, type SvStreamHandler } from '../../sv/sv-stream.js';
import type { SubscriptionState } from './supervision.js';
import { WaveformRecorder, type SvWaveform, type WaveformOptions } from '../../sv/waveform-recorder.js';
import { SvFrameDecoder, type SvFrame } from '../../sv/sv-frame.js';
import type { SvAsdu } from '../../sv/sv-pdu.js';

export interface SvSubscription {
  svId: string;
  /** Reference of the control block in the file, `LD/LN.name`; streams without are not supervised. */
  controlBlock?: string;
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
  /** ms between measurements, or batches of samples. */
  interval: number;
  /** Gives decimated samples in place of measurements. */
  decimation?: DecimationOptions;
  /** Records waveforms. */
  waveform?: WaveformOptions;
  /** Takes simulated frames. */
  simulation?: boolean;
}

/** `mismatch`: another confRev or another number of octets than the file says. */
export type SvState = 'waiting' | 'live' | 'expired' | 'mismatch' | 'simulated';

export interface SvReceiverEvents {
  measured: [measurement: SvMeasurement, source: string];
  samples: [batch: SampleBatch, source: string];
  waveform: [waveform: SvWaveform, source: string];
  /** A stream goes on at another rate or nominal frequency. */
  changed: [svId: string, rate: number, nominal: number];
  /** What an LSVS shows of a subscription, with every change and every half a second. */
  supervised: [state: SubscriptionState];
  /** Something that was asked for is not done for a stream. */
  failed: [error: Error, svId: string];
  state: [state: SvState, svId: string];
}

interface Followed {
  subscription: SvSubscription;
  stream: SvStream;
  state: SvState;
  heard: number;
  source: string;
  /** What the last ASDU said; undefined before there was one. */
  simulated: boolean;
  confRev: number | undefined;
  smpSynch: number | undefined;
  expiries: number;
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
  /** Values that all recorders of waveforms keep. */
  private kept = 0;
  private simulation: boolean;

  constructor(
    private readonly options: SvReceiverOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {
    super();
    this.simulation = options.simulation ?? false;
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

  /** @param received ms since 1970 */
  receive(frame: { source: string; payload: Buffer }, received = Date.now()): void {
    let found: SvFrame;
    try {
      found = this.decoder.decode(frame.payload);
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.counts.malformed++;
      return;
    }
    const now = this.clock();
    for (const asdu of found.asdus) this.take(found, asdu, frame, { now, received });
  }

  /**
   * Records a waveform of a stream around its next sample, or of each one that is live.
   * @returns the streams that do, which leaves out those that are just recording or have recorded just now
   */
  trigger(svId?: string): string[] {
    return [...this.followed.values()]
      .filter(({ subscription, state }) => state === 'live' && (svId === undefined || subscription.svId === svId))
      .filter(({ stream }) => stream.trigger())
      .map(({ subscription }) => subscription.svId);
  }

  /** What is known of every subscription that has a control block. */
  get subscriptions(): SubscriptionState[] {
    return [...this.followed.values()].flatMap((followed) => supervisionOf(followed) ?? []);
  }

  /** Allows or ends simulation. */
  setSimulation(simulation: boolean): void {
    this.simulation = simulation;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private take(
    found: SvFrame,
    asdu: SvAsdu,
    { source, payload }: { source: string; payload: Buffer },
    { now, received }: { now: number; received: number },
  ): void {
    const followed = this.followed.get(asdu.svId) ?? this.discovered(found, asdu);
    if (!followed) {
      this.counts.foreign++;
      return;
    }
    const { subscription, stream } = followed;
    followed.heard = now;
    followed.source = source;
    const sourceOfTime = followed.smpSynch;
    followed.confRev = asdu.confRev;
    followed.smpSynch = asdu.smpSynch;
    if (found.simulated && !this.simulation) {
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
    followed.simulated = found.simulated;
    this.become(followed, 'live');
    if (sourceOfTime !== asdu.smpSynch) this.supervise(followed);
    stream.take(payload, asdu, received);
  }

  private discovered(found: SvFrame, asdu: SvAsdu): Followed | undefined {
    const layout = lightEditionLayout();
    if (!this.options.listen || this.followed.size >= MAX_SV_STREAMS || asdu.end - asdu.start !== layout.length) {
      return undefined;
    }
    // 80 samples a period where the frame does not say otherwise, as 9-2LE has for protection.
    const rate = statedRate(asdu, this.options.nominal) ?? LIGHT_EDITION_RATE * this.options.nominal;
    return this.follow({ svId: asdu.svId, appId: found.appId, layout, rate });
  }

  private follow(subscription: SvSubscription): Followed {
    const { svId } = subscription;
    const handler: SvStreamHandler = {
      measured: (measurement) => this.emit('measured', measurement, followed.source),
      samples: (batch) => this.emit('samples', batch, followed.source),
      waveform: (waveform) => this.emit('waveform', waveform, followed.source),
      changed: (rate, nominal) => this.emit('changed', svId, rate, nominal),
    };
    const stream = this.streamOf(subscription, handler);
    const followed: Followed = {
      subscription,
      stream,
      state: 'waiting',
      heard: 0,
      source: '',
      simulated: false,
      confRev: undefined,
      smpSynch: undefined,
      expiries: 0,
    };
    this.followed.set(svId, followed);
    return followed;
  }

  /** With a recorder of waveforms, if there is room for it and the stream has what its trigger needs. */
  private streamOf({ layout, rate, svId }: SvSubscription, handler: SvStreamHandler): SvStream {
    const { nominal, interval, decimation, waveform } = this.options;
    const options = { layout, rate, nominal, interval, ...(decimation && { decimation }) };
    if (!waveform) return new SvStream(options, handler);
    try {
      const values = WaveformRecorder.valuesOf(waveform, layout.channels.length, rate);
      if (this.kept + values > MAX_SV_WINDOW_VALUES_TOTAL)
        throw new LimitError(`${svId}: there is no room for its waveforms`, 'Record a shorter time, or fewer streams.');
      const stream = new SvStream({ ...options, waveform }, handler);
      this.kept += values;
      return stream;
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      // Told later, when somebody listens: the first streams are followed while this is made.
      queueMicrotask(() => this.emit('failed', error, svId));
      return new SvStream(options, handler);
    }
  }

  private expire(): void {
    const now = this.clock();
    for (const followed of this.followed.values()) {
      if (followed.state !== 'waiting' && now - followed.heard > SV_EXPIRY_MS) {
        if (followed.state === 'live') followed.expiries++;
        this.become(followed, 'expired');
        followed.stream.silent();
      }
      this.supervise(followed);
    }
  }

  private become(followed: Followed, state: SvState): void {
    if (followed.state === state) return;
    followed.state = state;
    const { svId } = followed.subscription;
    if (diagnostics.processBusState.watched)
      diagnostics.processBusState.publish({ kind: 'sv', subscription: svId, state });
    this.emit('state', state, svId);
    this.supervise(followed);
  }

  private supervise(followed: Followed): void {
    const state = supervisionOf(followed);
    if (state) this.emit('supervised', state);
  }
}

function supervisionOf(followed: Followed): SubscriptionState | undefined {
  const { subscription, stream, state, simulated, confRev, smpSynch, expiries } = followed;
  const { controlBlock, confRev: expected } = subscription;
  if (controlBlock === undefined) return undefined;
  const { lost, outOfOrder } = stream.counter.statistics;
  return {
    controlBlock,
    live: state === 'live',
    simulated: state === 'live' && simulated,
    needsCommissioning: state === 'mismatch',
    ...(expected !== undefined && { confRev: expected }),
    ...(confRev !== undefined && { receivedConfRev: confRev }),
    ...(smpSynch !== undefined && { smpSynch }),
    outOfOrder,
    lost,
    expiries,
  };
}

/** 80 samples a period where the frame does not say otherwise, as 9-2LE has for protection. */
const LIGHT_EDITION_RATE = 80;
