/** What a `goose-in` node does: a link, a receiver, and messages of what it says. */
import type { FrameLink } from '../../src/ethernet/frame-link.js';
import { EtherType } from '../../src/mms/application-header.js';
import {
  expectationOf,
  gooseBlock,
  GooseReceiver,
  pointsOf,
  type GooseDetails,
  type GooseSubscription,
} from '../../src/gateway/process-bus/index.js';
import type { GooseState } from '../../src/goose/subscriber.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { explain } from '../shared/explain.js';
import { openFrames } from '../shared/frame-source.js';
import { tagMessages } from '../shared/message.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import type { PathRules } from '../shared/scl-source.js';
import type { StatusLine } from '../shared/status.js';
import type { GooseChoice, GooseInSettings } from './goose-in-settings.js';

export interface GooseOutput {
  status: StatusLine;
  values(messages: NodeMessage[]): void;
  /** States and statistics. */
  state(message: NodeMessage): void;
  error(error: Error, message: NodeMessage): void;
}

/** What is received, and from which destinations. */
interface Wanted {
  subscriptions: GooseSubscription[];
  destinations: string[];
}

export class GooseListener {
  private receiver: GooseReceiver | undefined;
  private link: FrameLink | undefined;
  private closed = false;

  constructor(
    private readonly settings: GooseInSettings,
    private readonly library: SclLibrary,
    private readonly rules: PathRules,
    private readonly out: GooseOutput,
  ) {}

  /** @throws EthernetError, ArgumentError, SclError */
  async open(): Promise<void> {
    const { choice, source, everyFrame, simulation } = this.settings;
    const { subscriptions, destinations } = await wanted(choice, this.library);
    const receiver = new GooseReceiver({ subscriptions, everyFrame, simulation, listen: choice.mode === 'listen' });
    receiver.on('values', (values, details) => this.emit(values, details));
    receiver.on('state', (state, gocbRef, statistics) => {
      this.out.state({ topic: gocbRef, payload: state, statistics } as NodeMessage);
      this.showState();
    });
    receiver.on('error', (error) => this.out.error(explain(error), { topic: 'goose' }));
    const link = await openFrames(source, this.rules, {
      frame: (frame, time) => receiver.receive(frame, time),
      state: (up) => {
        receiver.linkChanged(up);
        this.showState();
      },
      failed: (error) => this.out.error(explain(error), { topic: 'goose' }),
    });
    if (this.closed) {
      receiver.close();
      await link.close();
      return;
    }
    this.receiver = receiver;
    this.link = link;
    // Everything is in place before the first frame can come.
    link.listen({ etherTypes: [EtherType.goose], ...(destinations.length > 0 && { destinations }) });
    this.showState();
  }

  /** States and counts of all control blocks and of the interface, as a message. */
  statistics(): NodeMessage {
    const { receiver, link } = this;
    return {
      topic: 'statistics',
      payload: {
        interface: link && { name: link.name, up: link.up, ...link.statistics() },
        ...receiver?.counts,
        controlBlocks: receiver?.states ?? [],
      },
    } as NodeMessage;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.receiver?.close();
    this.receiver?.removeAllListeners();
    await this.link?.close();
  }

  private emit(values: readonly TagValue[], details: GooseDetails): void {
    this.out.values(tagMessages(this.settings.output, values, { goose: details } as NodeMessage));
  }

  private showState(): void {
    const { receiver, link, out } = this;
    if (!receiver || !link) return;
    if (!link.up) {
      out.status.bad('interface down');
      return;
    }
    const states = receiver.states.map(({ state }) => state);
    const live = states.filter((state) => state === 'live').length;
    const worst = states.find((state) => state !== 'live');
    if (states.length === 0) out.status.idle('listening');
    else if (worst === undefined) out.status.ok(`${live} live`);
    else if (states.length === 1) out.status.warn(SHORT_STATES[worst]);
    else out.status.warn(`${live} of ${states.length} live`);
  }
}

const SHORT_STATES: Readonly<Record<GooseState, string>> = {
  waiting: 'waiting',
  live: 'live',
  expired: 'expired',
  needsCommissioning: 'ndsCom',
  confRevMismatch: 'other confRev',
  dataSetMismatch: 'other data set',
  simulated: 'simulated only',
};

async function wanted(choice: GooseChoice, library: SclLibrary): Promise<Wanted> {
  if (choice.mode === 'listen') return { subscriptions: [], destinations: [] };
  if (choice.mode === 'typed') {
    const addresses = choice.streams.map(({ address }) => address);
    return {
      subscriptions: choice.streams.map(({ ied, gocbRef, appId }) => ({
        ied,
        ...(appId !== undefined && { appId }),
        expected: { gocbRef },
      })),
      // One control block from anywhere needs frames to everywhere.
      destinations: addresses.every((address) => address !== undefined) ? (addresses as string[]) : [],
    };
  }
  const document = await library.open(choice.file);
  const ied = choice.ied || document.ieds[0]?.name || '';
  const model = document.model(ied);
  const blocks = choice.blocks.map((reference) => gooseBlock(model, reference));
  const addresses = blocks.map(({ block }) => block.address?.mac);
  return {
    subscriptions: blocks.map((block) => ({
      ied,
      ...(block.block.address?.appId !== undefined && { appId: block.block.address.appId }),
      expected: expectationOf(block),
      points: pointsOf(model, block),
    })),
    destinations: addresses.every((address) => address !== undefined) ? (addresses as string[]) : [],
  };
}
