import { MAX_SCL_DIAGNOSTICS } from '../limits.js';
import type { LineIndex } from './line-index.js';
import { elementPath, type XmlElement } from './xml-element.js';

export type SclSeverity = 'error' | 'warning' | 'info';

/**
 * Severity of each diagnostic. An error means that something of the file is missing from the model; a warning, that
 * something is doubtful; an info, that something was read in one of several possible ways. `docs/scl.md` tells each one.
 */
export const SCL_SEVERITIES = {
  SCL_ENCODING: 'error',
  SCL_NAMESPACE: 'warning',
  SCL_UNDECLARED_PREFIX: 'warning',
  SCL_VERSION: 'warning',
  SCL_MISSING_ATTRIBUTE: 'error',
  SCL_INVALID_ATTRIBUTE: 'warning',
  SCL_INVALID_NAME: 'error',
  SCL_UNUSUAL_NAME: 'warning',
  SCL_DUPLICATE_NAME: 'error',
  SCL_DUPLICATE_TYPE: 'warning',
  SCL_MISSING_LNODETYPE: 'error',
  SCL_MISSING_DOTYPE: 'error',
  SCL_MISSING_DATYPE: 'error',
  SCL_MISSING_ENUMTYPE: 'warning',
  SCL_RECURSIVE_TYPE: 'error',
  SCL_TYPE_TOO_DEEP: 'error',
  SCL_TOO_MANY_ATTRIBUTES: 'error',
  SCL_UNKNOWN_FC: 'error',
  SCL_UNKNOWN_BTYPE: 'error',
  SCL_ARRAY_TOO_LARGE: 'error',
  SCL_COUNT_UNRESOLVED: 'warning',
  SCL_UNKNOWN_DATA: 'warning',
  SCL_INVALID_INDEX: 'warning',
  SCL_INVALID_VALUE: 'warning',
  SCL_FCDA_INCOMPLETE: 'error',
  SCL_FCDA_UNRESOLVED: 'warning',
  SCL_FCDA_EXPANDED: 'info',
  SCL_MISSING_DATASET: 'warning',
  SCL_REPORT_INSTANCES: 'warning',
  SCL_LOG_WITHOUT_NAME: 'info',
  SCL_GSSE_IGNORED: 'info',
  SCL_MISSING_SERVER: 'error',
  SCL_LDEVICE_OUTSIDE_SERVER: 'warning',
  SCL_CONNECTED_AP_UNKNOWN: 'warning',
  SCL_ADDRESS_UNUSED: 'warning',
  SCL_INVALID_ADDRESS: 'warning',
} as const satisfies Record<string, SclSeverity>;

export type SclDiagnosticCode = keyof typeof SCL_SEVERITIES;

/** Something in the file that a person should know; `line` and `column` count from 1. */
export interface SclDiagnostic {
  code: SclDiagnosticCode;
  severity: SclSeverity;
  message: string;
  line?: number;
  column?: number;
  /** Where it is, `SCL/IED[BAY1]/AccessPoint[P1]/Server/LDevice[CTRL]/LN[XCBR1]`. */
  path?: string;
}

/** Collects the diagnostics of one file, each once, and no more than the bound. */
export class DiagnosticLog {
  private readonly kept: SclDiagnostic[] = [];
  private readonly seen = new Set<string>();
  private omittedCount = 0;

  constructor(private readonly lines: LineIndex) {}

  /** Diagnostics that were counted only. */
  get omitted(): number {
    return this.omittedCount;
  }

  report(code: SclDiagnosticCode, message: string, at?: XmlElement): void {
    if (at === undefined) this.add({ code, severity: SCL_SEVERITIES[code], message });
    // A path is work: none is made for a diagnostic that will only be counted.
    else if (this.kept.length >= MAX_SCL_DIAGNOSTICS) this.omittedCount += 1;
    else
      this.add({
        code,
        severity: SCL_SEVERITIES[code],
        message,
        ...this.lines.position(at.offset),
        path: elementPath(at),
      });
  }

  reportAt(code: SclDiagnosticCode, message: string, offset: number): void {
    this.add({ code, severity: SCL_SEVERITIES[code], message, ...this.lines.position(offset) });
  }

  /** What was collected, in the order of lines. */
  sorted(): SclDiagnostic[] {
    return [...this.kept].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  }

  private add(diagnostic: SclDiagnostic): void {
    if (this.kept.length >= MAX_SCL_DIAGNOSTICS) {
      this.omittedCount += 1;
      return;
    }
    const key = `${diagnostic.code}\n${diagnostic.line}\n${diagnostic.column}\n${diagnostic.message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.kept.push(diagnostic);
  }
}
