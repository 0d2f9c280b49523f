import { MAX_TABLE_PROBLEMS } from '../../limits.js';
import type { VariableProblem } from './variable-row.js';

/** Problems of a file by their lines; those beyond the bound are counted. */
export class ProblemList {
  readonly list: VariableProblem[] = [];
  /** Problems that are not listed. */
  more = 0;

  add(line: number, message: string, column?: string): void {
    if (this.list.length < MAX_TABLE_PROBLEMS) this.list.push({ line, message, ...(column && { column }) });
    else this.more++;
  }

  /** In the order of the lines. */
  sorted(): VariableProblem[] {
    return [...this.list].sort((a, b) => a.line - b.line);
  }
}
