import type { TagType } from '../../model/tag-value.js';

/** One line of a mapping file: a variable of the process, and the attribute of the server that takes its value. */
export interface VariableRow {
  /** Line of the file, from 1. */
  line: number;
  /** Name of the variable, as messages have it. */
  variable: string;
  /** `LD/LN.DO.DA[FC]`, or a data object, which stands for its principal value. */
  reference: string;
  /** Type of the attribute; that of the model when absent. */
  type?: TagType;
  /** The attribute is `value × scale + offset`; 1 and 0 when absent. */
  scale?: number;
  offset?: number;
  /** Change of the scaled value below which it is left out; 0 or absent lets every value through. */
  deadband?: number;
  description?: string;
}

/** What is wrong with a line. */
export interface VariableProblem {
  line: number;
  /** Column that it is about, where it is about one. */
  column?: string;
  message: string;
}

const NUMERIC: ReadonlySet<TagType> = new Set<TagType>([
  ...(['Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32'] as const),
  ...(['Float32', 'Float64'] as const),
]);

/** Whether values of the type are numbers, which can be scaled and compared. */
export function isNumeric(type: TagType): boolean {
  return NUMERIC.has(type);
}
