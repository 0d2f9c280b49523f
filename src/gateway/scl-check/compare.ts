/** What an SCL file says against what a device has. */
import type { DataAttribute, DataObject, IedModel, LogicalDevice, LogicalNode } from '../../model/ied-model.js';
import { compareBlocks, type NodePlace } from './compare-blocks.js';
import { compareObjects } from './compare-objects.js';
import { sortFindings, type Finding } from './finding.js';

/** How much was compared, so that a list without findings says something. */
export interface ComparedCounts {
  logicalDevices: number;
  logicalNodes: number;
  dataObjects: number;
  dataSets: number;
  controlBlocks: number;
}

export interface ModelComparison {
  /** Worst first. */
  findings: Finding[];
  /** What file and device both have. */
  compared: ComparedCounts;
}

/**
 * Compares the model of an SCL file with that of a device, by what MMS shows of both: names, types by their coding, data
 * sets with their members, and control blocks with what is known of them.
 * @param device as browsed; attributes of control blocks that were not read are not compared
 */
export function compareModels(file: IedModel, device: IedModel): ModelComparison {
  const findings: Finding[] = [];
  const compared: ComparedCounts = {
    logicalDevices: 0,
    logicalNodes: 0,
    dataObjects: 0,
    dataSets: 0,
    controlBlocks: 0,
  };
  const pairs = pairDevices(file, device);
  const toDevice = translator(pairs);
  for (const ours of file.logicalDevices) {
    const theirs = pairs.get(ours);
    if (!theirs) {
      findings.push({ kind: 'missing', part: 'logicalDevice', severity: 'error', reference: ours.name });
      continue;
    }
    compared.logicalDevices++;
    if (ours.name !== theirs.name) {
      findings.push({
        kind: 'name',
        part: 'logicalDevice',
        severity: 'error',
        reference: theirs.name,
        file: ours.name,
        device: theirs.name,
      });
    }
    compareDevices(ours, theirs, toDevice, findings, compared);
  }
  const known = new Set(pairs.values());
  for (const theirs of device.logicalDevices) {
    if (known.has(theirs)) continue;
    findings.push({ kind: 'extra', part: 'logicalDevice', severity: 'warning', reference: theirs.name });
  }
  return { findings: sortFindings(findings), compared };
}

/**
 * The logical devices of a file with those of a device, by name. Where a device carries another IED name, as one does
 * whose file is still a template, they are found by their instance.
 */
function pairDevices(file: IedModel, device: IedModel): Map<LogicalDevice, LogicalDevice> {
  const pairs = new Map<LogicalDevice, LogicalDevice>();
  const free = new Set(device.logicalDevices);
  for (const ours of file.logicalDevices) {
    const theirs = device.logicalDevices.find(({ name }) => name === ours.name);
    if (!theirs) continue;
    pairs.set(ours, theirs);
    free.delete(theirs);
  }
  if (pairs.size > 0) return pairs;
  for (const ours of file.logicalDevices) {
    const { inst } = ours;
    const fitting = inst ? [...free].filter(({ name }) => name.endsWith(inst)) : [];
    // The shortest name has the least before the instance: `CTRL` is not taken for `RES_CTRL`.
    const theirs = fitting.sort((a, b) => a.name.length - b.name.length)[0];
    if (!theirs) continue;
    pairs.set(ours, theirs);
    free.delete(theirs);
  }
  return pairs;
}

function translator(pairs: ReadonlyMap<LogicalDevice, LogicalDevice>): (reference: string) => string {
  const names = new Map([...pairs].map(([ours, theirs]) => [ours.name, theirs.name]));
  return (reference) => {
    const slash = reference.indexOf('/');
    const name = names.get(reference.slice(0, slash));
    return name === undefined ? reference : name + reference.slice(slash);
  };
}

function compareDevices(
  file: LogicalDevice,
  device: LogicalDevice,
  toDevice: NodePlace['toDevice'],
  findings: Finding[],
  compared: ComparedCounts,
): void {
  const live = new Map(device.logicalNodes.map((node) => [node.name, node]));
  const names = new Set(file.logicalNodes.map(({ name }) => name));
  for (const ours of file.logicalNodes) {
    const reference = `${device.name}/${ours.name}`;
    const theirs = live.get(ours.name);
    if (!theirs) {
      findings.push({ kind: 'missing', part: 'logicalNode', severity: 'error', reference });
      continue;
    }
    compared.logicalNodes++;
    compareNodes(ours, theirs, { reference, toDevice }, findings, compared);
  }
  for (const { name } of device.logicalNodes) {
    if (names.has(name)) continue;
    findings.push({ kind: 'extra', part: 'logicalNode', severity: 'warning', reference: `${device.name}/${name}` });
  }
}

function compareNodes(
  file: LogicalNode,
  device: LogicalNode,
  place: NodePlace,
  findings: Finding[],
  compared: ComparedCounts,
): void {
  const live = new Map(device.dataObjects.map((dataObject) => [dataObject.name, dataObject]));
  const names = new Set(file.dataObjects.map(({ name }) => name));
  for (const ours of file.dataObjects) {
    const reference = `${place.reference}.${ours.name}`;
    const theirs = live.get(ours.name);
    if (!theirs) {
      // An object of whose type nothing is left has no name in MMS.
      if (hasData(ours)) findings.push({ kind: 'missing', part: 'dataObject', severity: 'error', reference });
      continue;
    }
    compared.dataObjects++;
    compareObjects(ours, theirs, reference, findings);
    compareValues(ours, theirs, reference, findings);
  }
  for (const { name } of device.dataObjects) {
    if (names.has(name)) continue;
    findings.push({
      kind: 'extra',
      part: 'dataObject',
      severity: 'warning',
      reference: `${place.reference}.${name}`,
    });
  }
  compareBlocks(file, device, place, findings);
  compared.dataSets += file.dataSets.length;
  compared.controlBlocks +=
    file.reportControlBlocks.length +
    file.logControlBlocks.length +
    file.gooseControlBlocks.length +
    file.sampledValueControlBlocks.length;
}

function hasData({ attributes, dataObjects }: DataObject): boolean {
  return attributes.length > 0 || dataObjects.some(hasData);
}

/** Values that tell whether file and device are of one configuration, where both have them. */
export const CONFIGURED_VALUES: readonly { name: string; fc: DataAttribute['fc']; kind: 'confRev' | 'value' }[] = [
  { name: 'configRev', fc: 'DC', kind: 'confRev' },
  { name: 'ctlModel', fc: 'CF', kind: 'value' },
];

function compareValues(file: DataObject, device: DataObject, reference: string, findings: Finding[]): void {
  for (const { name, fc, kind } of CONFIGURED_VALUES) {
    const find = ({ attributes }: DataObject): DataAttribute | undefined =>
      attributes.find((attribute) => attribute.name === name && attribute.fc === fc);
    const [ours, theirs] = [find(file), find(device)];
    if (!ours?.value || theirs?.value === undefined) continue;
    const [wanted, live] = [literalOf(ours, ours.value), literalOf(ours, theirs.value)];
    if (wanted === live) continue;
    findings.push({
      kind,
      part: 'attribute',
      severity: 'warning',
      reference: `${reference}.${name}[${fc}]`,
      file: wanted,
      device: live,
    });
  }
}

/** A file has an enumeration's literal or its number, a device the number. */
function literalOf({ enumLiterals }: DataAttribute, value: string): string {
  return enumLiterals?.[Number(value)] ?? value;
}
