import { performance } from 'node:perf_hooks';
import { ConnectionError, DecodeError, Iec61850Error, ReservedError } from '../../errors.js';
import { REARM_DELAYS_MS } from '../../limits.js';
import { atMost } from '../at-most.js';
import type { TagValue } from '../../model/tag-value.js';
import type { ClientAssociation } from '../client-association.js';
import type { TypeCache } from '../type-cache.js';
import { configure, disarm, enable, interrogate, type ReportWishes } from './arm.js';
import { OptFld } from './control-block-bits.js';
import { readControlBlock, type ControlBlockName, type ControlBlockState } from './report-control-block.js';
import {
  ReportConsumer,
  type ConsumerOptions,
  type SubscriptionPhase,
  type SubscriptionStatus,
} from './report-consumer.js';
import { readDirectory, type DataSetDirectory } from '../data-sets/directory.js';
import { ReportDelivery, type DeliveryHost } from './report-delivery.js';
import type { ReportHeader } from './report-header.js';
import type { ResumeStore } from './resume-store.js';

/** A control block that sends nothing is asked for its RptEna after so many ms. */
const SUPERVISE_MS = 30_000;
/** An integrity report may be late by so many ms. */
const INTEGRITY_MARGIN_MS = 500;
/** Closing waits so long for the IED to take RptEna=false. */
const DISARM_TIMEOUT_MS = 1000;

/** What a subscription needs of the hub that it stands in. */
export interface SubscriptionHost {
  readonly ied: string;
  /**
   * From now on reports with this RptID come to {@link ReportSubscription.receive}.
   * @returns the reference of another one whose reports could not be told from these; nothing has changed then
   */
  listen(subscription: ReportSubscription, reportId: string): string | undefined;
  silence(subscription: ReportSubscription): void;
  /** Values that a report has brought. */
  reported(values: readonly TagValue[]): void;
}

/** What stands while a control block is armed. */
interface Armed {
  association: ClientAssociation;
  block: ControlBlockState;
  dataSet: DataSetDirectory;
  confRev: number;
  integrityPeriod: number;
  reserved: boolean;
}

/**
 * One report control block, kept armed over a session: takes it, joins and checks what it sends, gives it to its
 * consumers, and takes it again after anything that ended it.
 */
export class ReportSubscription {
  private readonly consumers = new Set<ReportConsumer>();
  private readonly delivery: ReportDelivery;
  private phase: SubscriptionPhase = 'waiting';
  private error: Iec61850Error | undefined;
  private association: ClientAssociation | undefined;
  private types: TypeCache | undefined;
  private armed: Armed | undefined;
  private purged = false;
  private stale = false;
  private attempt = 0;
  private retry: NodeJS.Timeout | undefined;
  private supervision: NodeJS.Timeout | undefined;
  private integrityTimer: NodeJS.Timeout | undefined;
  private lastReportAt = 0;

  constructor(
    readonly name: ControlBlockName,
    private readonly wishes: ReportWishes,
    private readonly host: SubscriptionHost,
    store: ResumeStore | undefined,
  ) {
    this.delivery = new ReportDelivery(name, this.deliveryHost(), store);
  }

  get status(): SubscriptionStatus {
    return {
      controlBlock: this.name.reference,
      phase: this.phase,
      ...(this.error && { error: this.error }),
      members: this.armed?.dataSet.members.length ?? 0,
      counters: this.delivery.counters,
    };
  }

  /** The data set that the armed control block reports; tells apart control blocks of one RptID. */
  get dataSet(): string | undefined {
    return this.armed?.dataSet.name;
  }

  /** Whether the reports of the armed control block say their data set. */
  get namesDataSet(): boolean {
    return this.armed?.block.bits('optflds')[OptFld.dataSet] === '1';
  }

  /** Whether the armed control block reports something of a data object, named by its variable `LD/LN$FC$DO`. */
  reports(variable: string): boolean {
    return this.armed?.dataSet.members.some(({ place }) => place?.key === variable) === true;
  }

  /** Adds a consumer. While the control block is armed its first values come by an interrogation. */
  add(options: ConsumerOptions): ReportConsumer {
    const consumer: ReportConsumer = new ReportConsumer(options, this.host.ied, (one, id) =>
      this.delivery.acknowledge(one, id),
    );
    consumer.setMaxListeners(0);
    const { armed, types } = this;
    const join = (): void => {
      this.consumers.add(consumer);
      this.delivery.add(consumer);
    };
    if (!armed || !types) join();
    else {
      consumer.prepare(armed.dataSet, types, armed.association.negotiated.maxOutstanding).then(
        () => {
          join();
          this.tellState();
          if (this.wishes.interrogate !== false) void this.interrogate();
        },
        // The association is lost, and with the next one everything is prepared anew.
        join,
      );
    }
    return consumer;
  }

  /** @returns whether nobody is left */
  remove(consumer: ReportConsumer): boolean {
    this.consumers.delete(consumer);
    this.delivery.remove(consumer);
    consumer.removeAllListeners();
    return this.consumers.size === 0;
  }

  attached(association: ClientAssociation, types: TypeCache): void {
    if (this.association === association) return;
    this.association = association;
    this.types = types;
    this.attempt = 0;
    void this.arm();
  }

  detached(error: Iec61850Error): void {
    this.association = undefined;
    this.types = undefined;
    this.unarm();
    this.enter('waiting', error);
    for (const consumer of this.consumers) consumer.emitStatus('disconnected');
  }

  /** Asks for all members now. @throws ConnectionError when it is not armed, or the refusal */
  async interrogate(): Promise<void> {
    const { armed } = this;
    if (!armed) {
      throw new ConnectionError(`${this.name.reference} is not armed`, 'Wait until it is.', { ied: this.host.ied });
    }
    const refusal = await interrogate(armed.association, armed.block);
    if (refusal) this.warn(refusal);
  }

  /** Disables the control block and gives it back, within {@link DISARM_TIMEOUT_MS}. */
  async close(): Promise<void> {
    const { armed } = this;
    this.unarm();
    this.association = undefined;
    this.enter('closed');
    if (!armed?.association.open) return;
    // A connection that is lost meanwhile ends the reports as well.
    await atMost(DISARM_TIMEOUT_MS, disarm(armed.association, armed.block, armed.reserved));
  }

  /** Takes one report of this control block, or a segment of one; the octets are valid until this returns. */
  receive(octets: Buffer, header: ReportHeader): void {
    const { armed } = this;
    if (!armed) return;
    this.lastReportAt = performance.now();
    if (header.confRev !== undefined && header.confRev !== armed.confRev) {
      const was = armed.confRev;
      this.rearm(
        new Iec61850Error(
          'IEC61850_CONF_REV',
          `${this.name.reference}: ConfRev changed from ${was} to ${header.confRev}; the data set is read anew`,
          'Check whether the IED got another configuration.',
          { ied: this.host.ied, tag: this.name.reference },
        ),
      );
      return;
    }
    this.delivery.receive(octets, header);
  }

  private deliveryHost(): DeliveryHost {
    const dataSet = (): string | undefined => this.armed?.dataSet.name;
    return {
      ied: this.host.ied,
      consumers: this.consumers,
      get dataSet() {
        return dataSet();
      },
      warn: (error) => this.warn(error),
      tellState: () => this.tellState(),
      delivered: (integrity) => {
        this.attempt = 0;
        this.stale = false;
        if (integrity) this.watchIntegrity();
      },
      reported: (values) => this.host.reported(values),
      // What was lost comes again from the buffer, and else by an interrogation.
      recover: () => {
        if (this.name.buffered) this.rearm();
        else if (this.wishes.interrogate !== false) void this.interrogate().catch(() => undefined);
      },
      rearm: (error) => this.rearm(error),
    };
  }

  private async arm(): Promise<void> {
    const { association, types } = this;
    if (!association || !types) return;
    this.enter('arming');
    try {
      await this.take(association, types);
    } catch (error) {
      if (this.association !== association) return;
      this.unarm();
      this.armFailed(error);
    }
  }

  private async take(association: ClientAssociation, types: TypeCache): Promise<void> {
    const { name, wishes } = this;
    const gone = (): boolean => this.association !== association;
    const block = await readControlBlock(association, types, name);
    const resume = await this.delivery.resumePoint();
    if (gone()) return;
    const purge = wishes.purge === true && !this.purged;
    const configured = await configure(association, block, { ...wishes, purge }, resume);
    if (gone()) return;
    this.purged ||= purge;
    const dataSet = await readDirectory(association, wishes.dataSet ?? block.text('datset'));
    for (const consumer of this.consumers) {
      await consumer.prepare(dataSet, types, association.negotiated.maxOutstanding);
    }
    // What was written may have changed ConfRev and RptID, and whether it was taken.
    const now = await readControlBlock(association, types, name);
    if (gone()) return;
    // Reports may come before the answer to RptEna does: everything stands ready before.
    this.armed = {
      association,
      block: now,
      dataSet,
      confRev: now.number('confrev'),
      integrityPeriod: now.number('intgpd'),
      reserved: configured.reserved,
    };
    this.delivery.restart(configured.resumed);
    const twin = this.host.listen(this, now.reportId);
    if (twin !== undefined) {
      await disarm(association, now, configured.reserved);
      throw this.alike(twin, now.reportId);
    }
    await enable(association, now);
    if (gone() || !this.armed) return;
    this.delivery.counters.armed++;
    this.lastReportAt = performance.now();
    this.watchIntegrity();
    this.supervision = setInterval(() => void this.supervise(), SUPERVISE_MS);
    this.enter('armed');
    for (const warning of configured.warnings) this.warn(warning);
    if (wishes.interrogate !== false) await this.interrogate();
  }

  private alike(twin: string, reportId: string): Iec61850Error {
    return new Iec61850Error(
      'IEC61850_REPORT_ID_SHARED',
      `${this.name.reference} has the RptID ${reportId} of ${twin}, which is in use here: their reports cannot be told apart`,
      'Take the other one in both nodes, or give this one an RptID of its own.',
      { ied: this.host.ied, tag: this.name.reference },
    );
  }

  private armFailed(cause: unknown): void {
    const error = cause instanceof Iec61850Error ? cause : new DecodeError(String(cause), { cause });
    this.later(error instanceof ReservedError ? 'reserved' : 'failed', error);
  }

  /** Ends what is armed and takes it again later; the association stays. */
  private rearm(error?: Iec61850Error): void {
    const { armed } = this;
    this.unarm();
    if (error) this.warn(error);
    for (const consumer of this.consumers) consumer.emitStatus('stale');
    if (armed) void disarm(armed.association, armed.block, false).catch(() => undefined);
    this.later('waiting', error);
  }

  private later(phase: SubscriptionPhase, error: Iec61850Error | undefined): void {
    const delay = REARM_DELAYS_MS[Math.min(this.attempt, REARM_DELAYS_MS.length - 1)] as number;
    this.attempt++;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.arm(), delay);
    this.enter(phase, error, delay);
  }

  private unarm(): void {
    clearTimeout(this.retry);
    clearTimeout(this.integrityTimer);
    clearInterval(this.supervision);
    this.host.silence(this);
    this.armed = undefined;
    this.stale = false;
    this.delivery.clear();
  }

  /** A control block that is silent may have been disabled by the IED, as by a restart of its application. */
  private async supervise(silentFor = SUPERVISE_MS): Promise<void> {
    const { armed, types } = this;
    if (!armed || !types || performance.now() - this.lastReportAt < silentFor) return;
    try {
      const block = await readControlBlock(armed.association, types, this.name);
      if (this.armed !== armed || block.boolean('rptena')) return;
      this.rearm(
        new Iec61850Error('IEC61850_DISABLED', `${this.name.reference} was disabled by the IED or another client`, '', {
          ied: this.host.ied,
          tag: this.name.reference,
        }),
      );
    } catch {
      // The session finds out whether the IED still answers.
    }
  }

  private watchIntegrity(): void {
    const period = this.armed?.integrityPeriod ?? 0;
    clearTimeout(this.integrityTimer);
    if (period <= 0) return;
    this.integrityTimer = setTimeout(
      () => {
        if (this.stale) return;
        this.stale = true;
        for (const consumer of this.consumers) consumer.emitStatus('stale');
        this.tellState();
        void this.supervise(0);
      },
      2 * period + INTEGRITY_MARGIN_MS,
    );
  }

  private warn(error: Iec61850Error): void {
    for (const consumer of this.consumers) consumer.emit('warning', error);
  }

  private enter(phase: SubscriptionPhase, error?: Iec61850Error, retryIn?: number): void {
    this.phase = phase;
    this.error = error;
    this.tellState(retryIn);
  }

  private tellState(retryIn?: number): void {
    const status = { ...this.status, ...(retryIn !== undefined && { retryIn }) };
    for (const consumer of this.consumers) consumer.emit('state', status);
  }
}
