import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { ClientAssociation } from '../../client/client-association.js';
import type { IedSession } from '../../client/ied-session.js';
import type { ReportWishes } from '../../client/reports/arm.js';
import { listReports, type ReportDirectory } from '../../client/reports/report-directory.js';
import { ReportHub, type ReportLease } from '../../client/reports/report-hub.js';
import type { Report, SubscriptionStatus } from '../../client/reports/report-consumer.js';
import type { ResumeStore } from '../../client/reports/resume-store.js';
import type { TypeCache } from '../../client/type-cache.js';
import { ConnectionError, Iec61850Error } from '../../errors.js';
import { REPLAN_DELAYS_MS } from '../../limits.js';
import type { Tag } from '../../model/tag.js';
import type { TagValue } from '../../model/tag-value.js';
import { TagPoller } from '../tags/index.js';
import { MadeDataSets, type MadeDataSetOptions } from './made-data-sets.js';
import { placeTags, planReports, type PlacedTag, type PlannedReport } from './plan.js';

export interface ReportsFirstOptions {
  tags: readonly Tag[];
  /** Poll interval in ms of what no report brings. */
  interval: number;
  wishes?: Omit<ReportWishes, 'dataSet' | 'rptId'>;
  /** Makes data sets for tags that none holds; polls them when absent. */
  makeDataSets?: MadeDataSetOptions;
  store?: ResumeStore;
  acknowledges?: boolean;
}

/** Which tags come by which way now. */
export interface Coverage {
  reported: number;
  polled: number;
  /** Control blocks that are armed, and those that are not but should be. */
  armed: number;
  waiting: number;
}

interface ReportsFirstEvents {
  /** Values by report, with the report; and by poll or change of status, without. */
  values: [TagValue[], Report | undefined];
  coverage: [Coverage];
  warning: [Iec61850Error];
  tagError: [Iec61850Error];
}

interface Taken {
  planned: PlannedReport;
  lease: ReportLease;
}

/** A control block that could not be taken is left alone for so many ms. */
const AVOID_MS = 60_000;

/**
 * Brings tags by report where a free control block reports them, and polls the rest: all of them until the control
 * blocks are armed, and those of a control block that fails for as long as it does.
 */
export class ReportsFirst extends EventEmitter<ReportsFirstEvents> {
  private readonly hub: ReportHub;
  private readonly made: MadeDataSets | undefined;
  private readonly taken = new Map<string, Taken>();
  private readonly avoid = new Map<string, number>();
  private readonly last = new Map<string, TagValue>();
  private poller: TagPoller | undefined;
  private polled: readonly Tag[] = [];
  private association: ClientAssociation | undefined;
  private types: TypeCache | undefined;
  private release: (() => void) | undefined;
  private replan: NodeJS.Timeout | undefined;
  private attempt = 0;
  private planning = false;
  private closed = false;

  constructor(
    private readonly session: IedSession,
    private readonly options: ReportsFirstOptions,
  ) {
    super();
    this.hub = ReportHub.of(session);
    if (options.makeDataSets)
      this.made = new MadeDataSets(session, options.makeDataSets, (error) => this.emit('warning', error));
  }

  start(): void {
    if (this.release || this.closed) return;
    this.poll(this.options.tags);
    this.release = this.session.use({
      attached: (association, types) => {
        this.association = association;
        this.types = types;
        this.attempt = 0;
        this.made?.attached();
        this.repoll();
        void this.plan();
      },
      detached: () => {
        this.association = undefined;
        this.types = undefined;
        clearTimeout(this.replan);
        if (this.options.makeDataSets?.scope === 'association') this.dropMade();
        this.tellCoverage();
      },
    });
  }

  /** Gives all control blocks back. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.replan);
    this.release?.();
    this.poller?.close();
    this.removeAllListeners();
    const taken = [...this.taken];
    this.taken.clear();
    await Promise.all(taken.map(([reference, { lease }]) => this.end(reference, lease)));
  }

  /** Gives a control block back, and with it the data set that was made for it. */
  private async end(reference: string, lease: ReportLease): Promise<void> {
    await lease.release();
    await this.made?.end(reference, this.association);
  }

  /** Data sets of an association are gone with it; the next one gets new ones. */
  private dropMade(): void {
    for (const [reference, { planned, lease }] of this.taken) {
      if (!planned.made) continue;
      this.taken.delete(reference);
      void lease.release();
    }
  }

  get coverage(): Coverage {
    const all = [...this.taken.values()];
    const armed = all.filter(isArmed);
    const reported = this.association ? armed.reduce((sum, { planned }) => sum + planned.tags.length, 0) : 0;
    return {
      reported,
      polled: this.options.tags.length - reported,
      armed: armed.length,
      waiting: all.length - armed.length,
    };
  }

  /** Control blocks that are taken, or should be. */
  get blocks(): SubscriptionStatus[] {
    return [...this.taken.values()].map(({ lease }) => lease.status);
  }

  /** Last known values of all tags that ever had one. */
  snapshot(): TagValue[] {
    return this.options.tags.flatMap(({ tag }) => this.last.get(tag) ?? []);
  }

  /** General interrogation of all control blocks that are armed. */
  async interrogate(): Promise<void> {
    await Promise.all([...this.taken.values()].filter(isArmed).map(({ lease }) => lease.interrogate()));
  }

  /** The entry is safe, whichever control block it came from. */
  acknowledge(entryId: string): void {
    for (const { lease } of this.taken.values()) lease.consumer.acknowledge(entryId);
  }

  private async plan(): Promise<void> {
    const { association, types } = this;
    if (!association || !types || this.planning || this.closed) return;
    this.planning = true;
    try {
      const { maxOutstanding } = association.negotiated;
      const directory = await listReports(association, types);
      const placed = await placeTags(this.options.tags, types, maxOutstanding);
      if (this.closed || this.association !== association) return;
      const now = performance.now();
      for (const [reference, until] of this.avoid) if (until <= now) this.avoid.delete(reference);
      const reports = await this.choose(placed, directory);
      // Closed, or lost, while data sets were being made.
      if (this.closed || this.association !== association) {
        for (const { reference } of reports)
          if (!this.taken.has(reference)) void this.made?.end(reference, association);
        return;
      }
      this.take(reports);
    } catch (error) {
      // Without a plan everything is polled; a lost connection brings the next one.
      if (error instanceof ConnectionError || this.association !== association) return;
      this.emit('warning', asIec61850Error(error));
      this.planLater();
    } finally {
      this.planning = false;
      // An association that came meanwhile has had no plan.
      if (this.association && this.association !== association) void this.plan();
    }
  }

  /** Control blocks for the tags; those with data sets that were made for them stay as they are. */
  private async choose(placed: readonly PlacedTag[], directory: ReportDirectory): Promise<PlannedReport[]> {
    const held = [...this.taken.values()].map(({ planned }) => planned).filter(({ made }) => made);
    const heldTags = new Set(held.flatMap(({ tags }) => tags));
    const own = new Set(this.taken.keys());
    const avoid = new Set([...this.avoid.keys(), ...held.map(({ reference }) => reference)]);
    const open = placed.filter(({ tag }) => !heldTags.has(tag));
    const { reports, rest } = planReports(this.options.tags, open, directory, own, avoid);
    if (!this.made) return reports;
    const found = this.made.adopt(reports, directory);
    for (const { reference } of reports) avoid.add(reference);
    for (const reference of directory.states.keys()) if (this.hub.has(reference)) avoid.add(reference);
    const left = new Set(rest);
    const made = await this.made.plan(
      open.filter(({ tag }) => left.has(tag)),
      directory,
      avoid,
    );
    return [...held, ...found, ...made];
  }

  private take(reports: readonly PlannedReport[]): void {
    const wanted = new Map(reports.map((planned) => [planned.reference, planned]));
    for (const [reference, { planned, lease }] of this.taken) {
      if (sameTags(wanted.get(reference)?.tags, planned.tags)) continue;
      this.taken.delete(reference);
      void this.end(reference, lease);
    }
    for (const planned of reports) {
      if (!this.taken.has(planned.reference)) this.taken.set(planned.reference, this.subscribe(planned));
    }
    this.repoll();
  }

  private subscribe(planned: PlannedReport): Taken {
    const { wishes, store, acknowledges } = this.options;
    const lease = this.hub.subscribe({
      ...wishes,
      ...(planned.made && { dataSet: planned.dataSet }),
      reference: planned.reference,
      tags: planned.tags,
      ...(store && { store }),
      ...(acknowledges && { acknowledges }),
    });
    const { consumer } = lease;
    consumer.on('report', (report) => this.emitValues(report.values, report));
    consumer.on('status', (values) => this.emitValues(values));
    consumer.on('warning', (error) => this.emit('warning', error));
    consumer.on('state', ({ phase, error }) => {
      if ((phase === 'reserved' || phase === 'failed') && this.taken.get(planned.reference)?.lease === lease) {
        if (planned.made && phase === 'failed' && error) this.made?.refused(error);
        this.giveUp(planned.reference, error);
      }
      if (phase === 'armed') this.attempt = 0;
      this.repoll();
    });
    return { planned, lease };
  }

  /** Somebody was quicker, or the IED refuses: another instance may be free. */
  private giveUp(reference: string, error: Iec61850Error | undefined): void {
    const taken = this.taken.get(reference);
    if (!taken) return;
    this.taken.delete(reference);
    this.avoid.set(reference, performance.now() + AVOID_MS);
    void this.end(reference, taken.lease);
    if (error) this.emit('warning', error);
    this.planLater();
  }

  private planLater(): void {
    const delay = REPLAN_DELAYS_MS[Math.min(this.attempt, REPLAN_DELAYS_MS.length - 1)] as number;
    this.attempt++;
    clearTimeout(this.replan);
    this.replan = setTimeout(() => void this.plan(), delay);
  }

  /** Polls what no armed control block reports. While the connection is away nothing changes hands. */
  private repoll(): void {
    if (this.closed || !this.association) return;
    const reported = new Set([...this.taken.values()].filter(isArmed).flatMap(({ planned }) => planned.tags));
    const rest = this.options.tags.filter((tag) => !reported.has(tag));
    if (!sameTags(rest, this.polled)) this.poll(rest);
    this.tellCoverage();
  }

  private poll(tags: readonly Tag[]): void {
    this.poller?.close();
    this.polled = tags;
    this.poller = undefined;
    if (tags.length === 0) return;
    const poller = new TagPoller(this.session, {
      tags,
      interval: this.options.interval,
      onChange: true,
      initial: true,
    });
    this.poller = poller;
    poller.on('values', (values) => this.emitValues(values));
    poller.on('tagError', (error) => this.emit('tagError', error));
    poller.start();
  }

  private emitValues(values: readonly TagValue[], report?: Report): void {
    const leaving = values.map((value) => {
      const before = this.last.get(value.tag);
      // What a poll that has just begun does not know, a report may have brought before.
      const known =
        value.status !== 'live' && value.value === null && before ? { ...before, status: value.status } : value;
      const sequenced = { ...known, sequence: (before?.sequence ?? 0) + 1 };
      this.last.set(value.tag, sequenced);
      return sequenced;
    });
    if (leaving.length > 0) this.emit('values', leaving, report);
  }

  private tellCoverage(): void {
    this.emit('coverage', this.coverage);
  }
}

function isArmed({ lease }: Taken): boolean {
  return lease.status.phase === 'armed';
}

function sameTags(a: readonly Tag[] | undefined, b: readonly Tag[]): boolean {
  return a?.length === b.length && a.every((tag, i) => tag === b[i]);
}

function asIec61850Error(error: unknown): Iec61850Error {
  return error instanceof Iec61850Error
    ? error
    : new Iec61850Error('IEC61850_REPORTS', String(error), '', { cause: error });
}
