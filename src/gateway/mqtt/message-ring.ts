import type { MqttMessage } from './message.js';

const FIRST_SIZE = 64;

/** A queue of messages with both ends open, in a ring that grows to the power of two that it needs. */
export class MessageRing {
  private slots: Array<MqttMessage | undefined> = new Array<MqttMessage | undefined>(FIRST_SIZE);
  private head = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(message: MqttMessage): void {
    this.makeRoom();
    this.slots[(this.head + this.count) & (this.slots.length - 1)] = message;
    this.count++;
  }

  unshift(message: MqttMessage): void {
    this.makeRoom();
    this.head = (this.head - 1) & (this.slots.length - 1);
    this.slots[this.head] = message;
    this.count++;
  }

  shift(): MqttMessage | undefined {
    if (this.count === 0) return undefined;
    const message = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count--;
    // A long absence of the broker should not keep its memory for ever.
    if (this.count === 0 && this.slots.length > FIRST_SIZE) this.slots = new Array<MqttMessage | undefined>(FIRST_SIZE);
    if (this.count === 0) this.head = 0;
    return message;
  }

  private makeRoom(): void {
    if (this.count < this.slots.length) return;
    const grown = new Array<MqttMessage | undefined>(this.slots.length * 2);
    for (let i = 0; i < this.count; i++) grown[i] = this.slots[(this.head + i) & (this.slots.length - 1)];
    this.slots = grown;
    this.head = 0;
  }
}
