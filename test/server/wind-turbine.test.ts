import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { IedClient } from '../../src/client/ied-client.js';
import { loadScl } from '../../src/scl/index.js';
import { IedServer } from '../../src/server/ied-server.js';

const FILE = path.join(__dirname, '..', '..', 'examples', 'scl', 'wind-turbine.icd');

describe('a server of IEC 61400-25', () => {
  let server: IedServer;
  let client: IedClient;

  before(async () => {
    server = await IedServer.fromScl(FILE, { port: 0 });
    const { port } = await server.listen();
    client = new IedClient({ host: '127.0.0.1', port, timeout: 2000 });
    await client.connect();
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  it('has the logical nodes, classes and name spaces of the file, and leaves nothing out', async () => {
    assert.deepEqual(server.problems, []);
    const { logicalDevices } = await client.browse();
    const [device] = logicalDevices;
    assert.equal(device?.name, 'WTG1WT');
    for (const name of ['WTUR1', 'WROT1', 'WGEN1', 'WNAC1']) {
      assert.ok(
        device.logicalNodes.some((node) => node.name === name),
        name,
      );
    }
    const read = async (reference: string): Promise<unknown> => (await client.read([reference]))[0]?.value;
    assert.equal(await read('WTG1WT/LLN0.NamPlt.ldNs[EX]'), 'IEC 61400-25-2:2015');
    assert.equal(await read('WTG1WT/WTUR1.NamPlt.lnNs[EX]'), 'IEC 61400-25-2:2015');
    assert.equal(await read('WTG1WT/LLN0.NamPlt.configRev[DC]'), '1');
    assert.equal(await read('WTG1WT/LPHD1.PhyNam.model[DC]'), 'Simulated wind turbine');
    assert.equal(await read('WTG1WT/LPHD1.Proxy.stVal[ST]'), false);
  });

  it('serves classes of the wind standard, with dead band and range', async () => {
    const { errors } = server.update([
      { reference: 'WTG1WT/WTUR1.TurSt.actSt[ST]', value: 'producing' },
      { reference: 'WTG1WT/WTUR1.TotWh.actCt[ST]', value: 123_456 },
      { reference: 'WTG1WT/WTUR1.W.instMag.f[MX]', value: 3150 },
    ]);
    assert.deepEqual(errors, []);
    server.update([{ reference: 'WTG1WT/WTUR1.W.instMag.f[MX]', value: 3170 }]);
    const references = ['TurSt.actSt[ST]', 'TotWh.actCt[ST]', 'W[MX]', 'W.instMag.f[MX]', 'W.range[MX]'];
    const values = await client.read(references.map((reference) => `WTG1WT/WTUR1.${reference}`));
    assert.deepEqual(
      values.map(({ value }) => value),
      [3, 123_456, 3150, 3170, 1],
    );
  });

  it('tells the behaviour of its nodes, which follows from Mod of the device', async () => {
    server.update([{ reference: 'WTG1WT/LLN0.Mod[ST]', value: 'test' }]);
    const [behaviour, power] = await client.read(['WTG1WT/WROT1.Beh[ST]', 'WTG1WT/WTUR1.W[MX]']);
    assert.deepEqual([behaviour?.value, behaviour?.quality?.text, power?.quality?.text], [3, 'good', 'good, test']);
    server.update([{ reference: 'WTG1WT/LLN0.Mod[ST]', value: 'on' }]);
  });
});

describe('several IEDs of one file', () => {
  it('are served side by side, each on its own port', async () => {
    const one = await readFile(FILE, 'utf8');
    const ied = /<IED [\s\S]*<\/IED>/.exec(one)?.[0] ?? '';
    const scd = one.replace(ied, () => ied + ied.replace('name="WTG1"', 'name="WTG2"'));
    const document = await loadScl(scd);
    const servers = await Promise.all(
      ['WTG1', 'WTG2'].map((name) => IedServer.fromScl(document, { ied: name, port: 0 })),
    );
    try {
      const ports = await Promise.all(servers.map((server) => server.listen()));
      assert.equal(new Set(ports.map(({ port }) => port)).size, 2);
      const [first, second] = servers as [IedServer, IedServer];
      const power = (name: string): string => `${name}WT/WTUR1.W[MX]`;
      first.update([{ reference: power('WTG1'), value: 1 }]);
      second.update([{ reference: power('WTG2'), value: 2 }]);
      assert.deepEqual([first.read(power('WTG1')).value, second.read(power('WTG2')).value], [1, 2]);
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });
});
