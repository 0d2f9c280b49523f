/** What a comparison of an SCL file with the device says: one line for each difference. */

/**
 * What is different:
 * - `missing` in the device, or `extra` there;
 * - `name`: the logical device has another name, by its IED's name;
 * - `type`: another type on the wire, which breaks reads; `length`: the same type of another length;
 * - `order`: the same members in another order, which data sets of whole objects show;
 * - `members`: a data set that holds others;
 * - `confRev`: another configuration revision;
 * - `value`: an attribute of a control block, or a configured value, that is another one;
 * - `unread`: what the device did not tell, so that it was not compared.
 */
export type FindingKind =
  'missing' | 'extra' | 'name' | 'type' | 'length' | 'order' | 'members' | 'confRev' | 'value' | 'unread';

export type FindingPart =
  | 'logicalDevice'
  | 'logicalNode'
  | 'dataObject'
  | 'attribute'
  | 'dataSet'
  | 'reportControl'
  | 'logControl'
  | 'log'
  | 'gooseControl'
  | 'sampledValueControl'
  | 'settingGroups';

/** `error`: clients that rely on the file will fail; `warning`: worth a look; `info`: likely meant so. */
export type FindingSeverity = 'error' | 'warning' | 'info';

export interface Finding {
  kind: FindingKind;
  part: FindingPart;
  severity: FindingSeverity;
  /** ACSI reference by the names of the device where it has them: `LD/LN.DO.DA[FC]`. */
  reference: string;
  /** Attribute of a control block that is different, `DatSet`. */
  attribute?: string;
  /** What the file says. */
  file?: string;
  /** What the device has. */
  device?: string;
}

const RANK: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, info: 2 };

/** Worst first, and by reference. */
export function sortFindings(findings: Finding[]): Finding[] {
  return findings.sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] || (a.reference < b.reference ? -1 : a.reference > b.reference ? 1 : 0),
  );
}
