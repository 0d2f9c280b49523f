import assert from 'node:assert/strict';
import type { SclAddress, SclDocument } from '../../src/scl/index.js';
import { codes, modelOf, nodeNamed, parse } from './fixtures.js';

function file(address: string, rest = ''): SclDocument {
  return parse({
    communication: `<SubNetwork name="W1" type="8-MMS"><ConnectedAP iedName="IED1" apName="P1"><Address>${address}</Address>${rest}</ConnectedAP></SubNetwork>`,
  });
}

function address(document: SclDocument): SclAddress {
  const found = document.ieds[0]?.accessPoints[0]?.addresses[0];
  assert.ok(found);
  return found;
}

const p = (type: string, value: string): string =>
  `<P type="${type}" xsi:type="tP_${type}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${value}</P>`;

describe('SCL: ConnectedAP sets the selectors, AP-title, AE-qualifier and port of an association', () => {
  it('reads IP address, port, selectors and titles', () => {
    const document = file(
      [
        p('IP', ' 10.0.0.7 '),
        p('IP-SUBNET', '255.255.255.0'),
        p('IP-GATEWAY', '10.0.0.1'),
        p('MMS-Port', '10102'),
        p('OSI-TSEL', '0001'),
        p('OSI-SSEL', '00 0A'),
        p('OSI-PSEL', '00000001'),
        p('OSI-AP-Title', '1,3,9999,23'),
        p('OSI-AE-Qualifier', '12'),
        p('MAC-Address', '00-11-22-33-44-55'),
      ].join(''),
    );
    assert.deepEqual(codes(document), []);
    const { parameters, ...rest } = address(document);
    assert.deepEqual(rest, {
      subNetwork: 'W1',
      subNetworkType: '8-MMS',
      ip: '10.0.0.7',
      subnetMask: '255.255.255.0',
      gateway: '10.0.0.1',
      port: 10102,
      tSelector: '0001',
      sSelector: '000a',
      pSelector: '00000001',
      apTitle: '1.3.9999.23',
      aeQualifier: 12,
    });
    assert.equal(parameters['MAC-Address'], '00-11-22-33-44-55');
  });

  it('keeps a selector that is there and empty', () => {
    assert.equal(address(file('<P type="OSI-TSEL"/>')).tSelector, '');
    assert.equal('tSelector' in address(file(p('IP', '10.0.0.1'))), false);
  });

  it('marks the port of secured MMS', () => {
    assert.deepEqual(
      [address(file(p('MMS-Port', '3782'))).secure, address(file(p('MMS-Port', '102'))).secure],
      [true, undefined],
    );
  });

  it('ignores what cannot be used, and says so', () => {
    const bad: Array<[string, string]> = [
      ['MMS-Port', '70000'],
      ['OSI-TSEL', '001'],
      ['OSI-SSEL', 'zz'],
      ['OSI-PSEL', '00'.repeat(33)],
      ['OSI-AP-Title', '000'],
      ['OSI-AE-Qualifier', 'x'],
    ];
    const document = file(bad.map(([type, value]) => p(type, value)).join(''));
    assert.deepEqual(codes(document), Array<string>(bad.length).fill('SCL_INVALID_ADDRESS'));
    const { subNetwork, subNetworkType, parameters, ...rest } = address(document);
    assert.deepEqual([subNetwork, subNetworkType, rest], ['W1', '8-MMS', {}]);
    assert.deepEqual(parameters, Object.fromEntries(bad));
  });

  it('takes a parameter of any name, also one that objects have', () => {
    const { parameters } = address(file('<P type="__proto__">x</P><P type="constructor">y</P>'));
    assert.deepEqual(Object.entries(parameters), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it('reads every subnetwork that an access point is in', () => {
    const ap = (ip: string): string =>
      `<ConnectedAP iedName="IED1" apName="P1"><Address>${p('IP', ip)}</Address></ConnectedAP>`;
    const document = parse({
      communication: `<SubNetwork name="A">${ap('10.0.0.1')}</SubNetwork><SubNetwork name="B">${ap('10.1.0.1')}</SubNetwork>`,
    });
    const addresses = document.ieds[0]?.accessPoints[0]?.addresses ?? [];
    assert.deepEqual(
      addresses.map(({ subNetwork, ip }) => [subNetwork, ip]),
      [
        ['A', '10.0.0.1'],
        ['B', '10.1.0.1'],
      ],
    );
  });

  it('reports addresses of what the file does not have', () => {
    const document = parse({
      communication: `<SubNetwork name="A"><ConnectedAP iedName="IED9" apName="P1"><GSE ldInst="LD0" cbName="g"/></ConnectedAP>
        <ConnectedAP iedName="IED1" apName="P1"><GSE ldInst="LD0" cbName="gone"/></ConnectedAP></SubNetwork>`,
    });
    assert.deepEqual(codes(document), ['SCL_CONNECTED_AP_UNKNOWN', 'SCL_ADDRESS_UNUSED', 'SCL_ADDRESS_UNUSED']);
  });

  it('keeps the parameters of routable GOOSE, and times in seconds as milliseconds', () => {
    const model = modelOf({
      ln0: '<GSEControl name="g" appID="x"/>',
      communication: `<SubNetwork name="A"><ConnectedAP iedName="IED1" apName="P1"><GSE ldInst="LD0" cbName="g"><Address>${p('IP', '239.0.0.1')}${p('APPID', 'zzzz')}</Address><MaxTime>2</MaxTime></GSE></ConnectedAP></SubNetwork>`,
    });
    const [block] = nodeNamed(model, 'LLN0').gooseControlBlocks;
    assert.deepEqual(block?.address, { maxTime: 2000, parameters: { IP: '239.0.0.1', APPID: 'zzzz' } });
  });
});
