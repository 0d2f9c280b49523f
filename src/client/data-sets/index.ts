export { DataSets, type DataSetContents, type NewMember } from './data-sets.js';
export type { DataSetValues, MemberWritten } from './write-values.js';
