/** Differences as a CSV file, for a record. */
import { formatCsv } from '../csv.js';
import type { Finding } from './finding.js';

const COLUMNS = ['severity', 'kind', 'part', 'reference', 'attribute', 'file', 'device'] as const;

export function findingsToCsv(findings: readonly Finding[]): string {
  return formatCsv([COLUMNS, ...findings.map((finding) => COLUMNS.map((column) => finding[column]))]);
}
