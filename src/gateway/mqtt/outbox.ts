import { diagnostics } from '../../diagnostics.js';
import { MAX_MQTT_ATTEMPTS, MAX_MQTT_IN_FLIGHT, MAX_MQTT_QUEUE_CHARACTERS } from '../../limits.js';
import type { MqttMessage } from './message.js';
import { MessageRing } from './message-ring.js';

/** After so many connections that broke over the same message, it is sent alone, so that it alone can be blamed. */
const ATTEMPTS_IN_COMPANY = 3;

/** Why a message will not be sent: the queue was full, the connection broke under it (QoS 0), the broker refused it. */
export type DropReason = 'full' | 'cut' | 'refused';

export interface OutboxOptions {
  /** Messages that it holds, those that wait for an acknowledgement included; at least 2. */
  capacity: number;
  /** Characters of topics and payloads that it holds. */
  maxCharacters?: number;
  /** After a reconnect every retained topic is published again, for brokers that forget what they retained. */
  resendRetained?: boolean;
  /** A message that will not be sent any more. */
  onDropped?: (message: MqttMessage, reason: DropReason) => void;
}

/**
 * The messages of one publisher on their way to the broker: first in, first out, never merged. A message leaves when
 * the broker has acknowledged it (QoS 0: when the socket has taken it); a lost connection puts it back to its place.
 *
 * When full, the oldest messages that wait are dropped and counted. If such a message was the last word on a retained
 * topic, it is kept aside and published after everything else, so that the broker's retained state ends up true.
 */
export class Outbox {
  /** Messages dropped since start: the queue was full, or the connection broke under one of QoS 0. */
  dropped = 0;
  /** Messages that the broker took, since start. */
  delivered = 0;
  /** Messages that the broker refused, since start. */
  refused = 0;
  /** Called after each push. */
  wake: (() => void) | undefined;

  private readonly waiting = new MessageRing();
  private readonly inFlight = new Set<MqttMessage>();
  private readonly missed = new Map<string, MqttMessage>();
  private readonly waitingOnTopic = new Map<string, number>();
  private readonly latest: Map<string, MqttMessage> | undefined;
  private readonly capacity: number;
  private readonly maxCharacters: number;
  private characters = 0;
  private stuck: { message: MqttMessage; attempts: number } | undefined;

  constructor(private readonly options: OutboxOptions) {
    this.capacity = Math.max(2, options.capacity);
    this.maxCharacters = options.maxCharacters ?? MAX_MQTT_QUEUE_CHARACTERS;
    if (options.resendRetained) this.latest = new Map();
  }

  /** Messages that the broker has not got yet. */
  get size(): number {
    return this.waiting.size + this.inFlight.size;
  }

  get sent(): number {
    return this.inFlight.size;
  }

  /** Whether {@link take} would give a message if nothing were in flight. */
  get hasMore(): boolean {
    return this.waiting.size > 0 || this.missed.size > 0;
  }

  push(message: MqttMessage): void {
    if (message.retain) {
      this.missed.delete(message.topic);
      this.latest?.set(message.topic, message);
    }
    this.waiting.push(message);
    this.entered(message);
    while (this.waiting.size > 1 && (this.size > this.capacity || this.characters > this.maxCharacters)) {
      const oldest = this.waiting.shift();
      if (!oldest) break;
      this.left(oldest);
      this.drop(oldest, 'full');
    }
    this.wake?.();
  }

  /** The next message to send; it is in flight until it is settled, refused or requeued. */
  take(): MqttMessage | undefined {
    if (this.inFlight.size >= this.window()) return undefined;
    const message = this.waiting.shift();
    if (message) {
      this.left(message);
      this.characters += weight(message);
      this.inFlight.add(message);
      return message;
    }
    for (const [topic, last] of this.missed) {
      this.missed.delete(topic);
      this.characters += weight(last);
      this.inFlight.add(last);
      return last;
    }
    return undefined;
  }

  /** The broker has the message. */
  settle(message: MqttMessage): void {
    if (!this.landed(message)) return;
    this.delivered++;
    this.stuck = undefined;
    if (!diagnostics.mqttPublished.watched) return;
    const { topic, qos, retain, payload } = message;
    diagnostics.mqttPublished.publish({ topic, qos, retain, size: payload.length });
  }

  /** The broker does not want the message; sending it again would change nothing. */
  refuse(message: MqttMessage): void {
    if (!this.landed(message)) return;
    this.refused++;
    this.stuck = undefined;
    this.tellDropped(message, 'refused');
  }

  /**
   * The connection is lost: what is in flight goes back to the front, in order. Messages of QoS 0 may have arrived and
   * are not sent twice; they count as dropped.
   * @returns The message that is given up because too many connections in a row broke over it.
   */
  requeue(): MqttMessage | undefined {
    const unsettled = [...this.inFlight];
    const poison = this.blame(unsettled[0]);
    for (const message of unsettled.reverse()) {
      this.landed(message);
      if (message === poison) {
        this.refused++;
        this.tellDropped(message, 'refused');
      } else if (message.qos === 0) this.drop(message, 'cut');
      else {
        this.waiting.unshift(message);
        this.entered(message);
      }
    }
    return poison;
  }

  /** Publishes every retained topic again after what waits, where {@link OutboxOptions.resendRetained} asks for it. */
  resendRetained(): void {
    for (const [topic, message] of this.latest ?? [])
      if (!this.waitingOnTopic.has(topic)) this.missed.set(topic, message);
  }

  private window(): number {
    if (this.stuck && this.stuck.attempts >= ATTEMPTS_IN_COMPANY) return 1;
    return Math.min(MAX_MQTT_IN_FLIGHT, Math.max(1, this.capacity >> 1));
  }

  private blame(first: MqttMessage | undefined): MqttMessage | undefined {
    if (!first || first.qos === 0) return undefined;
    if (this.stuck?.message !== first) this.stuck = { message: first, attempts: 0 };
    if (++this.stuck.attempts < MAX_MQTT_ATTEMPTS) return undefined;
    this.stuck = undefined;
    return first;
  }

  private drop(message: MqttMessage, reason: DropReason): void {
    this.dropped++;
    // A message kept aside earlier is newer than one that comes back from a lost connection.
    const newer = this.waitingOnTopic.has(message.topic) || this.missed.has(message.topic);
    if (message.retain && !newer) this.missed.set(message.topic, message);
    this.tellDropped(message, reason);
  }

  private tellDropped(message: MqttMessage, reason: DropReason): void {
    if (diagnostics.mqttDropped.watched) diagnostics.mqttDropped.publish({ topic: message.topic, reason });
    this.options.onDropped?.(message, reason);
  }

  private landed(message: MqttMessage): boolean {
    if (!this.inFlight.delete(message)) return false;
    this.characters -= weight(message);
    return true;
  }

  private entered(message: MqttMessage): void {
    this.characters += weight(message);
    if (message.retain) this.waitingOnTopic.set(message.topic, (this.waitingOnTopic.get(message.topic) ?? 0) + 1);
  }

  private left(message: MqttMessage): void {
    this.characters -= weight(message);
    if (!message.retain) return;
    const others = (this.waitingOnTopic.get(message.topic) ?? 1) - 1;
    if (others === 0) this.waitingOnTopic.delete(message.topic);
    else this.waitingOnTopic.set(message.topic, others);
  }
}

function weight(message: MqttMessage): number {
  return message.topic.length + message.payload.length;
}
