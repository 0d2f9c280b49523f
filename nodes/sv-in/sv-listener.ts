/** What an `sv-in` node does: a receiver of sampled values, and messages of what it measures and records. */
import { ArgumentError } from '../../src/errors.js';
import {
  svBlocks,
  svSubscription,
  SvReceiver,
  waveformDetails,
  type SvSubscription,
} from '../../src/gateway/process-bus/index.js';
import { EtherType } from '../../src/mms/application-header.js';
import type { SvWaveform } from '../../src/sv/waveform-recorder.js';
import { BusListener, destinationsOf, type BusOutput, type Wanted } from '../shared/bus-listener.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import type { PathRules } from '../shared/scl-source.js';
import type { ServerHost } from '../shared/server-host.js';
import { supervise, type Supervision } from '../shared/supervision.js';
import { ComtradeWriter } from './comtrade-writer.js';
import type { SvInSettings } from './sv-in-settings.js';

export interface SvOutput extends BusOutput {
  measured(message: NodeMessage): void;
  waveform(message: NodeMessage): void;
  log(text: string): void;
}

export class SvListener extends BusListener<SvReceiver, SvSubscription> {
  private writer: ComtradeWriter | undefined;
  private supervision: Supervision | undefined;
  private streams: SvReceiver | undefined;

  /** @param server that shows the subscriptions in its LSVS, and whose LPHD.Sim lets simulated frames in */
  constructor(
    private readonly settings: SvInSettings,
    private readonly library: SclLibrary,
    rules: PathRules,
    protected override readonly out: SvOutput,
    private readonly server?: ServerHost,
  ) {
    super('sv', EtherType.sampledValues, settings.source, rules, out);
  }

  override async open(): Promise<void> {
    const { comtrade } = this.settings;
    if (comtrade) this.writer = await ComtradeWriter.open(comtrade);
    await super.open();
  }

  /**
   * `payload: 'trigger'` records a waveform of each live stream, or of the one that `svId` names.
   * @throws ArgumentError when nothing is recorded
   */
  take(msg: NodeMessage): boolean {
    if (msg.payload !== 'trigger') return false;
    if (!this.settings.waveform)
      throw new ArgumentError('this node records no waveforms', 'Open the node and tick "Record waveforms".');
    const { svId } = msg as { svId?: unknown };
    const recording = this.streams?.trigger(typeof svId === 'string' && svId !== '' ? svId : undefined) ?? [];
    if (recording.length === 0)
      throw new ArgumentError(
        'no waveform is recorded: no such stream is live, or the last trigger was just now',
        'Look at the states of the streams, and at the hold-off.',
      );
    return true;
  }

  override async close(): Promise<void> {
    this.supervision?.close();
    await super.close();
    await this.writer?.close();
  }

  protected makeReceiver(subscriptions: SvSubscription[]): SvReceiver {
    const { chosen, nominal, interval, simulation, decimation, waveform } = this.settings;
    const receiver = (this.streams = new SvReceiver({
      subscriptions,
      listen: chosen === undefined,
      nominal,
      interval,
      simulation,
      ...(decimation && { decimation }),
      ...(waveform && { waveform }),
    }));
    receiver.on('measured', (measurement, source) => {
      this.out.measured({ topic: measurement.svId, payload: measurement, source } as NodeMessage);
    });
    receiver.on('samples', (batch, source) => {
      this.out.measured({ topic: batch.svId, payload: batch, source } as NodeMessage);
    });
    receiver.on('waveform', (recorded, source) => this.recorded(recorded, source));
    receiver.on('changed', (svId, rate, nominalNow) => {
      this.out.state({ topic: svId, payload: 'rateChanged', rate, nominal: nominalNow } as NodeMessage);
    });
    receiver.on('failed', (error) => this.failed(error));
    receiver.on('state', (state, svId) => {
      this.out.state({ topic: svId, payload: state } as NodeMessage);
      this.show();
    });
    if (this.server) {
      this.supervision = supervise(receiver, this.server, 'LSVS', {
        failed: (error) => this.failed(error),
        log: (text) => this.out.log(text),
      });
    }
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

  /** The message comes when the files are there, or without them when they cannot be written. */
  private recorded(waveform: SvWaveform, source: string): void {
    const send = (files: object): void =>
      this.out.waveform({
        topic: waveform.svId,
        payload: waveformDetails(waveform),
        source,
        ...files,
      } as NodeMessage);
    if (!this.writer) {
      send({});
      return;
    }
    this.writer.write(waveform).then(
      (comtrade) => send({ comtrade }),
      (error: unknown) => {
        this.failed(error instanceof Error ? error : new Error(String(error)));
        send({});
      },
    );
  }
}
