/** Real SCL files served by us and by the Java stack: our client, and a foreign one, find every name of the file. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { IedClient, IedServer, loadScl, type SclDocument } from '../../src/index.js';
import type { IedModel } from '../../src/index.js';
import { BAY_CID } from './fixtures.js';
import { mmsNames } from './names.js';
import { needPeer, ROOT, startPeerClient, startPeerServer } from './peers/index.js';

const CORPUS = path.resolve(ROOT, '../shared/corpus/scl');
const FILES = [
  BAY_CID,
  ...[
    'drMAle-scl_parser__wellformed.cid',
    'OSGP-open-smart-grid-platform__WAGO123.icd',
    'beanit-iec61850bean__testModel2.icd',
    'robidev-mini_substation_automation__model_substation.scd',
  ].map((file) => path.join(CORPUS, file)),
];

/** Names that `found` lacks of those that the file has. */
function missing(model: IedModel, found: (domain: string) => Iterable<string>): string[] {
  return model.logicalDevices.flatMap(({ name: domain }) => {
    const names = new Set(found(domain));
    return mmsNames(model, domain).filter((name) => !names.has(name));
  });
}

for (const file of FILES) {
  describe(`${path.basename(file)} served by us and by others`, function () {
    this.timeout(60_000);
    let scl: SclDocument;
    let ied: string;
    let model: IedModel;

    before(async function () {
      if (!existsSync(file)) {
        console.log(`    skipped: there is no ${file}`);
        this.skip();
      }
      scl = await loadScl(file);
      ied = scl.ieds.find(({ accessPoints }) => accessPoints.some(({ server }) => server))?.name ?? '';
      model = scl.model(ied);
    });

    it('our server shows every name to a libiec61850 client, and our client no other', async function () {
      needPeer(this, 'libiec61850');
      const server = await IedServer.fromScl(scl, { ied, port: 0 });
      const { port } = await server.listen();
      const judge = await startPeerClient('libiec61850', { port });
      const client = new IedClient({ host: '127.0.0.1', port });
      try {
        const theirs = new Map<string, string[]>();
        for (const { name: domain } of model.logicalDevices) {
          theirs.set(domain, await judge.call<string[]>('variables', { domain }));
        }
        assert.deepEqual(
          missing(model, (domain) => theirs.get(domain) ?? []),
          [],
        );
        await client.connect();
        const browsed = await client.browse();
        for (const { name: domain } of model.logicalDevices) {
          assert.deepEqual(mmsNames(browsed, domain), mmsNames(model, domain));
        }
      } finally {
        await client.close();
        await judge.stop();
        await server.close();
      }
    });

    it('our client finds every name at a Java server of the same file', async function () {
      needPeer(this, 'java');
      const server = await startPeerServer('java', { model: file });
      const client = new IedClient({ host: '127.0.0.1', port: server.port, timeout: 10_000 });
      try {
        await client.connect();
        const browsed = await client.browse();
        // It serves what the file types alone: of a setting that is SG there it has no SE, see docs/interop.md.
        const derived = /\$SE(\$|$)/;
        assert.deepEqual(
          missing(model, (domain) => mmsNames(browsed, domain)).filter((name) => !derived.test(name)),
          [],
        );
      } finally {
        await client.close();
        await server.stop();
      }
    });
  });
}
