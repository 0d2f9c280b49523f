/** The data sets that control blocks report, each held once however many do, and the way from an attribute to them. */
import type { NameSpace, VariableList } from '../name-space.js';
import type { Change } from '../value-store.js';
import type { Variable } from '../variable.js';
import { ReportedDataSet, type DataSetListener } from './reported-data-set.js';

interface Place {
  readonly dataSet: ReportedDataSet;
  readonly member: number;
}

export class DataSetRegistry {
  /** By the list itself and not by its name, so that one that is made anew is another one. */
  private readonly dataSets = new Map<VariableList, ReportedDataSet>();
  private readonly places = new Map<Variable, Place[]>();
  private readonly touched: ReportedDataSet[] = [];

  constructor(private readonly nameSpace: NameSpace) {}

  /** Tells `listener` of changes from now on. */
  listen(list: VariableList, listener: DataSetListener): ReportedDataSet {
    let dataSet = this.dataSets.get(list);
    if (!dataSet) {
      dataSet = new ReportedDataSet(this.nameSpace, list);
      this.dataSets.set(list, dataSet);
      for (const { leaf, member } of dataSet.leaves()) {
        const places = this.places.get(leaf);
        if (places) places.push({ dataSet, member });
        else this.places.set(leaf, [{ dataSet, member }]);
      }
    }
    dataSet.listeners.add(listener);
    return dataSet;
  }

  leave(dataSet: ReportedDataSet, listener: DataSetListener): void {
    if (!dataSet.listeners.delete(listener) || dataSet.listeners.size > 0) return;
    this.dataSets.delete(dataSet.list);
    for (const { leaf } of dataSet.leaves()) {
      const rest = (this.places.get(leaf) ?? []).filter((place) => place.dataSet !== dataSet);
      if (rest.length > 0) this.places.set(leaf, rest);
      else this.places.delete(leaf);
    }
  }

  /** A transaction is in place. */
  changed(changes: readonly Change[], now: number): void {
    const { touched, places } = this;
    if (places.size === 0) return;
    for (const { leaf, triggers } of changes) {
      const found = places.get(leaf);
      if (!found) continue;
      for (const { dataSet, member } of found) if (dataSet.note(member, triggers)) touched.push(dataSet);
    }
    for (const dataSet of touched.splice(0)) {
      const notification = dataSet.take();
      for (const listener of dataSet.listeners) listener.notified(notification, now);
    }
  }
}
