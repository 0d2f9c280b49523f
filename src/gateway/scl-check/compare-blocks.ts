/** Data sets and control blocks of a file against those of a device. */
import type { DataSet, LogicalNode } from '../../model/ied-model.js';
import type { Finding, FindingPart } from './finding.js';

/** The names of one logical node in file and device. */
export interface NodePlace {
  /** `LD/LN` in the device. */
  reference: string;
  /** A reference of the file by the names of the device. */
  toDevice(reference: string): string;
}

/** Adds the differences of two logical nodes of one name besides their data. */
export function compareBlocks(file: LogicalNode, device: LogicalNode, place: NodePlace, found: Finding[]): void {
  compareDataSets(file.dataSets, device.dataSets, place, found);
  const dataSet = (name: string | undefined): string | undefined => fullName(name, place);
  compareNamed(file.reportControlBlocks, device.reportControlBlocks, place, 'reportControl', found, (ours, theirs) => [
    ['buffered', ours.buffered ? 'buffered' : 'unbuffered', theirs.buffered ? 'buffered' : 'unbuffered'],
    ['ConfRev', ours.confRev, theirs.confRev],
    ['DatSet', dataSet(ours.dataSet), deviceName(theirs.dataSet, place)],
    ['RptID', ours.rptId || undefined, theirs.rptId],
  ]);
  compareNamed(file.gooseControlBlocks, device.gooseControlBlocks, place, 'gooseControl', found, (ours, theirs) => [
    ['ConfRev', ours.confRev, theirs.confRev],
    ['DatSet', dataSet(ours.dataSet), deviceName(theirs.dataSet, place)],
    ['GoID', ours.goId || undefined, theirs.goId],
  ]);
  compareNamed(
    file.sampledValueControlBlocks,
    device.sampledValueControlBlocks,
    place,
    'sampledValueControl',
    found,
    (ours, theirs) => [
      ['ConfRev', ours.confRev, theirs.confRev],
      ['DatSet', dataSet(ours.dataSet), deviceName(theirs.dataSet, place)],
      ['SvID', ours.smvId || undefined, theirs.smvId],
    ],
  );
  compareNamed(file.logControlBlocks, device.logControlBlocks, place, 'logControl', found, (ours, theirs) => [
    ['DatSet', dataSet(ours.dataSet), deviceName(theirs.dataSet, place)],
  ]);
  const logs = (names: readonly string[]): { name: string }[] => names.map((name) => ({ name }));
  compareNamed(logs(file.logs), logs(device.logs), place, 'log', found, () => []);
  compareSettingGroups(file, device, place, found);
}

function compareDataSets(
  file: readonly DataSet[],
  device: readonly DataSet[],
  place: NodePlace,
  found: Finding[],
): void {
  const live = new Map(device.map((dataSet) => [dataSet.name, dataSet]));
  const names = new Set(file.map(({ name }) => name));
  for (const { name, members } of file) {
    const reference = `${place.reference}.${name}`;
    const other = live.get(name);
    if (!other) {
      found.push({ kind: 'missing', part: 'dataSet', severity: 'error', reference });
      continue;
    }
    const ours = members.map((member) => `${place.toDevice(member.reference)}[${member.fc}]`);
    const theirs = other.members.map((member) => `${member.reference}[${member.fc}]`);
    compareMembers(ours, theirs, reference, found);
  }
  for (const { name, deletable } of device) {
    if (names.has(name)) continue;
    const reference = `${place.reference}.${name}`;
    // One that a client has made belongs in no file.
    found.push({ kind: 'extra', part: 'dataSet', severity: deletable ? 'info' : 'warning', reference });
  }
}

/** Who knows a data set from the file takes its members by their place: each difference counts. */
function compareMembers(ours: string[], theirs: string[], reference: string, found: Finding[]): void {
  const [wanted, live] = [new Set(ours), new Set(theirs)];
  const lost = ours.filter((member) => !live.has(member));
  const added = theirs.filter((member) => !wanted.has(member));
  const difference = { part: 'dataSet', severity: 'error', reference } as const;
  if (lost.length + added.length > 0 || ours.length !== theirs.length) {
    const file = lost.join(', ') || `${ours.length} members`;
    found.push({ ...difference, kind: 'members', file, device: added.join(', ') || `${theirs.length} members` });
  } else {
    const at = ours.findIndex((member, index) => member !== theirs[index]);
    if (at < 0) return;
    const text = (list: string[]): string => `${at + 1}: ${list[at]}`;
    found.push({ ...difference, kind: 'order', file: text(ours), device: text(theirs) });
  }
}

type Attributes = [attribute: string, file: string | number | undefined, device: string | number | undefined][];

function compareNamed<T extends { name: string }>(
  file: readonly T[],
  device: readonly T[],
  place: NodePlace,
  part: FindingPart,
  found: Finding[],
  attributes: (file: T, device: T) => Attributes,
): void {
  const live = new Map(device.map((block) => [block.name, block]));
  const names = new Set(file.map(({ name }) => name));
  for (const block of file) {
    const reference = `${place.reference}.${block.name}`;
    const other = live.get(block.name);
    if (!other) {
      found.push({ kind: 'missing', part, severity: part === 'log' ? 'warning' : 'error', reference });
      continue;
    }
    for (const [attribute, ours, theirs] of attributes(block, other)) {
      // What one of them does not tell is not compared.
      if (ours === undefined || theirs === undefined || String(ours) === String(theirs)) continue;
      const isRevision = attribute === 'ConfRev';
      found.push({
        kind: isRevision ? 'confRev' : 'value',
        part,
        severity: isRevision ? 'error' : 'warning',
        reference,
        attribute,
        file: String(ours),
        device: String(theirs),
      });
    }
  }
  for (const { name } of device) {
    if (names.has(name)) continue;
    found.push({ kind: 'extra', part, severity: 'warning', reference: `${place.reference}.${name}` });
  }
}

function compareSettingGroups(file: LogicalNode, device: LogicalNode, place: NodePlace, found: Finding[]): void {
  const [ours, theirs] = [file.settingGroupControlBlock, device.settingGroupControlBlock];
  const about = { part: 'settingGroups', reference: `${place.reference}.SGCB` } as const;
  if (ours && !theirs) found.push({ ...about, kind: 'missing', severity: 'error' });
  else if (!ours && theirs) found.push({ ...about, kind: 'extra', severity: 'warning' });
  // 0: the device was not asked, or did not say.
  else if (ours && theirs?.numberOfSettingGroups && theirs.numberOfSettingGroups !== ours.numberOfSettingGroups) {
    found.push({
      ...about,
      kind: 'value',
      severity: 'warning',
      attribute: 'NumOfSG',
      file: String(ours.numberOfSettingGroups),
      device: String(theirs.numberOfSettingGroups),
    });
  }
}

/** `LD/LN.name` in the device of what a control block of the file names, alone or whole. */
function fullName(name: string | undefined, place: NodePlace): string | undefined {
  if (name === undefined || name === '') return undefined;
  return name.includes('/') ? place.toDevice(name.replace('$', '.')) : `${place.reference}.${name}`;
}

/** As the device says it; the empty name of a block without data set is an answer too. */
function deviceName(name: string | undefined, place: NodePlace): string | undefined {
  if (name === undefined || name === '') return name;
  return name.includes('/') ? name.replace('$', '.') : `${place.reference}.${name}`;
}
