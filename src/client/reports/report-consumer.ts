import { EventEmitter } from 'node:events';
import type { Iec61850Error } from '../../errors.js';
import type { Tag } from '../../model/tag.js';
import type { TagValue } from '../../model/tag-value.js';
import type { TypeCache } from '../type-cache.js';
import { ReportDecoder, type Segment } from './report-decoder.js';
import type { DataSetDirectory } from '../data-sets/directory.js';
import type { ReportHeader } from './report-header.js';
import { layOut } from '../data-sets/layout.js';

/** One report as it leaves. */
export interface Report {
  /** Control block, `LD/LN.name[BR]`. */
  controlBlock: string;
  rptId: string;
  dataSet: string;
  sqNum?: number;
  /** TimeOfEntry, ISO 8601 UTC. */
  entryTime?: string;
  /** EntryID as hex text. */
  entryId?: string;
  confRev?: number;
  /** The IED's buffer lost entries before this one. */
  bufferOverflow: boolean;
  /** Its EntryID came before. */
  repeat: boolean;
  values: TagValue[];
}

/** What became of a control block. */
export type SubscriptionPhase = 'waiting' | 'arming' | 'armed' | 'reserved' | 'failed' | 'closed';

export interface SubscriptionStatus {
  controlBlock: string;
  phase: SubscriptionPhase;
  /** Why it is not armed. */
  error?: Iec61850Error;
  /** ms until the next attempt. */
  retryIn?: number;
  /** Members of the data set, once it was read. */
  members: number;
  counters: Readonly<SubscriptionCounters>;
}

export interface SubscriptionCounters {
  reports: number;
  values: number;
  /** Reports that did not come, by their SqNum. */
  missed: number;
  /** Reports that were dropped, because a segment was lost or they did not fit the data set. */
  dropped: number;
  /** Reports that said that the IED's buffer overflowed. */
  overflows: number;
  /** Entries that came again. */
  repeats: number;
  /** Times that the control block was armed. */
  armed: number;
}

export interface ConsumerOptions {
  /** Tags that are wanted, by their own names; absent: one for each member of the data set. */
  tags?: readonly Tag[];
  /** Name of a member's tag. */
  nameOf?: (reference: string, fc: string) => string;
  /** Holds the resume point back until {@link ReportConsumer.acknowledge}. */
  acknowledges?: boolean;
}

interface ConsumerEvents {
  report: [Report];
  /** Last known values that are no longer live. */
  status: [TagValue[]];
  state: [SubscriptionStatus];
  /** Something that is to be known, and that reports go on in spite of. */
  warning: [Iec61850Error];
}

/** One user of a control block's reports, who sees its own tags in them. */
export class ReportConsumer extends EventEmitter<ConsumerEvents> {
  private decoder: ReportDecoder | undefined;

  constructor(
    readonly options: ConsumerOptions,
    private readonly ied: string,
    private readonly acknowledged: (consumer: ReportConsumer, entryId: string) => void,
  ) {
    super();
  }

  /** The entry, and all before it, are safe: the IED need not send them again. Unknown ones are ignored. */
  acknowledge(entryId: string): void {
    this.acknowledged(this, entryId);
  }

  /** Wanted tags that the data set does not hold; empty before it was read. */
  get missing(): readonly Tag[] {
    return this.decoder?.layout.missing ?? [];
  }

  /** Makes ready for the reports of a data set; keeps what is known when it is the same as before. */
  async prepare(dataSet: DataSetDirectory, types: TypeCache, concurrency: number): Promise<void> {
    const layout = await layOut(dataSet, types, concurrency, this.options);
    const before = this.decoder?.layout;
    const signature = ({ rows }: typeof layout): string =>
      JSON.stringify(rows.map(({ reference, fc, type }) => [reference, fc, type]));
    const members = (of: typeof layout): string => of.dataSet.members.map(({ reference, fc }) => reference + fc).join();
    if (before && signature(before) === signature(layout) && members(before) === members(layout)) return;
    this.decoder = new ReportDecoder(layout, this.ied);
  }

  /** @throws DecodeError when the report does not fit the data set */
  decode(parts: readonly Segment[], received: number, readAt: number): { values: TagValue[]; reasons: number } {
    const { decoder } = this;
    if (!decoder) return { values: [], reasons: 0 };
    return { values: decoder.decode(parts, received, readAt), reasons: decoder.lastReasons };
  }

  emitReport(
    header: ReportHeader,
    values: TagValue[],
    more: Pick<Report, 'controlBlock' | 'dataSet' | 'repeat'>,
  ): void {
    const { rptId, sqNum, entryId, confRev, bufOvfl, datSet } = header;
    const entryTime = values[0]?.entryTime;
    this.emit('report', {
      ...more,
      rptId,
      ...(datSet !== undefined && { dataSet: datSet }),
      ...(sqNum !== undefined && { sqNum }),
      ...(entryTime !== undefined && { entryTime }),
      ...(entryId !== undefined && { entryId }),
      ...(confRev !== undefined && { confRev }),
      bufferOverflow: bufOvfl === true,
      values,
    });
  }

  /** Says that no value is live any more. */
  emitStatus(status: 'stale' | 'disconnected'): void {
    const values = this.decoder?.withStatus(status, Date.now()) ?? [];
    if (values.length > 0) this.emit('status', values);
  }
}
