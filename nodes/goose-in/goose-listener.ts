/** What a `goose-in` node does: a receiver of GOOSE, and messages of what it says. */
import {
  gooseBlock,
  GooseReceiver,
  gooseSubscription,
  type GooseSubscription,
} from '../../src/gateway/process-bus/index.js';
import type { GooseState } from '../../src/goose/subscriber.js';
import { EtherType } from '../../src/mms/application-header.js';
import { BusListener, destinationsOf, type BusOutput, type Wanted } from '../shared/bus-listener.js';
import { tagMessages } from '../shared/message.js';
import { LastValues } from '../shared/monitor/tag-rows.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import type { ServerHost } from '../shared/server-host.js';
import { supervise, type Supervision } from '../shared/supervision.js';
import type { PathRules } from '../shared/scl-source.js';
import type { GooseChoice, GooseInSettings } from './goose-in-settings.js';

export interface GooseOutput extends BusOutput {
  values(messages: NodeMessage[]): void;
  log(text: string): void;
}

export class GooseListener extends BusListener<GooseReceiver, GooseSubscription> {
  /** The last values, for the sidebar. */
  readonly rows = new LastValues();

  private supervision: Supervision | undefined;

  /** @param server that shows the subscriptions in its LGOS, and whose LPHD.Sim lets simulated frames in */
  constructor(
    private readonly settings: GooseInSettings,
    private readonly library: SclLibrary,
    rules: PathRules,
    protected override readonly out: GooseOutput,
    private readonly server?: ServerHost,
  ) {
    super('goose', EtherType.goose, settings.source, rules, out);
  }

  protected makeReceiver(subscriptions: GooseSubscription[]): GooseReceiver {
    const { choice, everyFrame, simulation, output } = this.settings;
    const receiver = new GooseReceiver({ subscriptions, everyFrame, simulation, listen: choice.mode === 'listen' });
    receiver.on('values', (values, details) => {
      this.rows.note(values);
      this.out.values(tagMessages(output, values, { goose: details } as NodeMessage));
    });
    receiver.on('state', (state, gocbRef, statistics) => {
      this.out.state({ topic: gocbRef, payload: state, statistics } as NodeMessage);
      this.show();
    });
    receiver.on('error', (error) => this.failed(error));
    if (this.server) {
      this.supervision = supervise(receiver, this.server, 'LGOS', {
        failed: (error) => this.failed(error),
        log: (text) => this.out.log(text),
      });
    }
    return receiver;
  }

  override async close(): Promise<void> {
    this.supervision?.close();
    await super.close();
  }

  protected details(receiver: GooseReceiver | undefined): object {
    return { controlBlocks: receiver?.states ?? [] };
  }

  protected states(receiver: GooseReceiver): string[] {
    return receiver.states.map(({ state }) => SHORT_STATES[state]);
  }

  protected override linkChanged(receiver: GooseReceiver, up: boolean): void {
    receiver.linkChanged(up);
  }

  protected wanted(): Promise<Wanted<GooseSubscription>> {
    return wanted(this.settings.choice, this.library);
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

async function wanted(choice: GooseChoice, library: SclLibrary): Promise<Wanted<GooseSubscription>> {
  if (choice.mode === 'listen') return { subscriptions: [], destinations: [] };
  if (choice.mode === 'typed') {
    const addresses = choice.streams.map(({ address }) => address);
    return {
      subscriptions: choice.streams.map(({ ied, gocbRef, appId }) => ({
        ied,
        ...(appId !== undefined && { appId }),
        expected: { gocbRef },
      })),
      destinations: destinationsOf(addresses),
    };
  }
  const document = await library.open(choice.file);
  const ied = choice.ied || document.ieds[0]?.name || '';
  const model = document.model(ied);
  const addresses = choice.blocks.map((reference) => gooseBlock(model, reference).block.address?.mac);
  return {
    subscriptions: choice.blocks.map((reference) => gooseSubscription(model, reference)),
    destinations: destinationsOf(addresses),
  };
}
