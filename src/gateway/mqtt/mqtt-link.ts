import { diagnosticError, diagnostics } from '../../diagnostics.js';
import { MqttError } from '../../errors.js';
import {
  CLOSE_TIMEOUT_MS,
  MAX_MQTT_IN_FLIGHT,
  MQTT_ACK_TIMEOUT_MS,
  MQTT_DRAIN_MS,
  RECONNECT_DELAYS_MS,
} from '../../limits.js';
import { brokerError, brokerFault, refusalError } from './broker-error.js';
import { withoutSecrets, type BrokerSettings } from './broker.js';
import type { MqttMessage, MqttQos } from './message.js';
import {
  openMqttConnection,
  type BrokerConnection,
  type BrokerLimits,
  type OpenConnection,
} from './mqtt-connection.js';
import type { Outbox } from './outbox.js';
import { TopicClaims } from './topic-claims.js';
import { announcementTopic } from './topic-template.js';

const ONLINE = 'online';
export const OFFLINE = 'offline';

/** `connecting` is before the first success or failure; later attempts happen while `away`. */
export type LinkState = 'connecting' | 'online' | 'away';

export interface LinkListener {
  /** The state is another one, or a person has to put something right; `error` comes with `away`. */
  changed(state: LinkState, error?: MqttError): void;
  /** A message was given up, or is sent with less than was asked for. */
  trouble(error: MqttError): void;
}

export interface LinkOptions {
  settings: BrokerSettings;
  /** Root topic; `online` and `offline` are announced at `{root}/status`. */
  root: string;
  /** QoS of announcements; 2 is taken as 1. */
  qos: MqttQos;
  /** Time limit of an acknowledgement in ms. */
  ackTimeout?: number;
  /** Back-off between attempts in ms, the last repeats. */
  delays?: readonly number[];
  open?: OpenConnection;
}

/** A connection that held so long was a good one: the next loss is tried again at once. */
const STABLE_MS = 5000;
/** What only a person can put right is not tried again every second. */
const LASTING: ReadonlySet<string> = new Set([
  'PROTOCOL_VERSION',
  'CREDENTIALS',
  'NOT_AUTHORIZED',
  'CLIENT_ID',
  'TLS',
  'SETTINGS',
]);
/** Reason codes of MQTT 5.0 §3.2.2.2 that a smaller will avoids. */
const RETAIN_NOT_SUPPORTED = 154;
const QOS_NOT_SUPPORTED = 155;

/**
 * The connection of one gateway to one broker, for as many publishers as there are: connects and reconnects for ever,
 * announces the gateway with a will, and empties the outboxes in turn.
 */
export class MqttLink {
  readonly claims = new TopicClaims();
  state: LinkState = 'connecting';
  error: MqttError | undefined;

  private readonly members = new Map<Outbox, LinkListener>();
  private readonly topic: string;
  private connection: BrokerConnection | undefined;
  private limits: BrokerLimits | undefined;
  private announcement: { qos: MqttQos; retain: boolean };
  private retryTimer: NodeJS.Timeout | undefined;
  private watchTimer: NodeJS.Timeout | undefined;
  private failures = 0;
  private wasOnline = false;
  private upSince = 0;
  /** When the broker last acknowledged something, or the first message was sent that it has not. */
  private heardAt = 0;
  private progressed = false;
  private inFlight = 0;
  private turn = 0;
  private pumping = false;
  private closed = false;
  private readonly drained = new Set<() => void>();

  constructor(private readonly options: LinkOptions) {
    this.topic = announcementTopic(options.root);
    this.announcement = { qos: options.qos === 0 ? 0 : 1, retain: true };
    this.claims.claim(this.topic, 'the announcement of the gateway itself');
  }

  get size(): number {
    return this.members.size;
  }

  /** Begins to connect. */
  start(): void {
    if (!this.closed && !this.connection) this.connect();
  }

  join(outbox: Outbox, listener: LinkListener): void {
    this.members.set(outbox, listener);
    outbox.wake = () => this.pump();
    if (this.state !== 'connecting') listener.changed(this.state, this.error);
    this.pump();
  }

  /**
   * Takes an outbox away, after its messages had a short time to reach the broker.
   * @returns How many messages were discarded with it.
   */
  async leave(outbox: Outbox): Promise<number> {
    if (this.state === 'online' && outbox.size > 0) await this.drain(outbox);
    this.members.delete(outbox);
    outbox.wake = undefined;
    return outbox.size;
  }

  /** Announces `offline`, which the will does not do for a connection that ends in good order, and disconnects. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retryTimer);
    clearInterval(this.watchTimer);
    const connection = this.connection;
    if (!connection) return;
    if (this.state === 'online') connection.publish(this.announce(OFFLINE), () => undefined);
    await connection.close(CLOSE_TIMEOUT_MS - MQTT_DRAIN_MS);
    this.connection = undefined;
  }

  private connect(): void {
    this.retryTimer = undefined;
    const open = this.options.open ?? openMqttConnection;
    try {
      this.connection = open(this.options.settings, this.announce(OFFLINE), {
        up: (limits) => this.up(limits),
        down: (cause) => this.down(cause),
        received: (topic, payload) => this.received(topic, payload),
      });
    } catch (cause) {
      this.down(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  private up(limits: BrokerLimits): void {
    this.limits = limits;
    this.inFlight = 0;
    this.upSince = Date.now();
    this.progressed = false;
    const connection = this.connection;
    connection?.publish(this.announce(ONLINE), () => connection.subscribe(this.topic));
    this.watchTimer = setInterval(() => this.watch(), this.ackTimeout / 4);
    this.state = 'online';
    this.error = undefined;
    this.tellState();
    for (const [outbox, listener] of this.members) {
      if (this.wasOnline) outbox.resendRetained();
      listener.changed('online');
    }
    this.wasOnline = true;
    this.pump();
  }

  private down(cause: Error | undefined): void {
    const wasUp = this.state === 'online';
    if (wasUp && (this.progressed || Date.now() - this.upSince > STABLE_MS)) this.failures = 0;
    this.connection = undefined;
    this.limits = undefined;
    clearInterval(this.watchTimer);
    const error = cause instanceof MqttError ? cause : brokerError(cause, this.options.settings);
    const news = this.state !== 'away' || (LASTING.has(error.failure) && this.error?.failure !== error.failure);
    this.state = 'away';
    this.error = error;
    this.tellState(error);
    this.inFlight = 0;
    const delay = this.askForLess(cause) ? 0 : this.delay(error);
    this.retryTimer = setTimeout(() => this.connect(), delay);
    this.failures++;
    for (const [outbox, listener] of this.members) {
      const poison = outbox.requeue();
      if (poison) listener.trouble(this.poisonError(poison));
      if (news) listener.changed('away', error);
    }
    for (const release of this.drained) release();
  }

  private tellState(error?: MqttError): void {
    if (!diagnostics.mqttState.watched) return;
    const { root, settings } = this.options;
    diagnostics.mqttState.publish({
      broker: withoutSecrets(settings.url),
      root,
      state: error ? 'away' : 'online',
      ...(error && { error: diagnosticError(error) }),
    });
  }

  private delay(error: MqttError): number {
    const delays = this.options.delays ?? RECONNECT_DELAYS_MS;
    const step = LASTING.has(error.failure) ? delays.length - 1 : Math.min(this.failures, delays.length - 1);
    // Gateways that lost one broker together do not come back to it together.
    return (delays[step] ?? 1000) * (0.85 + Math.random() * 0.3);
  }

  /** A broker that cannot keep our will as asked for gets a smaller one. @returns Whether there is a smaller one. */
  private askForLess(cause: Error | undefined): boolean {
    const code = (cause as { code?: unknown } | undefined)?.code;
    const { qos, retain } = this.announcement;
    if (code === RETAIN_NOT_SUPPORTED) this.announcement = { qos, retain: false };
    if (code === QOS_NOT_SUPPORTED) this.announcement = { qos: 0, retain };
    return qos !== this.announcement.qos || retain !== this.announcement.retain;
  }

  /** A will that fires late, for a connection of ours that had died before, must not have the last word. */
  private received(topic: string, payload: string): void {
    if (topic === this.topic && payload === OFFLINE && this.state === 'online' && !this.closed) {
      this.connection?.publish(this.announce(ONLINE), () => undefined);
    }
  }

  private announce(payload: string): MqttMessage {
    const { qos, retain } = this.announcement;
    const message = { topic: this.topic, payload, qos, retain };
    return this.limits ? withinLimits(message, this.limits) : message;
  }

  /** Sends what waits, one message of each outbox in turn, as far as the broker's window allows. */
  private pump(): void {
    if (this.pumping || this.state !== 'online' || this.closed) return;
    this.pumping = true;
    try {
      this.sendWaiting();
    } finally {
      this.pumping = false;
    }
  }

  private sendWaiting(): void {
    const window = Math.min(this.limits?.receiveMaximum ?? MAX_MQTT_IN_FLIGHT, MAX_MQTT_IN_FLIGHT);
    const members = [...this.members];
    let empty = 0;
    while (this.inFlight < window && empty < members.length && this.connection) {
      const [outbox, listener] = members[this.turn++ % members.length] as [Outbox, LinkListener];
      const message = outbox.take();
      if (message) {
        empty = 0;
        this.send(this.connection, outbox, listener, message);
      } else empty++;
    }
  }

  private send(connection: BrokerConnection, outbox: Outbox, listener: LinkListener, message: MqttMessage): void {
    const limits = this.limits as BrokerLimits;
    const size = limits.maximumPacketSize;
    if (Number.isFinite(size) && Buffer.byteLength(message.topic) + Buffer.byteLength(message.payload) + 16 > size) {
      outbox.refuse(message);
      const cause = new Error(`it takes packets of up to ${size} octets`);
      listener.trouble(refusalError(cause, message.topic, this.options.settings));
      return;
    }
    if (this.inFlight++ === 0) this.heardAt = Date.now();
    connection.publish(withinLimits(message, limits), (error) => {
      this.inFlight--;
      this.heardAt = Date.now();
      this.progressed = true;
      if (error) {
        outbox.refuse(message);
        listener.trouble(refusalError(error, message.topic, this.options.settings));
      } else outbox.settle(message);
      for (const release of this.drained) release();
      this.pump();
    });
  }

  private get ackTimeout(): number {
    return this.options.ackTimeout ?? MQTT_ACK_TIMEOUT_MS;
  }

  private watch(): void {
    if (this.inFlight === 0 || Date.now() - this.heardAt <= this.ackTimeout) return;
    const what = `has acknowledged nothing for ${this.ackTimeout / 1000} s`;
    const hint = 'Look at its load and its log; the messages are sent again.';
    this.connection?.fail(brokerFault(this.options.settings, ['TIMEOUT', what, hint]));
  }

  private poisonError(message: MqttMessage): MqttError {
    const cause = new Error('the connection breaks each time that it is sent');
    return refusalError(cause, message.topic, this.options.settings);
  }

  private drain(outbox: Outbox): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        if (outbox.size > 0 && this.state === 'online') return;
        finish();
      };
      const finish = (): void => {
        clearTimeout(timer);
        this.drained.delete(release);
        resolve();
      };
      const timer = setTimeout(finish, MQTT_DRAIN_MS);
      this.drained.add(release);
    });
  }
}

/** A message as this broker can take it (MQTT 5.0 §3.2.2.3.4 and §3.2.2.3.5). */
function withinLimits(message: MqttMessage, limits: BrokerLimits): MqttMessage {
  if (message.qos <= limits.maximumQos && (limits.retainAvailable || !message.retain)) return message;
  return {
    ...message,
    qos: Math.min(message.qos, limits.maximumQos) as MqttQos,
    retain: message.retain && limits.retainAvailable,
  };
}
