export type { MadeDataSetOptions } from './made-data-sets.js';
export { ReportsFirst, type Coverage, type ReportsFirstOptions } from './reports-first.js';
