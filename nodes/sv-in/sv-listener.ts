/** What an `sv-in` node does: a link, a receiver, and messages of what it measures. */
import type { FrameLink } from '../../src/ethernet/frame-link.js';
import { svSubscription, SvReceiver, svBlocks, type SvSubscription } from '../../src/gateway/process-bus/index.js';
import { EtherType } from '../../src/mms/application-header.js';
import { explain } from '../shared/explain.js';
import { openFrames } from '../shared/frame-source.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import type { PathRules } from '../shared/scl-source.js';
import type { StatusLine } from '../shared/status.js';
import type { SvInSettings } from './sv-in-settings.js';

export interface SvOutput {
  status: StatusLine;
  measured(message: NodeMessage): void;
  /** States and statistics. */
  state(message: NodeMessage): void;
  error(error: Error, message: NodeMessage): void;
}

export class SvListener {
  private receiver: SvReceiver | undefined;
  private link: FrameLink | undefined;
  private closed = false;

  constructor(
    private readonly settings: SvInSettings,
    private readonly library: SclLibrary,
    private readonly rules: PathRules,
    private readonly out: SvOutput,
  ) {}

  /** @throws EthernetError, ArgumentError, SclError */
  async open(): Promise<void> {
    const { chosen, source, nominal, interval, simulation } = this.settings;
    const { subscriptions, destinations } = await this.wanted();
    const receiver = new SvReceiver({ subscriptions, listen: chosen === undefined, nominal, interval, simulation });
    receiver.on('measured', (measurement, from) => {
      this.out.measured({ topic: measurement.svId, payload: measurement, source: from } as NodeMessage);
    });
    receiver.on('state', (state, svId) => {
      this.out.state({ topic: svId, payload: state } as NodeMessage);
      this.show();
    });
    let link;
    try {
      link = await openFrames(source, this.rules, {
        frame: (frame) => receiver.receive(frame),
        state: () => this.show(),
        failed: (error) => this.out.error(explain(error), { topic: 'sv' }),
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
    link.listen({ etherTypes: [EtherType.sampledValues], ...(destinations.length > 0 && { destinations }) });
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
        streams: receiver?.streams ?? [],
      },
    } as NodeMessage;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.receiver?.close();
    this.receiver?.removeAllListeners();
    await this.link?.close();
  }

  private async wanted(): Promise<{ subscriptions: SvSubscription[]; destinations: string[] }> {
    const { chosen, nominal } = this.settings;
    if (!chosen) return { subscriptions: [], destinations: [] };
    const document = await this.library.open(chosen.file);
    const model = document.model(chosen.ied || (document.ieds[0]?.name ?? ''));
    const addresses = svBlocks(model)
      .filter(({ reference }) => chosen.blocks.includes(reference))
      .map(({ block }) => block.address?.mac);
    return {
      subscriptions: chosen.blocks.map((reference) => svSubscription(model, reference, nominal)),
      destinations: addresses.every((address) => address !== undefined) ? (addresses as string[]) : [],
    };
  }

  private show(): void {
    const { receiver, link, out } = this;
    if (!receiver || !link) return;
    if (!link.up) {
      out.status.bad('interface down');
      return;
    }
    const { streams } = receiver;
    const live = streams.filter(({ state }) => state === 'live').length;
    if (streams.length === 0) out.status.idle('listening');
    else if (live === streams.length) out.status.ok(`${live} live`);
    else out.status.warn(streams.length === 1 ? (streams[0]?.state ?? '') : `${live} of ${streams.length} live`);
  }
}
