/** The data set that DatSet of a control block names: found, kept from being deleted, and listened to. */
import { MAX_DATA_SET_MEMBERS } from '../../limits.js';
import type { ClientSession } from '../client-session.js';
import type { VariableList } from '../name-space.js';
import type { BlockHost } from './block-host.js';
import type { DataSetListener, ReportedDataSet } from './reported-data-set.js';

export class NamedDataSet {
  /** While it is listened to. */
  reported: ReportedDataSet | undefined;
  private held: { readonly list: VariableList; readonly letGo: () => void } | undefined;

  constructor(
    private readonly host: Pick<BlockHost, 'dataSets' | 'registry'>,
    private readonly listener: DataSetListener,
  ) {}

  /** Whether the name stands for a data set that is kept for this control block. */
  get found(): boolean {
    return this.held !== undefined;
  }

  /** The association that it belongs to, and ends with. */
  get owner(): ClientSession | undefined {
    return this.held?.list.owner;
  }

  /** The data set of a name, when it can be reported. @param session whose own data sets may be meant */
  find(name: string, session: ClientSession | undefined): VariableList | undefined {
    const list = name === '' ? undefined : this.host.dataSets.named(name, session);
    return list && list.members.length > 0 && list.members.length <= MAX_DATA_SET_MEMBERS ? list : undefined;
  }

  /** Keeps the data set of this name from being deleted, and no other one any more. */
  hold(name: string, session: ClientSession | undefined): void {
    this.held?.letGo();
    const list = this.find(name, session);
    this.held = list && { list, letGo: this.host.dataSets.hold(list) };
  }

  /** Hears of the changes of the data set of this name; of none when there is no such data set. */
  listen(name: string, session: ClientSession | undefined): void {
    const list = this.find(name, session);
    if (this.reported && this.reported.list === list) return;
    this.leave();
    if (list) this.reported = this.host.registry.listen(list, this.listener);
  }

  leave(): void {
    if (this.reported) this.host.registry.leave(this.reported, this.listener);
    this.reported = undefined;
  }
}
