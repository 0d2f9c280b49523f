import { ArgumentError, Iec61850Error } from '../errors.js';
import type { FrameLink, LinkFilter } from '../ethernet/frame-link.js';
import type { EthernetFrame } from '../ethernet/frame.js';
import {
  BusSecurity,
  checkExtension,
  decodeExtension,
  encrypts,
  extensionDetails,
  hasExtension,
  minutesUntil,
  signFrame,
  splitFrame,
  usableKey,
  withoutExtension,
  type BusSecurityOptions,
  type ExtendedFrame,
} from '../routable/index.js';
import type { BusFrame, BusLink, BusLinkHandler, BusLinkStatistics } from './bus-link.js';
import { SecurityWatch } from './security-watch.js';

/**
 * Ethernet with the security extension of IEC 62351-6: frames that come are checked, and those that go are signed, when
 * there are keys. Without keys an extension is shown and taken off.
 */
export class SecuredLink implements BusLink {
  private readonly security: BusSecurity;
  private readonly watch: SecurityWatch;
  private malformed = 0;
  private link!: FrameLink;

  private constructor(
    options: BusSecurityOptions,
    private readonly handler: BusLinkHandler,
    private readonly now: () => number,
  ) {
    const encrypting = options.keys?.find(({ algorithm }) => encrypts(algorithm));
    if (encrypting) {
      throw new ArgumentError(
        `GOOSE and sampled values on Ethernet are not encrypted, as with ${encrypting.algorithm}`,
        'Choose an HMAC or AES-GMAC, or send them over UDP.',
      );
    }
    this.security = new BusSecurity(options);
    this.watch = new SecurityWatch(handler.security && ((state) => handler.security?.(state)));
  }

  /**
   * @param open opens the link with the handler that it is given
   * @param now ms since 1970
   * @throws what `open` throws; ArgumentError when a key is none
   */
  static async open(
    options: BusSecurityOptions,
    handler: BusLinkHandler,
    open: (handler: BusLinkHandler) => Promise<FrameLink>,
    now: () => number = Date.now,
  ): Promise<SecuredLink> {
    const secured = new SecuredLink(options, handler, now);
    secured.link = await open({
      frame: (frame, time) => secured.receive(frame, time),
      state: (up) => handler.state?.(up),
      failed: (error) => handler.failed?.(error),
    });
    return secured;
  }

  get name(): string {
    return this.link.name;
  }

  get address(): string {
    return this.link.address;
  }

  get up(): boolean {
    return this.link.up;
  }

  listen(filter: LinkFilter): void {
    this.link.listen(filter);
  }

  /** @throws EthernetError; SecurityError when all keys have expired */
  send(frame: Omit<EthernetFrame, 'source'>): void {
    const now = this.now();
    const key = usableKey(this.security.keys, now);
    if (!key) {
      this.link.send(frame);
      return;
    }
    const times = {
      timeOfCurrentKey: Math.floor((key.from ?? 0) / 1000),
      timeToNextKey: minutesUntil(key, now),
    };
    this.link.send({ ...frame, payload: signFrame(frame.etherType, frame.payload, key, times) });
  }

  statistics(): BusLinkStatistics {
    const counts = this.link.statistics();
    return {
      ...counts,
      malformed: counts.malformed + this.malformed,
      security: { state: this.watch.state, ...this.security.counts },
    };
  }

  async close(): Promise<void> {
    this.watch.close();
    await this.link.close();
  }

  private receive(frame: EthernetFrame, time: number): void {
    // What has no extension, and need not have one, passes at the price of one look.
    if (!hasExtension(frame.payload)) {
      if (this.taken('unsigned')) this.handler.frame(frame, time);
      return;
    }
    let split: ExtendedFrame;
    try {
      split = splitFrame(frame.payload);
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.malformed++;
      return;
    }
    const { octets } = split;
    if (!octets) {
      if (this.taken('unsigned')) this.handler.frame(frame, time);
      return;
    }
    const extension = decodeExtension(octets);
    const { keys } = this.security;
    const { verdict, key } = checkExtension(frame.etherType, frame.payload, split, extension, keys, this.now());
    if (!this.taken(verdict)) return;
    const plain: BusFrame = {
      ...frame,
      payload: withoutExtension(split),
      security: extensionDetails(key ? 'verified' : 'notChecked', octets, extension, key),
    };
    this.handler.frame(plain, time);
  }

  private taken(verdict: ReturnType<typeof checkExtension>['verdict']): boolean {
    const refused = this.security.judge(verdict);
    if (refused) this.watch.refused(refused);
    return refused === undefined;
  }
}
