import { LimitError } from '../../errors.js';
import { MAX_REPORT_SUBSCRIPTIONS } from '../../limits.js';
import type { TagValue } from '../../model/tag-value.js';
import { openInformationReport } from '../../mms/information-report.js';
import type { ClientAssociation } from '../client-association.js';
import type { IedSession, SessionUser } from '../ied-session.js';
import type { TypeCache } from '../type-cache.js';
import type { ReportWishes } from './arm.js';
import { controlBlockName } from './report-control-block.js';
import type { ConsumerOptions, ReportConsumer, SubscriptionStatus } from './report-consumer.js';
import { readReportHeader, type ReportHeader } from './report-header.js';
import { ReportSubscription, type SubscriptionHost } from './report-subscription.js';
import type { ResumeStore } from './resume-store.js';

/** MMS name of the variable list that reports come under (IEC 61850-8-1 §17.2.3). */
const REPORT_LIST = 'RPT';

export interface SubscribeOptions extends ReportWishes, ConsumerOptions {
  /** `LD/LN.name[BR]` or `[RP]`. */
  reference: string;
  /** Where the resume point of a buffered control block is kept; in memory only when absent. */
  store?: ResumeStore;
}

/** One user's hold on a control block. */
export interface ReportLease {
  readonly consumer: ReportConsumer;
  readonly status: SubscriptionStatus;
  /** Whether another user armed it before with other settings, which stand. */
  readonly otherSettings: boolean;
  /** General interrogation now. @throws ConnectionError when it is not armed */
  interrogate(): Promise<void>;
  /** After the last user the control block is disabled and given back. */
  release(): Promise<void>;
}

const hubs = new WeakMap<IedSession, ReportHub>();

/** All report control blocks that are taken over one session: reports find theirs by the RptID. */
export class ReportHub implements SessionUser, SubscriptionHost {
  readonly ied: string;
  private readonly subscriptions = new Map<string, { subscription: ReportSubscription; settings: string }>();
  private readonly byReportId = new Map<string, Set<ReportSubscription>>();
  private association: ClientAssociation | undefined;
  private types: TypeCache | undefined;
  private readonly closing = new Map<string, Promise<void>>();
  /** Who waits for a report of a data object, by its reference. */
  private readonly waiting = new Set<{ reference: string; wake: () => void }>();
  /** Reports of control blocks that are not ours, and ones that could not be read at all. */
  readonly ignored = { foreign: 0, malformed: 0 };

  private constructor(session: IedSession) {
    this.ied = session.name;
    session.use(this);
  }

  /** The one hub of a session. */
  static of(session: IedSession): ReportHub {
    let hub = hubs.get(session);
    if (!hub) hubs.set(session, (hub = new ReportHub(session)));
    return hub;
  }

  /** The hub of a session that somebody takes reports over. */
  static existing(session: IedSession): ReportHub | undefined {
    return hubs.get(session);
  }

  /**
   * Waits until a report brings something of a data object, for so many ms at the most.
   * @param variable `LD/LN$FC$DO` @param reference `LD/LN.DO`
   * @returns false, at once, when no armed control block reports it
   */
  async newsOf(variable: string, reference: string, ms: number): Promise<boolean> {
    if (![...this.subscriptions.values()].some(({ subscription }) => subscription.reports(variable))) return false;
    await new Promise<void>((resolve) => {
      const one = { reference, wake: (): void => end() };
      const timer = setTimeout(() => end(), ms);
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(one);
        resolve();
      };
      this.waiting.add(one);
    });
    return true;
  }

  /**
   * Takes a control block, or joins those who have it.
   * @throws ArgumentError for a reference that is none, LimitError
   */
  subscribe(options: SubscribeOptions): ReportLease {
    const { reference, store, tags, nameOf, acknowledges, ...wishes } = options;
    const name = controlBlockName(reference);
    const settings = JSON.stringify(wishes);
    let entry = this.subscriptions.get(name.reference);
    const isNew = !entry;
    if (!entry) {
      if (this.subscriptions.size >= MAX_REPORT_SUBSCRIPTIONS)
        throw new LimitError(`more than ${MAX_REPORT_SUBSCRIPTIONS} report control blocks of ${this.ied}`);
      entry = { subscription: new ReportSubscription(name, wishes, this, store), settings };
      this.subscriptions.set(name.reference, entry);
    }
    const { subscription } = entry;
    const consumer = subscription.add({
      ...(tags && { tags }),
      ...(nameOf && { nameOf }),
      ...(acknowledges && { acknowledges }),
    });
    if (isNew) this.start(name.reference, subscription);
    let held = true;
    return {
      consumer,
      otherSettings: entry.settings !== settings,
      get status() {
        return subscription.status;
      },
      interrogate: () => subscription.interrogate(),
      release: async () => {
        if (!held) return;
        held = false;
        if (subscription.remove(consumer)) await this.end(name.reference, subscription);
      },
    };
  }

  /** Whether somebody here has the control block, or waits for it. */
  has(reference: string): boolean {
    return this.subscriptions.has(reference);
  }

  attached(association: ClientAssociation, types: TypeCache): void {
    this.association = association;
    this.types = types;
    for (const { subscription } of this.subscriptions.values()) subscription.attached(association, types);
  }

  detached(...[error]: Parameters<SessionUser['detached']>): void {
    this.association = undefined;
    this.types = undefined;
    for (const { subscription } of this.subscriptions.values()) subscription.detached(error);
  }

  listen(subscription: ReportSubscription, reportId: string): string | undefined {
    const key = keyOf(reportId);
    const listening = this.byReportId.get(key) ?? new Set();
    const dataSet = keyOf(subscription.dataSet ?? '');
    for (const other of listening) {
      if (other === subscription) continue;
      // Only the data set tells them apart, where both say it.
      const apart = keyOf(other.dataSet ?? '') !== dataSet && other.namesDataSet && subscription.namesDataSet;
      if (!apart) return other.name.reference;
    }
    this.byReportId.set(key, listening.add(subscription));
    return undefined;
  }

  silence(subscription: ReportSubscription): void {
    for (const [key, listening] of this.byReportId) {
      if (listening.delete(subscription) && listening.size === 0) this.byReportId.delete(key);
    }
  }

  reported(values: readonly TagValue[]): void {
    for (const { reference, wake } of this.waiting) {
      if (values.some((value) => value.reference === reference || value.reference.startsWith(`${reference}.`))) wake();
    }
  }

  /** Never throws: what cannot be read is counted, and the association goes on. */
  informationReport(octets: Buffer, start: number, end: number): void {
    let header: ReportHeader;
    let found: ReportSubscription | undefined;
    try {
      const report = openInformationReport(octets, start, end);
      if (!report || !('listName' in report.access) || report.access.listName.item !== REPORT_LIST) return;
      header = readReportHeader(octets, report.start, report.end);
      found = this.find(header);
    } catch {
      this.ignored.malformed++;
      return;
    }
    if (found) found.receive(octets, header);
    else this.ignored.foreign++;
  }

  private find({ rptId, datSet }: ReportHeader): ReportSubscription | undefined {
    const listening = this.byReportId.get(keyOf(rptId));
    if (!listening) return undefined;
    if (listening.size === 1 || datSet === undefined) return listening.values().next().value;
    // Instances of one control block share their RptID in many devices.
    const wanted = keyOf(datSet);
    for (const subscription of listening) if (keyOf(subscription.dataSet ?? '') === wanted) return subscription;
    return undefined;
  }

  private start(reference: string, subscription: ReportSubscription): void {
    const begin = (): void => {
      const { association, types } = this;
      if (association && types && this.subscriptions.get(reference)?.subscription === subscription)
        subscription.attached(association, types);
    };
    // A redeploy gives a control block back and takes it again at once.
    const before = this.closing.get(reference);
    if (before) void before.then(begin);
    else begin();
  }

  private async end(reference: string, subscription: ReportSubscription): Promise<void> {
    this.subscriptions.delete(reference);
    const closing = subscription.close();
    this.closing.set(reference, closing);
    await closing;
    if (this.closing.get(reference) === closing) this.closing.delete(reference);
  }
}

/** References are written with dots by some and with `$` by others. */
function keyOf(id: string): string {
  return id.replaceAll('$', '.');
}
