/**
 * The packed package in the Node-RED versions that it is made for, each as a program of its own: Node-RED 5 on its
 * Node.js from the npm registry, and the Node-RED 4 of this project on the Node.js that runs the tests.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type DemoPorts, demoPorts, mqttValues, Program, withModbus } from '../start/programs.js';
import { assertLoaded, npm, pack, ROOT } from './support.js';

interface Scripts {
  nodeRed5(): { node: string | undefined; nodeRed: string };
}
interface Broker {
  startBroker(port: number, host: string): Promise<{ stop(): Promise<void> }>;
}
/* eslint-disable @typescript-eslint/no-require-imports -- the scripts are JavaScript, run before anything is built */
const { nodeRed5 } = require('../../scripts/setup-node-red-5.js') as Scripts;
const { startBroker } = require('../../scripts/demo/broker.js') as Broker;
const manifest = require('../../package.json') as {
  name: string;
  'node-red': { nodes: Record<string, string> };
  devDependencies: Record<string, string>;
};
/* eslint-enable @typescript-eslint/no-require-imports */
const DASHBOARD = '@flowfuse/node-red-dashboard';

const SETTINGS = `module.exports = {
  flowFile: 'flows.json', credentialSecret: 'test', uiHost: '127.0.0.1', uiPort: Number(process.env.PORT),
  telemetry: { enabled: false, updateNotification: false }, editorTheme: { tours: false },
  logging: { console: { level: 'info' } },
};\n`;

describe('the packed package', function () {
  this.timeout(240_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'iec61850-package-'));
    const packed = await pack(folder);
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
    await writeFile(path.join(folder, 'settings.js'), SETTINGS);
    const dashboard = `${DASHBOARD}@${manifest.devDependencies[DASHBOARD] ?? 'latest'}`;
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
    await npm(['install', ...options, packed, dashboard], folder);
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const versions = [
    { name: 'Node-RED 5', runtime: nodeRed5 },
    {
      name: 'Node-RED 4.1',
      runtime: () => ({ node: process.execPath, nodeRed: path.join(ROOT, 'node_modules', 'node-red', 'red.js') }),
    },
  ];

  for (const { name, runtime } of versions) {
    describe(`in ${name}`, () => {
      let ports: DemoPorts;
      let program: Program | undefined;
      let broker: { stop(): Promise<void> } | undefined;

      before(async function () {
        const { node, nodeRed } = runtime();
        if (node === undefined) {
          const missing = `${name} needs a later Node.js than this, and there is none in .peers/`;
          if (process.env.CI === 'true') throw new Error(missing);
          console.log(`      ${missing}: skipped`);
          this.skip();
        }
        ports = await demoPorts();
        broker = await startBroker(ports.MQTT_PORT, '127.0.0.1');
        await copyFile(path.join(ROOT, 'examples', 'flows.json'), path.join(folder, 'flows.json'));
        const variables = Object.entries({ ...ports, HOST: '127.0.0.1', CONNECT_HOST: '127.0.0.1' });
        const env = { ...process.env, ...Object.fromEntries(variables.map(([key, value]) => [key, String(value)])) };
        program = new Program(node, [nodeRed, '--userDir', folder, '--settings', path.join(folder, 'settings.js')], {
          env,
        });
        await program.says(/Started flows/);
      });

      after(async () => {
        await program?.kill();
        await broker?.stop();
      });

      it('loads every node type', async () => {
        await assertLoaded(`http://127.0.0.1:${ports.PORT}`, manifest.name, Object.keys(manifest['node-red'].nodes));
      });

      it('gives the editor pages of all nodes, their icons and their languages', async () => {
        const page = await (
          await fetch(`http://127.0.0.1:${ports.PORT}/nodes`, { headers: { accept: 'text/html' } })
        ).text();
        for (const type of Object.keys(manifest['node-red'].nodes)) {
          assert.match(page, new RegExp(`data-template-name=["']${type}["']`));
        }
        const icons = await (await fetch(`http://127.0.0.1:${ports.PORT}/icons`)).text();
        assert.match(icons, new RegExp(manifest.name));
      });

      it('offers the example flows', async () => {
        const examples = await (
          await fetch(`http://127.0.0.1:${ports.PORT}/library/examples/flows/${manifest.name}/`)
        ).text();
        assert.match(examples, /"fn":"flows"/);
      });

      it('runs the example flow to the end: values by MQTT and Modbus', async () => {
        await mqttValues(ports.MQTT_PORT, 'iec61850/BAY1/#', {
          'iec61850/BAY1/CTRL.XCBR1.Pos/value': /^(Closed|Open|Intermediate)$/,
          'iec61850/BAY1/MEAS.MMXU1.PhV.phsB/value': /^6\d\.\d+$/,
          'iec61850/BAY1/MEAS.MMXU1.PhV.phsB/quality': /^good$/,
        });
        await withModbus(ports.MODBUS_PORT, async (client) => {
          const position = await client.readInputRegisters(0, 1);
          assert.ok([0, 1, 2].includes(position.data[0] ?? -1));
        });
      });

      it('logs no error and no warning of ours', () => {
        // The IED node of the flow tries its first connection before the server of the flow listens.
        const output = (program?.output ?? '').replace(/.*\[warn\] \[iec61850-ied:BAY1\] offline: .* refuses .*/, '');
        assert.doesNotMatch(output, /\[error\]|Error:|\[warn\] \[(iec61850|modbus-map|mqtt-map|scl)/);
      });
    });
  }
});
