/** What a form shows of an SCL file: its IEDs with their addresses, and what is wrong with it. */
import type { SclDocument } from '../../src/scl/index.js';
import { sclSourceName, type SclSource } from './scl-source.js';

/** Diagnostics that are sent to the editor; the rest is counted. */
const SHOWN_DIAGNOSTICS = 200;

export interface SclSummary {
  source: SclSource;
  name: string;
  ieds: SclIedSummary[];
  diagnostics: {
    errors: number;
    warnings: number;
    items: { code: string; severity: string; message: string; line?: number; path?: string }[];
  };
}

export interface SclIedSummary {
  name: string;
  description?: string;
  manufacturer?: string;
  type?: string;
  accessPoints: SclDocument['ieds'][number]['accessPoints'];
}

export function summarizeScl(source: SclSource, document: SclDocument): SclSummary {
  const { diagnostics } = document;
  return {
    source,
    name: sclSourceName(source),
    ieds: document.ieds.map(({ name, description, manufacturer, type, accessPoints }) => ({
      name,
      ...(description && { description }),
      ...(manufacturer && { manufacturer }),
      ...(type && { type }),
      accessPoints,
    })),
    diagnostics: {
      errors: diagnostics.filter((item) => item.severity === 'error').length,
      warnings: diagnostics.filter((item) => item.severity === 'warning').length,
      items: diagnostics
        .slice(0, SHOWN_DIAGNOSTICS)
        .map(({ code, severity, message, line, path }) => ({ code, severity, message, line, path })),
    },
  };
}
