import { XMLValidator } from 'fast-xml-parser';
import { SclError } from '../errors.js';
import { MAX_XML_ATTRIBUTES, MAX_XML_DEPTH, MAX_XML_ELEMENTS } from '../limits.js';
import type { LineIndex } from './line-index.js';

const REPAIR_HINT = 'Repair the file at this place, or export it again from its tool.';
const REFERENCE = /&(?:lt|gt|amp|quot|apos|#(\d{1,8})|#x([\da-fA-F]{1,6}));/y;
// eslint-disable-next-line no-control-regex -- these are the characters that XML forbids
const FORBIDDEN_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const DECLARATION = /^<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i;

/**
 * Refuses a text that is not well-formed XML 1.0, that has a DOCTYPE or entities of its own, or that passes a bound:
 * before a tree is made of it, and always with line and column.
 * @throws SclError `SCL_NOT_WELL_FORMED`, `SCL_DOCTYPE`, `SCL_LIMIT`.
 */
export function assertWellFormed(text: string, lines: LineIndex): void {
  new MarkupScan(text, lines).run();
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw notWellFormed(verdict.err.msg, verdict.err.line || 1, verdict.err.col || 1);
}

export function notWellFormed(message: string, line: number, column: number, cause?: unknown): SclError {
  const text = `The file is not well-formed XML: ${message}`;
  return new SclError('SCL_NOT_WELL_FORMED', text, line, column, REPAIR_HINT, { cause });
}

/** Whether a number is a character of XML 1.0 §2.2. */
function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/**
 * One pass over the markup: what stands open, how deep, how much, and what each `&` begins. fast-xml-parser's validator
 * looks at names and attributes afterwards; it lets unclosed comments, a second root and unknown entities pass.
 */
class MarkupScan {
  private readonly open: number[] = [];
  private elements = 0;
  /** Next `&` that was not looked at. */
  private ampersand: number;

  constructor(
    private readonly text: string,
    private readonly lines: LineIndex,
  ) {
    this.ampersand = text.indexOf('&');
  }

  run(): void {
    const { text } = this;
    const forbidden = FORBIDDEN_CHARACTER.exec(text);
    if (forbidden) this.fail('a control character that XML does not allow', forbidden.index);
    let position = 0;
    for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', position)) {
      if (this.open.length === 0) this.assertBlank(position, at);
      this.checkReferences(at);
      position = this.skipMarkup(at);
      this.checkReferences(position);
    }
    const unclosed = this.open.at(-1);
    if (unclosed !== undefined) this.fail(`${this.tagAt(unclosed)} is never closed`, unclosed);
    this.assertBlank(position, text.length);
    if (this.elements === 0) this.fail('no element at all', 0);
  }

  /** Offset after the markup that begins at `at`. */
  private skipMarkup(at: number): number {
    const { text } = this;
    if (text.startsWith('<!--', at)) return this.skipHidden(at, 4, '-->', 'comment');
    if (text.startsWith('<![CDATA[', at)) {
      if (this.open.length === 0) this.fail('a CDATA section outside of the root element', at);
      return this.skipHidden(at, 9, ']]>', 'CDATA section');
    }
    if (at > 0 && /^<\?xml\s/.test(text.slice(at, at + 6)))
      this.fail('the XML declaration is not at the very beginning', at);
    if (text.startsWith('<?', at)) return this.skipHidden(at, 2, '?>', 'processing instruction');
    if (text.startsWith('<!', at)) return this.refuseDeclaration(at);
    if (text.startsWith('</', at)) return this.closeElement(at);
    if (this.open.length === 0 && this.elements > 0) this.fail('a second root element', at);
    this.elements += 1;
    if (this.elements > MAX_XML_ELEMENTS) this.refuse(`more than ${MAX_XML_ELEMENTS} elements`, at);
    const end = this.skipOpeningTag(at);
    if (text.charAt(end - 2) !== '/') {
      this.open.push(at);
      if (this.open.length > MAX_XML_DEPTH) this.refuse(`elements nested deeper than ${MAX_XML_DEPTH}`, at);
    }
    return end;
  }

  private closeElement(at: number): number {
    const { text } = this;
    const opened = this.open.pop();
    if (opened === undefined) return this.fail('this closing tag closes nothing', at);
    const end = text.indexOf('>', at);
    if (end === -1) return this.fail('this closing tag has no ">"', at);
    const name = text.slice(at + 2, end).trimEnd();
    if (!text.startsWith(name, opened + 1) || !/[\s/>]/.test(text.charAt(opened + 1 + name.length))) {
      const { line } = this.lines.position(opened);
      this.fail(`</${name.slice(0, 64)}> where ${this.tagAt(opened)} of line ${line} is to be closed`, at);
    }
    return end + 1;
  }

  /** Skips what may hold any character, `&` included. */
  private skipHidden(at: number, length: number, end: string, what: string): number {
    const found = this.text.indexOf(end, at + length);
    if (found === -1) this.fail(`this ${what} is not closed`, at);
    const after = found + end.length;
    if (this.ampersand !== -1 && this.ampersand < after) this.ampersand = this.text.indexOf('&', after);
    return after;
  }

  /** Offset after the `>` of an opening tag; quotes hide every `>`, and `<` must not be there at all. */
  private skipOpeningTag(at: number): number {
    const { text } = this;
    let quote = 0;
    let attributes = 0;
    for (let position = at + 1; position < text.length; position += 1) {
      const code = text.charCodeAt(position);
      if (code === 0x3c) this.fail(`"<" inside of ${this.tagAt(at)}`, position);
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === 0x22 || code === 0x27) {
        quote = code;
        attributes += 1;
        if (attributes > MAX_XML_ATTRIBUTES)
          this.refuse(`an element with more than ${MAX_XML_ATTRIBUTES} attributes`, at);
      } else if (code === 0x3e) {
        return position + 1;
      }
    }
    return this.fail(`${this.tagAt(at)} has ${quote === 0 ? 'no ">"' : 'an open quote'}`, at);
  }

  /** Each `&` up to an offset is one of the five entities or a character reference: SCL has no others. */
  private checkReferences(end: number): void {
    while (this.ampersand !== -1 && this.ampersand < end) {
      const at = this.ampersand;
      REFERENCE.lastIndex = at;
      const match = REFERENCE.exec(this.text);
      if (!match) return this.fail('"&" begins no character reference; write "&amp;" for the character itself', at);
      const [, decimal, hexadecimal] = match;
      const code = decimal ? Number(decimal) : hexadecimal ? parseInt(hexadecimal, 16) : undefined;
      if (code !== undefined && !isXmlCharacter(code))
        this.fail('a reference to a character that XML does not allow', at);
      this.ampersand = this.text.indexOf('&', at + 1);
    }
  }

  private assertBlank(from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x09) this.fail('text outside of the root element', at);
    }
  }

  private refuseDeclaration(at: number): never {
    if (!DECLARATION.test(this.text.slice(at, at + 12))) {
      return this.fail('"<!" begins neither a comment nor a CDATA section', at);
    }
    const { line, column } = this.lines.position(at);
    throw new SclError(
      'SCL_DOCTYPE',
      'The file has a DOCTYPE or an entity declaration, which is refused for security.',
      line,
      column,
      'SCL needs none: remove it, or ask where the file comes from.',
    );
  }

  private refuse(message: string, at: number): never {
    const { line, column } = this.lines.position(at);
    const hint = 'No SCL file needs this; check where it comes from.';
    throw new SclError('SCL_LIMIT', `The file has ${message}.`, line, column, hint);
  }

  private fail(message: string, at: number): never {
    const { line, column } = this.lines.position(at);
    throw notWellFormed(message, line, column);
  }

  private tagAt(at: number): string {
    return `${/^<[^\s/>]{0,64}/.exec(this.text.slice(at, at + 65))?.[0] ?? '<'}>`;
  }
}
