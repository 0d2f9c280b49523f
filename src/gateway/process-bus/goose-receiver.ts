/** GOOSE frames of one interface: given to their subscriptions, and counted. */
import { EventEmitter } from 'node:events';
import { Iec61850Error } from '../../errors.js';
import { decodeApplicationHeader } from '../../goose/frame.js';
import { GooseDecoder } from '../../goose/goose-decoder.js';
import type { GoosePoint } from '../../goose/goose-member.js';
import type { GoosePdu } from '../../goose/goose-pdu.js';
import {
  GooseSubscriber,
  type GooseExpectation,
  type GooseState,
  type GooseStatistics,
} from '../../goose/subscriber.js';
import { MAX_GOOSE_STREAMS } from '../../limits.js';
import type { TagStatus, TagValue } from '../../model/tag-value.js';
import { GooseTags } from './goose-tags.js';

/** A control block to listen for. */
export interface GooseSubscription {
  /** Name of the publisher, for its tags. */
  ied: string;
  appId?: number;
  expected: GooseExpectation;
  /** Points of the data set, when a file tells them. */
  points?: readonly GoosePoint[];
}

export interface GooseReceiverOptions {
  subscriptions: readonly GooseSubscription[];
  /** Follows every control block that is seen, besides the subscriptions. */
  listen?: boolean;
  /** Emits values with every frame that is good, not with changes alone. */
  everyFrame?: boolean;
  /** Takes simulated frames (LPHD.Sim). */
  simulation?: boolean;
}

/** What a message says of its frame besides the values. */
export interface GooseDetails {
  gocbRef: string;
  goId?: string;
  datSet: string;
  appId: number;
  source: string;
  destination: string;
  vlan?: { id: number; priority: number };
  stNum: number;
  sqNum: number;
  confRev: number;
  simulation: boolean;
  state: GooseState;
  statistics: GooseStatistics;
}

export interface GooseReceiverEvents {
  values: [values: TagValue[], details: GooseDetails];
  /** A subscription is in another state. Its details are those of its last frame, where there was one. */
  state: [state: GooseState, gocbRef: string, statistics: GooseStatistics];
  /** A frame of a subscription whose values are not of the types that the file says. */
  error: [error: Error];
}

/** An Ethernet frame, as far as it matters here. */
export interface GooseCarrier {
  source: string;
  destination: string;
  vlan?: { id: number; priority: number };
  payload: Buffer;
}

interface Stream {
  subscription: GooseSubscription;
  subscriber: GooseSubscriber;
  tags: GooseTags;
  shown: GooseState;
  details: GooseDetails | undefined;
}

/** Counts of the interface since start. */
export interface GooseReceiverCounts {
  /** Frames that are no GOOSE, or that do not follow the standard. */
  malformed: number;
  /** Frames of control blocks that nobody asked for. */
  foreign: number;
}

/** The caller brings frames and time; there is one timer in here, for what expires. */
export class GooseReceiver extends EventEmitter<GooseReceiverEvents> {
  readonly counts: GooseReceiverCounts = { malformed: 0, foreign: 0 };
  private readonly streams: Stream[];
  private readonly decoders = new Map<string, GooseDecoder>();
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;

  /** @param clock ms of a clock that only goes forward */
  constructor(
    private readonly options: GooseReceiverOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {
    super();
    this.streams = options.subscriptions.map((subscription) => this.streamOf(subscription));
  }

  /** State of every subscription, by its gocbRef. */
  get states(): { gocbRef: string; state: GooseState; statistics: GooseStatistics }[] {
    return this.streams.map(({ subscription, subscriber, details }) => ({
      gocbRef: details?.gocbRef ?? subscription.expected.gocbRef ?? '',
      state: subscriber.state,
      statistics: { ...subscriber.statistics },
    }));
  }

  /**
   * A GOOSE frame came.
   * @param received ms since 1970
   */
  receive(frame: GooseCarrier, received: number): void {
    let appId: number;
    let pdu: GoosePdu;
    try {
      const header = decodeApplicationHeader(frame.payload);
      ({ appId } = header);
      if (!this.options.listen && !this.streams.some((stream) => wants(stream, appId))) {
        this.counts.foreign++;
        return;
      }
      pdu = this.decoderOf(frame.source, appId).decode(frame.payload, header.start, header.end);
      if (header.simulated) pdu.simulation = true;
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.counts.malformed++;
      return;
    }
    const streams = this.streams.filter((stream) => wants(stream, appId) && stream.subscriber.matches(pdu));
    if (streams.length === 0 && this.options.listen && this.streams.length < MAX_GOOSE_STREAMS) {
      streams.push(this.discovered(pdu, appId));
    }
    if (streams.length === 0) this.counts.foreign++;
    for (const stream of streams) this.take(stream, pdu, frame, appId, received);
  }

  /** The interface is down, or up again: what it brought is not current while it is down. */
  linkChanged(up: boolean): void {
    if (up) return;
    for (const stream of this.streams) this.emitLast(stream, 'disconnected');
  }

  /** Allows or ends simulation. */
  setSimulation(simulation: boolean): void {
    for (const { subscriber } of this.streams) subscriber.setSimulation(simulation);
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private streamOf(subscription: GooseSubscription): Stream {
    const { expected, ied, points } = subscription;
    const subscriber = new GooseSubscriber({ expected, simulation: this.options.simulation ?? false });
    return { subscription, subscriber, tags: new GooseTags(ied, points), shown: 'waiting', details: undefined };
  }

  private discovered({ gocbRef }: GoosePdu, appId: number): Stream {
    const ied = gocbRef.split('/')[0] ?? gocbRef;
    const stream = this.streamOf({ ied, appId, expected: { gocbRef } });
    this.streams.push(stream);
    return stream;
  }

  private decoderOf(source: string, appId: number): GooseDecoder {
    const key = `${source} ${appId}`;
    let decoder = this.decoders.get(key);
    if (!decoder) {
      // Sources that come and go, or are made up, take no more memory than this.
      if (this.decoders.size >= MAX_GOOSE_STREAMS) this.decoders.clear();
      this.decoders.set(key, (decoder = new GooseDecoder()));
    }
    return decoder;
  }

  private take(stream: Stream, pdu: GoosePdu, frame: GooseCarrier, appId: number, received: number): void {
    const { subscriber } = stream;
    const now = this.clock();
    const outcome = subscriber.receive(pdu, frame.source, now);
    const before = stream.shown;
    stream.details = detailsOf(pdu, frame, appId, subscriber);
    if (outcome === 'stateChange' || (outcome === 'retransmission' && (this.options.everyFrame || before !== 'live'))) {
      const values = stream.tags.values(pdu, 'live', received);
      if (values) this.emit('values', values, stream.details);
      else this.mistyped(pdu);
    }
    this.showState(stream);
    this.wakeAt(subscriber.nextWakeup);
  }

  private mistyped(pdu: GoosePdu): void {
    this.counts.malformed++;
    // Without a listener this event would end the process.
    if (this.listenerCount('error') === 0) return;
    this.emit('error', new Error(`${pdu.gocbRef} brings other types than the SCL file says`));
  }

  private showState(stream: Stream): void {
    const { subscriber, subscription, details } = stream;
    if (subscriber.state === stream.shown) return;
    const wasLive = stream.shown === 'live';
    stream.shown = subscriber.state;
    if (wasLive) this.emitLast(stream, 'stale');
    const gocbRef = details?.gocbRef ?? subscription.expected.gocbRef ?? '';
    this.emit('state', subscriber.state, gocbRef, { ...subscriber.statistics });
  }

  /** The last known values, which are not current. */
  private emitLast({ subscriber, tags, details }: Stream, status: TagStatus): void {
    const { last } = subscriber;
    if (!last || !details) return;
    const values = tags.values(last, status, Date.now());
    if (values) this.emit('values', values, { ...details, state: subscriber.state });
  }

  private wakeAt(at: number | undefined): void {
    if (at === undefined || at >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => this.wake(), Math.max(0, at - this.clock()));
  }

  private wake(): void {
    this.timerAt = Infinity;
    const now = this.clock();
    for (const stream of this.streams) {
      if (stream.subscriber.tick(now)) this.showState(stream);
      this.wakeAt(stream.subscriber.nextWakeup);
    }
  }
}

function wants({ subscription }: Stream, appId: number): boolean {
  return subscription.appId === undefined || subscription.appId === appId;
}

function detailsOf(pdu: GoosePdu, frame: GooseCarrier, appId: number, subscriber: GooseSubscriber): GooseDetails {
  return {
    gocbRef: pdu.gocbRef,
    ...(pdu.goId !== undefined && { goId: pdu.goId }),
    datSet: pdu.datSet,
    appId,
    source: frame.source,
    destination: frame.destination,
    ...(frame.vlan && { vlan: frame.vlan }),
    stNum: pdu.stNum,
    sqNum: pdu.sqNum,
    confRev: pdu.confRev,
    simulation: pdu.simulation,
    state: subscriber.state,
    statistics: { ...subscriber.statistics },
  };
}
