import { CaptureLink, type ReplayOptions } from '../ethernet/capture/capture-link.js';
import type { FrameLink, LinkFilter } from '../ethernet/frame-link.js';
import type { EthernetFrame } from '../ethernet/frame.js';
import type { BusSecurityCounts, BusSecurityOptions } from '../routable/index.js';
import type { BusLink, BusLinkHandler, BusLinkStatistics } from './bus-link.js';
import { capturedDatagram, IpEtherType } from './captured-datagram.js';
import { RoutableInput } from './routable-input.js';
import { SecuredLink } from './secured-link.js';
import { SecurityWatch } from './security-watch.js';

/** A capture file in place of a process bus: GOOSE and sampled values on Ethernet, and those over UDP to port 102. */
export class CapturedBus implements BusLink {
  private readonly watch: SecurityWatch;
  private readonly input: RoutableInput;
  private secured!: SecuredLink;
  private destinations: ReadonlySet<string> = new Set();
  /** Frames that were no part of the process bus. */
  private others = 0;

  private constructor(options: BusSecurityOptions, handler: BusLinkHandler) {
    this.watch = new SecurityWatch(handler.security && ((state) => handler.security?.(state)));
    this.input = new RoutableInput(options, handler, this.watch);
  }

  /** @throws EthernetError, DecodeError as {@link CaptureLink.open}; ArgumentError when a key is none */
  static async open(
    path: string,
    options: BusSecurityOptions & ReplayOptions,
    handler: BusLinkHandler,
  ): Promise<CapturedBus> {
    const bus = new CapturedBus(options, handler);
    bus.secured = await SecuredLink.open(options, handler, async (inner): Promise<FrameLink> => {
      const frame = (captured: EthernetFrame, time: number): void => bus.sort(captured, time, inner);
      return CaptureLink.open(path, { ...inner, frame }, options);
    });
    return bus;
  }

  get name(): string {
    return this.secured.name;
  }

  get address(): string {
    return this.secured.address;
  }

  get up(): boolean {
    return this.secured.up;
  }

  listen(filter: LinkFilter): void {
    this.input.listen(filter);
    this.destinations = new Set(filter.destinations);
    this.secured.listen({ etherTypes: [...filter.etherTypes, ...Object.values(IpEtherType)] });
  }

  /** What is sent goes nowhere. */
  send(frame: Omit<EthernetFrame, 'source'>): void {
    this.secured.send(frame);
  }

  statistics(): BusLinkStatistics {
    const { security, ...counts } = this.secured.statistics();
    const { counts: routable } = this.input;
    const state = security.state === 'ok' ? this.watch.state : security.state;
    const both = Object.fromEntries(
      Object.entries(routable).map(([name, count]) => [name, count + security[name as keyof BusSecurityCounts]]),
    ) as unknown as BusSecurityCounts;
    return {
      ...counts,
      received: counts.received - this.others,
      malformed: counts.malformed + this.input.malformed,
      unsupported: this.input.unsupported,
      security: { state, ...both },
    };
  }

  async close(): Promise<void> {
    this.watch.close();
    await this.secured.close();
  }

  private sort(frame: EthernetFrame, time: number, inner: BusLinkHandler): void {
    if (frame.etherType === IpEtherType.v4 || frame.etherType === IpEtherType.v6) {
      const datagram = capturedDatagram(frame);
      if (datagram) this.input.receive(datagram.octets, datagram.source, datagram.destination, time);
      else this.others++;
    } else if (this.destinations.size === 0 || this.destinations.has(frame.destination)) inner.frame(frame, time);
    else this.others++;
  }
}
