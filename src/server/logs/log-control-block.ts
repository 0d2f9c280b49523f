/** One log control block (IEC 61850-7-2 §17.3.2, IEC 61850-8-1 §18.2). */
import { MIN_LOG_INTEGRITY_MS } from '../../limits.js';
import { BINARY_TIME_EPOCH_MS } from '../../model/timestamp.js';
import type { MmsData } from '../../mms/data.js';
import type { Behaviour } from '../behaviour.js';
import { storeMembers } from '../block-members.js';
import type { ClientSession } from '../client-session.js';
import type { DataSets } from '../data-sets/data-sets.js';
import { dataOf } from '../leaf-value.js';
import { Alarm } from '../reports/alarm.js';
import { TrgOps } from '../reports/bits.js';
import type { DataSetRegistry } from '../reports/data-set-registry.js';
import type { DataSetListener, Notification, ReportedDataSet } from '../reports/reported-data-set.js';
import { AccessError } from '../selection.js';
import type { Variable } from '../variable.js';
import { assign, type Assignment } from '../written-value.js';
import { entryIdOf, type Log } from './log.js';
import { loggedMembers } from './logged-data-set.js';

/** What all log control blocks of a server share. */
export interface LogHost {
  readonly registry: DataSetRegistry;
  readonly dataSets: DataSets;
  /** Bits of a reason for inclusion. */
  readonly reasonBits: number;
  /** The log with a reference `LD/LN$name`. */
  logOf(reference: string): Log | undefined;
  /** Keeps an attribute that a client has written over a restart. */
  keep(attribute: Variable): void;
  /** What was logged is on disk when this returns: a client is about to be shown it. */
  commit(): void;
  now(): number;
}

const CONFIGURATION: readonly string[] = ['LogRef', 'DatSet', 'TrgOps', 'IntgPd'];

export class LogControlBlock implements Behaviour, DataSetListener {
  private dataSet: ReportedDataSet | undefined;
  private log: Log | undefined;
  private letGo: (() => void) | undefined;
  private trgOps = 0;
  private running = false;
  private readonly scan = new Alarm(() => this.scanned());

  /** @param reasons whether entries say why they were made */
  constructor(
    private readonly host: LogHost,
    private readonly block: Variable,
    private readonly reasons: boolean,
  ) {
    this.hold();
  }

  /** Begins to log with the attributes as they are. @returns whether there is a data set and a log for it */
  enable(): boolean {
    const { registry, dataSets } = this.host;
    // A data set of one association is gone with it, and a log is not.
    const list = dataSets.named(this.text('DatSet'), undefined);
    this.log = this.host.logOf(this.text('LogRef'));
    if (!list || !this.log) return false;
    this.disable();
    this.trgOps = Number.parseInt(this.bits('TrgOps').padEnd(8, '0').slice(0, 8), 2);
    this.dataSet = registry.listen(list, this);
    storeMembers(this.block, { LogEna: true });
    this.schedule();
    return true;
  }

  disable(): void {
    this.scan.clear();
    if (this.dataSet) this.host.registry.leave(this.dataSet, this);
    this.dataSet = undefined;
    storeMembers(this.block, { LogEna: false });
  }

  /** Timers begin when the server listens. */
  start(): void {
    this.running = true;
    this.schedule();
  }

  stop(): void {
    this.running = false;
    this.scan.clear();
  }

  notified(notification: Notification, now: number): void {
    const body = notification.bodyFor(this.trgOps);
    if (body && this.dataSet) this.log?.append(now, loggedMembers(this.dataSet, body, this.reasonBits));
  }

  read(): undefined {
    this.host.commit();
    const log = this.host.logOf(this.text('LogRef'));
    const [oldest, newest] = [log?.oldest(), log?.newest()];
    storeMembers(this.block, {
      OldEntrTm: oldest?.time ?? BINARY_TIME_EPOCH_MS,
      NewEntrTm: newest?.time ?? BINARY_TIME_EPOCH_MS,
      OldEntr: entryIdOf(oldest?.number ?? 0),
      NewEntr: entryIdOf(newest?.number ?? 0),
    });
    return undefined;
  }

  write(session: ClientSession, variable: Variable, data: MmsData): number | undefined {
    const { name } = variable;
    const known = name === 'LogEna' || CONFIGURATION.includes(name);
    if (!session.rights.allows('reports') || variable.parent !== this.block || !known) {
      return AccessError.objectAccessDenied;
    }
    const assignments: Assignment[] = [];
    const error = assign(variable, data, assignments);
    if (error !== undefined) return error;
    if (name === 'LogEna') return this.writeEnabled(variable, data);
    if (this.dataSet) return AccessError.temporarilyUnavailable;
    if (data.type === 'visible-string' && data.value !== '') {
      const exists = name === 'DatSet' ? this.host.dataSets.named(data.value, undefined) : this.host.logOf(data.value);
      if (!exists) return AccessError.objectValueInvalid;
    }
    variable.store((assignments[0] as Assignment).encoding);
    if (name === 'DatSet') this.hold();
    this.host.keep(variable);
    return undefined;
  }

  /** Nobody deletes the data set that it names, from now on. */
  hold(): void {
    const { dataSets } = this.host;
    const list = dataSets.named(this.text('DatSet'), undefined);
    this.letGo?.();
    this.letGo = list && dataSets.hold(list);
  }

  private writeEnabled(variable: Variable, data: MmsData): number | undefined {
    if (data.type !== 'boolean') return AccessError.typeInconsistent;
    if (!data.value) this.disable();
    else if (!this.dataSet && !this.enable()) return AccessError.objectValueInvalid;
    this.host.keep(variable);
    return undefined;
  }

  private get reasonBits(): number {
    return this.reasons ? this.host.reasonBits : 0;
  }

  private scanned(): void {
    const { dataSet } = this;
    if (!dataSet) return;
    this.log?.append(this.host.now(), loggedMembers(dataSet, dataSet.snapshot(TrgOps.integrity), this.reasonBits));
    this.schedule();
  }

  private schedule(): void {
    const period = this.number('IntgPd');
    if (!this.running || !this.dataSet || period === 0 || (this.trgOps & TrgOps.integrity) === 0) return;
    this.scan.set(Math.max(MIN_LOG_INTEGRITY_MS, period));
  }

  private data(name: string): MmsData | undefined {
    const member = this.block.child(name);
    return member?.octets && dataOf(member.octets.subarray(0, member.length));
  }

  private text(name: string): string {
    const data = this.data(name);
    return data?.type === 'visible-string' ? data.value : '';
  }

  private bits(name: string): string {
    const data = this.data(name);
    return data?.type === 'bit-string' ? data.bits : '';
  }

  private number(name: string): number {
    const data = this.data(name);
    return data?.type === 'unsigned' ? Number(data.value) : 0;
  }
}
