import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { SclError } from '../../src/errors.js';
import { parseScl } from '../../src/scl/index.js';
import { sclText } from './fixtures.js';

const RICH = sclText({
  communication: `<SubNetwork name="W1"><ConnectedAP iedName="IED1" apName="P1"><Address><P type="IP">10.0.0.1</P><P type="OSI-TSEL">0001</P>
    <P type="OSI-AP-Title">1,3,9999,23</P></Address><GSE ldInst="LD0" cbName="g"><Address><P type="APPID">3FFF</P></Address><MinTime>4</MinTime></GSE></ConnectedAP></SubNetwork>`,
  ln0: `<DataSet name="ds"><FCDA ldInst="LD0" lnClass="GGIO" lnInst="1" doName="X.har" daName="d.f" ix="1" fc="MX"/><FCDA ldInst="LD0" fc="ST"/></DataSet>
    <ReportControl name="r" datSet="ds" indexed="true"><TrgOps dchg="true"/><OptFields seqNum="true"/><RptEnabled max="3"/></ReportControl>
    <GSEControl name="g" datSet="ds"/><SampledValueControl name="s"><SmvOpts/></SampledValueControl><Log name="l"/><LogControl name="c" logName="l"/>
    <SettingControl numOfSGs="2"/>`,
  ln: '<DOI name="X"><SDI name="har" ix="1"><SDI name="d"><DAI name="f"><Val sGroup="1">1.5</Val></DAI></SDI></SDI><DAI name="n"><Val>4</Val></DAI></DOI>',
  dos: '<DO name="Ind1" type="SPS"/><DO name="X" type="X"/>',
  types: `<DOType id="X" cdc="X"><SDO name="har" type="H" count="n"/><DA name="n" bType="INT8" fc="CF"/><DA name="e" bType="Enum" type="E" fc="ST"/></DOType>
    <DOType id="H" cdc="H"><DA name="d" bType="Struct" type="D" fc="MX" count="2"/></DOType><DAType id="D"><BDA name="f" bType="FLOAT32"/></DAType>
    <EnumType id="E"><EnumVal ord="1">on</EnumVal></EnumType>`,
});
/** Pieces that are likely to hurt somewhere. */
const PIECES = [
  ...[
    '<',
    '>',
    '/>',
    '</',
    '"',
    "'",
    '&',
    '&lt;',
    '&#0;',
    '&x;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!DOCTYPE a>',
  ],
  ...[
    '=',
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\ufffe',
    '\ufeff',
    ':',
    'xmlns=""',
    'xmlns:a="b"',
    'a:',
    '__proto__',
    'constructor="1"',
  ],
  ...[
    '-1',
    '0',
    '99999999999',
    '1e9',
    'NaN',
    'true',
    'name=""',
    'ix="0"',
    'count="65536"',
    'count="n"',
    'type="X"',
    'type="D"',
  ],
  ...[
    '<SDO name="z" type="X"/>',
    '<BDA name="z" bType="Struct" type="D"/>',
    '<LN/>',
    '<Private>',
    '</SCL>',
    '<SCL>',
    '.',
    '$',
    '/',
    '(',
  ],
];

type Mutation = { kind: 'cut' | 'copy' | 'insert' | 'swap'; at: number; length: number; to: number; piece: string };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('cut' as const, 'copy' as const, 'insert' as const, 'swap' as const),
  at: fc.nat(RICH.length),
  length: fc.nat(60),
  to: fc.nat(RICH.length),
  piece: fc.constantFrom(...PIECES),
});

function mutate(text: string, { kind, at, length, to, piece }: Mutation): string {
  switch (kind) {
    case 'cut':
      return text.slice(0, at) + text.slice(at + length);
    case 'copy':
      return text.slice(0, to) + text.slice(at, at + length) + text.slice(to);
    case 'insert':
      return text.slice(0, at) + piece + text.slice(at);
    case 'swap':
      return text.slice(0, at) + piece + text.slice(at + piece.length);
  }
}

/** Reads what it can; only an SclError may come out, and one about XML has its place. */
function survive(octets: Buffer): 'read' | 'refused' {
  try {
    const document = parseScl(octets);
    for (const { name, accessPoints } of document.ieds) {
      for (const accessPoint of accessPoints) if (accessPoint.server) document.model(name, accessPoint.name);
    }
    return 'read';
  } catch (error) {
    assert.ok(error instanceof SclError, error instanceof Error ? error.stack : String(error));
    if (error.code === 'SCL_NOT_WELL_FORMED')
      assert.ok((error.line ?? 0) >= 1 && (error.column ?? 0) >= 1, error.message);
    return 'refused';
  }
}

describe('SCL: whatever comes', function () {
  this.timeout(120_000);

  it('survives 500 mutations of a file, and reads some of them', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        outcomes[survive(Buffer.from(mutations.reduce(mutate, RICH)))] += 1;
      }),
      { numRuns: 500 },
    );
    assert.ok(outcomes.read > 20 && outcomes.refused > 20, JSON.stringify(outcomes));
  });

  it('survives wrong attribute values, which leave the XML whole', () => {
    const values = [...RICH.matchAll(/="([^"]*)"/g)].map((match) => ({
      at: match.index + 2,
      length: match[1]?.length ?? 0,
    }));
    const safe = PIECES.filter((piece) => !['<', '>', '"', '&', '\u0000', '\ufffe'].some((bad) => piece.includes(bad)));
    fc.assert(
      fc.property(fc.nat(values.length - 1), fc.constantFrom(...safe, ''), (index, piece) => {
        const { at, length } = values[index] as { at: number; length: number };
        survive(Buffer.from(RICH.slice(0, at) + piece + RICH.slice(at + length)));
      }),
      { numRuns: 500 },
    );
  });

  it('survives octets of any kind, and flipped ones', () => {
    const octets = Buffer.from(RICH);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
        survive(Buffer.from(random));
      }),
      { numRuns: 250 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(octets.length - 1), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const changed = Buffer.from(octets);
        for (const [at, value] of changes) changed[at] = value;
        survive(changed);
      }),
      { numRuns: 250 },
    );
  });

  it('survives the simulated bay cut off anywhere', () => {
    const bay = readFileSync(path.resolve(__dirname, '../../examples/scl/bay.cid'));
    for (let at = 0; at < bay.length; at += Math.ceil(bay.length / 40)) survive(bay.subarray(0, at));
  });

  it('refuses quickly what would grow: nesting, attributes, elements of one line', () => {
    assert.equal(survive(Buffer.from('<a>'.repeat(200_000))), 'refused');
    assert.equal(
      survive(Buffer.from(`<SCL ${Array.from({ length: 1_000_000 }, (_, n) => `a${n}=""`).join(' ')}/>`)),
      'refused',
    );
    assert.equal(survive(Buffer.from(`<SCL ${' '.repeat(500_000)}/>`)), 'read');
    assert.equal(survive(Buffer.from(`<SCL a="${'>'.repeat(500_000)}"/>`)), 'read');
    assert.equal(survive(Buffer.from(`<SCL>${'&amp;'.repeat(100_000)}</SCL>`)), 'read');
    assert.equal(survive(Buffer.from(`<SCL>${'<!-- & -->'.repeat(50_000)}</SCL>`)), 'read');
    assert.equal(survive(Buffer.from(`<SCL>${'<IED name="a"/>'.repeat(50_000)}</SCL>`)), 'read');
    assert.equal(survive(Buffer.from(`<SCL>${'<x'.repeat(100_000)}`)), 'refused');
  });
});
