/** One line of the benchmark table. */
export interface BenchRow {
  name: string;
  /** Undefined when it could not be measured; `note` then says why. */
  figure: number | undefined;
  unit: string;
  /** The target: a least figure, or a most one. Absent for rows that only inform. */
  atLeast?: number;
  atMost?: number;
  /** The figure divided by the one of something else that was measured in the same run. */
  ratio?: { value: number; to: string; atLeast?: number };
  note?: string;
}

/** Parts of the benchmark, each of which runs in a process of its own. */
export interface BenchPart {
  /** What is typed after `npm run bench --`. */
  name: string;
  title: string;
  run(): Promise<BenchRow[]>;
}

/** A row for something that could not be measured. */
export function missingRow(name: string, unit: string, why: string): BenchRow {
  return { name, figure: undefined, unit, note: `missing: ${why}` };
}

/** Whether a row meets its targets; undefined when it has none. */
export function isMet(row: BenchRow): boolean | undefined {
  const { figure, atLeast, atMost, ratio } = row;
  const wanted = atLeast !== undefined || atMost !== undefined || ratio?.atLeast !== undefined;
  if (!wanted) return undefined;
  if (figure === undefined) return false;
  if (atLeast !== undefined && figure < atLeast) return false;
  if (atMost !== undefined && figure > atMost) return false;
  return ratio?.atLeast === undefined || ratio.value >= ratio.atLeast;
}
