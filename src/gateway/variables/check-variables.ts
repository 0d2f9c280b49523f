/** A mapping file held against the model that is served. */
import { Iec61850Error } from '../../errors.js';
import type { IedModel } from '../../model/ied-model.js';
import type { TagType } from '../../model/tag-value.js';
import { isNumeric, type VariableRow } from './variable-row.js';
import { pointAt } from '../points/point-at.js';
import { ProblemList } from './problem-list.js';
import { variablesFromCsv, type VariableFile } from './variable-csv.js';

/**
 * Reads a mapping file and takes out every line whose reference the model does not have, or whose type is another.
 * Lines that give no type get that of the model.
 * @throws LimitError when the text is too long.
 */
export function checkVariables(text: string, model: IedModel): VariableFile {
  const file = variablesFromCsv(text);
  const problems = new ProblemList();
  for (const { line, message, column } of file.problems) problems.add(line, message, column);
  const rows = file.rows.flatMap((row) => {
    const checked = withType(row, model);
    if (typeof checked !== 'string') return [checked];
    problems.add(row.line, checked, 'reference');
    return [];
  });
  return { rows, problems: problems.sorted(), more: file.more + problems.more };
}

/** The row with the type of its attribute, or what is wrong with it. */
function withType(row: VariableRow, model: IedModel): VariableRow | string {
  try {
    const { type } = pointAt(model, row.reference);
    return type === undefined ? row : typed(row, type);
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return error.message;
  }
}

/** Gives a row the type of its attribute. @returns what is wrong, where they do not fit */
export function typed(row: VariableRow, type: TagType): VariableRow | string {
  const { reference, scale, offset, deadband } = row;
  if (type === 'Structure' || type === 'Array') {
    return `${reference} has members of its own; name one of its attributes`;
  }
  if (!isNumeric(type) && (scale ?? offset ?? deadband) !== undefined) {
    return `${reference} is a ${type}, which has no scale, offset or deadband`;
  }
  // An integer that the standard enumerates is an Enum for people and an integer for the server.
  const isNumber = (one: TagType): boolean => isNumeric(one) || one === 'Enum';
  const fits = row.type === undefined || row.type === type || (isNumber(row.type) && isNumber(type));
  if (!fits) return `${reference} is a ${type} and no ${row.type}`;
  return { ...row, type };
}
