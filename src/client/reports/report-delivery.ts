import { performance } from 'node:perf_hooks';
import { diagnostics } from '../../diagnostics.js';
import { DecodeError, Iec61850Error } from '../../errors.js';
import type { TagValue } from '../../model/tag-value.js';
import { hasReason } from './control-block-bits.js';
import type { ReportConsumer, SubscriptionCounters } from './report-consumer.js';
import type { ControlBlockName } from './report-control-block.js';
import type { Segment } from './report-decoder.js';
import type { ReportHeader } from './report-header.js';
import { ResumePoint } from './resume-point.js';
import type { ResumeStore } from './resume-store.js';
import { SegmentJoiner } from './segments.js';
import { SequenceCheck } from './sequence-check.js';

/** What the delivery of reports asks of the subscription that it belongs to. */
export interface DeliveryHost {
  readonly ied: string;
  readonly consumers: ReadonlySet<ReportConsumer>;
  /** The data set that the armed control block reports. */
  readonly dataSet: string | undefined;
  warn(error: Iec61850Error): void;
  /** Counters have changed that people look at. */
  tellState(): void;
  /** A report came whole and fits; `integrity` when it may be the one of an integrity period. */
  delivered(integrity: boolean): void;
  /** Values have left. */
  reported(values: readonly TagValue[]): void;
  /** What was lost in a report is to come again. */
  recover(): void;
  /** The control block is to be taken anew. */
  rearm(error: Iec61850Error): void;
}

/** What becomes of the reports of one control block: joined, checked, counted, given to its consumers, and remembered. */
export class ReportDelivery {
  readonly counters: SubscriptionCounters = {
    reports: 0,
    values: 0,
    missed: 0,
    dropped: 0,
    overflows: 0,
    repeats: 0,
    armed: 0,
  };
  private readonly joiner = new SegmentJoiner();
  private readonly sequence: SequenceCheck;
  private resume: ResumePoint<ReportConsumer> | undefined;
  /** Enabled without a resume point, a buffered control block says overflow at first, which then means nothing. */
  private startsAnew = true;
  /** Entry that did not fit the data set: the second time it is given up. */
  private misfit: string | undefined;

  constructor(
    private readonly name: ControlBlockName,
    private readonly host: DeliveryHost,
    private readonly store: ResumeStore | undefined,
  ) {
    this.sequence = new SequenceCheck(name.buffered);
  }

  add(consumer: ReportConsumer): void {
    this.resume?.add(consumer);
  }

  remove(consumer: ReportConsumer): void {
    if (this.resume?.remove(consumer)) this.saveResumePoint();
  }

  acknowledge(consumer: ReportConsumer, entryId: string): void {
    if (this.resume?.acknowledge(consumer, entryId)) this.saveResumePoint();
  }

  /** EntryID to go on after, as hex text; read from the store the first time. */
  async resumePoint(): Promise<string | undefined> {
    this.resume ??= await this.loadResumePoint();
    return this.resume.last;
  }

  /** The control block is about to be enabled. @param resumed whether it took the resume point */
  restart(resumed: boolean): void {
    this.startsAnew = !resumed;
    this.sequence.restart();
    this.joiner.clear();
    this.resume?.restart();
  }

  /** Forgets the segments of a report that is not whole. */
  clear(): void {
    this.joiner.clear();
  }

  /** Takes one report, or a segment of one; the octets are valid until this returns. */
  receive(octets: Buffer, header: ReportHeader): void {
    if (!SegmentJoiner.isPart(header)) {
      if (this.joiner.clear()) this.segmentsLost(1);
      this.whole([{ octets, header }]);
      return;
    }
    const { report, lost } = this.joiner.add(octets, header);
    if (lost > 0) this.segmentsLost(lost);
    if (report) this.whole(report);
  }

  private segmentsLost(count: number): void {
    this.counters.dropped += count;
    this.host.warn(
      new DecodeError(`${this.name.reference}: a segment was lost, and the report with it`, { ied: this.host.ied }),
    );
    this.host.recover();
  }

  private whole(parts: readonly Segment[]): void {
    const { host } = this;
    const { header } = parts[0] as Segment;
    const received = Date.now();
    const readAt = performance.now();
    let decoded: { consumer: ReportConsumer; outcome: ReturnType<ReportConsumer['decode']> }[];
    try {
      decoded = [...host.consumers].map((consumer) => ({
        consumer,
        outcome: consumer.decode(parts, received, readAt),
      }));
    } catch (error) {
      this.didNotFit(header, error);
      return;
    }
    this.misfit = undefined;
    const repeat = header.entryId !== undefined && this.resume?.isRepeat(header.entryId) === true;
    this.count(header, repeat);
    const reasons = decoded[0]?.outcome.reasons ?? 0;
    // Without reasons every report counts, so that nothing is called stale that may not be.
    host.delivered(reasons === 0 || hasReason(reasons, 'integrity'));
    const more = { controlBlock: this.name.reference, dataSet: host.dataSet ?? '', repeat };
    if (diagnostics.report.watched) {
      const { sqNum, entryId } = header;
      const values = decoded.reduce((sum, { outcome }) => sum + outcome.values.length, 0);
      diagnostics.report.publish({
        ied: host.ied,
        ...more,
        values,
        ...(sqNum !== undefined && { sqNum }),
        ...(entryId !== undefined && { entryId }),
      });
    }
    for (const { consumer, outcome } of decoded) {
      this.counters.values += outcome.values.length;
      host.reported(outcome.values);
      if (outcome.values.length > 0 || consumer.options.acknowledges) consumer.emitReport(header, outcome.values, more);
    }
    if (header.entryId === undefined || !this.resume) return;
    const waits = new Set([...host.consumers].filter(({ options }) => options.acknowledges));
    if (this.resume.deliver(header.entryId, waits)) this.saveResumePoint();
  }

  private count(header: ReportHeader, repeat: boolean): void {
    const { host, name } = this;
    this.counters.reports++;
    if (repeat) this.counters.repeats++;
    const missed = header.sqNum === undefined ? 0 : this.sequence.missedBefore(header.sqNum);
    if (missed > 0) {
      this.counters.missed += missed;
      host.warn(
        new Iec61850Error(
          'IEC61850_REPORTS_MISSED',
          `${name.reference}: ${missed} report${missed > 1 ? 's' : ''} did not arrive before SqNum ${header.sqNum}`,
          '',
          { ied: host.ied, tag: name.reference },
        ),
      );
      host.tellState();
    }
    const startsAnew = this.startsAnew;
    this.startsAnew = false;
    if (header.bufOvfl !== true || startsAnew) return;
    this.counters.overflows++;
    host.warn(
      new Iec61850Error(
        'IEC61850_BUFFER_OVERFLOW',
        `${name.reference}: the IED's report buffer overflowed, and older entries are lost`,
        'Read the events from the log of the IED; keep the outages shorter or the buffer larger.',
        { ied: host.ied, tag: name.reference },
      ),
    );
    host.tellState();
  }

  private didNotFit({ entryId }: ReportHeader, cause: unknown): void {
    this.counters.dropped++;
    const { host, name } = this;
    const why = cause instanceof Error ? cause.message : String(cause);
    const error = new DecodeError(`${name.reference}: a report was dropped: ${why}`, {
      ied: host.ied,
      tag: name.reference,
      cause,
    });
    // The same entry comes again after each arming; it must not hold up those behind it for ever.
    if (entryId !== undefined && entryId === this.misfit) {
      host.warn(error);
      if (this.resume?.deliver(entryId, new Set())) this.saveResumePoint();
      return;
    }
    this.misfit = entryId;
    host.rearm(error);
  }

  private async loadResumePoint(): Promise<ResumePoint<ReportConsumer>> {
    const last = this.name.buffered ? await this.store?.load(this.resumeKey) : undefined;
    const resume = new ResumePoint<ReportConsumer>(last);
    for (const consumer of this.host.consumers) resume.add(consumer);
    return resume;
  }

  private saveResumePoint(): void {
    if (this.resume?.last !== undefined) this.store?.save(this.resumeKey, this.resume.last);
  }

  private get resumeKey(): string {
    return `${this.host.ied} ${this.name.reference}`;
  }
}
