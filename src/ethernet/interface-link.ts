import { EthernetError, Iec61850Error } from '../errors.js';
import { INTERFACE_CHECK_MS } from '../limits.js';
import { decodeFrame, encodeFrame, type EthernetFrame } from './frame.js';
import type { FrameLink, LinkFilter, LinkHandler, LinkStatistics } from './frame-link.js';
import type { FrameSocket, InterfaceInfo, Medium, RawFrame } from './medium.js';

/**
 * A network interface of this machine. It outlives the interface: when one of its name comes back, frames flow again.
 */
export class InterfaceLink implements FrameLink {
  private socket: FrameSocket | undefined;
  private filter: LinkFilter | undefined;
  private isUp: boolean;
  private readonly counts = { received: 0, sent: 0, malformed: 0 };
  private dropped = 0;
  private readonly timer: NodeJS.Timeout;
  private checking: Promise<void> | undefined;
  private readonly closing = new Set<Promise<void>>();
  private closed = false;

  private constructor(
    readonly name: string,
    private info: InterfaceInfo,
    private readonly medium: Medium,
    private readonly handler: LinkHandler,
  ) {
    this.isUp = info.up;
    this.reopen();
    this.timer = setInterval(() => this.check(), INTERFACE_CHECK_MS);
  }

  /** @throws EthernetError when there is no such interface, or no privilege */
  static async open(medium: Medium, name: string, handler: LinkHandler): Promise<InterfaceLink> {
    return new InterfaceLink(name, await requireInterface(medium, name), medium, handler);
  }

  get address(): string {
    return this.info.address;
  }

  get up(): boolean {
    return this.isUp;
  }

  listen(filter: LinkFilter): void {
    this.filter = filter;
    this.reopen();
  }

  send(frame: Omit<EthernetFrame, 'source'>): void {
    if (!this.socket) {
      throw new EthernetError('IEC61850_NO_INTERFACE', `the interface "${this.name}" is not there`, 'Check the cable.');
    }
    this.socket.send(encodeFrame({ ...frame, source: this.address }));
    this.counts.sent++;
  }

  statistics(): LinkStatistics {
    return { ...this.counts, dropped: this.dropped + (this.socket?.dropped() ?? 0) };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.drop();
    await Promise.all([this.checking, ...this.closing]);
  }

  private reopen(): void {
    this.drop();
    const socket = this.medium.open(this.info, {
      frame: (frame) => this.receive(frame),
      // The next check finds out what became of the interface.
      lost: () => this.check(),
    });
    try {
      if (this.filter) socket.listen(this.filter);
      else socket.bindForSending();
    } catch (error) {
      this.end(socket);
      throw error;
    }
    this.socket = socket;
  }

  private drop(): void {
    const { socket } = this;
    if (!socket) return;
    this.socket = undefined;
    this.end(socket);
    this.dropped += socket.dropped();
  }

  private end(socket: FrameSocket): void {
    const closing = Promise.resolve(socket.close());
    this.closing.add(closing);
    void closing.finally(() => this.closing.delete(closing));
  }

  private receive(raw: RawFrame): void {
    if (raw.outgoing) return;
    let frame;
    try {
      frame = decodeFrame(raw.octets);
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.counts.malformed++;
      return;
    }
    // The kernel has taken the tag off.
    if (raw.vlan) frame = { ...frame, vlan: raw.vlan };
    this.counts.received++;
    this.handler.frame(frame, raw.time ?? Date.now());
  }

  private check(): void {
    this.checking ??= this.medium
      .find(this.name)
      .then((info) => this.follow(info))
      .catch((error: unknown) => this.handler.failed?.(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (this.checking = undefined));
  }

  private follow(info: InterfaceInfo | undefined): void {
    if (this.closed) return;
    const up = info?.up ?? false;
    if (!info) this.drop();
    else if (info.index !== this.info.index || !this.socket) {
      this.info = info;
      try {
        this.reopen();
      } catch (error) {
        // It may have gone again between looking and opening.
        if (!(error instanceof EthernetError)) throw error;
        return;
      }
    }
    if (up === this.isUp) return;
    this.isUp = up;
    this.handler.state?.(up);
  }
}

/** @throws EthernetError that lists those that there are */
async function requireInterface(medium: Medium, name: string): Promise<InterfaceInfo> {
  const info = await medium.find(name);
  if (info) return info;
  const names = await medium.names();
  throw new EthernetError(
    'IEC61850_NO_INTERFACE',
    `there is no network interface "${name}"`,
    names.length > 0 ? `There are: ${names.join(', ')}.` : '',
  );
}
