import { MqttLink, type LinkOptions } from './mqtt-link.js';
import type { Outbox } from './outbox.js';

/** Connections by their key, shared and counted; the last publisher that leaves closes one. */
export class LinkPool {
  private readonly links = new Map<string, { link: MqttLink; users: number }>();
  private readonly closing = new Map<string, Promise<void>>();

  /** Connections that are open or closing. */
  get size(): number {
    return this.links.size + this.closing.size;
  }

  /** The connection of this key; made by `options` when nobody has it. Each call needs one {@link release}. */
  acquire(key: string, options: LinkOptions): MqttLink {
    const known = this.links.get(key);
    if (known) {
      known.users++;
      return known.link;
    }
    const link = new MqttLink(options);
    this.links.set(key, { link, users: 1 });
    const previous = this.closing.get(key);
    // The broker would end the old connection of the same client id, and fire its will.
    const start = (): void => link.start();
    if (previous) void previous.then(start, start);
    else start();
    return link;
  }

  /**
   * Takes an outbox off its connection, and closes the connection after its last user.
   * @returns How many messages were discarded.
   */
  async release(key: string, outbox: Outbox): Promise<number> {
    const entry = this.links.get(key);
    if (!entry) return outbox.size;
    const left = await entry.link.leave(outbox);
    if (--entry.users > 0) return left;
    this.links.delete(key);
    const closed = entry.link.close().finally(() => {
      if (this.closing.get(key) === closed) this.closing.delete(key);
    });
    this.closing.set(key, closed);
    await closed;
    return left;
  }
}
