import assert from 'node:assert/strict';
import type { LogicalNode } from '../../src/model/ied-model.js';
import { codes, nodeNamed, parse, type Parts } from './fixtures.js';

const EDITION_1 = '';
const ln0 = (content: string, parts: Parts = {}): LogicalNode =>
  nodeNamed(parse({ ln0: `<DataSet name="ds"/>${content}`, ...parts }).model('IED1'), 'LLN0');
const names = (content: string): string[] => ln0(content).reportControlBlocks.map(({ name }) => name);

describe('SCL: report control blocks', () => {
  it('have online names with an instance number (libiec61850 #439)', () => {
    assert.deepEqual(names('<ReportControl name="urcbA" indexed="true"><RptEnabled max="5"/></ReportControl>'), [
      'urcbA01',
      'urcbA02',
      'urcbA03',
      'urcbA04',
      'urcbA05',
    ]);
  });

  it('are indexed unless the file says otherwise, even when there is one instance only', () => {
    assert.deepEqual(names('<ReportControl name="a"><RptEnabled max="1"/></ReportControl>'), ['a01']);
    assert.deepEqual(names('<ReportControl name="a"><RptEnabled/></ReportControl>'), ['a01']);
    assert.deepEqual(names('<ReportControl name="a"/>'), ['a01']);
    assert.deepEqual(names('<ReportControl name="a" indexed="false"><RptEnabled max="1"/></ReportControl>'), ['a']);
    assert.deepEqual(names('<ReportControl name="a" indexed="0"/>'), ['a']);
  });

  it('have numbers of two digits, up to 99', () => {
    const many = names('<ReportControl name="a"><RptEnabled max="99"/></ReportControl>');
    assert.deepEqual([many.length, many[8], many[98]], [99, 'a09', 'a99']);
  });

  it('say so when the number of instances makes no sense', () => {
    const of = (attributes: string, max: number): [number, string[]] => {
      const document = parse({
        ln0: `<ReportControl name="a" ${attributes}><RptEnabled max="${max}"/></ReportControl>`,
      });
      return [nodeNamed(document.model('IED1'), 'LLN0').reportControlBlocks.length, codes(document)];
    };
    assert.deepEqual(of('', 4_000_000), [99, ['SCL_REPORT_INSTANCES']]);
    assert.deepEqual(of('', 0), [0, ['SCL_REPORT_INSTANCES']]);
    assert.deepEqual(of('indexed="false"', 7), [1, ['SCL_REPORT_INSTANCES']]);
  });

  it('have everything that the file says', () => {
    const [block] = ln0(
      `<ReportControl name="brcb" desc="Status" datSet="ds" rptID="R1" confRev="7" buffered="true" bufTime="50" intgPd="1000" indexed="false">
         <TrgOps dchg="true" qchg="1" dupd="false" period="true" gi="false"/>
         <OptFields seqNum="true" timeStamp="true" reasonCode="true" dataSet="true" dataRef="false" bufOvfl="false" entryID="true" configRef="true"/>
         <RptEnabled max="1"><ClientLN iedName="C" lnClass="IHMI"/></RptEnabled>
       </ReportControl>`,
    ).reportControlBlocks;
    assert.deepEqual(block, {
      name: 'brcb',
      buffered: true,
      description: 'Status',
      dataSet: 'ds',
      rptId: 'R1',
      confRev: 7,
      bufferTime: 50,
      integrityPeriod: 1000,
      triggerOptions: { dchg: true, qchg: true, dupd: false, period: true, gi: false },
      optionalFields: ['seqNum', 'timeStamp', 'dataSet', 'reasonCode', 'entryID', 'configRef'],
      maxInstances: 1,
      client: { ied: 'C' },
    });
  });

  it('belong to the clients of the file, one instance each, by their addresses', () => {
    const access = (ied: string, name: string, ip: string): string =>
      `<ConnectedAP iedName="${ied}" apName="${name}"><Address><P type="IP">${ip}</P></Address></ConnectedAP>`;
    const blocks = ln0(
      `<ReportControl name="a" datSet="ds"><RptEnabled max="4">
         <ClientLN iedName="HMI" lnClass="IHMI" apRef="S1"/><ClientLN iedName="GW" lnClass="ITCI"/><ClientLN iedName="No" lnClass="IHMI"/>
       </RptEnabled></ReportControl>`,
      {
        communication: `<SubNetwork name="N">${access('HMI', 'S1', '10.0.0.1')}${access('HMI', 'S2', '10.0.0.2')}${access('GW', 'P', '10.0.0.9')}</SubNetwork>`,
      },
    ).reportControlBlocks;
    assert.deepEqual(
      blocks.map(({ name, client }) => [name, client]),
      [
        ['a01', { ied: 'HMI', address: '10.0.0.1' }],
        ['a02', { ied: 'GW', address: '10.0.0.9' }],
        ['a03', { ied: 'No' }],
        ['a04', undefined],
      ],
    );
  });

  it('have the defaults of the schema, and nothing where the file is silent', () => {
    const [plain] = ln0('<ReportControl name="a"/>').reportControlBlocks;
    assert.deepEqual(plain, { name: 'a01', buffered: false, bufferTime: 0, integrityPeriod: 0 });
    const [empty] = ln0(
      '<ReportControl name="a" buffered="true" rptID=""><TrgOps/><OptFields/></ReportControl>',
    ).reportControlBlocks;
    assert.deepEqual(empty?.triggerOptions, { dchg: false, qchg: false, dupd: false, period: false, gi: true });
    assert.deepEqual(empty?.optionalFields, ['bufOvfl']);
    assert.equal(empty?.rptId, undefined);
  });

  it('have bufOvfl by default from Edition 2 on, and in buffered blocks only', () => {
    const fields = (attributes: string, parts: Parts = {}): string[] | undefined =>
      ln0(`<ReportControl name="a" ${attributes}><OptFields/></ReportControl>`, parts).reportControlBlocks[0]
        ?.optionalFields;
    assert.deepEqual(fields('buffered="true"', { version: EDITION_1 }), []);
    assert.deepEqual(fields('buffered="true"'), ['bufOvfl']);
    assert.deepEqual(fields('buffered="false"'), []);
  });

  it('report a data set that is not in their logical node, and keep its name', () => {
    const document = parse({ ln: '<ReportControl name="a" datSet="ds"/>', ln0: '<DataSet name="ds"/>' });
    assert.deepEqual(codes(document), ['SCL_MISSING_DATASET']);
    assert.equal(nodeNamed(document.model('IED1'), 'GGIO1').reportControlBlocks[0]?.dataSet, 'ds');
  });

  it('assume the default for an attribute that is neither true nor false', () => {
    const document = parse({ ln0: '<ReportControl name="a" buffered="yes" confRev="-1"/>' });
    assert.deepEqual(codes(document), ['SCL_INVALID_ATTRIBUTE', 'SCL_INVALID_ATTRIBUTE']);
    const [block] = nodeNamed(document.model('IED1'), 'LLN0').reportControlBlocks;
    assert.deepEqual([block?.buffered, block?.confRev], [false, undefined]);
  });
});

describe('SCL: other control blocks', () => {
  const communication = `<SubNetwork name="W1"><ConnectedAP iedName="IED1" apName="P1">
    <GSE ldInst="LD0" cbName="gcb"><Address><P type="MAC-Address">01-0c-cd-01-00-0a</P><P type="APPID">0FA1</P>
      <P type="VLAN-ID">01f</P><P type="VLAN-PRIORITY">4</P></Address>
      <MinTime unit="s" multiplier="m">10</MinTime><MaxTime unit="s" multiplier="m">2000</MaxTime></GSE>
    <SMV ldInst="LD0" cbName="msv"><Address><P type="MAC-Address">01:0C:CD:04:00:01</P><P type="APPID">4000</P></Address></SMV>
  </ConnectedAP></SubNetwork>`;

  it('reads GOOSE control blocks with their address', () => {
    const [block, ...none] = ln0(
      '<GSEControl name="gcb" datSet="ds" appID="G1" confRev="3" type="GOOSE" fixedOffs="true"/><GSEControl name="old" type="GSSE"/>',
      { communication },
    ).gooseControlBlocks;
    assert.deepEqual(none, []);
    assert.deepEqual(block, {
      name: 'gcb',
      dataSet: 'ds',
      goId: 'G1',
      confRev: 3,
      fixedOffsets: true,
      address: {
        mac: '01-0C-CD-01-00-0A',
        appId: 0x0fa1,
        vlanId: 0x1f,
        vlanPriority: 4,
        minTime: 10,
        maxTime: 2000,
        parameters: { 'MAC-Address': '01-0c-cd-01-00-0a', APPID: '0FA1', 'VLAN-ID': '01f', 'VLAN-PRIORITY': '4' },
      },
    });
  });

  it('reads sampled-value control blocks with their options and address', () => {
    const [block] = ln0(
      `<SampledValueControl name="msv" datSet="ds" smvID="MU1" confRev="1" smpRate="80" nofASDU="2">
        <SmvOpts refreshTime="true" sampleSynchronized="true" sampleRate="false" synchSourceId="true"/></SampledValueControl>`,
      { communication },
    ).sampledValueControlBlocks;
    assert.deepEqual(block, {
      name: 'msv',
      dataSet: 'ds',
      smvId: 'MU1',
      confRev: 1,
      multicast: true,
      smpRate: 80,
      smpMod: 'SmpPerPeriod',
      nofAsdu: 2,
      options: ['refreshTime', 'sampleSynchronized', 'synchSourceId'],
      address: {
        mac: '01-0C-CD-04-00-01',
        appId: 0x4000,
        parameters: { 'MAC-Address': '01:0C:CD:04:00:01', APPID: '4000' },
      },
    });
  });

  it('reads logs, log control blocks and setting groups', () => {
    const node = ln0(
      `<LogControl name="lcb" datSet="ds" logName="events" logEna="false" intgPd="500"><TrgOps dchg="true"/></LogControl>
       <LogControl name="far" datSet="ds" logName="events" ldInst="LD9" lnClass="GGIO" lnInst="2"/>
       <SettingControl numOfSGs="4" actSG="2"/><Log name="events"/><Log/>`,
    );
    assert.deepEqual(node.logs, ['events']);
    assert.deepEqual(node.settingGroupControlBlock, { numberOfSettingGroups: 4, activeSettingGroup: 2 });
    assert.deepEqual(node.logControlBlocks, [
      {
        name: 'lcb',
        dataSet: 'ds',
        logName: 'events',
        logEnabled: false,
        integrityPeriod: 500,
        triggerOptions: { dchg: true, qchg: false, dupd: false, period: false, gi: true },
        reasonCode: true,
      },
      {
        name: 'far',
        dataSet: 'ds',
        logName: 'IED1LD9/GGIO2.events',
        logEnabled: true,
        integrityPeriod: 0,
        reasonCode: true,
      },
    ]);
  });

  it('names a log of LLN0 by its whole reference in another logical node', () => {
    const parts = {
      ln: '<DataSet name="d"/><LogControl name="lcb" datSet="d" logName="events"/>',
      device: 'inst="LD0" ldName="Berlin"',
    };
    const node = nodeNamed(parse(parts).model('IED1'), 'GGIO1');
    assert.equal(node.logControlBlocks[0]?.logName, 'Berlin/LLN0.events');
  });
});
