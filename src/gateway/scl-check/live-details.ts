/** What a browse leaves out of a device and a comparison needs: attributes of control blocks, and configured values. */
import type { IedClient, IedSession } from '../../client/index.js';
import { ConnectionError, Iec61850Error } from '../../errors.js';
import { MAX_PROBE_POINTS, MAX_SCL_CHECK_READS } from '../../limits.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { IedModel, LogicalNode } from '../../model/ied-model.js';
import type { Tag } from '../../model/tag.js';
import { CONFIGURED_VALUES } from './compare.js';
import type { Finding, FindingPart } from './finding.js';

/** An association that can be asked. */
export type CheckedDevice = Pick<IedClient | IedSession, 'browse' | 'listReports' | 'probe'>;

/** One value to read, and where in the model it goes. */
interface Wanted {
  tag: Tag;
  accept: (value: string) => void;
}

/**
 * Reads them into a browsed model.
 * @returns what could not be read, for the list of differences
 * @throws ConnectionError when the device is gone
 */
export async function readDetails(device: CheckedDevice, model: IedModel, signal?: AbortSignal): Promise<Finding[]> {
  const unread: Finding[] = [];
  await readReports(device, model, unread);
  const wanted = model.logicalDevices.flatMap(({ name, logicalNodes }) =>
    logicalNodes.flatMap((node) => wantedOf(`${name}/${node.name}`, node)),
  );
  const asked = wanted.slice(0, MAX_SCL_CHECK_READS);
  for (let start = 0; start < asked.length; start += MAX_PROBE_POINTS) {
    signal?.throwIfAborted();
    const part = asked.slice(start, start + MAX_PROBE_POINTS);
    const results = await device.probe(part.map(({ tag }, index) => ({ ...tag, tag: String(index) })));
    part.forEach(({ accept }, index) => {
      const value = results[index]?.value?.value;
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') accept(String(value));
    });
  }
  for (const { tag } of wanted.slice(MAX_SCL_CHECK_READS)) unread.push(unreadFinding('attribute', tag));
  return unread;
}

/** The report control blocks with what they hold; those that the device refuses keep their names alone. */
async function readReports(device: CheckedDevice, model: IedModel, unread: Finding[]): Promise<void> {
  const listed = await device.listReports().catch((error: unknown) => {
    if (!(error instanceof Iec61850Error) || error instanceof ConnectionError) throw error;
    return undefined;
  });
  const blocks = new Map(listed?.controlBlocks.map((block) => [block.reference, block]));
  for (const { name: ld, logicalNodes } of model.logicalDevices) {
    for (const node of logicalNodes) {
      node.reportControlBlocks = node.reportControlBlocks.map((block) => {
        const fc = block.buffered ? 'BR' : 'RP';
        const reference = `${ld}/${node.name}.${block.name}`;
        const state = blocks.get(`${reference}[${fc}]`);
        if (!state) {
          unread.push(unreadFinding('reportControl', { reference, fc }));
          return block;
        }
        const { dataSet, rptId, confRev } = state;
        return { ...block, dataSet, rptId, confRev };
      });
    }
  }
}

function unreadFinding(part: FindingPart, { reference, fc }: Pick<Tag, 'reference' | 'fc'>): Finding {
  return { kind: 'unread', part, severity: 'info', reference: `${reference}[${fc}]` };
}

function wantedOf(at: string, node: LogicalNode): Wanted[] {
  const wanted: Wanted[] = [];
  const want = (path: string, fc: FunctionalConstraint, accept: (value: string) => void): void => {
    wanted.push({ tag: { tag: '', reference: `${at}.${path}`, fc }, accept });
  };
  for (const block of node.gooseControlBlocks) {
    want(`${block.name}.ConfRev`, 'GO', (value) => (block.confRev = Number(value)));
    want(`${block.name}.DatSet`, 'GO', (value) => (block.dataSet = value));
    want(`${block.name}.GoID`, 'GO', (value) => (block.goId = value));
  }
  for (const block of node.sampledValueControlBlocks) {
    const [fc, id] = block.multicast ? (['MS', 'MsvID'] as const) : (['US', 'UsvID'] as const);
    want(`${block.name}.ConfRev`, fc, (value) => (block.confRev = Number(value)));
    want(`${block.name}.DatSet`, fc, (value) => (block.dataSet = value));
    want(`${block.name}.${id}`, fc, (value) => (block.smvId = value));
  }
  for (const block of node.logControlBlocks) {
    want(`${block.name}.DatSet`, 'LG', (value) => (block.dataSet = value));
  }
  const groups = node.settingGroupControlBlock;
  if (groups) want('SGCB.NumOfSG', 'SP', (value) => (groups.numberOfSettingGroups = Number(value)));
  for (const dataObject of node.dataObjects) {
    for (const { name, fc } of CONFIGURED_VALUES) {
      const attribute = dataObject.attributes.find((one) => one.name === name && one.fc === fc);
      if (attribute) want(`${dataObject.name}.${name}`, fc, (value) => (attribute.value = value));
    }
  }
  return wanted;
}
