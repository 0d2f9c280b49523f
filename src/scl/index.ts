/** SCL files (IEC 61850-6) to models of IEDs. */
export type {
  SclAccessPoint,
  SclAddress,
  SclAuthentication,
  SclBay,
  SclDocument,
  SclHeader,
  SclIed,
  SclLogicalNodeReference,
  SclSubstation,
  SclSummary,
  SclVoltageLevel,
} from './document.js';
export type { SclDiagnostic, SclDiagnosticCode, SclSeverity } from './diagnostics.js';
export { loadScl, type SclLoadOptions } from './load.js';
export { parseScl, type SclParseOptions } from './parse.js';
