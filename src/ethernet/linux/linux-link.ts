import { EthernetError, Iec61850Error } from '../../errors.js';
import { INTERFACE_CHECK_MS } from '../../limits.js';
import { decodeFrame, encodeFrame, type EthernetFrame } from '../frame.js';
import type { FrameLink, LinkFilter, LinkHandler, LinkStatistics } from '../frame-link.js';
import { interfaceInfo, requireInterface, type InterfaceInfo } from './interface-info.js';
import { loadLibc, type Libc } from './libc.js';
import { PacketSocket } from './packet-socket.js';
import { withVlan, type RawFrame } from './receive-ring.js';

/**
 * A network interface of Linux. It outlives the interface: when one of its name comes back, frames flow again.
 */
export class LinuxLink implements FrameLink {
  private socket: PacketSocket | undefined;
  private filter: LinkFilter | undefined;
  private isUp: boolean;
  private readonly counts = { received: 0, sent: 0, malformed: 0 };
  private dropped = 0;
  private readonly timer: NodeJS.Timeout;
  private checking: Promise<void> | undefined;
  private closed = false;

  private constructor(
    readonly name: string,
    private info: InterfaceInfo,
    private readonly libc: Libc,
    private readonly handler: LinkHandler,
  ) {
    this.isUp = info.up;
    this.reopen();
    this.timer = setInterval(() => this.check(), INTERFACE_CHECK_MS);
  }

  /** @throws EthernetError when there is no such interface, no privilege, or no koffi */
  static async open(name: string, handler: LinkHandler): Promise<LinuxLink> {
    const info = await requireInterface(name);
    return new LinuxLink(name, info, await loadLibc(), handler);
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
    await this.checking;
  }

  private reopen(): void {
    this.drop();
    const socket = PacketSocket.open(this.libc, this.info.index, {
      frame: (frame) => this.receive(frame),
      // The next check finds out what became of the interface.
      lost: () => this.check(),
    });
    try {
      if (this.filter) socket.listen(this.filter);
      else socket.bindForSending();
    } catch (error) {
      socket.close();
      throw error;
    }
    this.socket = socket;
  }

  private drop(): void {
    const { socket } = this;
    if (!socket) return;
    this.socket = undefined;
    socket.close();
    this.dropped += socket.dropped();
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
    this.counts.received++;
    this.handler.frame(withVlan(frame, raw.vlan), raw.time ?? Date.now());
  }

  private check(): void {
    this.checking ??= interfaceInfo(this.name)
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
