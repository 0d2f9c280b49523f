import { createHash } from 'node:crypto';
import { atMost } from '../../client/at-most.js';
import { dataSetMember } from '../../client/browse.js';
import type { ClientAssociation } from '../../client/client-association.js';
import type { IedSession } from '../../client/ied-session.js';
import { nameDataSet } from '../../client/reports/arm.js';
import type { ControlBlockState } from '../../client/reports/report-control-block.js';
import type { ReportDirectory } from '../../client/reports/report-directory.js';
import { ConnectionError, DataSetError, Iec61850Error, LimitError, ServiceError } from '../../errors.js';
import { MAX_MADE_MEMBERS } from '../../limits.js';
import type { Tag } from '../../model/tag.js';
import type { PlacedTag, PlannedReport } from './plan.js';

export interface MadeDataSetOptions {
  /**
   * `association`: named `@…`, for an unbuffered control block, gone with the connection. `persistent`: in the logical
   * node of the control block, buffered ones first, deleted when reporting ends.
   */
  scope: 'association' | 'persistent';
  /** What their names begin with; `NodeRED` when absent. */
  prefix?: string;
}

/** One data set that was made for a control block. */
interface Made {
  /** `LD/LN$name` or `@name`, as DatSet has it. */
  dataSet: string;
  /** The control block, and the DatSet that it gets back. */
  block: ControlBlockState;
  before: string;
}

const DEFAULT_PREFIX = 'NodeRED';
/** IEDs that refuse so often in one association are not asked again: they have no room, or take no DatSet. */
const MAX_FAILURES = 3;
/** Closing waits so long for the IED to take a data set back. */
const UNMAKE_TIMEOUT_MS = 700;
/** Attributes that report their changes (dchg or qchg in the tables of IEC 61850-7-3); others would come once and never again. */
const REPORTED =
  /^(stVal|general|dirGeneral|(dir)?(Phs[A-C]|Neut)|phs[A-C]|neut|res|dirPhs[A-C]|dirNeut|mag|cVal|actVal|frVal|valWTr|range|hstVal|q)$/;

/**
 * Data sets that are made for tags which no data set of the IED holds, each for a control block of its own, and unmade
 * at the end (IEC 61850-7-2 §13.3.4).
 */
export class MadeDataSets {
  private readonly made = new Map<string, Made>();
  /** DatSet of control blocks before the first data set was made for them. */
  private readonly originals = new Map<string, string>();
  /** What is to be unmade. */
  private leaving: Made[] = [];
  private failures = 0;
  private size = MAX_MADE_MEMBERS;

  /** @param warn told of what the IED refused; those tags are polled */
  constructor(
    private readonly session: IedSession,
    private readonly options: MadeDataSetOptions,
    private readonly warn: (error: Iec61850Error) => void,
  ) {}

  /** Another association, which may take what the last one did not. */
  attached(): void {
    this.failures = 0;
    this.size = MAX_MADE_MEMBERS;
    // Those of the last association went with it.
    if (this.options.scope !== 'association') return;
    this.made.clear();
    this.leaving = [];
  }

  /** Whether a data set was made for the control block. */
  has(controlBlock: string): boolean {
    return this.made.has(controlBlock);
  }

  /**
   * Makes data sets for tags, as far as control blocks are free.
   * @param directory as it was before
   * @param taken control blocks that are not to be used: planned otherwise, or refused a while ago
   * @throws ConnectionError when the association is lost meanwhile
   */
  async plan(
    rest: readonly PlacedTag[],
    directory: Pick<ReportDirectory, 'states'>,
    taken: ReadonlySet<string>,
  ): Promise<PlannedReport[]> {
    const members = membersOf(rest);
    const free = this.freeBlocks(directory, taken);
    const planned: PlannedReport[] = [];
    while (members.length > 0 && free.length > 0 && this.failures < MAX_FAILURES) {
      const block = free[0] as ControlBlockState;
      const chunk = members.slice(0, this.size);
      const dataSet = this.nameFor(block, chunk);
      try {
        await this.create(dataSet, chunk);
      } catch (error) {
        if (!(error instanceof Iec61850Error) || error instanceof ConnectionError) throw error;
        // Fewer members may be what it takes; how many an IED allows is only in its SCL file.
        if (chunk.length > 1 && isAboutSize(error)) this.size = chunk.length >> 1;
        else this.refused(error);
        continue;
      }
      free.shift();
      members.splice(0, chunk.length);
      this.made.set(block.name.reference, { dataSet, block, before: this.before(block) });
      planned.push({ reference: block.name.reference, dataSet, made: true, tags: chunk.flatMap(({ tags }) => tags) });
    }
    return planned;
  }

  /** The control block could not be armed with its data set. */
  refused(error: Iec61850Error): void {
    this.failures++;
    if (this.failures < MAX_FAILURES) return;
    this.warn(
      new Iec61850Error(
        error.code,
        `no data set can be made for the rest, which is polled: ${error.message}`,
        'See whether the IED allows dynamic data sets (Services, DynDataSet and ReportSettings datSet="Dyn" in its SCL file).',
        { ied: this.session.name, cause: error },
      ),
    );
  }

  /**
   * Gives a control block, which is no longer enabled, its DatSet back, and deletes the data set. What the IED does not
   * take back now, as after a lost connection whose reservation lingers, is tried again with the next one.
   */
  async end(controlBlock: string, association: ClientAssociation | undefined): Promise<void> {
    const made = this.made.get(controlBlock);
    this.made.delete(controlBlock);
    if (made) this.leaving.push(made);
    if (!association?.open) return;
    const leaving = this.leaving.splice(0);
    await atMost(UNMAKE_TIMEOUT_MS, Promise.all(leaving.map((one) => this.unmake(one, association))));
  }

  private async unmake(made: Made, association: ClientAssociation): Promise<void> {
    const { block, before, dataSet } = made;
    try {
      const refusal = await nameDataSet(association, block, before);
      if (refusal) throw refusal;
      // Another control block may have got it meanwhile.
      if ([...this.made.values()].some((other) => other.dataSet === dataSet)) return;
      await this.session.dataSets.delete(dataSet.replace('$', '.'));
    } catch (error) {
      if (!(error instanceof DataSetError && error.failure === 'UNDEFINED')) this.leaving.push(made);
    }
  }

  /** Takes over what was left behind when the process that made it was killed; what DatSet was before nobody knows. */
  adopt(planned: readonly PlannedReport[], { states, contents }: ReportDirectory): PlannedReport[] {
    const own = `$${this.prefix}_`;
    return planned.map((one) => {
      const block = states.get(one.reference);
      const left = one.dataSet.includes(own) && contents.get(one.dataSet)?.deletable === true;
      if (!left || !block || this.options.scope === 'association') return one;
      this.made.set(one.reference, { dataSet: one.dataSet, block, before: this.before(block) });
      return { ...one, made: true };
    });
  }

  /** DatSet as it was before we came; one of ours, or of an association that is gone, stands for none. */
  private before(block: ControlBlockState): string {
    const { reference } = block.name;
    const known = this.originals.get(reference);
    if (known !== undefined) return known;
    const now = block.text('datset');
    const before = now.startsWith('@') || now.includes(`$${this.prefix}_`) ? '' : now;
    this.originals.set(reference, before);
    return before;
  }

  private get prefix(): string {
    return this.options.prefix ?? DEFAULT_PREFIX;
  }

  private freeBlocks({ states }: Pick<ReportDirectory, 'states'>, taken: ReadonlySet<string>): ControlBlockState[] {
    const own = this.options.scope === 'association';
    return (
      [...states.values()]
        // One that is reserved by configuration (ResvTms -1) is somebody's; a buffered one outlives the association.
        .filter((state) => !taken.has(state.name.reference) && !state.inUse && state.number('resvtms') >= 0)
        .filter((state) => state.has('datset') && !(own && state.name.buffered))
        .sort((a, b) => rank(a) - rank(b))
    );
  }

  /** The same members have the same name, so that one which was left behind is used again. */
  private nameFor({ name }: ControlBlockState, chunk: readonly Member[]): string {
    const digest = createHash('sha256')
      .update(chunk.map(({ reference }) => reference).join('\n'))
      .digest('hex')
      .slice(0, 8);
    const item = `${this.prefix}_${digest}`;
    if (this.options.scope === 'association') return `@${item}`;
    return `${name.domain}/${name.item.slice(0, name.item.indexOf('$'))}$${item}`;
  }

  private async create(dataSet: string, chunk: readonly Member[]): Promise<void> {
    const members = chunk.map(({ reference }) => reference);
    const name = dataSet.replace('$', '.');
    try {
      await this.session.dataSets.create(name, members);
    } catch (error) {
      const found = error instanceof ConnectionError ? undefined : await this.present(name);
      if (found?.join() !== members.join()) throw error;
    }
  }

  private async present(name: string): Promise<string[] | undefined> {
    try {
      return (await this.session.dataSets.directory(name)).members;
    } catch (error) {
      if (error instanceof Iec61850Error && !(error instanceof ConnectionError)) return undefined;
      throw error;
    }
  }
}

interface Member {
  /** `LD/LN.DO[FC]`. */
  reference: string;
  tags: Tag[];
}

/** The data objects that the tags are part of, whole, so that value, quality and time come together. */
function membersOf(placed: readonly PlacedTag[]): Member[] {
  const byKey = new Map<string, Member>();
  for (const { tag, place, layout } of placed) {
    const quality = layout.quality;
    const attribute = quality && layout.value[quality.length - 1];
    if (attribute === undefined || !REPORTED.test(attribute)) continue;
    const known = byKey.get(place.key);
    if (known) known.tags.push(tag);
    else {
      const member = dataSetMember(place.variable);
      if (member) byKey.set(place.key, { reference: `${member.reference}[${member.fc}]`, tags: [tag] });
    }
  }
  return [...byKey.values()];
}

/** Those without a data set first, and buffered ones before others, as they lose nothing while the connection is away. */
function rank(state: ControlBlockState): number {
  return (state.text('datset') === '' ? 0 : 2) + (state.name.buffered ? 0 : 1);
}

function isAboutSize(error: Iec61850Error): boolean {
  // The session names what failed, and keeps what the IED said as its cause.
  const { cause } = error;
  return [error, cause].some(
    (one) => one instanceof LimitError || (one instanceof ServiceError && one.errorClass !== 'definition'),
  );
}
