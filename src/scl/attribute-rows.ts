/** Small XML files that are no SCL: a root and elements of one kind below it, all of whose content is attributes. */
import { XMLParser } from 'fast-xml-parser';
import { SclError } from '../errors.js';
import { MAX_XML_DEPTH } from '../limits.js';
import { LineIndex } from './line-index.js';
import { assertWellFormed } from './well-formed.js';

const ROWS = 'rows';
const ATTRIBUTES = 'attributes';

export interface AttributeRows {
  root: Record<string, string>;
  rows: Record<string, string>[];
}

/**
 * Attributes of the root and of the elements `row` below it.
 * @throws SclError when the text is not well-formed, has a document type, or another root
 */
export function parseAttributeRows(text: string, root: string, row: string): AttributeRows {
  // A document type could define entities without end.
  if (/<!DOCTYPE/i.test(text)) throw new SclError('SCL_XML', 'the file has a document type', 1, 1, 'Remove it.');
  assertWellFormed(text, new LineIndex(text));
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    attributesGroupName: ATTRIBUTES,
    parseTagValue: false,
    parseAttributeValue: false,
    ignorePiTags: true,
    ignoreDeclaration: true,
    maxNestedTags: MAX_XML_DEPTH,
    isArray: (name) => name === row,
    transformTagName: (name) => (name === row ? ROWS : name),
  });
  const parsed: unknown = parser.parse(text);
  const found = isRecord(parsed) ? parsed[root] : undefined;
  if (found === undefined)
    throw new SclError('SCL_XML', `the file has no root <${root}>`, 1, 1, `Write <${root}>…</${root}>.`);
  const below = isRecord(found) ? found[ROWS] : undefined;
  const rows = Array.isArray(below) ? below : below === undefined ? [] : [below];
  return { root: attributesOf(found), rows: rows.map(attributesOf) };
}

function attributesOf(element: unknown): Record<string, string> {
  const attributes = isRecord(element) ? element[ATTRIBUTES] : undefined;
  if (!isRecord(attributes)) return {};
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
