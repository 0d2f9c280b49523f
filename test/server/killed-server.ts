/**
 * A server as a process that can be killed: killed-server.ts FOLDER. Says its port and its problems as one line of JSON,
 * and makes an event every few milliseconds.
 */
import { IedServer } from '../../src/server/index.js';
import { settingsModel } from './settings-model.js';

const [folder = ''] = process.argv.slice(2);
const EVENT_MS = 2;

async function main(): Promise<void> {
  const server = IedServer.fromModel(settingsModel(), {
    port: 0,
    dataDir: folder,
    logSize: 1_000_000,
    writable: ['SP', 'CF', 'SG', 'SE'],
  });
  server.on('error', (error) => console.error(error));
  const { port } = await server.listen();
  let value = false;
  setInterval(() => {
    value = !value;
    server.update([{ reference: 'RELAYPROT/GGIO1.Ind1', value }]);
  }, EVENT_MS);
  process.stdout.write(`${JSON.stringify({ port, problems: server.problems })}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
