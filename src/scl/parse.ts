import { SclError } from '../errors.js';
import { MAX_SCL_BYTES } from '../limits.js';
import type { IedModel } from '../model/ied-model.js';
import { given, requiredName, UniqueNames } from './attributes.js';
import { Communication } from './communication.js';
import type { SclContext } from './context.js';
import { DiagnosticLog } from './diagnostics.js';
import { createDocument, type SclDocument, type SclHeader, type SclIed, type SclSummary } from './document.js';
import { editionOf } from './edition.js';
import { decodeXml, normalizeText, type DecodedText } from './encoding.js';
import { IedReader, type ModelSink } from './ied-reader.js';
import { LineIndex } from './line-index.js';
import { ServerReader } from './server-reader.js';
import { readSubstations } from './substation.js';
import { TypeLibrary } from './type-library.js';
import { assertWellFormed } from './well-formed.js';
import { childrenOf, firstChild, optional, type XmlElement } from './xml-element.js';
import { parseXmlTree } from './xml-tree.js';

export interface SclParseOptions {
  /** Refuse a file that has any diagnostic of severity `error`. */
  strict?: boolean;
}

/**
 * Reads an SCL file in one go, on the thread of the caller: 3 MB take about half a second. `loadScl` does it beside the
 * event loop. A string is text, which has no encoding any more.
 * @throws SclError when the file is too large, not well-formed XML, not SCL, or (strict) has errors.
 */
export function parseScl(content: Buffer | string, options: SclParseOptions = {}): SclDocument {
  const models = new Map<string, IedModel>();
  const summary = readScl(content, options, (key, model) => models.set(key, model));
  return createDocument(summary, (key) => models.get(key));
}

/** Gives the summary back, and each model to the sink as soon as it was read. */
export function readScl(content: Buffer | string, options: SclParseOptions, sink: ModelSink): SclSummary {
  if (content.length > MAX_SCL_BYTES) throw tooLarge(content.length);
  const decoded = typeof content === 'string' ? normalizeText(content) : decodeXml(content);
  const summary = readText(decoded, sink);
  const worst = options.strict && summary.diagnostics.find(({ severity }) => severity === 'error');
  if (!worst) return summary;
  const count = summary.diagnostics.filter(({ severity }) => severity === 'error').length;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const hint = 'Correct the file, or read it without strict and look at its diagnostics.';
  throw new SclError(worst.code, `${worst.message}${more}`, worst.line, worst.column, hint);
}

export function tooLarge(octets: number): SclError {
  const megabytes = (size: number): string => `${Math.round(size / (1 << 20))} MB`;
  return new SclError(
    'SCL_TOO_LARGE',
    `The file has ${megabytes(octets)}; the limit is ${megabytes(MAX_SCL_BYTES)}.`,
    undefined,
    undefined,
    'Export a CID of the one IED from the SCD.',
  );
}

/** A path that cannot be read. */
export function fileError(path: string, cause: unknown): SclError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const hint = 'Check the path, and the rights of the user that runs this.';
  return new SclError('SCL_FILE', `The SCL file "${path}" cannot be read: ${why}`, undefined, undefined, hint, {
    cause,
  });
}

function readText({ text, problem }: DecodedText, sink: ModelSink): SclSummary {
  const lines = new LineIndex(text);
  const log = new DiagnosticLog(lines);
  assertWellFormed(text, lines);
  if (problem) log.reportAt('SCL_ENCODING', problem.message, problem.offset);
  const root = parseXmlTree(text, lines, log);
  const { version, revision, release } = root.attributes;
  const edition = editionOf(version, revision, release);
  if (!edition) {
    const message = `SCL version "${version}", revision "${revision ?? ''}" is not known; it is read like Edition 2.1.`;
    log.report('SCL_VERSION', message, root);
  }
  const context: SclContext = { log, ...given('edition', edition) };
  const ieds = readIeds(root, context, sink);
  return {
    ...given('edition', edition),
    ...given('version', version),
    ...given('revision', revision),
    ...given('release', release),
    header: readHeader(firstChild(root, 'Header')),
    ieds,
    substations: readSubstations(root),
    diagnostics: log.sorted(),
    diagnosticsOmitted: log.omitted,
  };
}

function readIeds(root: XmlElement, context: SclContext, sink: ModelSink): SclIed[] {
  const communication = new Communication(childrenOf(root, 'Communication'), context);
  const types = new TypeLibrary(childrenOf(root, 'DataTypeTemplates'), context);
  const servers = new ServerReader(types, communication, context);
  const reader = new IedReader(servers, communication, context, sink);
  const names = new UniqueNames(context);
  const ieds = childrenOf(root, 'IED').flatMap((element) => {
    const name = requiredName(element, 'name', context);
    return name !== undefined && names.accept(name, element) ? [reader.read(element, name)] : [];
  });
  communication.reportUnused();
  return ieds;
}

function readHeader(element: XmlElement | undefined): SclHeader {
  if (!element) return {};
  return {
    ...given('id', optional(element, 'id')),
    ...given('version', optional(element, 'version')),
    ...given('revision', optional(element, 'revision')),
    ...given('toolID', optional(element, 'toolID')),
  };
}
