import { ObjectClass } from '../../mms/services.js';
import type { ClientAssociation } from '../client-association.js';
import { nameList } from '../name-list.js';
import { unlessRefused } from '../service-host.js';
import { forEachBounded, type TypeCache } from '../type-cache.js';
import { controlBlockName, readControlBlock, type ControlBlockState } from './report-control-block.js';
import { readDirectory, type DataSetDirectory } from '../data-sets/directory.js';

/** A data set as the IED lists it. */
export interface ListedDataSet {
  /** `LD/LN.name`. */
  reference: string;
  /** `LD/LN.DO…[FC]`, in order. */
  members: string[];
}

/** A report control block as it stands now. */
export interface ListedControlBlock {
  /** `LD/LN.name[BR]`. */
  reference: string;
  buffered: boolean;
  rptId: string;
  /** `LD/LN.name`; empty when it has none. */
  dataSet: string;
  confRev: number;
  integrityPeriod: number;
  bufferTime: number;
  /** Whether another client holds it. */
  inUse: boolean;
  /** Who, where the IED tells. */
  owner: string;
}

export interface ReportDirectory {
  controlBlocks: ListedControlBlock[];
  dataSets: ListedDataSet[];
  /** What the directory is made of, for a plan. */
  states: ReadonlyMap<string, ControlBlockState>;
  contents: ReadonlyMap<string, DataSetDirectory>;
}

const CONTROL_BLOCK = /^[^$]+\$(RP|BR)\$[^$]+$/;

/**
 * All report control blocks of an IED with their state, and the members of the data sets that they name. What the IED
 * refuses is left out.
 */
export async function listReports(association: ClientAssociation, types: TypeCache): Promise<ReportDirectory> {
  const limit = association.negotiated.maxOutstanding;
  const items: string[] = [];
  for (const domain of await nameList(association, ObjectClass.domain, { scope: 'vmd' })) {
    const names = await nameList(association, ObjectClass.namedVariable, { scope: 'domain', domain });
    for (const item of names) if (CONTROL_BLOCK.test(item)) items.push(`${domain}/${item}`);
  }
  const states = new Map<string, ControlBlockState>();
  const found: (ControlBlockState | undefined)[] = [];
  await forEachBounded([...items.entries()], limit, async ([index, item]) => {
    found[index] = await unlessRefused(() => readControlBlock(association, types, controlBlockName(item)));
  });
  for (const state of found) if (state) states.set(state.name.reference, state);
  const contents = new Map<string, DataSetDirectory>();
  const named = new Set([...states.values()].map((state) => state.text('datset')).filter((name) => name !== ''));
  await forEachBounded([...named], limit, async (name) => {
    const dataSet = await unlessRefused(() => readDirectory(association, name));
    if (dataSet) contents.set(name, dataSet);
  });
  return {
    controlBlocks: [...states.values()].map(listed),
    dataSets: [...contents.values()].map(({ name, members }) => ({
      reference: dataSetText(name),
      members: members.map(({ reference, fc }) => (fc ? `${reference}[${fc}]` : reference)),
    })),
    states,
    contents,
  };
}

function listed(state: ControlBlockState): ListedControlBlock {
  return {
    reference: state.name.reference,
    buffered: state.name.buffered,
    rptId: state.reportId,
    dataSet: dataSetText(state.text('datset')),
    confRev: state.number('confrev'),
    integrityPeriod: state.number('intgpd'),
    bufferTime: state.number('buftm'),
    inUse: state.inUse,
    owner: state.owner,
  };
}

/** `LD/LN.name` of `LD/LN$name`. */
function dataSetText(name: string): string {
  return name.replace('$', '.');
}
