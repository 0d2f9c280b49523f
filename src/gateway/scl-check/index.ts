/** What an SCL file says against what its device has. */
export { checkDevice, type SclCheck } from './check.js';
export { compareModels, type ComparedCounts, type ModelComparison } from './compare.js';
export type { Finding, FindingKind, FindingPart, FindingSeverity } from './finding.js';
export { readDetails, type CheckedDevice } from './live-details.js';
export { findingsToCsv } from './table.js';
