/** What an `sv-in` node does: a receiver of sampled values, and messages of what it measures. */
import { svBlocks, svSubscription, SvReceiver, type SvSubscription } from '../../src/gateway/process-bus/index.js';
import { EtherType } from '../../src/mms/application-header.js';
import { BusListener, destinationsOf, type BusOutput, type Wanted } from '../shared/bus-listener.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import type { PathRules } from '../shared/scl-source.js';
import type { SvInSettings } from './sv-in-settings.js';

export interface SvOutput extends BusOutput {
  measured(message: NodeMessage): void;
}

export class SvListener extends BusListener<SvReceiver, SvSubscription> {
  constructor(
    private readonly settings: SvInSettings,
    private readonly library: SclLibrary,
    rules: PathRules,
    protected override readonly out: SvOutput,
  ) {
    super('sv', EtherType.sampledValues, settings.source, rules, out);
  }

  protected makeReceiver(subscriptions: SvSubscription[]): SvReceiver {
    const { chosen, nominal, interval, simulation } = this.settings;
    const receiver = new SvReceiver({ subscriptions, listen: chosen === undefined, nominal, interval, simulation });
    receiver.on('measured', (measurement, source) => {
      this.out.measured({ topic: measurement.svId, payload: measurement, source } as NodeMessage);
    });
    receiver.on('state', (state, svId) => {
      this.out.state({ topic: svId, payload: state } as NodeMessage);
      this.show();
    });
    return receiver;
  }

  protected details(receiver: SvReceiver | undefined): object {
    return { streams: receiver?.streams ?? [] };
  }

  protected states(receiver: SvReceiver): string[] {
    return receiver.streams.map(({ state }) => state);
  }

  protected async wanted(): Promise<Wanted<SvSubscription>> {
    const { chosen, nominal } = this.settings;
    if (!chosen) return { subscriptions: [], destinations: [] };
    const document = await this.library.open(chosen.file);
    const model = document.model(chosen.ied || (document.ieds[0]?.name ?? ''));
    const addresses = svBlocks(model)
      .filter(({ reference }) => chosen.blocks.includes(reference))
      .map(({ block }) => block.address?.mac);
    return {
      subscriptions: chosen.blocks.map((reference) => svSubscription(model, reference, nominal)),
      destinations: destinationsOf(addresses),
    };
  }
}
