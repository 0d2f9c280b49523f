/** The live SCL check: reads the device, and holds it against the file. */
import { MAX_SCL_FINDINGS } from '../../limits.js';
import type { IedModel } from '../../model/ied-model.js';
import { compareModels, type ComparedCounts } from './compare.js';
import { sortFindings, type Finding, type FindingSeverity } from './finding.js';
import { readDetails, type CheckedDevice } from './live-details.js';

export interface SclCheck {
  /** IED in the file. */
  ied: string;
  /** `configVersion` of the file's IED, for the record. */
  configVersion?: string;
  counts: Record<FindingSeverity, number>;
  /** Worst first, {@link MAX_SCL_FINDINGS} at most. */
  findings: Finding[];
  /** Further ones. */
  more: number;
  compared: ComparedCounts;
}

/**
 * Browses a device and compares it with what its SCL file says.
 * @throws what the browse throws
 */
export async function checkDevice(file: IedModel, device: CheckedDevice, signal?: AbortSignal): Promise<SclCheck> {
  const model = await device.browse({ ...(signal && { signal }) });
  const unread = await readDetails(device, model, signal);
  const { findings, compared } = compareModels(file, model);
  const all = sortFindings([...findings, ...unread]);
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of all) counts[severity]++;
  return {
    ied: file.name,
    ...(file.configVersion && { configVersion: file.configVersion }),
    counts,
    findings: all.slice(0, MAX_SCL_FINDINGS),
    more: Math.max(0, all.length - MAX_SCL_FINDINGS),
    compared,
  };
}
