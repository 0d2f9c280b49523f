/**
 * The live SCL check over the corpus: the first IED of every file is served and held against its own file. Nothing is found,
 * or what the file itself has wrong.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { checkDevice } from '../../src/gateway/scl-check/index.js';
import { IedClient, IedServer, loadScl } from '../../src/index.js';
import { SclError } from '../../src/errors.js';

const FOLDER = path.resolve(__dirname, '../../../shared/corpus/scl');

/** Values that their own enumeration does not have, so that no server can show them. */
const WRONG_IN_THE_FILE: Record<string, string[]> = {
  'com-pas-compas-open-scd__Sitipe.scd': ['value Vienna_north_ProtApplication/LPHD0.Sim.ctlModel[CF]'],
};

describe('the live SCL check of the corpus, served', function () {
  this.timeout(120_000);
  if (!existsSync(FOLDER)) {
    it.skip('is not here (../shared/corpus/scl): nothing to serve');
    return;
  }
  for (const file of readdirSync(FOLDER).sort()) {
    it(`${file}: finds nothing that the file does not have wrong itself`, async () => {
      const document = await loadScl(path.join(FOLDER, file)).catch((error: unknown) => {
        // What is not well-formed is refused, which scl.test.ts holds.
        assert.ok(error instanceof SclError);
        return undefined;
      });
      const ied = document?.ieds.find(({ accessPoints }) => accessPoints.some(({ server }) => server))?.name;
      if (!document || ied === undefined) return;
      const server = await IedServer.fromScl(document, { ied, port: 0 });
      const { port } = await server.listen();
      const client = new IedClient({ host: '127.0.0.1', port, timeout: 20_000 });
      try {
        await client.connect();
        const { findings, more } = await checkDevice(document.model(ied), client);
        assert.deepEqual(
          findings.map(({ kind, reference }) => `${kind} ${reference}`),
          WRONG_IN_THE_FILE[file] ?? [],
        );
        assert.equal(more, 0);
      } finally {
        await client.close();
        await server.close();
      }
    });
  }
});
