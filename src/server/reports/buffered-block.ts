/** Buffered report control blocks (IEC 61850-7-2 §17.2.2). */
import { IMPLICIT_RESERVATION_S } from '../../limits.js';
import type { ReportAttribute } from '../../model/report-attribute.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientSession } from '../client-session.js';
import { AccessError } from '../selection.js';
import type { BlockArchive } from './block-archive.js';
import type { EntryIds } from './entry-ids.js';
import { EventBuffer } from './event-buffer.js';
import type { BlockHost, BlockPlace } from './block-host.js';
import { ReportBlock } from './report-block.js';
import type { ReportBody } from './report-body.js';
import { ENTRY_ID_LENGTH, writeEntryTime, writeReport, type ReportFormat } from './report-pdu.js';

const SEQUENCE_RANGE = 0x10000;
/** ResvTms of a control block that the file gives to a client. */
const PREASSIGNED = -1;

export class BufferedBlock extends ReportBlock {
  protected readonly buffered = true;
  protected readonly fields = 0xffff;
  protected readonly sequenceRange = SEQUENCE_RANGE;
  private buffer: EventBuffer;
  private readonly archive: BlockArchive | undefined;
  /** What the file says of it. */
  private readonly ofFile: Record<string, string>;
  /** Number and time of the entry that EntryID and TimeOfEntry show. */
  private shown = { number: 0, time: 0 };
  /** Whether the client has said by EntryID where to go on. */
  private resumed = false;
  /** Whether it was reserved by enabling alone. */
  private implicit = false;

  constructor(
    host: BlockHost,
    place: BlockPlace,
    private readonly ids: EntryIds,
    private readonly limit: number,
    archive: ((reference: string) => BlockArchive) | undefined,
  ) {
    super(host, place);
    this.archive = archive?.(this.reference);
    this.buffer = new EventBuffer(limit);
    this.ofFile = this.configuration();
    this.showReservation(0);
    this.listen(undefined);
  }

  protected report(body: ReportBody, now: number, integrity: boolean): void {
    const entry = this.buffer.add(body, now, integrity);
    this.archive?.append(entry);
    this.host.sender.wake(this);
  }

  protected sendReports(format: ReportFormat, session: ClientSession, count: number): boolean {
    const { buffer } = this;
    for (let i = 0; i < count; i++) {
      const entry = buffer.pending;
      if (!entry || !session.open) return false;
      const { number, time, body } = entry;
      const entryId = { writeTo: (target: Buffer, at: number) => this.ids.write(number, target, at) };
      const heading = { sqNum: this.nextSqNum(), time, bufOvfl: buffer.overflow, entryId };
      writeReport(format, heading, body, (pdu) => session.sendUnconfirmed(pdu));
      // An association that ends between two segments has not got the report.
      if (!session.open) return false;
      buffer.overflow = false;
      buffer.sent(entry);
      this.shown = entry;
    }
    return buffer.pending !== undefined;
  }

  protected configured(attribute: ReportAttribute, session: ClientSession): void {
    // What is in the buffer was made by another configuration; OptFlds alone says how it is sent, not what it is.
    if (attribute !== 'optflds') this.purge();
    if (attribute === 'datset') this.listen(session);
    this.scheduleScan();
    this.keepConfiguration();
  }

  protected writeOwn(session: ClientSession, attribute: ReportAttribute, data: MmsData): number | undefined {
    switch (attribute) {
      case 'purgebuf':
        if (data.type === 'boolean' && data.value) this.purge();
        return undefined;
      case 'entryid':
        return data.type === 'octet-string' ? this.resume(data.octets) : AccessError.typeInconsistent;
      case 'resvtms':
        return data.type === 'integer' ? this.reserve(session, Number(data.value)) : AccessError.typeInconsistent;
      default:
        return AccessError.objectAccessDenied;
    }
  }

  protected prepare(session: ClientSession): void {
    if (!this.resumed) {
      this.buffer.restart();
      this.shown = { number: 0, time: 0 };
    }
    this.resumed = false;
    const { reservation } = this;
    if (!reservation.has(session)) {
      this.implicit = !reservation.taken;
      reservation.take(session);
      if (this.implicit) this.showReservation(IMPLICIT_RESERVATION_S);
    }
  }

  protected disabled(_session: ClientSession, gone: boolean): void {
    if (gone) this.reservation.leave(this.attributes.has('resvtms') ? this.attributes.number('resvtms') : 0);
    else if (this.implicit) this.reservation.release();
    if (this.implicit && !gone) this.implicit = false;
    this.showReservation(this.reservation.taken ? this.attributes.number('resvtms') : 0);
  }

  protected released(): void {
    this.implicit = false;
    this.showReservation(0);
  }

  override read(): undefined {
    super.read();
    // An EntryID that a client has seen is known also after the next start.
    if (this.archive) this.host.commit();
    return undefined;
  }

  protected refresh(): void {
    const { attributes, ids } = this;
    attributes.setUnsigned('sqnum', this.sqNum);
    // While enabled the entry that was sent last, else the newest one of the buffer.
    if (!this.session && !this.resumed) this.shown = this.buffer.newest ?? { number: 0, time: 0 };
    const entryId = Buffer.alloc(ENTRY_ID_LENGTH);
    ids.write(this.shown.number, entryId, 0);
    attributes.setOctets('entryid', entryId);
    const time = Buffer.alloc(2 + 6);
    writeEntryTime(time, 0, this.shown.time);
    attributes.store('timeofentry', time);
    this.archive?.save(this.buffer);
  }

  /** Puts back what was kept, when it is of this configuration, and before what has come since. */
  restore(): void {
    const { archive } = this;
    if (!archive) return;
    const early = [...this.buffer];
    this.buffer = new EventBuffer(this.limit);
    const kept = archive.configuration;
    const current = kept?.file === JSON.stringify(this.ofFile);
    const same = current && JSON.stringify(kept?.attributes) === JSON.stringify(this.ofFile);
    if (kept && current && !same) {
      for (const [attribute, octets] of Object.entries(kept.attributes)) {
        this.attributes.store(attribute as ReportAttribute, Buffer.from(octets, 'hex'));
      }
      this.reconfigured();
    }
    const { reported } = this.dataSet;
    if (reported && current && kept?.members === this.members()) archive.restore(this.buffer, reported.size);
    else {
      archive.clear();
      this.buffer.last = archive.last;
      this.buffer.purge();
    }
    // Events of another configuration mean nothing in this one.
    if (same || !current) for (const { body, time, integrity } of early) this.report(body, time, integrity);
    this.keepConfiguration();
  }

  /** What came while the store was closed is kept from now on as well. */
  override start(): void {
    this.archive?.catchUp(this.buffer);
    super.start();
  }

  private keepConfiguration(): void {
    this.archive?.configure({
      file: JSON.stringify(this.ofFile),
      attributes: this.configuration(),
      members: this.members(),
    });
  }

  private members(): string {
    return this.dataSet.reported?.references.map((reference) => reference.toString('latin1')).join('\n') ?? '';
  }

  private purge(): void {
    this.collector.clear();
    this.buffer.purge();
    this.archive?.save(this.buffer);
    this.resumed = false;
  }

  private resume(entryId: Buffer): number | undefined {
    const number = this.ids.numberOf(entryId);
    if (number === undefined || !this.buffer.resume(number)) return AccessError.objectValueInvalid;
    this.resumed = true;
    this.shown = { number, time: this.shown.number === number ? this.shown.time : 0 };
    return undefined;
  }

  private reserve(session: ClientSession, seconds: number): number | undefined {
    if (this.reservation.preassigned !== undefined) return AccessError.objectAccessDenied;
    if (seconds < 0) return AccessError.objectValueInvalid;
    this.implicit = false;
    if (seconds > 0) this.reservation.take(session);
    else this.reservation.release();
    this.showReservation(seconds);
    return undefined;
  }

  private showReservation(seconds: number): void {
    const { attributes, reservation } = this;
    attributes.set('resvtms', {
      type: 'integer',
      value: reservation.preassigned === undefined ? seconds : PREASSIGNED,
    });
    attributes.setOctets('owner', reservation.owner);
  }
}
