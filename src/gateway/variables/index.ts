/** Mapping of process variables by a CSV file. */
export { UpdateCollector } from './update-collector.js';
export { checkVariables } from './check-variables.js';
export { variableTemplate } from './template.js';
export { variablesFromCsv, variablesToCsv, type VariableFile } from './variable-csv.js';
export { VariableMapper, type MappedUpdates } from './variable-mapper.js';
export type { VariableProblem, VariableRow } from './variable-row.js';
