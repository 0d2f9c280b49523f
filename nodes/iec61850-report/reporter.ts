/** What an `iec61850-report` node does with its session, whichever way its reports were chosen. */
import type { IedSession, ResumeStore, SessionStateEvent } from '../../src/client/index.js';
import { ReportHub, type Report, type ReportLease, type SubscriptionStatus } from '../../src/client/reports/index.js';
import { ArgumentError, Iec61850Error, ReservedError } from '../../src/errors.js';
import { ReportsFirst, type Coverage } from '../../src/gateway/reports/index.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { ErrorMemory, explain } from '../shared/explain.js';
import type { SessionLease } from '../shared/ied-connection.js';
import { memberName } from '../shared/member-name.js';
import { tagMessages } from '../shared/message.js';
import { LastValues } from '../shared/monitor/tag-rows.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import type { ReportSettings } from './report-settings.js';

export interface ReporterOutput {
  status: StatusLine;
  send(messages: NodeMessage[]): void;
  /** Something that a person is to know, and that reports go on in spite of. */
  warn(text: string): void;
  /** An error that no input message asked for. */
  error(error: Error, message: NodeMessage): void;
}

/** What a message carries of its report besides the values. */
type ReportDetails = Omit<Report, 'values'>;

/** Entries are lost, or may be: a Catch node is to know. */
const LOSSES: ReadonlySet<string> = new Set([
  'IEC61850_REPORT_GAP',
  'IEC61850_BUFFER_OVERFLOW',
  'IEC61850_REPORTS_MISSED',
  'IEC61850_MALFORMED',
]);

export class Reporter {
  /** The last values, for the sidebar. */
  readonly rows = new LastValues();
  private readonly session: IedSession;
  private readonly leases: ReportLease[] = [];
  private readonly first: ReportsFirst | undefined;
  private readonly errors = new ErrorMemory();

  constructor(
    private readonly lease: SessionLease,
    private readonly settings: ReportSettings,
    private readonly out: ReporterOutput,
    store: ResumeStore,
  ) {
    this.session = lease.session;
    const { mode, wishes, acknowledge, resume, blocks } = settings;
    const common = { ...(resume && { store }), ...(acknowledge && { acknowledges: true }) };
    if (mode === 'tags') {
      const { tags, interval, makeDataSets } = settings;
      const made = makeDataSets && { makeDataSets };
      this.first = new ReportsFirst(this.session, { tags, interval, wishes, ...made, ...common });
      this.follow(this.first);
    } else {
      for (const reference of blocks) {
        this.take(ReportHub.of(this.session).subscribe({ ...wishes, ...common, reference, nameOf: this.nameOf }));
      }
    }
    this.session.on('state', this.showState);
    this.showState({ state: this.session.state, ...(this.session.lastError && { error: this.session.lastError }) });
    this.first?.start();
  }

  /** State and counters of the control blocks that it has taken. */
  get blocks(): SubscriptionStatus[] {
    return this.first?.blocks ?? this.leases.map((lease) => lease.status);
  }

  /** Gives the control blocks back. */
  async close(): Promise<void> {
    this.session.off('state', this.showState);
    await Promise.all([this.first?.close(), ...this.leases.map((lease) => lease.release())]);
    this.lease.release();
  }

  /**
   * Does what an input message asks: an interrogation, or an acknowledgement.
   * @throws ArgumentError when it asks for neither
   */
  async command(message: NodeMessage): Promise<void> {
    const { acknowledge, payload, topic } = message as { acknowledge?: unknown; payload?: unknown; topic?: unknown };
    if (acknowledge !== undefined) this.acknowledge(message, acknowledge);
    else if ([payload, topic].some((word) => word === 'interrogate' || word === 'gi')) await this.interrogate();
    else {
      throw new ArgumentError(
        'The message asks for nothing that this node does',
        'Send msg.payload "interrogate", or a message of this node with msg.acknowledge true.',
      );
    }
  }

  private async interrogate(): Promise<void> {
    await (this.first?.interrogate() ?? Promise.all(this.leases.map((lease) => lease.interrogate())));
  }

  private acknowledge(message: NodeMessage, acknowledge: unknown): void {
    const { report } = message as { report?: Partial<ReportDetails> };
    const entryId = typeof acknowledge === 'string' ? acknowledge : report?.entryId;
    if (acknowledge === false) return;
    if (typeof entryId !== 'string') {
      throw new ArgumentError('The message has no EntryID to acknowledge', 'Keep msg.report of the message from here.');
    }
    this.first?.acknowledge(entryId);
    for (const lease of this.leases) {
      if (report?.controlBlock === undefined || report.controlBlock === lease.status.controlBlock)
        lease.consumer.acknowledge(entryId);
    }
  }

  private take(lease: ReportLease): void {
    this.leases.push(lease);
    const { controlBlock } = lease.status;
    if (lease.otherSettings) this.out.warn(`${controlBlock} is used by another node, whose settings stand`);
    lease.consumer.on('report', (report) => this.emit(report.values, report));
    lease.consumer.on('status', (values) => this.emit(values));
    lease.consumer.on('warning', (error) => this.warned(error));
    lease.consumer.on('state', ({ phase, error }) => {
      if (phase === 'armed') this.errors.forget(controlBlock);
      else if (error && (phase === 'reserved' || phase === 'failed')) {
        if (this.errors.isNew(controlBlock, error.code)) this.report(error);
      }
      this.showBlocks();
    });
  }

  private follow(first: ReportsFirst): void {
    first.on('values', (values, report) => {
      if (report) this.errors.forget(report.controlBlock);
      for (const { tag, status } of values) if (status === 'live') this.errors.forget(tag);
      this.emit(values, report);
    });
    first.on('coverage', (coverage) => this.showCoverage(coverage));
    first.on('warning', (error) => this.warned(error));
    first.on('tagError', (error) => {
      if (this.errors.isNew(error.tag ?? '', error.code)) this.report(error);
    });
  }

  private readonly nameOf = (reference: string): string => memberName(this.session.name, reference);

  private emit(values: readonly TagValue[], report?: Report): void {
    const base: NodeMessage & { report?: ReportDetails } = {};
    if (report) {
      const { values: _values, ...details } = report;
      base.report = details;
    }
    this.rows.note(values);
    this.out.send(tagMessages(this.settings.output, values, base));
  }

  private warned(error: Iec61850Error): void {
    const lost = LOSSES.has(error.code);
    // What is tried again and again is told once, until reports come; every loss is told.
    if (!lost && !this.errors.isNew(error.tag ?? '', error.code)) return;
    if (lost || error instanceof ReservedError) this.report(error);
    else this.out.warn(explain(error, this.session.name).message);
    if (!this.first) this.showBlocks();
  }

  private report(error: Error): void {
    const { name } = this.session;
    const tag = error instanceof Iec61850Error ? error.tag : undefined;
    this.out.error(explain(error, name), { topic: tag === undefined ? name : `${name}/${tag}` });
  }

  private readonly showState = ({ state, error }: Pick<SessionStateEvent, 'state' | 'error'>): void => {
    const { status } = this.out;
    switch (state) {
      case 'online':
        this.errors.forget('');
        status.busy('arming');
        break;
      case 'offline':
        status.bad('offline');
        if (error && this.errors.isNew('', 'offline')) this.report(error);
        break;
      default:
        // Attempts after a lost connection are still the same outage.
        if (!this.session.lastError) status.busy('connecting');
    }
  };

  private showBlocks(): void {
    if (this.session.state !== 'online') return;
    const { status } = this.out;
    const all = this.leases.map((lease) => lease.status);
    const armed = all.filter(({ phase }) => phase === 'armed');
    const reserved = all.find(({ phase }) => phase === 'reserved');
    const missed = all.reduce((sum, { counters }) => sum + counters.missed + counters.dropped, 0);
    if (armed.length === all.length) {
      const text = `${all.length} RCB`;
      if (missed > 0) status.warn(`${text} · ${missed} missed`);
      else status.ok(`${text} armed`);
    } else if (reserved) {
      const owner = reserved.error instanceof ReservedError ? reserved.error.owner : '';
      status.warn(owner === '' ? 'reserved' : `by ${owner}`);
    } else if (all.some(({ phase }) => phase === 'failed')) status.warn(`${armed.length} of ${all.length} RCB`);
    else status.busy(`arming ${armed.length} of ${all.length}`);
  }

  private showCoverage({ reported, polled }: Coverage): void {
    if (this.session.state !== 'online') return;
    const { status } = this.out;
    if (reported === 0) status.warn(`0 rpt · ${polled} poll`);
    else status.ok(`${reported} rpt · ${polled} poll`);
  }
}
