/** Admin route that lists report control blocks with their data sets, of a live IED or of an SCL file. */
import type { ListedControlBlock, ListedDataSet } from '../../src/client/reports/index.js';
import { BROWSE_TIMEOUT_MS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { adminRoute, jsonBody, once } from '../shared/admin.js';
import { BROWSE_PERMISSION } from '../shared/browse-routes.js';
import { liveTarget, pointSourceOf } from '../shared/browse-source.js';
import { withShortAssociation, type LiveTarget } from '../shared/live-source.js';
import type { RED } from '../shared/red.js';
import { within } from '../shared/within.js';

/** A control block as the editor shows it; what a file cannot tell is absent. */
export type OfferedControlBlock = Pick<ListedControlBlock, 'reference' | 'buffered' | 'rptId' | 'dataSet'> &
  Partial<ListedControlBlock>;

export interface OfferedReports {
  controlBlocks: OfferedControlBlock[];
  dataSets: ListedDataSet[];
}

/** Adds the route once. */
export function registerReportDirectory(red: RED): void {
  once(red, 'reports', () => {
    adminRoute(red, 'post', '/iec61850/reports', BROWSE_PERMISSION, async (request): Promise<OfferedReports> => {
      const body = jsonBody(request);
      const limit = AbortSignal.timeout(BROWSE_TIMEOUT_MS);
      const found =
        body.source === 'scl'
          ? pointSourceOf(red, body)
              .browse(() => undefined, limit)
              .then(reportsOfModel)
          : liveReports(liveTarget(red, body), limit);
      return await within(found, limit, 'The list of report control blocks');
    });
  });
}

async function liveReports({ settings, running }: LiveTarget, signal: AbortSignal): Promise<OfferedReports> {
  const session = running?.current;
  const { controlBlocks, dataSets } =
    session?.state === 'online'
      ? await session.listReports()
      : await withShortAssociation(settings, (client) => client.listReports(), signal);
  return { controlBlocks, dataSets };
}

/** The file's control blocks; instances of an indexed one are listed by their online names. */
export function reportsOfModel(model: IedModel): OfferedReports {
  const offered: OfferedReports = { controlBlocks: [], dataSets: [] };
  for (const { name: ld, logicalNodes } of model.logicalDevices) {
    for (const node of logicalNodes) {
      const at = `${ld}/${node.name}`;
      for (const { name, members } of node.dataSets) {
        offered.dataSets.push({
          reference: `${at}.${name}`,
          members: members.map(({ reference, fc }) => `${reference}[${fc}]`),
        });
      }
      for (const block of node.reportControlBlocks) {
        const { name, buffered, dataSet = '', rptId = '', confRev, integrityPeriod, bufferTime } = block;
        offered.controlBlocks.push({
          reference: `${at}.${name}[${buffered ? 'BR' : 'RP'}]`,
          buffered,
          rptId,
          dataSet: dataSet === '' || dataSet.includes('/') ? dataSet : `${at}.${dataSet}`,
          ...(confRev !== undefined && { confRev }),
          ...(integrityPeriod !== undefined && { integrityPeriod }),
          ...(bufferTime !== undefined && { bufferTime }),
        });
      }
    }
  }
  return offered;
}
