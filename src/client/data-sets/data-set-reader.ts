import { performance } from 'node:perf_hooks';
import { ConnectionError, DecodeError, LimitError, RejectError, ServiceError } from '../../errors.js';
import type { Tag } from '../../model/tag.js';
import type { TagValue } from '../../model/tag-value.js';
import { RowState } from '../../model/value-table.js';
import { encodeReadRequest, findReadResults } from '../../mms/services/read.js';
import type { ClientAssociation } from '../client-association.js';
import { buildTagValue } from '../tag-value-builder.js';
import type { TypeCache } from '../type-cache.js';
import type { DataSetDirectory } from './directory.js';
import { layOut, type DataSetLayout } from './layout.js';
import { MemberDecoder } from './member-decoder.js';
import { dataSetName } from './name.js';

/** The name of a member's tag is its reference, as in a read of it. */
const NAMED_BY_REFERENCE = { nameOf: (reference: string) => reference };

/** Reads one data set of one association, as often as wanted (GetDataSetValues, IEC 61850-8-1 §14.3.1). */
export class DataSetReader {
  private readonly decoder: MemberDecoder;
  private readonly request: Buffer;
  private readonly rows: number[];
  private sequence = 0;

  private constructor(
    private readonly association: ClientAssociation,
    private readonly layout: DataSetLayout,
    private readonly ied: string,
  ) {
    this.decoder = new MemberDecoder(layout, ied);
    this.rows = layout.rows.map((_row, index) => index);
    this.request = encodeReadRequest({
      service: 'read',
      specificationWithResult: false,
      access: { listName: dataSetName(layout.dataSet.name) },
    });
  }

  /** Makes ready by the live types of the members. @throws ConnectionError when the association is lost meanwhile */
  static async open(
    association: ClientAssociation,
    types: TypeCache,
    directory: DataSetDirectory,
    ied: string,
  ): Promise<DataSetReader> {
    const layout = await layOut(directory, types, association.negotiated.maxOutstanding, NAMED_BY_REFERENCE);
    return new DataSetReader(association, layout, ied);
  }

  /** What its tags are, for an IED that does not read the data set as one. */
  get tags(): Tag[] {
    return this.layout.rows.map(({ tag }) => tag);
  }

  /**
   * Values of one instant, one for each member in its order; quality and time that are members beside their value are
   * part of its. A member that the IED refuses has `status: 'error'`.
   * @returns undefined when the IED cannot give the data set as one, because it does not fit the PDU above all
   * @throws what the service fails with; DecodeError when the values do not fit the members
   */
  async read(): Promise<TagValue[] | undefined> {
    try {
      return await this.association.exchange(this.request, (octets, start, end) => this.take(octets, start, end));
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      const asOne = error instanceof ServiceError || error instanceof RejectError || error instanceof LimitError;
      if (asOne && !isUndefined(error)) return undefined;
      throw error;
    }
  }

  private take(octets: Buffer, start: number, end: number): TagValue[] {
    const results = findReadResults(octets, start, end);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const received = Date.now();
    const readAt = performance.now();
    const { members, table, rows, dataSet } = this.layout;
    this.decoder.begin();
    let at = results.start;
    for (const plan of members) {
      if (at >= results.end) throw this.misfit(`fewer values than its ${members.length} members`, dataSet.name);
      at = this.decoder.decode(plan, octets, view, at, results.end, received, readAt);
    }
    if (at !== results.end) throw this.misfit(`more values than its ${members.length} members`, dataSet.name);
    this.decoder.joinCompanions(this.rows);
    this.sequence++;
    return rows.map((info, row) => {
      const status = table.state[row] === RowState.error ? 'error' : 'live';
      return buildTagValue(table, row, info, this.ied, status, 'read', this.sequence, received);
    });
  }

  private misfit(why: string, name: string): DecodeError {
    return new DecodeError(
      `${this.ied}: data set ${name} came with ${why}`,
      { ied: this.ied, tag: name },
      'It may have been changed meanwhile; read it again.',
    );
  }
}

/** The data set is not there, which no other way of reading it would change. */
function isUndefined(error: unknown): boolean {
  return error instanceof ServiceError && /^object-(undefined|non-existent)$/.test(error.errorName);
}
