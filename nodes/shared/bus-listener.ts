/** What listening to the process bus has in common: a link, a receiver of its frames, their states, and their end. */
import type { BusLink } from '../../src/bus-link/bus-link.js';
import type { EthernetFrame } from '../../src/ethernet/frame.js';
import type { BusSecurityState } from '../../src/routable/index.js';
import { explain } from './explain.js';
import { openFrames, type FrameSource } from './frame-source.js';
import type { NodeMessage } from './red.js';
import type { PathRules } from './scl-source.js';
import type { StatusLine } from './status.js';

/** What takes frames; its counts are those that belong to no stream. */
export interface BusReceiver {
  readonly counts: object;
  receive(frame: EthernetFrame, time: number): void;
  removeAllListeners(): void;
  close(): void;
}

export interface BusOutput {
  status: StatusLine;
  /** States and statistics. */
  state(message: NodeMessage): void;
  error(error: Error, message: NodeMessage): void;
}

/** What is received, and from which destinations; none are all. */
export interface Wanted<Subscription> {
  subscriptions: Subscription[];
  destinations: readonly string[];
}

/** Frames from everywhere are needed as soon as one stream's destination is not known. */
export function destinationsOf(addresses: readonly (string | undefined)[]): readonly string[] {
  return addresses.every((address) => address !== undefined) ? addresses : [];
}

/** Why frames are refused, as the status line says it. */
const REFUSED: Readonly<Record<Exclude<BusSecurityState, 'ok'>, string>> = {
  unsigned: 'unsigned frames',
  unknownKey: 'unknown key',
  expiredKey: 'expired key',
  badSignature: 'bad signature',
  replayed: 'replayed frames',
};

export abstract class BusListener<Receiver extends BusReceiver, Subscription> {
  private receiver: Receiver | undefined;
  private link: BusLink | undefined;
  private closed = false;

  /** @param topic of errors that no message asked for */
  constructor(
    private readonly topic: string,
    private readonly etherType: number,
    private readonly source: FrameSource,
    private readonly rules: PathRules,
    protected readonly out: BusOutput,
  ) {}

  /** @throws EthernetError, ArgumentError, SclError */
  async open(): Promise<void> {
    const { subscriptions, destinations } = await this.wanted();
    const receiver = this.makeReceiver(subscriptions);
    let link: BusLink;
    try {
      link = await openFrames(this.source, this.rules, {
        frame: (frame, time) => receiver.receive(frame, time),
        state: (up) => {
          this.linkChanged(receiver, up);
          this.show();
        },
        failed: (error) => this.failed(error),
        security: (state) => this.securityChanged(state),
      });
    } catch (error) {
      receiver.close();
      throw error;
    }
    if (this.closed) {
      receiver.close();
      await link.close();
      return;
    }
    this.receiver = receiver;
    this.link = link;
    // Everything is in place before the first frame can come.
    link.listen({ etherTypes: [this.etherType], ...(destinations.length > 0 && { destinations }) });
    this.show();
  }

  /** States and counts of all streams and of the interface, as a message. */
  statistics(): NodeMessage {
    const { receiver, link } = this;
    return {
      topic: 'statistics',
      payload: {
        interface: link && { name: link.name, up: link.up, ...link.statistics() },
        ...receiver?.counts,
        ...this.details(receiver),
      },
    } as NodeMessage;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.receiver?.close();
    this.receiver?.removeAllListeners();
    await this.link?.close();
  }

  /** What the configuration asks for. @throws ArgumentError, SclError */
  protected abstract wanted(): Promise<Wanted<Subscription>>;

  /** A receiver whose events lead to messages. */
  protected abstract makeReceiver(subscriptions: Subscription[]): Receiver;

  /** What the statistics say of the streams; a receiver is there once the link is open. */
  protected abstract details(receiver: Receiver | undefined): object;

  /** State of each stream as the status line has it; `live` when all is well. */
  protected abstract states(receiver: Receiver): string[];

  /** The interface went down, or is up again. */
  protected linkChanged(_receiver: Receiver, _up: boolean): void {
    // Most receivers notice by the silence.
  }

  protected failed(error: Error): void {
    this.out.error(explain(error), { topic: this.topic } as NodeMessage);
  }

  private securityChanged(state: BusSecurityState): void {
    if (!this.link) return;
    const { security } = this.link.statistics();
    this.out.state({ topic: 'security', payload: state, statistics: security } as NodeMessage);
    this.show();
  }

  protected show(): void {
    const { receiver, link, out } = this;
    if (!receiver || !link) return;
    if (!link.up) {
      out.status.bad('interface down');
      return;
    }
    const { state } = link.statistics().security;
    if (state !== 'ok') {
      out.status.warn(REFUSED[state]);
      return;
    }
    const states = this.states(receiver);
    const live = states.filter((state) => state === 'live').length;
    if (states.length === 0) out.status.idle('listening');
    else if (live === states.length) out.status.ok(`${live} live`);
    else out.status.warn(states.length === 1 ? (states[0] as string) : `${live} of ${states.length} live`);
  }
}
