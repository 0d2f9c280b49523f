/** Unbuffered report control blocks (IEC 61850-7-2 §17.2.3). */
import { MAX_UNBUFFERED_OCTETS } from '../../limits.js';
import type { ReportAttribute } from '../../model/report-attribute.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientSession } from '../client-session.js';
import { AccessError } from '../selection.js';
import { OptFlds } from './bits.js';
import type { BlockHost, BlockPlace } from './block-host.js';
import { ReportBlock } from './report-block.js';
import type { ReportBody } from './report-body.js';
import { writeReport, type ReportFormat } from './report-pdu.js';
import { UnbufferedQueue } from './unbuffered-queue.js';

const SEQUENCE_RANGE = 0x100;

export class UnbufferedBlock extends ReportBlock {
  protected readonly buffered = false;
  protected readonly fields = 0xffff & ~(OptFlds.bufOvfl | OptFlds.entryID);
  protected readonly sequenceRange = SEQUENCE_RANGE;
  private readonly queue = new UnbufferedQueue(MAX_UNBUFFERED_OCTETS);
  /** Whether the client has asked for it by Resv, and not only by enabling. */
  private asked = false;
  private readonly dataSetOfFile: Buffer;

  constructor(host: BlockHost, place: BlockPlace) {
    super(host, place);
    this.dataSetOfFile = this.attributes.octets('datset');
    this.showReservation();
  }

  protected report(body: ReportBody, now: number): void {
    if (!this.session) return;
    this.queue.add(body, now);
    this.host.sender.wake(this);
  }

  protected sendReports(format: ReportFormat, session: ClientSession, count: number): boolean {
    for (const { body, time, lost } of this.queue.take(count)) {
      if (!session.open) return false;
      this.sqNum = (this.sqNum + lost) % SEQUENCE_RANGE;
      const heading = { sqNum: this.nextSqNum(), time, bufOvfl: false };
      writeReport(format, heading, body, (pdu) => session.sendUnconfirmed(pdu));
    }
    return this.queue.length > 0;
  }

  protected configured(): void {
    // Nothing waits that an older configuration made.
  }

  protected writeOwn(session: ClientSession, attribute: ReportAttribute, data: MmsData): number | undefined {
    if (attribute !== 'resv') return AccessError.objectAccessDenied;
    this.asked = data.type === 'boolean' && data.value;
    if (this.asked) this.reservation.take(session);
    else this.reservation.release();
    this.showReservation();
    return undefined;
  }

  protected prepare(session: ClientSession): void {
    this.queue.clear();
    this.collector.clear();
    this.reservation.take(session);
    this.showReservation();
  }

  protected disabled(_session: ClientSession, gone: boolean): void {
    this.queue.clear();
    this.collector.clear();
    if (gone || !this.asked) {
      this.asked = false;
      this.reservation.release();
    }
    this.showReservation();
  }

  override sessionClosed(session: ClientSession): void {
    super.sessionClosed(session);
    if (this.dataSet.owner !== session) return;
    // Its data set is gone with it, whether it was reported or not.
    this.attributes.store('datset', this.dataSetOfFile);
    this.countConfiguration();
    this.hold(undefined);
  }

  protected released(): void {
    this.showReservation();
  }

  protected refresh(): void {
    this.attributes.setUnsigned('sqnum', this.sqNum);
  }

  private showReservation(): void {
    this.attributes.setBoolean('resv', this.reservation.taken || this.reservation.preassigned !== undefined);
    this.attributes.setOctets('owner', this.reservation.owner);
  }
}
