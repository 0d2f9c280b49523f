import type { LinkFilter } from '../ethernet/frame-link.js';
import {
  encodeApplicationFrame,
  EtherType,
  RoutableReceiver,
  type BusSecurityOptions,
  type RoutableFrame,
} from '../routable/index.js';
import type { BusFrame, BusLinkHandler } from './bus-link.js';
import type { SecurityWatch } from './security-watch.js';

/** Datagrams of R-GOOSE and R-SV as frames that look as if they had come by Ethernet. */
export class RoutableInput {
  malformed = 0;
  private readonly receiver: RoutableReceiver;
  private etherTypes: readonly number[] = [];

  /** @throws ArgumentError when a key is none */
  constructor(
    options: BusSecurityOptions,
    private readonly handler: BusLinkHandler,
    private readonly watch: SecurityWatch,
  ) {
    this.receiver = new RoutableReceiver(options);
  }

  get counts(): RoutableReceiver['security']['counts'] {
    return this.receiver.security.counts;
  }

  get unsupported(): number {
    return this.receiver.unsupported;
  }

  listen({ etherTypes }: LinkFilter): void {
    this.etherTypes = etherTypes;
  }

  /**
   * @param source address and port of the sender
   * @param destination group and port
   * @param time ms since 1970 when it came
   */
  receive(octets: Buffer, source: string, destination: string, time: number): void {
    const outcome = this.receiver.receive(octets, time, performance.now());
    if ('malformed' in outcome) this.malformed++;
    else if ('refused' in outcome) this.watch.refused(outcome.refused);
    else for (const frame of outcome.frames) this.give(frame, source, destination, time);
  }

  private give(frame: RoutableFrame, source: string, destination: string, time: number): void {
    const { kind, appId, simulated, apdu, security } = frame;
    const etherType = kind === 'goose' ? EtherType.goose : EtherType.sampledValues;
    if (!this.etherTypes.includes(etherType)) return;
    const payload = encodeApplicationFrame(appId, simulated, apdu);
    const given: BusFrame = { source, destination, etherType, payload, security };
    this.handler.frame(given, time);
  }
}
