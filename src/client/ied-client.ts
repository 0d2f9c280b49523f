import { performance } from 'node:perf_hooks';
import { ArgumentError, ConnectionError, type Iec61850Error } from '../errors.js';
import type { IedModel } from '../model/ied-model.js';
import type { Tag } from '../model/tag.js';
import type { TagValue } from '../model/tag-value.js';
import { RowState } from '../model/value-table.js';
import type { Negotiated } from '../mms/association.js';
import { browse, type BrowseOptions } from './browse.js';
import type { ClientAssociation } from './client-association.js';
import { connectIed } from './connect.js';
import { DataSets } from './data-sets/index.js';
import { fixedSource, IedFiles } from './files/index.js';
import { Logs } from './logs/index.js';
import { iedName, type IedConnectionOptions } from './options.js';
import { probe, type ProbeResult } from './probe.js';
import { listReports, type ReportDirectory } from './reports/report-directory.js';
import { SettingGroups } from './settings/index.js';
import type { ServiceHost } from './service-host.js';
import { TagReader } from './tag-reader.js';
import { buildTagValue } from './tag-value-builder.js';
import { TypeCache } from './type-cache.js';
import { writeReference } from './write.js';
import type { WritableValue } from './write-value.js';

/** Plans of {@link IedClient.read} that are kept for being used again. */
const MAX_READ_PLANS = 32;

interface ReadPlan {
  reader: TagReader;
  sequence: number;
}

/** Vendor, model and revision by MMS Identify. */
export interface IedIdentity {
  vendor: string;
  model: string;
  revision: string;
}

/**
 * One IED as a script sees it: connect, browse, read, write, close. It does not reconnect; flows use `IedSession`,
 * which does.
 */
export class IedClient {
  private association: ClientAssociation | undefined;
  private types: TypeCache | undefined;
  private attempted: ClientAssociation | undefined;
  private readonly plans = new Map<string, ReadPlan>();
  private readonly name: string;
  private readonly host = async (): Promise<ServiceHost> => ({
    ...this.active(),
    ied: this.name,
    read: (tags) => this.read(tags),
  });
  /** Directory, values, creation and deletion of data sets. */
  readonly dataSets = new DataSets(this.host);
  /** Setting groups: state, values, activation, editing. */
  readonly settingGroups = new SettingGroups(this.host);
  /** Logs and their control blocks. */
  readonly logs = new Logs(this.host);
  /** Directory, transfer, deletion and renaming of files. */
  readonly files: IedFiles;

  constructor(
    private readonly options: IedConnectionOptions,
    private readonly onLost?: (error: Iec61850Error) => void,
  ) {
    this.name = iedName(options);
    this.files = new IedFiles(fixedSource(this.name, () => this.active().association));
  }

  /** @throws ConnectionError, AssociationError, TimeoutError; ArgumentError while there is a connection already */
  async connect(): Promise<Negotiated> {
    if (this.attempted || this.association?.open) {
      throw new ArgumentError(`${this.name} is connected or connecting already`, 'Call close() first.');
    }
    const { association } = await connectIed(
      this.options,
      {
        lost: (error) => {
          this.forget();
          this.onLost?.(error);
        },
      },
      'named',
      (attempted) => {
        this.attempted = attempted;
      },
    ).finally(() => {
      this.attempted = undefined;
    });
    this.use(association, new TypeCache(association));
    return association.negotiated;
  }

  /** Works on an association that somebody else opened and closes. */
  static over(association: ClientAssociation, types: TypeCache, options: IedConnectionOptions): IedClient {
    const client = new IedClient(options);
    client.use(association, types);
    return client;
  }

  private use(association: ClientAssociation, types: TypeCache): void {
    this.association = association;
    this.types = types;
  }

  private forget(): void {
    this.association = undefined;
    this.types = undefined;
    this.plans.clear();
  }

  private active(): { association: ClientAssociation; types: TypeCache } {
    const { association, types } = this;
    if (!association?.open || !types) {
      throw new ConnectionError(`${this.name}: there is no association with the IED`, 'Call connect() first.', {
        ied: this.name,
      });
    }
    return { association, types };
  }

  get connected(): boolean {
    return this.association?.open === true;
  }

  /** What was negotiated; throws without an association. */
  get negotiated(): Negotiated {
    return this.active().association.negotiated;
  }

  async identify(): Promise<IedIdentity> {
    const { vendor, model, revision } = await this.active().association.request({ service: 'identify' });
    return { vendor, model, revision };
  }

  /** Logical and physical status of the VMD (ISO 9506-2 §9.2); 0 and 0 mean state changes allowed and operational. */
  async status(): Promise<{ logical: number; physical: number }> {
    const { logical, physical } = await this.active().association.request({ service: 'status', extended: false });
    return { logical, physical };
  }

  /** The model of the IED: LDs → LNs → data, data sets, control blocks. */
  browse(options?: BrowseOptions): Promise<IedModel> {
    return browse(this.active().association, this.options.name ?? '', options);
  }

  /** Report control blocks as they stand now, and the members of the data sets that they name. */
  listReports(): Promise<ReportDirectory> {
    const { association, types } = this.active();
    return listReports(association, types);
  }

  /**
   * Reads points; never throws for a point that the IED refuses, whose value then has `status: 'error'`.
   * The same references again, in the same array or another, use the plan of the first time.
   */
  async read(references: readonly (string | Tag)[]): Promise<TagValue[]> {
    const { association } = this.active();
    const plan = this.plan(references);
    const { reader } = plan;
    const began = performance.now();
    let error: Iec61850Error | undefined;
    for (const interval of reader.intervals) error ??= (await reader.run(interval)).error;
    if (error && !association.open) throw error;
    plan.sequence++;
    const { table } = reader;
    const now = Date.now();
    return reader.rows.map((info, row) => {
      // What an earlier read brought is not the answer to this one.
      if (error && (table.readAt[row] as number) < began) table.setError(row, error);
      const status = table.state[row] === RowState.number || table.state[row] === RowState.other ? 'live' : 'error';
      return buildTagValue(table, row, info, this.name, status, 'read', plan.sequence, now);
    });
  }

  private plan(references: readonly (string | Tag)[]): ReadPlan {
    const { association, types } = this.active();
    const key = references.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
    let plan = this.plans.get(key);
    // One plan runs one cycle at a time: a second read beside it gets a plan of its own.
    if (!plan || plan.reader.intervals.some((interval) => plan?.reader.running(interval))) {
      plan = { reader: new TagReader(references.map(tagOf), this.name), sequence: 0 };
      plan.reader.attach(association, types);
      if (this.plans.size >= MAX_READ_PLANS) this.plans.delete(this.plans.keys().next().value as string);
      this.plans.set(key, plan);
    }
    return plan;
  }

  /** Value, quality, time and type of points, or the reason why not; bounded in number and time. */
  probe(tags: readonly Tag[]): Promise<ProbeResult[]> {
    const { association, types } = this.active();
    return probe(association, types, tags, this.name);
  }

  /** Writes one object by its reference `LD/LN.DO.DA[FC]`. @throws ArgumentError, DataAccessError */
  async write(reference: string, value: WritableValue): Promise<void> {
    const { association, types } = this.active();
    await writeReference(association, types, reference, value);
  }

  /** Releases the association, or ends an attempt to connect; done within 2 s. */
  async close(): Promise<void> {
    const { association, attempted } = this;
    this.forget();
    await Promise.all([association?.close(), attempted?.close()]);
  }
}

/** A tag for a plain reference, named by it. What is no reference is refused by the reader, beside the others' values. */
function tagOf(one: string | Tag): Tag {
  if (typeof one !== 'string') return one;
  const [, reference, fc] = /^(.*?)(?:\[([A-Za-z]{2})\])?$/.exec(one.trim()) as unknown as [
    string,
    string,
    string | undefined,
  ];
  return { tag: reference, reference, fc: (fc?.toUpperCase() ?? 'ST') as Tag['fc'] };
}
