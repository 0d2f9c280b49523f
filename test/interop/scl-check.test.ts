/** The live SCL check against foreign servers: nothing is found where nothing is different, and each difference is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { IedClient } from '../../src/index.js';
import { checkDevice, type Finding } from '../../src/gateway/scl-check/index.js';
import { parseScl } from '../../src/scl/index.js';
import { STACKS, startPeerBay } from './fixtures.js';
import { needPeer, ROOT, type Peer } from './peers/index.js';

const PEER_CID = readFileSync(path.join(ROOT, 'test/interop/models/peer.cid'), 'utf8');

const brief = ({ kind, part, reference }: Finding): string => `${kind} ${part} ${reference}`;

/** What the stacks themselves leave out of the file: Rust takes no data sets from it, and neither it nor Java makes arrays. */
const KNOWN: Record<string, string[]> = {
  libiec61850: [],
  rust: [
    'members dataSet PEERCTRL/LLN0.Positions',
    'missing dataSet PEERMEAS/LLN0.Measurements',
    'type attribute PEERCTRL/GGIO1.Strings.vals[CF]',
    'type attribute PEERMEAS/MHAI1.HPhV.phsAHar[MX]',
  ],
  java: ['type attribute PEERMEAS/MHAI1.HPhV.phsAHar[MX]'],
};

for (const stack of STACKS) {
  describe(`live SCL check of a ${stack.kind} server`, function () {
    this.timeout(60_000);
    let server: Peer;
    let client: IedClient;

    before(async function () {
      needPeer(this, stack.kind);
      server = await startPeerBay(stack);
      client = new IedClient({ host: '127.0.0.1', port: server.port, name: 'PEER' });
      await client.connect();
    });
    after(async () => {
      await client?.close();
      await server?.stop();
    });

    const check = async (scl: string, ied = 'PEER'): Promise<string[]> =>
      (await checkDevice(parseScl(scl).model(ied), client)).findings
        .map(brief)
        .filter((finding) => !KNOWN[stack.kind]?.includes(finding));
    const changed = (was: string | RegExp, is: string): string => {
      const scl = PEER_CID.replace(was, is);
      assert.notEqual(scl, PEER_CID);
      return scl;
    };

    it('finds nothing that is different from the file that it was made of', async () => {
      assert.deepEqual(await check(PEER_CID), []);
    });

    it('finds an object that only the file has, and one that only the device has', async () => {
      // The same object under another name is both.
      const scl = changed(/(<DO name=")TotW(")/, '$1TotVA$2').replaceAll('doName="TotW"', 'doName="TotVA"');
      const found = await check(scl);
      assert.ok(found.includes('missing dataObject PEERMEAS/MMXU1.TotVA'), found.join('\n'));
      assert.ok(found.includes('extra dataObject PEERMEAS/MMXU1.TotW'), found.join('\n'));
    });

    it('finds another type, another width, an attribute that is gone, and members in another order', async () => {
      const changes: [string, string][] = [
        ['name="u32" fc="CF" bType="INT32U"', 'name="u32" fc="CF" bType="INT32"'],
        ['name="i8" fc="CF" bType="INT8"', 'name="i8" fc="CF" bType="INT16"'],
        ['<DA name="f64" fc="CF" bType="FLOAT64"/>', ''],
        ['<DA name="subID" fc="SV" bType="VisString64"/>', ''],
      ];
      let scl = changes.reduce((text, [was, is]) => text.replace(was, is), PEER_CID);
      const id = '<DA name="subVal" fc="SV" bType="BOOLEAN"/>';
      scl = scl.replace(id, `${id}<DA name="subID" fc="SV" bType="VisString64"/>`);
      assert.deepEqual((await check(scl)).sort(), [
        'extra attribute PEERCTRL/GGIO1.Strings.f64[CF]',
        'length attribute PEERCTRL/GGIO1.Strings.i8[CF]',
        'order attribute PEERCTRL/GGIO1.Sub[SV]',
        'type attribute PEERCTRL/GGIO1.Strings.u32[CF]',
      ]);
    });

    it('finds the template of another IED by its instances, and names the difference', async () => {
      const scl = PEER_CID.replaceAll('ame="PEER"', 'ame="TEMPLATE"');
      assert.deepEqual(await check(scl, 'TEMPLATE'), ['name logicalDevice PEERCTRL', 'name logicalDevice PEERMEAS']);
    });
  });
}
