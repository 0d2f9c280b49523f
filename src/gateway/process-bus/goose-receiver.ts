/** GOOSE frames of one interface: given to their subscriptions, and counted. */
import { EventEmitter } from 'node:events';
import { diagnostics } from '../../diagnostics.js';
import { Iec61850Error } from '../../errors.js';
import { decodeApplicationHeader } from '../../goose/frame.js';
import { GooseDecoder } from '../../goose/goose-decoder.js';
import type { GoosePoint } from '../../goose/goose-member.js';
import { gocbRefOf, type GoosePdu } from '../../goose/goose-pdu.js';
import {
  GooseSubscriber,
  type GooseExpectation,
  type GooseState,
  type GooseStatistics,
} from '../../goose/subscriber.js';
import { MAX_GOOSE_STREAMS } from '../../limits.js';
import type { TagStatus, TagValue } from '../../model/tag-value.js';
import type { FrameSecurity } from '../../routable/index.js';
import { GooseRoutes, type GooseRoute } from './goose-routes.js';
import { gooseSubscriptionState } from './goose-supervision.js';
import { GooseTags } from './goose-tags.js';
import type { SubscriptionState } from './supervision.js';

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
  /** What its authentication code came to (IEC 62351-6); absent when it has none. */
  security?: FrameSecurity;
  state: GooseState;
  statistics: GooseStatistics;
}

export interface GooseReceiverEvents {
  values: [values: TagValue[], details: GooseDetails];
  /** A subscription is in another state. Its details are those of its last frame, where there was one. */
  state: [state: GooseState, gocbRef: string, statistics: GooseStatistics];
  /** As `state`, and at each new state number too, in the terms of LGOS. */
  supervised: [subscription: SubscriptionState];
  /** A frame of a subscription whose values are not of the types that the file says. */
  error: [error: Error];
}

/** An Ethernet frame, as far as it matters here. */
export interface GooseCarrier {
  source: string;
  destination: string;
  vlan?: { id: number; priority: number };
  payload: Buffer;
  security?: FrameSecurity;
}

/** A frame as it was heard; what is said of it is put together when somebody is told. */
interface Heard {
  pdu: GoosePdu;
  carrier: GooseCarrier;
  appId: number;
}

interface Stream {
  readonly subscription: GooseSubscription;
  readonly subscriber: GooseSubscriber;
  readonly tags: GooseTags;
  shown: GooseState;
  /** The last frame, good or not. */
  heard: Heard | undefined;
}

/** Counts of the interface since start. */
export interface GooseReceiverCounts {
  /** Frames that are no GOOSE, or that do not follow the standard. */
  malformed: number;
  /** Frames of control blocks that nobody asked for; what follows their name is not looked at. */
  foreign: number;
}

/** The caller brings frames and time; there is one timer in here, for what expires. */
export class GooseReceiver extends EventEmitter<GooseReceiverEvents> {
  readonly counts: GooseReceiverCounts = { malformed: 0, foreign: 0 };
  private readonly streams: Stream[] = [];
  private readonly routes = new GooseRoutes<Stream>();
  private simulation: boolean;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;

  /** @param clock ms of a clock that only goes forward */
  constructor(
    private readonly options: GooseReceiverOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {
    super();
    this.simulation = options.simulation ?? false;
    for (const subscription of options.subscriptions) this.follow(subscription);
  }

  /** State of every subscription, by its gocbRef. */
  get states(): { gocbRef: string; state: GooseState; statistics: GooseStatistics }[] {
    return this.streams.map((stream) => ({
      gocbRef: nameOf(stream),
      state: stream.subscriber.state,
      statistics: { ...stream.subscriber.statistics },
    }));
  }

  /** Every subscription in the terms of LGOS. */
  get subscriptions(): SubscriptionState[] {
    return this.streams.map(supervised);
  }

  /**
   * A GOOSE frame came.
   * @param received ms since 1970
   */
  receive(carrier: GooseCarrier, received: number): void {
    const { listen } = this.options;
    const { routes } = this;
    let heard: Heard;
    let route: GooseRoute<Stream> | undefined;
    try {
      const { appId, simulated, start, end } = decodeApplicationHeader(carrier.payload);
      const name = listen || routes.takes(appId) ? gocbRefOf(carrier.payload, start, end) : undefined;
      route = name === undefined ? undefined : routes.find(name);
      if (!route && !listen) {
        this.counts.foreign++;
        return;
      }
      const decoder = route?.decoder ?? new GooseDecoder();
      heard = { pdu: decoder.decode(carrier.payload, start, end), carrier, appId };
      if (simulated) heard.pdu.simulation = true;
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.counts.malformed++;
      return;
    }
    let taken = false;
    for (const stream of route?.streams ?? []) {
      if (!wants(stream, heard)) continue;
      taken = true;
      this.take(stream, heard, received);
    }
    if (taken) return;
    if (listen && this.streams.length < MAX_GOOSE_STREAMS) this.take(this.discovered(heard), heard, received);
    else this.counts.foreign++;
  }

  /** The interface is down, or up again: what it brought is not current while it is down. */
  linkChanged(up: boolean): void {
    if (up) return;
    for (const stream of this.streams) this.emitLast(stream, 'disconnected');
  }

  /** Allows or ends simulation. */
  setSimulation(simulation: boolean): void {
    if (simulation === this.simulation) return;
    this.simulation = simulation;
    for (const { subscriber } of this.streams) subscriber.setSimulation(simulation);
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private follow(subscription: GooseSubscription): Stream {
    const { expected, ied, points } = subscription;
    const subscriber = new GooseSubscriber({ expected, simulation: this.simulation });
    const stream = {
      subscription,
      subscriber,
      tags: new GooseTags(ied, points),
      shown: subscriber.state,
      heard: undefined,
    };
    this.streams.push(stream);
    this.routes.add(stream);
    return stream;
  }

  private discovered({ pdu: { gocbRef }, appId }: Heard): Stream {
    const ied = gocbRef.split('/')[0] ?? gocbRef;
    return this.follow({ ied, appId, expected: { gocbRef } });
  }

  private take(stream: Stream, heard: Heard, received: number): void {
    const { subscriber, shown } = stream;
    const { pdu, carrier } = heard;
    stream.heard = heard;
    const outcome = subscriber.receive(pdu, carrier.source, this.clock());
    if (outcome === 'stateChange' || (outcome === 'retransmission' && (this.options.everyFrame || shown !== 'live'))) {
      const values = stream.tags.values(pdu, 'live', received);
      if (values) this.emit('values', values, detailsOf(heard, subscriber));
      else this.mistyped(pdu);
    }
    if (outcome === 'stateChange' && subscriber.state === shown) this.emit('supervised', supervised(stream));
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
    const { subscriber } = stream;
    if (subscriber.state === stream.shown) return;
    const wasLive = stream.shown === 'live';
    stream.shown = subscriber.state;
    if (wasLive) this.emitLast(stream, 'stale');
    if (diagnostics.processBusState.watched) {
      const { state } = subscriber;
      diagnostics.processBusState.publish({ kind: 'goose', subscription: nameOf(stream), state });
    }
    this.emit('state', subscriber.state, nameOf(stream), { ...subscriber.statistics });
    this.emit('supervised', supervised(stream));
  }

  /** The last known values, which are not current. */
  private emitLast({ subscriber, tags, heard }: Stream, status: TagStatus): void {
    const { last } = subscriber;
    if (!last || !heard) return;
    const values = tags.values(last, status, Date.now());
    if (values) this.emit('values', values, detailsOf(heard, subscriber));
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

function wants({ subscription, subscriber }: Stream, { appId, pdu }: Heard): boolean {
  return (subscription.appId === undefined || subscription.appId === appId) && subscriber.matches(pdu);
}

function nameOf({ subscription, heard }: Stream): string {
  return heard?.pdu.gocbRef ?? subscription.expected.gocbRef ?? '';
}

function supervised(stream: Stream): SubscriptionState {
  const { subscription, subscriber, heard } = stream;
  return gooseSubscriptionState(nameOf(stream), subscription.expected.confRev, subscriber, heard?.pdu);
}

function detailsOf({ pdu, carrier, appId }: Heard, { state, statistics }: GooseSubscriber): GooseDetails {
  return {
    gocbRef: pdu.gocbRef,
    ...(pdu.goId !== undefined && { goId: pdu.goId }),
    datSet: pdu.datSet,
    appId,
    source: carrier.source,
    destination: carrier.destination,
    ...(carrier.vlan && { vlan: carrier.vlan }),
    stNum: pdu.stNum,
    sqNum: pdu.sqNum,
    confRev: pdu.confRev,
    simulation: pdu.simulation,
    ...(carrier.security && { security: carrier.security }),
    state,
    statistics: { ...statistics },
  };
}
