import type { Edition } from '../model/ied-model.js';
import type { DiagnosticLog } from './diagnostics.js';

/** What every reader of a part of the file needs. */
export interface SclContext {
  log: DiagnosticLog;
  /** Edition of the file, where it is known: some defaults of the schema differ. */
  edition?: Edition;
}
