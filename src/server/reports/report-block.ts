/** What buffered and unbuffered report control blocks have in common (IEC 61850-7-2 §17.2, IEC 61850-8-1 §17.2). */
import { MIN_INTEGRITY_MS, REPORTS_PER_TURN } from '../../limits.js';
import type { ReportAttribute } from '../../model/report-attribute.js';
import { DataTag, type MmsData } from '../../mms/data.js';
import { berVisibleString } from '../../mms/wire.js';
import type { Behaviour } from '../behaviour.js';
import type { ClientSession } from '../client-session.js';
import { AccessError } from '../selection.js';
import { pathOf, type Variable } from '../variable.js';
import { assign, type Assignment } from '../written-value.js';
import { Alarm } from './alarm.js';
import { TrgOps } from './bits.js';
import { BlockAttributes } from './block-attributes.js';
import type { BlockHost, BlockPlace } from './block-host.js';
import { EventCollector } from './event-collector.js';
import { NamedDataSet } from './named-data-set.js';
import type { ReportBody } from './report-body.js';
import { formatFits, type ReportFormat } from './report-pdu.js';
import type { DataSetListener, Notification } from './reported-data-set.js';
import { Reservation } from './reservation.js';
import type { ReportSource } from './sender.js';

/** Attributes that a client may write while the block is not enabled, and that say what is reported. */
const CONFIGURATION: readonly ReportAttribute[] = ['rptid', 'datset', 'optflds', 'buftm', 'trgops', 'intgpd'];
const READ_ONLY: readonly ReportAttribute[] = ['sqnum', 'confrev', 'timeofentry', 'owner'];
const MAX_CONF_REV = 0xffffffff;

export abstract class ReportBlock implements Behaviour, DataSetListener, ReportSource {
  /** Who takes its reports; undefined while it is not enabled. */
  session: ClientSession | undefined;
  /** `LD/LN$BR$name`, which is also what an empty RptID stands for. */
  readonly reference: string;
  /** `LD/LN.name[BR]`. */
  readonly name: string;
  protected readonly attributes: BlockAttributes;
  protected readonly reservation: Reservation;
  protected readonly collector: EventCollector;
  protected readonly dataSet: NamedDataSet;
  protected format: ReportFormat | undefined;
  protected sqNum = 0;
  private trgOps = 0;
  private bufferTime = 0;
  private readonly scan = new Alarm(() => this.scanned());

  constructor(
    protected readonly host: BlockHost,
    private readonly place: BlockPlace,
  ) {
    const { domain, variable, preassigned } = place;
    this.reference = `${domain}/${itemOf(variable)}`;
    this.name = `${domain}/${pathOf(variable)}`;
    this.attributes = new BlockAttributes(variable);
    this.remember();
    this.reservation = new Reservation(preassigned, () => this.released());
    this.collector = new EventCollector((body) => this.report(body, this.host.now(), false));
    this.dataSet = new NamedDataSet(host, this);
    this.hold(undefined);
  }

  /** Whether it takes down what happens also while nobody takes its reports. */
  protected abstract readonly buffered: boolean;
  /** Fields of OptFlds that this kind of control block has. */
  protected abstract readonly fields: number;
  /** Value at which SqNum rolls over. */
  protected abstract readonly sequenceRange: number;
  /** Takes a report that is to be sent. */
  protected abstract report(body: ReportBody, now: number, integrity: boolean): void;
  /** Sends up to `count` reports. Returns whether more wait. */
  protected abstract sendReports(format: ReportFormat, session: ClientSession, count: number): boolean;
  /** One of {@link CONFIGURATION} has another value. */
  protected abstract configured(attribute: ReportAttribute, session: ClientSession): void;
  /** Writes an attribute that only this kind has; the block is not enabled. */
  protected abstract writeOwn(session: ClientSession, attribute: ReportAttribute, data: MmsData): number | undefined;
  /** It will be enabled next: what was sent before is over. */
  protected abstract prepare(session: ClientSession): void;
  /** Its client has disabled it, or is gone. */
  protected abstract disabled(session: ClientSession, gone: boolean): void;
  /** The time of an absent client is over. */
  protected abstract released(): void;
  /** Stores SqNum and what else changes with each report. */
  protected abstract refresh(): void;

  read(): undefined {
    this.refresh();
    return undefined;
  }

  write(session: ClientSession, variable: Variable, data: MmsData): number | undefined {
    if (!session.rights.allows('reports') || variable.parent !== this.place.variable) {
      return AccessError.objectAccessDenied;
    }
    const attribute = variable.name.toLowerCase() as ReportAttribute;
    if (READ_ONLY.includes(attribute)) return AccessError.objectAccessDenied;
    const assignments: Assignment[] = [];
    const error = assign(variable, data, assignments);
    if (error !== undefined) return error;
    if (this.reservation.refuses(session)) return AccessError.temporarilyUnavailable;
    if (attribute === 'rptena') return this.writeEnabled(session, data);
    if (attribute === 'gi') return this.interrogate(data);
    if (this.session) return AccessError.temporarilyUnavailable;
    if (!CONFIGURATION.includes(attribute)) return this.writeOwn(session, attribute, data);
    return this.configure(session, attribute, data, (assignments[0] as Assignment).encoding);
  }

  notified(notification: Notification): void {
    const body = notification.bodyFor(this.trgOps);
    if (body) this.collector.add(body, this.bufferTime);
  }

  send(): boolean {
    const { session, format } = this;
    const more = session !== undefined && format !== undefined && this.sendReports(format, session, REPORTS_PER_TURN);
    this.refresh();
    return more;
  }

  /** An association is over. */
  sessionClosed(session: ClientSession): void {
    if (this.session === session) this.disable(session, true);
    else if (this.reservation.has(session)) this.disabled(session, true);
  }

  /** A client has made or deleted data sets. The one that DatSet names stays, but there may be one now that was missing. */
  dataSetsChanged(): void {
    if (this.dataSet.found) return;
    this.hold(undefined);
    if (this.buffered) this.listen(undefined);
  }

  /** Timers begin when the server listens. */
  start(): void {
    this.scheduleScan();
  }

  stop(): void {
    this.scan.clear();
    this.collector.flush();
    this.reservation.release();
    this.released();
  }

  /** Numbers the next report. */
  protected nextSqNum(): number {
    const number = this.sqNum;
    this.sqNum = (number + 1) % this.sequenceRange;
    return number;
  }

  /** Encodings of all that a client may configure, and ConfRev, in hexadecimal digits. */
  protected configuration(): Record<string, string> {
    const names = [...CONFIGURATION, 'confrev' as const];
    return Object.fromEntries(names.map((name) => [name, this.attributes.octets(name).toString('hex')]));
  }

  /** Its attributes have been set at once. */
  protected reconfigured(): void {
    this.remember();
    this.hold(undefined);
    this.listen(undefined);
  }

  /** What every event needs of the attributes. */
  private remember(): void {
    this.trgOps = this.attributes.bits('trgops') >> 8;
    this.bufferTime = this.attributes.number('buftm');
  }

  protected scheduleScan(): void {
    const period = this.attributes.number('intgpd');
    const wanted = this.trgOps & TrgOps.integrity;
    const active = this.session !== undefined || (this.buffered && this.host.running);
    if (active && wanted && period > 0 && this.dataSet.reported) this.scan.set(Math.max(period, MIN_INTEGRITY_MS));
    else this.scan.clear();
  }

  /** Hears of the data set that DatSet names. */
  protected listen(session: ClientSession | undefined): void {
    this.dataSet.listen(this.attributes.text('datset'), this.ownerOf(session));
  }

  /** Keeps the data set from being deleted that DatSet names. */
  protected hold(session: ClientSession | undefined): void {
    this.dataSet.hold(this.attributes.text('datset'), this.ownerOf(session));
  }

  /** Nobody takes the reports: only a buffered block still hears of its data set. */
  private listenNoMore(): void {
    if (!this.buffered) this.dataSet.leave();
  }

  /** Who may bring a data set of its own: one of an association is no ground for a buffer that outlives it. */
  private ownerOf(session: ClientSession | undefined): ClientSession | undefined {
    return this.buffered ? undefined : session;
  }

  protected countConfiguration(): void {
    const revision = this.attributes.number('confrev');
    // 0 is no revision.
    this.attributes.setUnsigned('confrev', revision >= MAX_CONF_REV ? 1 : revision + 1);
  }

  private writeEnabled(session: ClientSession, data: MmsData): number | undefined {
    const enable = data.type === 'boolean' && data.value;
    if (enable) return this.session ? undefined : this.enable(session);
    if (this.session) this.disable(session, false);
    return undefined;
  }

  private enable(session: ClientSession): number | undefined {
    this.listen(session);
    const { attributes, host } = this;
    const { reported } = this.dataSet;
    if (!reported) return AccessError.objectValueInvalid;
    const rptId = attributes.text('rptid') || this.reference;
    const format: ReportFormat = {
      rptId: berVisibleString(DataTag.visibleString, rptId),
      datSet: attributes.octets('datset'),
      optFlds: attributes.bits('optflds') & this.fields,
      confRev: attributes.number('confrev'),
      references: reported.references,
      reasonBits: host.reasonBits,
      maxPduSize: session.maxPduSize,
    };
    if (!formatFits(format)) {
      this.listenNoMore();
      return AccessError.objectValueInvalid;
    }
    this.format = format;
    this.sqNum = 0;
    this.prepare(session);
    this.session = session;
    attributes.setBoolean('rptena', true);
    attributes.setOctets('owner', this.reservation.owner);
    this.scheduleScan();
    host.sender.wake(this);
    host.tell('reportEnabled', session.identity, this.name);
    return undefined;
  }

  private disable(session: ClientSession, gone: boolean): void {
    this.session = undefined;
    this.format = undefined;
    this.attributes.setBoolean('rptena', false);
    this.listenNoMore();
    this.disabled(session, gone);
    this.scheduleScan();
    this.refresh();
    this.host.tell('reportDisabled', session.identity, this.name);
  }

  private interrogate(data: MmsData): number | undefined {
    const allowed = this.trgOps & TrgOps.gi;
    if (!this.session || !allowed) return AccessError.temporarilyUnavailable;
    if (data.type === 'boolean' && data.value) this.snapshot(TrgOps.gi);
    return undefined;
  }

  private scanned(): void {
    this.scheduleScan();
    this.snapshot(TrgOps.integrity);
  }

  /** Reports all members, after the events that came before. */
  private snapshot(reason: number): void {
    const { reported } = this.dataSet;
    if (!reported) return;
    this.collector.flush();
    this.report(reported.snapshot(reason), this.host.now(), reason === TrgOps.integrity);
  }

  private configure(
    session: ClientSession,
    attribute: ReportAttribute,
    data: MmsData,
    encoding: Buffer,
  ): number | undefined {
    const { attributes } = this;
    if (attribute === 'datset' && data.type === 'visible-string') {
      if (data.value !== '' && !this.dataSet.find(data.value, this.ownerOf(session)))
        return AccessError.objectValueInvalid;
    }
    // What is written as it is changes nothing: a client that sets all there is must not lose what is buffered.
    if (!attributes.store(attribute, encoding)) return undefined;
    this.remember();
    if (attribute === 'datset') {
      this.countConfiguration();
      this.hold(session);
    }
    this.configured(attribute, session);
    return undefined;
  }
}

/** `LN$FC$name` of a control block. */
function itemOf(variable: Variable): string {
  return variable.parent ? `${itemOf(variable.parent)}$${variable.name}` : variable.name;
}
