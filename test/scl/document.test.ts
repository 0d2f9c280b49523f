import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MAX_SCL_DIAGNOSTICS } from '../../src/limits.js';
import { SCL_SEVERITIES } from '../../src/scl/diagnostics.js';
import { parseScl } from '../../src/scl/index.js';
import { at, codes, nodeNamed, parse, ROOT, sclErrorOf, sclText } from './fixtures.js';

describe('SCL: the document', () => {
  it('tells edition and version', () => {
    const editions: Array<[attributes: string, edition: string | undefined]> = [
      ['', '1'],
      ['version="2003"', '1'],
      ['version="2007"', '2'],
      ['version="2007" revision="A"', '2'],
      ['version="2007" revision="B"', '2'],
      ['version="2007" revision="B" release="1"', '2'],
      ['version="2007" revision="B" release="4"', '2.1'],
      ['version="2007" revision="B" release="5"', '2.1'],
      ['version="2007" revision="C" release="5"', '2.2'],
      ['version="1991" revision="B" release="3"', undefined],
    ];
    for (const [version, edition] of editions) {
      const document = parse({ version });
      assert.deepEqual([document.edition, document.model('IED1').edition], [edition, edition], version);
      assert.deepEqual(codes(document), edition === undefined ? ['SCL_VERSION'] : []);
    }
  });

  it('has the header, and the IEDs with what describes them', () => {
    const document = parse();
    assert.deepEqual(document.header, { id: 'test', version: '3', revision: 'c', toolID: 'by hand' });
    assert.deepEqual([document.version, document.revision, document.release], ['2007', 'B', '4']);
    assert.deepEqual(document.ieds, [
      {
        name: 'IED1',
        manufacturer: 'ACME',
        type: 'Relay',
        configVersion: '1.2',
        description: 'Feeder',
        edition: '2.1',
        accessPoints: [
          {
            name: 'P1',
            server: true,
            ldInsts: ['LD0'],
            addresses: [],
            authentication: { none: true, password: false, weak: false, strong: false, certificate: false },
            clientLogicalNodes: [],
          },
        ],
      },
    ]);
    const { logicalDevices, ...identity } = document.model('IED1');
    assert.equal(logicalDevices.length, 1);
    assert.deepEqual(identity, {
      name: 'IED1',
      manufacturer: 'ACME',
      type: 'Relay',
      configVersion: '1.2',
      description: 'Feeder',
      edition: '2.1',
      accessPoint: 'P1',
    });
  });

  it('gives an IED the edition that it was made in', () => {
    const text = sclText().replace(
      '<IED ',
      '<IED originalSclVersion="2007" originalSclRevision="B" originalSclRelease="1" ',
    );
    const document = parseScl(Buffer.from(text));
    assert.deepEqual([document.edition, document.ieds[0]?.edition], ['2.1', '2']);
  });

  it('gives the same model at every call', () => {
    const document = parse();
    assert.equal(document.model('IED1'), document.model('IED1', 'P1'));
  });

  it('says which IEDs and access points there are, when asked for another', () => {
    const document = parse({
      ieds: '<IED name="HMI"><AccessPoint name="A"><LN lnClass="IHMI" inst="1" lnType="x"/></AccessPoint></IED>',
    });
    assert.deepEqual(document.ieds[1]?.accessPoints[0]?.clientLogicalNodes, ['IHMI1']);
    const unknown = sclErrorOf(() => document.model('IED2'));
    assert.deepEqual([unknown.code, unknown.hint], ['SCL_UNKNOWN_IED', 'Its IEDs: IED1, HMI.']);
    assert.equal(sclErrorOf(() => document.model('IED1', 'P9')).hint, 'Access points with a server: P1.');
    assert.equal(sclErrorOf(() => document.model('HMI')).code, 'SCL_NO_SERVER');
  });

  it('serves the logical devices of one server at another access point (ServerAt)', () => {
    const second =
      '</AccessPoint><AccessPoint name="P2"><ServerAt apName="P1"/></AccessPoint><AccessPoint name="P3"><ServerAt apName="P9"/></AccessPoint></IED>';
    const document = parseScl(Buffer.from(sclText().replace('</AccessPoint>\n  </IED>', second)));
    assert.deepEqual(codes(document), ['SCL_MISSING_SERVER']);
    assert.deepEqual(
      document.ieds[0]?.accessPoints.map(({ server, ldInsts }) => [server, ldInsts]),
      [
        [true, ['LD0']],
        [true, ['LD0']],
        [false, []],
      ],
    );
    const [one, two] = [document.model('IED1', 'P1'), document.model('IED1', 'P2')];
    assert.deepEqual([one.accessPoint, two.accessPoint], ['P1', 'P2']);
    assert.equal(one.logicalDevices, two.logicalDevices);
  });

  it('reads a logical device that stands outside of a Server', () => {
    const document = parseScl(Buffer.from(sclText().replace(/<\/?Server>/g, '')));
    assert.deepEqual(codes(document), ['SCL_LDEVICE_OUTSIDE_SERVER']);
    assert.equal(nodeNamed(document.model('IED1'), 'GGIO1').dataObjects.length, 1);
  });

  it('LDevice@ldName (functional naming) replaces IED name + inst as the MMS domain name', () => {
    const device = (attributes: string): string | undefined =>
      parse({ device: attributes }).model('IED1').logicalDevices[0]?.name;
    assert.equal(device('inst="LD0"'), 'IED1LD0');
    assert.equal(device('inst="LD0" ldName="Berlin_E1"'), 'Berlin_E1');
  });

  it('has LN0 first, wherever it stands between others', () => {
    const text = sclText().replace(/(<LN0.*<\/LN0>)([^]*?)(<LN .*<\/LN>)/, '$3$2$1');
    const names = parseScl(Buffer.from(text))
      .model('IED1')
      .logicalDevices[0]?.logicalNodes.map(({ name }) => name);
    assert.deepEqual(names, ['LLN0', 'GGIO1']);
  });

  it('LN names have prefixes (DPDOesGGIO1)', () => {
    const node = nodeNamed(
      parse({ more: '<LN prefix="DPDOes" lnClass="GGIO" inst="1" lnType="GGIO" desc="outputs"/>' }).model('IED1'),
      'DPDOesGGIO1',
    );
    assert.deepEqual([node.prefix, node.lnClass, node.inst, node.description], ['DPDOes', 'GGIO', '1', 'outputs']);
  });

  it('keeps the first of equal IEDs, logical devices and logical nodes', () => {
    const document = parse({
      more: '<LN lnClass="GGIO" inst="1" lnType="GGIO"/></LDevice><LDevice inst="LD0"><LN0 lnClass="LLN0" lnType="LLN0"/>',
      ieds: '<IED name="IED1"/><IED/><IED name="a/b"/>',
    });
    assert.deepEqual(codes(document).sort(), [
      ...Array<string>(3).fill('SCL_DUPLICATE_NAME'),
      'SCL_INVALID_NAME',
      'SCL_MISSING_ATTRIBUTE',
    ]);
    assert.equal(document.ieds.length, 1);
    assert.equal(document.model('IED1').logicalDevices[0]?.logicalNodes.length, 2);
  });

  it('has the capabilities of Services, of which names are not trusted', () => {
    const services =
      '<Services nameLength="64"><DynDataSet max="5"/><GetDirectory/><toString a="b"/></Services><AccessPoint name="P1">';
    const document = parseScl(Buffer.from(sclText().replace('<AccessPoint name="P1">', services)));
    assert.deepEqual(document.ieds[0]?.services?.DynDataSet, { max: '5' });
    assert.deepEqual(document.ieds[0]?.services?.GetDirectory, {});
  });

  it('reads a substation with bays and the logical nodes that work for them', () => {
    const document = parseScl(
      Buffer.from(`<SCL ${ROOT} version="2007" revision="B" release="4"><Substation name="S" desc="South">
        <VoltageLevel name="E1"><Voltage multiplier="k" unit="V">110</Voltage><Bay name="Q01" desc="Line">
          <LNode iedName="IED1" ldInst="LD0" lnClass="MMXU" lnInst="1"/>
          <ConductingEquipment name="QA1" type="CBR"><SubEquipment name="L1"><LNode iedName="None" prefix="a" lnClass="XCBR" lnInst="1"/></SubEquipment></ConductingEquipment>
        </Bay></VoltageLevel></Substation></SCL>`),
    );
    assert.deepEqual(document.ieds, []);
    assert.deepEqual(document.substations, [
      {
        name: 'S',
        description: 'South',
        voltageLevels: [
          {
            name: 'E1',
            voltage: 110000,
            bays: [
              {
                name: 'Q01',
                description: 'Line',
                logicalNodes: [
                  { owner: '', iedName: 'IED1', ldInst: 'LD0', logicalNode: 'MMXU1' },
                  { owner: 'QA1/L1', ldInst: '', logicalNode: 'aXCBR1' },
                ],
              },
            ],
          },
        ],
      },
    ]);
  });

  it('is refused by strict at the first error, and not for warnings', () => {
    const wrong = Buffer.from(
      sclText({ more: '<LN lnClass="XCBR" inst="1" lnType="none"/><LN lnClass="XCBR" inst="2" lnType="none"/>' }),
    );
    assert.equal(codes(parseScl(wrong)).length, 2);
    const error = sclErrorOf(() => parseScl(wrong, { strict: true }));
    assert.deepEqual([error.code, error.line, error.column], ['SCL_MISSING_LNODETYPE', 12, 11]);
    assert.match(error.message, /and 1 more/);
    const doubtful = Buffer.from(sclText({ ln: '<DOI name="Gone"/>' }));
    assert.deepEqual(codes(parseScl(doubtful, { strict: true })), ['SCL_UNKNOWN_DATA']);
  });

  it('counts the diagnostics that it does not keep', () => {
    const document = parse({ ln: '<DOI name="Gone"/>'.repeat(MAX_SCL_DIAGNOSTICS + 5) });
    assert.deepEqual([document.diagnostics.length, document.diagnosticsOmitted], [MAX_SCL_DIAGNOSTICS, 5]);
  });

  it('is the simulated bay of the examples, without a single complaint', () => {
    const octets = readFileSync(path.resolve(__dirname, '../../examples/scl/bay.cid'));
    const document = parseScl(octets, { strict: true });
    assert.deepEqual(document.diagnostics, []);
    const model = document.model('BAY1');
    assert.deepEqual(
      model.logicalDevices.map(({ name }) => name),
      ['BAY1CTRL', 'BAY1PROT', 'BAY1MEAS'],
    );
    const breaker = model.logicalDevices[0]?.logicalNodes.find(({ lnClass }) => lnClass === 'XCBR');
    assert.ok(breaker);
    assert.equal(at(breaker, 'Pos.stVal').type, 'Dbpos');
    assert.equal(document.ieds[0]?.accessPoints[0]?.addresses[0]?.port, 10102);
  });

  it('has each of its diagnostics in docs/scl.md, with its severity and what to do', () => {
    const rows = readFileSync(path.resolve(__dirname, '../../docs/scl.md'), 'utf8').split('\n');
    for (const [code, severity] of Object.entries(SCL_SEVERITIES)) {
      const row = rows.find(
        (line) => line.startsWith('| `') && line.includes(`\`${code}\``) && line.includes(`| ${severity} |`),
      );
      const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
      assert.ok(cells.length === 6 && cells[3] !== '' && cells[4] !== '', code);
    }
  });
});
