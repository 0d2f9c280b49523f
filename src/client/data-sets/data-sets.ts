import { ArgumentError, ConnectionError, DataSetError, DecodeError, Iec61850Error } from '../../errors.js';
import { MAX_DATA_SET_MEMBERS, MAX_KNOWN_DATA_SETS } from '../../limits.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { DataSetMember } from '../../model/ied-model.js';
import { formatReference, parseReference } from '../../model/reference.js';
import type { Tag } from '../../model/tag.js';
import type { TagValue } from '../../model/tag-value.js';
import { ObjectClass } from '../../mms/services.js';
import type { VariableSpecification } from '../../mms/variable-access.js';
import type { ClientAssociation } from '../client-association.js';
import { nameList } from '../name-list.js';
import { referenceVariable } from '../reference-variable.js';
import { unlessRefused, type ServiceHost } from '../service-host.js';
import { DataSetReader } from './data-set-reader.js';
import { entryText, readDirectory, type DataSetDirectory } from './directory.js';
import { dataSetName, dataSetReference, newDataSetName } from './name.js';
import { writeDataSet, type DataSetValues, type MemberWritten } from './write-values.js';

/** What a data set holds, as the IED tells it. */
export interface DataSetContents {
  /** `LD/LN.name`, or `@name` for one of this association. */
  reference: string;
  /** Whether clients may delete it; what the configuration of the IED brought they may not. */
  deletable: boolean;
  /** `LD/LN.DO.DA[FC]` in its order; a data object without a DA stands for all that it has under the constraint. */
  members: string[];
}

/** A member of a data set that is to be made: `LD/LN.DO.DA[FC]`, or a tag or data set member as it is. */
export type NewMember = string | DataSetMember | { reference: string; fc: FunctionalConstraint };

/**
 * Data sets of one IED (IEC 61850-7-2 §13, 8-1 §14). One is named `LD/LN.name`, and stays in the IED until somebody
 * deletes it; or `@name`, and belongs to this association alone, with which it goes.
 */
export class DataSets {
  /** Readers of data sets that cannot change, for one association. */
  private readers = new Map<string, DataSetReader>();
  private readersOf: ClientAssociation | undefined;

  /** @param host rejects with ConnectionError while there is no association */
  constructor(readonly host: () => Promise<ServiceHost>) {}

  /** References of all data sets, those of this association last. What the IED does not list it does not have. */
  async list(): Promise<string[]> {
    const { association } = await this.host();
    const found: string[] = [];
    for (const domain of await nameList(association, ObjectClass.domain, { scope: 'vmd' })) {
      const items = await unlessRefused(() =>
        nameList(association, ObjectClass.namedVariableList, { scope: 'domain', domain }),
      );
      found.push(...(items ?? []).map((item) => dataSetReference({ scope: 'domain', domain, item })));
    }
    const own = await unlessRefused(() =>
      nameList(association, ObjectClass.namedVariableList, { scope: 'association' }),
    );
    return [...found, ...(own ?? []).map((item) => dataSetReference({ scope: 'association', item }))];
  }

  /** Its members (GetDataSetDirectory). @throws ArgumentError, and what the service fails with */
  async directory(reference: string): Promise<DataSetContents> {
    const { association } = await this.host();
    const { deletable, members } = await readDirectory(association, reference);
    return { reference: dataSetReference(dataSetName(reference)), deletable, members: members.map(entryText) };
  }

  /**
   * Values of its members, in its order (GetDataSetValues), all of one instant; where the IED cannot give the data set as
   * one, because it does not fit the PDU above all, each data object is of an instant of its own. Quality and time that
   * are members of their own beside a value are part of that value.
   * @throws ArgumentError for a name that is none, and what the service fails with
   */
  async read(reference: string): Promise<TagValue[]> {
    const host = await this.host();
    const reader = await this.reader(host, reference);
    return (await reader.read()) ?? host.read(reader.tags);
  }

  /** Tags of its members, as {@link read} gives their values: for a poll or a table. @throws as {@link read} */
  async tags(reference: string): Promise<Tag[]> {
    return (await this.reader(await this.host(), reference)).tags;
  }

  /**
   * Writes all its members in one request (SetDataSetValues); each is taken or refused by itself.
   * @returns what became of each member, in its order
   * @throws ArgumentError, before anything is sent, for values that are missing or do not fit; what the service fails with
   */
  async write(reference: string, values: DataSetValues): Promise<MemberWritten[]> {
    const { association, types } = await this.host();
    return writeDataSet(association, types, await readDirectory(association, reference), values);
  }

  /**
   * Makes a data set (CreateDataSet).
   * @param reference `LD/LN.name` or `@name`
   * @param members `LD/LN.DO.DA[FC]` in the order wanted, of any logical device; `LD/LN.DO[FC]` for a whole data object,
   *   `LD/LN.DO(3).DA[FC]` for an array element
   * @throws ArgumentError before anything is sent; LimitError when it does not fit the PDU; what the IED refuses it with
   */
  async create(reference: string, members: readonly NewMember[]): Promise<void> {
    const name = newDataSetName(reference);
    if (members.length === 0 || members.length > MAX_DATA_SET_MEMBERS)
      throw new ArgumentError(`${reference} has ${members.length} members`, `Give 1 to ${MAX_DATA_SET_MEMBERS}.`);
    const variables = members.map(memberVariable);
    const { association, ied } = await this.host();
    await association
      .request({ service: 'defineNamedVariableList', name, variables })
      .catch((error: unknown) => rethrowNamed(error, `data set ${reference} was not made`, ied));
  }

  /**
   * Deletes a data set (DeleteDataSet).
   * @throws DataSetError when there is none, when it is of the configuration, or when a control block uses it
   */
  async delete(reference: string): Promise<void> {
    const name = dataSetName(reference);
    const { association, ied } = await this.host();
    const { matched, deleted } = await association
      .request({ service: 'deleteNamedVariableList', names: [name] })
      .catch((error: unknown) => rethrowNamed(error, `data set ${reference} was not deleted`, ied));
    if (deleted > 0) return;
    const context = { ied, tag: reference };
    const kept = matched > 0 ? await unlessRefused(async () => [await readDirectory(association, reference)]) : [];
    if (matched === 0) {
      throw new DataSetError(
        'UNDEFINED',
        `${ied} has no data set ${reference}`,
        'List its data sets and compare the name.',
        context,
      );
    }
    if (kept?.[0]?.deletable === false) {
      throw new DataSetError(
        'NOT_DELETABLE',
        `data set ${reference} of ${ied} cannot be deleted: it is part of its configuration`,
        'Only data sets that a client has made can be.',
        context,
      );
    }
    throw new DataSetError(
      'IN_USE',
      `data set ${reference} of ${ied} was not deleted: it is in use`,
      'Take it from the control blocks that name it (DatSet) first.',
      context,
    );
  }

  private async reader(host: ServiceHost, reference: string): Promise<DataSetReader> {
    const { association, types, ied } = host;
    if (this.readersOf !== association) {
      this.readersOf = association;
      this.readers.clear();
    }
    const known = this.readers.get(reference);
    if (known) return known;
    const directory: DataSetDirectory = await readDirectory(association, reference);
    const reader = await DataSetReader.open(association, types, directory, ied);
    // One that clients can delete may be another one of the same name the next time.
    if (!directory.deletable && this.readersOf === association) {
      if (this.readers.size >= MAX_KNOWN_DATA_SETS) this.readers.clear();
      this.readers.set(reference, reader);
    }
    return reader;
  }
}

function memberVariable(member: NewMember): VariableSpecification {
  const text = typeof member === 'string' ? member : `${member.reference}[${member.fc}]`;
  const reference = parseReference(text);
  if (reference.path.length === 0 || !reference.functionalConstraint) {
    throw new ArgumentError(
      `"${formatReference(reference)}" cannot be a member of a data set`,
      'Write LD/LN.DO[FC] or LD/LN.DO.DA[FC], such as BAY1CTRL/XCBR1.Pos[ST].',
    );
  }
  return referenceVariable(reference);
}

/** The same failure, with the data set in its text. */
function rethrowNamed(error: unknown, what: string, ied: string): never {
  if (!(error instanceof Iec61850Error) || error instanceof ConnectionError || error instanceof DecodeError)
    throw error;
  throw new Iec61850Error(error.code, `${ied}: ${what}: ${error.message}`, error.hint, { ied, cause: error });
}
