/** MMS trace of one session on demand: what goes over its associations, decoded when somebody looks. */
import { MAX_TRACE_MS, MAX_TRACED_CONNECTIONS, MAX_TRACED_LINES } from '../../limits.js';
import { TraceReader, type TraceLine } from '../../mms/trace/trace-reader.js';
import type { ClientAssociation } from '../client-association.js';
import type { IedSession, SessionStateEvent, SessionUser } from '../ied-session.js';
import { PacketRing, type RingPacket } from './packet-ring.js';
import type { TracedPacket } from './packet-watch.js';

/** One TCP connection of the trace. */
export interface TracedConnection {
  /** Counts from 1. */
  number: number;
  /** Both ends, as soon as they are known. */
  local?: { address: string; port: number };
  remote?: { address: string; port: number };
  /** The packets went over TLS, and are shown as they were below it. */
  tls: boolean;
}

interface KnownConnection extends TracedConnection {
  /** Copies of its first packets, which a dissector needs to understand the others. */
  beginning: RingPacket[];
}

export interface TraceCapture {
  /** In their order. */
  packets: readonly RingPacket[];
  connections: ReadonlyMap<number, TracedConnection>;
}

export interface TraceState {
  active: boolean;
  /** ms since 1970 when it was begun; absent before the first time. */
  since?: number;
  /** ms since 1970 when it ends by itself, while active. */
  until?: number;
  /** Packets that are kept, and their octets. */
  packets: number;
  octets: number;
  /** Packets that gave way to newer ones. */
  dropped: number;
  connections: number;
}

export interface NumberedLine extends TraceLine {
  /** Counts from 1 since the trace was begun. */
  number: number;
  connection: number;
}

export interface TraceLines {
  /** The newest ones come last. */
  lines: NumberedLine[];
  /** There are more that can be read at once. */
  more: boolean;
}

/** Packets that are decoded in one call, so that a look at a long trace does not hold up the event loop. */
const PACKETS_AT_A_TIME = 500;

const traces = new WeakMap<IedSession, SessionTrace>();

export class SessionTrace implements SessionUser {
  private ring = new PacketRing();
  private readonly known = new Map<number, KnownConnection>();
  private readers = new Map<number, TraceReader>();
  /** Number of the packet that was decoded last. */
  private readUpTo = 0;
  private lineCount = 0;
  private lines: NumberedLine[] = [];
  private watched: { association: ClientAssociation; connection: KnownConnection } | undefined;
  private count = 0;
  private since: number | undefined;
  private until = 0;
  private timer: NodeJS.Timeout | undefined;
  private leave: (() => void) | undefined;

  /** A session that was closed has nothing more to show. */
  private readonly follow = ({ state }: SessionStateEvent): void => {
    if (state === 'idle') this.stop();
  };

  private constructor(private readonly session: IedSession) {}

  /** The one trace of a session. */
  static of(session: IedSession): SessionTrace {
    let trace = traces.get(session);
    if (!trace) traces.set(session, (trace = new SessionTrace(session)));
    return trace;
  }

  /** The trace of a session that was begun at some time. */
  static existing(session: IedSession): SessionTrace | undefined {
    return traces.get(session);
  }

  /** Begins anew; what an earlier trace brought is forgotten. It ends by itself after {@link MAX_TRACE_MS}. */
  start(): void {
    this.stop();
    this.ring = new PacketRing();
    this.known.clear();
    this.readers.clear();
    this.lines = [];
    this.readUpTo = 0;
    this.lineCount = 0;
    this.count = 0;
    this.since = Date.now();
    this.until = this.since + MAX_TRACE_MS;
    this.timer = setTimeout(() => this.stop(), MAX_TRACE_MS);
    this.timer.unref();
    this.session.on('state', this.follow);
    this.leave = this.session.use(this);
  }

  /** Ends it; what it brought stays until it is begun again. */
  stop(): void {
    clearTimeout(this.timer);
    this.session.off('state', this.follow);
    this.leave?.();
    this.leave = undefined;
    this.watched?.association.packets.show(undefined);
    this.watched = undefined;
  }

  get state(): TraceState {
    const active = this.leave !== undefined;
    return {
      active,
      ...(this.since !== undefined && { since: this.since }),
      ...(active && { until: this.until }),
      packets: this.ring.length,
      octets: this.ring.octets,
      dropped: this.ring.dropped,
      connections: this.count,
    };
  }

  /** What a capture file is made of: what is kept, and the beginnings of its connections where they gave way. */
  capture(): TraceCapture {
    const kept = this.ring.after(0);
    const oldest = kept[0]?.number ?? 0;
    const present = new Set(kept.map(({ connection }) => connection));
    const beginnings = [...this.known.values()]
      .filter(({ number }) => present.has(number))
      .flatMap(({ beginning }) => beginning.filter(({ number }) => number < oldest));
    return { packets: [...beginnings, ...kept], connections: this.known };
  }

  /**
   * Lines after one that was read before; of very many only the last {@link MAX_TRACED_LINES}.
   * @param after number of that line, 0 for all
   */
  read(after = 0): TraceLines {
    const packets = this.ring.after(this.readUpTo);
    for (const packet of packets.slice(0, PACKETS_AT_A_TIME)) this.decode(packet);
    if (this.lines.length > MAX_TRACED_LINES) this.lines = this.lines.slice(-MAX_TRACED_LINES);
    const oldest = this.lines[0]?.number ?? 0;
    return { lines: this.lines.slice(Math.max(0, after + 1 - oldest)), more: packets.length > PACKETS_AT_A_TIME };
  }

  private decode(packet: RingPacket): void {
    const { connection, direction, octets, time } = packet;
    if (packet.number !== this.readUpTo + 1) for (const reader of this.readers.values()) reader.skip();
    this.readUpTo = packet.number;
    let reader = this.readers.get(connection);
    if (!reader) {
      reader = new TraceReader();
      // Those of connections before it are done with.
      this.readers = new Map([[connection, reader]]);
    }
    for (const line of reader.read(direction, octets, time)) {
      this.lines.push({ ...line, number: ++this.lineCount, connection });
    }
  }

  attempted(association: ClientAssociation): void {
    this.watch(association);
  }

  attached(association: ClientAssociation): void {
    this.watch(association);
  }

  detached(): void {
    // Its last packets, an abort or a release, may still come.
  }

  private watch(association: ClientAssociation): void {
    if (this.watched?.association === association) return;
    this.watched?.association.packets.show(undefined);
    const connection: KnownConnection = { number: ++this.count, tls: association.secured, beginning: [] };
    this.known.set(connection.number, connection);
    if (this.known.size > MAX_TRACED_CONNECTIONS) this.known.delete(this.count - MAX_TRACED_CONNECTIONS);
    this.watched = { association, connection };
    const take = (packet: TracedPacket): void => {
      if (!connection.remote) Object.assign(connection, association.ends);
      const added = this.ring.add(packet, connection.number);
      const { beginning } = connection;
      if (beginning.length < association.packets.beginning.length) beginning.push({ ...added });
    };
    for (const packet of association.packets.beginning) take(packet);
    association.packets.show(take);
  }
}
