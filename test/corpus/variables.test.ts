import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Iec61850Error } from '../../src/errors.js';
import { checkVariables, VariableMapper, variableTemplate } from '../../src/gateway/variables/index.js';
import { loadScl } from '../../src/scl/index.js';
import { IedServer } from '../../src/server/ied-server.js';

const FOLDER = path.join(__dirname, '../../../shared/corpus/scl');
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => /\.(scd|icd|cid|iid)$/.test(name)) : [];

describe('mapping templates of real IEDs', function () {
  this.timeout(60_000);
  if (FILES.length === 0) it.skip('the corpus is not on this machine');

  for (const file of FILES) {
    it(`of ${file} fit model and server line by line`, async () => {
      let document;
      try {
        document = await loadScl(path.join(FOLDER, file));
      } catch (error) {
        // Files that cannot be read are looked at elsewhere.
        assert.ok(error instanceof Iec61850Error, String(error));
        return;
      }
      for (const { name, accessPoints } of document.ieds) {
        if (!accessPoints.some(({ server }) => server)) continue;
        const model = document.model(name);
        const { rows, problems } = checkVariables(variableTemplate(model), model);
        assert.deepEqual(problems, []);
        const server = IedServer.fromModel(model);
        const mapper = new VariableMapper(rows, (reference) => server.read(reference).type);
        assert.deepEqual(mapper.problems, []);
        assert.equal(mapper.size, rows.length);
      }
    });
  }
});
