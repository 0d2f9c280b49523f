/**
 * Every well-formed file of the corpus that holds an IED with a server is served; our client browses it, and finds what the
 * file has, name for name: variables with their kinds, data sets with their members, control blocks. A foreign client
 * does so for a sample. What a file has twice or in pieces is left out, and said.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { IedClient, IedServer, loadScl, type SclDocument } from '../../src/index.js';
import type { IedModel, LogicalNode } from '../../src/model/ied-model.js';
import { mmsKinds, mmsNames } from '../interop/names.js';
import { peerMissing, startPeerClient } from '../interop/peers/index.js';

const FOLDER = path.resolve(__dirname, '../../../shared/corpus/scl');
/** Files that are not well-formed, of which scl.test.ts tells where. */
const BROKEN = new Set([
  'com-pas-compas-scl-validator__invalid.scd',
  'openscd-open-scd__parsererror.iid',
  'sprinteins-oscd-plugins__bay-designer-output.ssd',
]);
/** Files that a foreign client browses: one of each edition, arrays, many logical nodes. */
const SAMPLE = new Set([
  'beanit-iec61850bean__iec61850bean-sample01.icd',
  'drMAle-scl_parser__wellformed.cid',
  'OSGP-open-smart-grid-platform__SWDevice-010805.icd',
  'robidev-mini_substation_automation__model_substation.scd',
]);

interface Served {
  ied: string;
  accessPoint: string;
}

function serversOf({ ieds }: SclDocument): Served[] {
  return ieds.flatMap(({ name, accessPoints }) =>
    accessPoints.filter(({ server }) => server).map((accessPoint) => ({ ied: name, accessPoint: accessPoint.name })),
  );
}

const CONTROL_BLOCKS = [
  'reportControlBlocks',
  'logControlBlocks',
  'gooseControlBlocks',
  'sampledValueControlBlocks',
] as const;

/** Control blocks, data sets and logs of a logical node. */
function partsOf(node: LogicalNode): Record<string, unknown> {
  const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name).sort();
  return {
    ...Object.fromEntries(CONTROL_BLOCKS.map((kind) => [kind, names(node[kind])])),
    dataSets: Object.fromEntries(
      node.dataSets.map(({ name, members }) => [name, members.map(({ reference, fc }) => `${reference}[${fc}]`)]),
    ),
    logs: [...node.logs].sort(),
    // How many groups there are is a value, which is not browsed.
    settingGroups: node.settingGroupControlBlock !== undefined,
  };
}

/** Whether the server has said that it leaves a name out. */
function leftOut(server: IedServer): (domain: string, name: string) => boolean {
  const references = server.problems.map(({ reference }) => reference.replace(/\[\w+\]$/, ''));
  return (domain, name) => {
    const [node = '', , ...steps] = name.split('$');
    const reference = `${domain}/${[node, ...steps].join('.')}`;
    return references.some((one) => reference === one || reference.startsWith(`${one}.`));
  };
}

function compare(model: IedModel, seen: IedModel, server: IedServer): number {
  const missing = leftOut(server);
  let count = 0;
  assert.deepEqual(
    seen.logicalDevices.map(({ name }) => name).sort(),
    [...new Set(model.logicalDevices.map(({ name }) => name))].sort(),
  );
  for (const device of model.logicalDevices) {
    const wanted = mmsNames(model, device.name).filter((name) => !missing(device.name, name));
    assert.deepEqual(
      mmsNames(seen, device.name).filter((name) => !missing(device.name, name)),
      wanted,
    );
    const kinds = mmsKinds(seen, device.name);
    for (const [name, kind] of Object.entries(mmsKinds(model, device.name))) {
      if (!missing(device.name, name)) assert.equal(kinds[name], kind, name);
    }
    count += wanted.length;
    const nodes = seen.logicalDevices.find(({ name }) => name === device.name)?.logicalNodes ?? [];
    for (const node of device.logicalNodes) {
      const online = nodes.find(({ name }) => name === node.name);
      if (!online && missing(device.name, node.name)) continue;
      assert.ok(online, node.name);
      assert.deepEqual(partsOf(online), partsOf(node), `${device.name}/${node.name}`);
    }
  }
  return count;
}

describe('the corpus of SCL files, served', function () {
  this.timeout(120_000);
  if (!existsSync(FOLDER)) {
    it.skip('is not here (../shared/corpus/scl): nothing to serve');
    return;
  }
  for (const file of readdirSync(FOLDER).sort()) {
    if (BROKEN.has(file)) continue;
    it(`${file}: our client finds every name`, async () => {
      const document = await loadScl(path.join(FOLDER, file));
      for (const served of serversOf(document)) {
        const server = await IedServer.fromScl(document, { ...served, port: 0 });
        const { port } = await server.listen();
        const client = new IedClient({ host: '127.0.0.1', port, timeout: 10_000 });
        try {
          await client.connect();
          compare(server.model, await client.browse(), server);
        } finally {
          await client.close();
          await server.close();
        }
      }
    });
  }

  for (const file of SAMPLE) {
    it(`${file}: libiec61850 finds every name`, async function () {
      const why = peerMissing('libiec61850');
      if (why !== undefined) {
        console.log(`    skipped: ${why}`);
        this.skip();
      }
      const document = await loadScl(path.join(FOLDER, file));
      const [served] = serversOf(document);
      assert.ok(served);
      const server = await IedServer.fromScl(document, { ...served, port: 0 });
      const { port } = await server.listen();
      const peer = await startPeerClient('libiec61850', { port });
      try {
        const missing = leftOut(server);
        const domains = await peer.call<string[]>('domains');
        assert.deepEqual([...domains].sort(), server.model.logicalDevices.map(({ name }) => name).sort());
        for (const domain of domains) {
          const names = await peer.call<string[]>('variables', { domain });
          const ours = mmsNames(server.model, domain).filter((name) => !missing(domain, name));
          const seen = new Set(names);
          assert.deepEqual(
            ours.filter((name) => !seen.has(name)),
            [],
          );
          // What is seen beyond the data are control blocks.
          const known = new Set(ours);
          const more = names.filter(
            (name) => !known.has(name) && !/^\w+\$(RP|BR|LG|GO|MS|US|SP\$SGCB)(\$|$)|^\w+\$SP$/.test(name),
          );
          assert.deepEqual(more, []);
        }
      } finally {
        await peer.stop();
        await server.close();
      }
    });
  }
});
