import { SclError } from '../errors.js';

export interface DecodedText {
  /** Without byte order mark, with `\n` for every line end (XML 1.0 §2.11). */
  text: string;
  /** What was wrong with the encoding, at an offset of `text`; the file was still read. */
  problem?: { message: string; offset: number };
}

const HINT = 'Save the file as UTF-8 and try again.';
/** The XML declaration stands in the first octets; its longest sensible form is far shorter. */
const DECLARATION_OCTETS = 512;

/**
 * The text of an XML file by its byte order mark, then by its XML declaration, else as UTF-8 (XML 1.0 appendix F).
 * @throws SclError `SCL_ENCODING` for an encoding that this Node.js does not have.
 */
export function decodeXml(octets: Buffer): DecodedText {
  const label = encodingOf(octets);
  if (label.name === 'utf-8') return decodeUtf8(octets, label.problem);
  const text = normalize(
    label.name === 'windows-1252' ? decodeWindows1252(octets) : decoder(label.name, label.column).decode(octets),
  );
  if (label.problem) return { text, problem: { message: label.problem, offset: 0 } };
  const bad = text.indexOf('\ufffd');
  if (bad === -1) return { text };
  return { text, problem: { message: `An octet that ${label.name} does not have was replaced.`, offset: bad } };
}

/** The text of a document that is a string already: its declared encoding means nothing any more. */
export function normalizeText(text: string): DecodedText {
  return { text: normalize(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) };
}

function decodeUtf8(octets: Buffer, problem: string | undefined): DecodedText {
  const text = normalize(new TextDecoder('utf-8').decode(octets));
  if (problem) return { text, problem: { message: problem, offset: 0 } };
  const bad = text.indexOf('\ufffd');
  if (bad === -1) return { text };
  const message =
    'An octet that is not UTF-8 was replaced; the file may be in another encoding that it does not declare.';
  return { text, problem: { message, offset: bad } };
}

/** Characters of the octets 80 to 9f, where windows-1252 and Latin-1 differ; the five that it lacks stay control characters. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Done here, since the TextDecoder of some Node.js releases takes windows-1252 for Latin-1. */
function decodeWindows1252(octets: Buffer): string {
  return octets
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (octet) => WINDOWS_1252.charAt(octet.charCodeAt(0) - 0x80));
}

function normalize(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

interface Encoding {
  name: string;
  /** Column of the declared name, for an error. */
  column: number;
  problem?: string;
}

function encodingOf(octets: Buffer): Encoding {
  const [a, b, c, d] = octets;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: 'utf-8', column: 1 };
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
    throw new SclError('SCL_ENCODING', 'The file is in UTF-32, which is not supported.', 1, 1, HINT);
  }
  if (a === 0xff && b === 0xfe) return { name: 'utf-16le', column: 1 };
  if (a === 0xfe && b === 0xff) return { name: 'utf-16be', column: 1 };
  if (a === 0x3c && b === 0) return { name: 'utf-16le', column: 1 };
  if (a === 0 && b === 0x3c) return { name: 'utf-16be', column: 1 };
  const head = octets.toString('latin1', 0, DECLARATION_OCTETS);
  const declared = /^\s*<\?xml\s[^>]*?encoding\s*=\s*(["'])([^"'>]*)\1/.exec(head);
  if (!declared) return { name: 'utf-8', column: 1 };
  const label = (declared[2] as string).trim();
  const column = declared[0].length - label.length;
  // Octets that are not in pairs cannot be UTF-16, whatever they declare.
  if (/^(utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(label)) {
    return { name: 'utf-8', column, problem: `The file declares ${label} but is not; it was read as UTF-8.` };
  }
  return { name: decoder(label, column).encoding, column };
}

function decoder(label: string, column: number): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch (cause) {
    throw new SclError('SCL_ENCODING', `The encoding "${label}" is not known.`, 1, column, HINT, { cause });
  }
}
