/** What a form shows of an SCL file: its IEDs with the addresses of their servers, and what is wrong with it. */
import type { OsiAddress } from '../../src/model/ied-model.js';
import type { SclAccessPoint, SclAddress, SclDocument, SclIed } from '../../src/scl/document.js';
import { DEFAULT_MMS_PORT } from './connection-settings.js';
import { sclSourceName, type SclSource } from './scl-source.js';

/** Diagnostics that are sent to the editor; the rest is counted. */
const SHOWN_DIAGNOSTICS = 200;

export interface SclFormSummary {
  source: SclSource;
  name: string;
  edition?: string;
  ieds: SclFormIed[];
  diagnostics: {
    errors: number;
    warnings: number;
    items: { code: string; severity: string; message: string; line?: number; path?: string }[];
  };
}

export interface SclFormIed {
  name: string;
  description?: string;
  manufacturer?: string;
  type?: string;
  accessPoints: SclFormAccessPoint[];
}

/** An access point that a client can associate with. */
export interface SclFormAccessPoint {
  name: string;
  description?: string;
  address?: SclFormAddress;
}

export interface SclFormAddress {
  host: string;
  port: number;
  selectors: OsiAddress;
}

export function summarizeScl(source: SclSource, document: SclDocument): SclFormSummary {
  const { diagnostics, diagnosticsOmitted, edition } = document;
  return {
    source,
    name: sclSourceName(source),
    ...(edition && { edition }),
    ieds: document.ieds.map(summarizeIed),
    diagnostics: {
      errors: diagnostics.filter((item) => item.severity === 'error').length,
      warnings: diagnostics.filter((item) => item.severity === 'warning').length + diagnosticsOmitted,
      items: diagnostics
        .slice(0, SHOWN_DIAGNOSTICS)
        .map(({ code, severity, message, line, path }) => ({ code, severity, message, line, path })),
    },
  };
}

function summarizeIed({ name, description, manufacturer, type, accessPoints }: SclIed): SclFormIed {
  return {
    name,
    ...(description && { description }),
    ...(manufacturer && { manufacturer }),
    ...(type && { type }),
    accessPoints: accessPoints.filter((point) => point.server).map(summarizeAccessPoint),
  };
}

function summarizeAccessPoint(point: SclAccessPoint): SclFormAccessPoint {
  const address = connectionAddress(point);
  return {
    name: point.name,
    ...(point.description && { description: point.description }),
    ...(address && { address }),
  };
}

/** Where a client finds an access point: its first address that has an IP. */
export function connectionAddress(point: SclAccessPoint): SclFormAddress | undefined {
  const address = point.addresses.find((candidate) => candidate.ip);
  if (!address?.ip) return undefined;
  return { host: address.ip, port: address.port ?? DEFAULT_MMS_PORT, selectors: selectorsOf(address) };
}

function selectorsOf({ tSelector, sSelector, pSelector, apTitle, aeQualifier }: SclAddress): OsiAddress {
  return {
    ...(tSelector !== undefined && { tSelector }),
    ...(sSelector !== undefined && { sSelector }),
    ...(pSelector !== undefined && { pSelector }),
    ...(apTitle !== undefined && { apTitle }),
    ...(aeQualifier !== undefined && { aeQualifier }),
  };
}
