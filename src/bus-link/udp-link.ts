import type { RemoteInfo, Socket } from 'node:dgram';
import { ArgumentError, EthernetError } from '../errors.js';
import type { LinkFilter } from '../ethernet/frame-link.js';
import type { EthernetFrame } from '../ethernet/frame.js';
import { INTERFACE_CHECK_MS, ROUTABLE_PORT } from '../limits.js';
import {
  decodeApplicationHeader,
  EtherType,
  RoutableSender,
  type BusSecurityOptions,
  type RoutableSenderOptions,
} from '../routable/index.js';
import type { BusLink, BusLinkHandler, BusLinkStatistics } from './bus-link.js';
import { RoutableInput } from './routable-input.js';
import { SecurityWatch } from './security-watch.js';
import { addressOn, checkAddress, openReceiving, openSending, type UdpAddress } from './udp-socket.js';

export interface UdpLinkOptions
  extends UdpAddress, BusSecurityOptions, Pick<RoutableSenderOptions, 'version' | 'coverage'> {
  /** Hears the address, or sends to it. */
  direction: 'receive' | 'send';
}

/**
 * R-GOOSE and R-SV over UDP (IEC 61850-90-5) in place of an interface: frames look as if they had come by Ethernet, so that
 * subscriptions and publishers are the same. A frame's source is `address:port`, its destination the group.
 */
export class UdpLink implements BusLink {
  /** Not an address of Ethernet: nothing that is sent here has one. */
  readonly address = '00-00-00-00-00-00';
  readonly name: string;
  private socket: Socket | undefined;
  private listening = false;
  private isUp = true;
  private closed = false;
  private opening: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sendFailure = '';
  private readonly counts = { received: 0, sent: 0, dropped: 0 };
  private readonly input: RoutableInput;
  private readonly sender: RoutableSender;
  private readonly watch: SecurityWatch;

  private constructor(
    private readonly options: UdpLinkOptions,
    private readonly handler: BusLinkHandler,
  ) {
    checkAddress(options);
    this.name = `${options.address}:${options.port ?? ROUTABLE_PORT}`;
    this.sender = new RoutableSender(options);
    this.watch = new SecurityWatch(handler.security && ((state) => handler.security?.(state)));
    this.input = new RoutableInput(options, handler, this.watch);
  }

  /** @throws ArgumentError, and EthernetError when the port cannot be had, with what to do */
  static async open(options: UdpLinkOptions, handler: BusLinkHandler): Promise<UdpLink> {
    const link = new UdpLink(options, handler);
    await link.openSocket();
    if (options.interface !== undefined) link.timer = setInterval(() => link.check(), INTERFACE_CHECK_MS);
    return link;
  }

  get up(): boolean {
    return this.isUp;
  }

  /** Port that is listened on, which the system chose when 0 was asked for. */
  get port(): number | undefined {
    return this.socket?.address().port;
  }

  listen(filter: LinkFilter): void {
    if (this.options.direction === 'send') throw new ArgumentError('this link only sends');
    this.input.listen(filter);
    this.listening = true;
  }

  /** @throws EthernetError while the interface is away; SecurityError when all keys have expired */
  send({ etherType, payload }: Omit<EthernetFrame, 'source'>): void {
    const { socket, options } = this;
    if (!socket) {
      throw new EthernetError(
        'IEC61850_NO_INTERFACE',
        `the interface "${options.interface}" is not there`,
        'Check the cable.',
      );
    }
    const { appId, simulated, start, end } = decodeApplicationHeader(payload);
    const kind = etherType === EtherType.goose ? 'goose' : 'sampledValues';
    const datagram = this.sender.encode({ kind, appId, simulated, apdu: payload.subarray(start, end) }, Date.now());
    socket.send(datagram, options.port ?? ROUTABLE_PORT, options.address, (error) => this.sentWith(error));
    this.counts.sent++;
  }

  statistics(): BusLinkStatistics {
    const { input, watch } = this;
    const { malformed, unsupported } = input;
    return { ...this.counts, malformed, unsupported, security: { state: watch.state, ...input.counts } };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.watch.close();
    await this.opening;
    await this.drop();
  }

  private async openSocket(): Promise<void> {
    const open = this.options.direction === 'receive' ? openReceiving : openSending;
    this.socket = await open(this.options, {
      datagram: (octets, from) => this.receive(octets, from),
      failed: (error) => this.lost(error),
    });
  }

  private drop(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    return socket ? new Promise((resolve) => socket.close(resolve)) : Promise.resolve();
  }

  /** The next look at the interface opens it again, where one was named. */
  private lost(error: Error): void {
    void this.drop();
    if (this.options.interface === undefined) this.handler.failed?.(error);
  }

  private receive(octets: Buffer, { address, port }: RemoteInfo): void {
    if (!this.listening) return;
    this.counts.received++;
    this.input.receive(octets, `${address}:${port}`, this.name, Date.now());
  }

  /** One failure is told once, until a datagram leaves again. */
  private sentWith(error: Error | null): void {
    const message = error?.message ?? '';
    if (message === this.sendFailure) return;
    this.sendFailure = message;
    if (!error) return;
    this.handler.failed?.(
      new EthernetError(
        'IEC61850_ETHERNET',
        `nothing was sent to ${this.name}: ${message}`,
        'Check the route and the interface.',
        {
          cause: error,
        },
      ),
    );
  }

  private check(): void {
    this.opening ??= this.follow().finally(() => (this.opening = undefined));
  }

  private async follow(): Promise<void> {
    const up = addressOn(this.options.interface as string, this.options.address) !== undefined;
    if (!up) await this.drop();
    else if (!this.socket && !this.closed) {
      try {
        await this.openSocket();
      } catch (error) {
        // It may have gone again between looking and opening.
        if (!(error instanceof EthernetError)) throw error;
        return;
      }
    }
    if (up === this.isUp || this.closed) return;
    this.isUp = up;
    this.handler.state?.(up);
  }
}
