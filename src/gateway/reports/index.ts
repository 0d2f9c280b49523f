export { ReportsFirst, type Coverage, type ReportsFirstOptions } from './reports-first.js';
