import assert from 'node:assert/strict';
import { MAX_XML_ATTRIBUTES, MAX_XML_DEPTH } from '../../src/limits.js';
import { parseScl } from '../../src/scl/index.js';
import { at, codes, nodeOf, parse, ROOT, sclErrorOf, sclText } from './fixtures.js';

const small = (inner: string): string => `<SCL ${ROOT}>${inner}</SCL>`;
const errorOf = (text: string): { code: string; line?: number; column?: number; message: string; hint: string } =>
  sclErrorOf(() => parseScl(Buffer.from(text)));

describe('SCL: well-formedness', () => {
  const broken: Array<[what: string, text: string, line: number, column: number]> = [
    ['nothing at all', '', 1, 1],
    ['blank lines only', '\n\n', 1, 1],
    ['text in place of markup', 'hello', 1, 1],
    ['a closing tag of another name', '<SCL>\n <Header>\n </Headers>\n</SCL>', 3, 2],
    ['an element that is never closed', '<SCL>\n  <IED name="A">\n', 2, 3],
    ['a comment that is never closed', '<SCL>\n<!-- <IED/></SCL>', 2, 1],
    ['a CDATA section that is never closed', '<SCL><Private><![CDATA[ x </Private></SCL>', 1, 15],
    ['an instruction that is never closed', '<?xml version="1.0"><SCL/>', 1, 1],
    ['a tag that is cut off', '<SCL>\n  <IED name="A"', 2, 3],
    ['an attribute whose quote is open', '<SCL>\n  <IED name="A/>\n</SCL>', 3, 1],
    ['an attribute without quotes', '<SCL>\n  <IED name=A/>\n</SCL>', 2, 8],
    ['an attribute twice', '<SCL>\n  <IED name="A" name="B"/>\n</SCL>', 2, 17],
    ['a second root', '<SCL/>\n<SCL/>', 2, 1],
    ['text after the root', '<SCL/>\n x', 2, 2],
    ['a closing tag too many', '<SCL/></SCL>', 1, 7],
    ['an unknown entity', '<SCL>\n&nbsp;</SCL>', 2, 1],
    ['an unknown entity in an attribute', '<SCL>\n<Header id="&x;"/></SCL>', 2, 13],
    ['a bare ampersand', '<SCL desc="R&D"/>', 1, 13],
    ['a character reference to NUL', '<SCL desc="&#0;"/>', 1, 12],
    ['a character reference beyond Unicode', '<SCL desc="&#x110000;"/>', 1, 12],
    ['a control character', '<SCL>\n \u0001</SCL>', 2, 2],
    ['an XML declaration that is not first', '<!-- a -->\n<?xml version="1.0"?>\n<SCL/>', 2, 1],
    ['a name that is none', '<SCL>\n<1a/></SCL>', 2, 4],
  ];
  for (const [what, text, line, column] of broken) {
    it(`refuses ${what} with line and column`, () => {
      const error = errorOf(text);
      assert.equal(error.code, 'SCL_NOT_WELL_FORMED', error.message);
      assert.deepEqual([error.line, error.column], [line, column], error.message);
      assert.notEqual(error.hint, '');
    });
  }

  it('counts lines whatever ends them', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const error = errorOf(['<SCL>', '<IED>', ' </X>'].join(end));
      assert.deepEqual([error.line, error.column], [3, 2]);
    }
  });

  it('refuses a DOCTYPE and entity declarations', () => {
    for (const text of [
      '<!DOCTYPE SCL>\n<SCL/>',
      '<!DOCTYPE SCL SYSTEM "http://127.0.0.1/x.dtd"><SCL/>',
      '<!doctype SCL [<!ENTITY a "b">]><SCL>&a;</SCL>',
      '<!ENTITY a "b"><SCL/>',
    ]) {
      const error = errorOf(text);
      assert.deepEqual([error.code, error.line, error.column], ['SCL_DOCTYPE', 1, 1]);
    }
  });

  it('refuses a billion laughs before anything expands', () => {
    const entities = Array.from({ length: 30 }, (_, n) => `<!ENTITY l${n + 1} "&l${n};&l${n};&l${n};">`).join('\n');
    assert.equal(errorOf(`<!DOCTYPE SCL [<!ENTITY l0 "lol">${entities}]><SCL>&l30;</SCL>`).code, 'SCL_DOCTYPE');
  });

  it('refuses elements nested too deep, and too many attributes', () => {
    const deep = MAX_XML_DEPTH + 1;
    assert.equal(errorOf('<a>'.repeat(deep) + '</a>'.repeat(deep)).code, 'SCL_LIMIT');
    const attributes = Array.from({ length: MAX_XML_ATTRIBUTES + 1 }, (_, n) => `a${n}="1"`).join(' ');
    const error = errorOf(`\n<SCL ${attributes}/>`);
    assert.deepEqual([error.code, error.line], ['SCL_LIMIT', 2]);
  });

  it('takes names that fast-xml-parser refuses as foreign data', () => {
    const document = parseScl(
      Buffer.from(small('<Private><constructor __proto__="1"/><prototype/></Private><toString/><Header id="h"/>')),
    );
    assert.equal(document.header.id, 'h');
  });

  it('says what an XML file is that is not SCL', () => {
    const error = errorOf('<?xml version="1.0"?>\n<html/>');
    assert.deepEqual([error.code, error.line, error.column], ['SCL_NOT_SCL', 2, 1]);
    assert.match(error.message, /<html>/);
  });
});

describe('SCL: text', () => {
  const header = (attribute: string): string | undefined =>
    parseScl(Buffer.from(small(`<Header id="${attribute}"/>`))).header.id;

  it('knows the five entities and character references', () => {
    assert.equal(header('&lt;&gt;&amp;&quot;&apos;'), '<>&"\'');
    assert.equal(header('&#65;&#x42;&#x1F600;'), 'AB\u{1f600}');
    assert.equal(header('&amp;lt;'), '&lt;');
  });

  it('takes CDATA as it is, and ampersands in comments and CDATA as nothing special', () => {
    const node = nodeOf({
      dos: '<DO name="NamPlt" type="LPL"/>',
      types: '<DOType id="LPL" cdc="LPL"><DA name="d" bType="VisString255" fc="DC"/></DOType>',
      ln: '<!-- a & b --><DOI name="NamPlt"><DAI name="d"><Val><![CDATA[a &lt; <b>]]></Val></DAI></DOI>',
    });
    assert.equal(at(node, 'NamPlt.d').value, 'a &lt; <b>');
  });

  it('makes a space of a line end within an attribute', () => {
    assert.equal(header('a\nb\tc'), 'a b c');
  });
});

describe('SCL: namespaces', () => {
  it('reads a prefixed namespace', () => {
    const text = sclText()
      .replace(ROOT, 'xmlns:scl="http://www.iec.ch/61850/2003/SCL"')
      .replace(/<(\/?)(?=[A-Za-z])/g, '<$1scl:');
    const document = parseScl(Buffer.from(text));
    assert.deepEqual(codes(document), []);
    assert.equal(document.model('IED1').logicalDevices[0]?.logicalNodes.length, 2);
  });

  it('ignores elements and attributes of other namespaces, whatever their names are', () => {
    const document = parse({
      ln: '<x:DOI xmlns:x="urn:other" name="None"><x:DAI name="n"/></x:DOI><DOI xmlns="urn:other" name="Nope"/><DOI name="Ind1" x2:name="Other" xmlns:x2="urn:2"/>',
      more: '<y:LN xmlns:y="urn:y" lnClass="XCBR" inst="1" lnType="none"/>',
    });
    assert.deepEqual(codes(document), []);
    assert.equal(document.model('IED1').logicalDevices[0]?.logicalNodes.length, 2);
  });

  it('reads a file without a namespace, or with another one, and says so', () => {
    assert.deepEqual(codes(parseScl(Buffer.from('<SCL><Header id="a"/></SCL>'))), ['SCL_NAMESPACE']);
    const other = parseScl(Buffer.from('<SCL xmlns="urn:scl"><Header id="a"/></SCL>'));
    assert.deepEqual(codes(other), ['SCL_NAMESPACE']);
    assert.equal(other.header.id, 'a');
  });

  it('names a prefix that is not declared', () => {
    assert.deepEqual(codes(parseScl(Buffer.from(small('<q:Header id="a"/>')))), ['SCL_UNDECLARED_PREFIX']);
    const root = parseScl(Buffer.from('<scl:SCL><scl:Header id="a"/></scl:SCL>'));
    assert.deepEqual([codes(root), root.header.id], [['SCL_UNDECLARED_PREFIX'], 'a']);
  });
});

describe('SCL: encodings', () => {
  const text = (encoding: string, id: string): string =>
    `<?xml version="1.0"${encoding && ` encoding="${encoding}"`}?>\n${small(`<Header id="${id}"/>`)}`;
  const utf16be = (value: string): Buffer => Buffer.from(value, 'utf16le').swap16();
  const cases: Array<[what: string, octets: Buffer, id: string]> = [
    ['UTF-8', Buffer.from(text('UTF-8', 'Zürich 变电站')), 'Zürich 变电站'],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text('', 'Zürich')}`), 'Zürich'],
    ['UTF-8 with a mark and a wrong declaration', Buffer.from(`\ufeff${text('iso-8859-1', 'Zürich')}`), 'Zürich'],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${text('UTF-16', 'Zürich')}`, 'utf16le'), 'Zürich'],
    ['UTF-16 BE with a mark', utf16be(`\ufeff${text('UTF-16', 'Zürich')}`), 'Zürich'],
    ['UTF-16 LE that is only declared', Buffer.from(text('UTF-16LE', 'Zürich'), 'utf16le'), 'Zürich'],
    ['UTF-16 BE without anything', utf16be(small('<Header id="Zürich"/>')), 'Zürich'],
    ['ISO-8859-1', Buffer.from(text('ISO-8859-1', 'Zürich'), 'latin1'), 'Zürich'],
    ['Latin1 by its other name', Buffer.from(text('latin1', 'Zürich'), 'latin1'), 'Zürich'],
    ['windows-1252', Buffer.from(text('windows-1252', '\x80 5'), 'latin1'), '€ 5'],
    ['GB2312', gb('GB2312'), '变电站'],
    ['GBK', gb('GBK'), '变电站'],
    ['GB18030', gb('gb18030'), '变电站'],
  ];
  function gb(label: string): Buffer {
    const [before, after] = text(label, '|').split('|') as [string, string];
    return Buffer.concat([Buffer.from(before), Buffer.from('b1e4b5e7d5be', 'hex'), Buffer.from(after)]);
  }
  for (const [what, octets, id] of cases) {
    it(`reads ${what}`, () => {
      const document = parseScl(octets);
      assert.deepEqual(
        [document.header.id, document.diagnostics.filter(({ severity }) => severity === 'error')],
        [id, []],
      );
    });
  }

  it('refuses an encoding that it does not know, with the place of its name', () => {
    const error = sclErrorOf(() => parseScl(Buffer.from(text('x-klingon', 'a'))));
    assert.deepEqual([error.code, error.line, error.column], ['SCL_ENCODING', 1, 31]);
    assert.match(error.message, /x-klingon/);
    assert.equal(sclErrorOf(() => parseScl(Buffer.from('fffe00003c000000', 'hex'))).code, 'SCL_ENCODING');
  });

  it('reads Latin-1 that claims to be UTF-8, and says where it is not', () => {
    const document = parseScl(Buffer.from(text('UTF-8', 'Zürich'), 'latin1'));
    assert.equal(document.header.id, 'Z\ufffdrich');
    const [diagnostic] = document.diagnostics;
    assert.deepEqual([diagnostic?.code, diagnostic?.severity, diagnostic?.line], ['SCL_ENCODING', 'error', 2]);
  });

  it('reads octets that declare UTF-16 and are not', () => {
    const document = parseScl(Buffer.from(text('UTF-16', 'Zürich')));
    assert.deepEqual([document.header.id, codes(document)], ['Zürich', ['SCL_ENCODING']]);
  });

  it('takes a string as text, whatever it declares', () => {
    assert.equal(parseScl(`\ufeff${text('UTF-16', 'Zürich')}`).header.id, 'Zürich');
  });
});
