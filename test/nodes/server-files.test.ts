import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { IedClient } from '../../src/client/ied-client.js';
import { helper, nodeModule, PLACE, startRed, stopRed, type Properties } from './support/red.js';
import { hostState } from './support/server.js';

const SERVER = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const SERVER_OUT = nodeModule('../../../nodes/iec61850-server-out/iec61850-server-out.js');
const TURBINE = path.join(__dirname, '..', '..', 'examples', 'scl', 'wind-turbine.icd');

describe('files of iec61850-server', () => {
  beforeEach(() => startRed());
  afterEach(stopRed);
  const ports = new Map<string, number>();

  const load = async (file: string, servers: Record<string, Properties>): Promise<void> => {
    const { userDir } = (helper as unknown as { settings(): { userDir: string } }).settings();
    await writeFile(path.join(userDir, 'station.scd'), file);
    const flow = Object.entries(servers).flatMap(([id, more]) => [
      { id, type: 'iec61850-server', version: 1, sclFile: 'station.scd', port: '0', ...more },
      { id: `out-${id}`, ...PLACE, type: 'iec61850-server-out', version: 1, server: id },
    ]);
    await helper.load([SERVER, SERVER_OUT], [{ id: 'tab', type: 'tab' }, ...flow] as never);
    for (const id of Object.keys(servers)) {
      ports.set(id, await hostState(id));
    }
  };
  const read = async (id: string, reference: string): Promise<unknown> => {
    const client = new IedClient({
      host: '127.0.0.1',
      port: ports.get(id) ?? 0,
      timeout: 2000,
    });
    await client.connect();
    try {
      return (await client.read([reference]))[0]?.value;
    } finally {
      await client.close();
    }
  };

  it('hold several IEDs, each served by a node of its own on its own port', async () => {
    const one = await readFile(TURBINE, 'utf8');
    const ied = /<IED [\s\S]*<\/IED>/.exec(one)?.[0] ?? '';
    const scd = one.replace(ied, () => ied + ied.replace('name="WTG1"', 'name="WTG2"'));
    await load(scd, { first: { sclIed: 'WTG1', sclAccessPoint: 'AP1' }, second: { sclIed: 'WTG2' } });
    assert.equal(await read('first', 'WTG1WT/LPHD1.PhyNam.vendor[DC]'), 'Substation');
    assert.equal(await read('second', 'WTG2WT/LPHD1.PhyNam.vendor[DC]'), 'Substation');
    assert.notEqual(ports.get('first'), ports.get('second'));
  });

  it('with broken references are served as far as they are sound, and the log says what is left out', async () => {
    const broken = (await readFile(TURBINE, 'utf8'))
      .replace('lnClass="WNAC" lnInst="1" doName="WdSpd"', 'lnClass="WNAC" lnInst="9" doName="WdSpd"')
      .replace('<Val>standstill</Val>', '<Val>dancing</Val>');
    await load(broken, { first: {} });
    const said = (helper.log().args as Array<[{ msg: unknown }]>).map(([{ msg }]) => String(msg)).join('\n');
    assert.match(said, /parts of the model are not served as the file says/);
    assert.match(said, /WNAC9/);
    assert.match(said, /dancing/);
    assert.equal(await read('first', 'WTG1WT/LPHD1.PhyNam.vendor[DC]'), 'Substation');
  });
});
