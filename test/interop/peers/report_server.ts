/**
 * Our own server as a process that can be killed: report_server.ts PORT FOLDER. Serves one integer with a buffered
 * control block whose entries are kept in FOLDER. Each number on stdin becomes its value, and is said again when it is
 * on disk.
 */
import { createInterface } from 'node:readline';
import type { IedModel } from '../../../src/model/ied-model.js';
import { IedServer } from '../../../src/server/index.js';
import { Reports } from '../../../src/server/reports/index.js';
import { da, dataObject, logicalNode } from '../../server/fixture.js';

const [port, folder] = process.argv.slice(2) as [string, string];
const input = dataObject('IntIn1', 'INS', [
  da('ST', 'stVal', 'INT32', { dchg: true }),
  da('ST', 'q', 'Quality', { qchg: true }),
  da('ST', 't', 'Timestamp'),
]);
const model: IedModel = {
  name: 'RPTS',
  edition: '2',
  logicalDevices: [
    {
      name: 'RPTSCTRL',
      inst: 'CTRL',
      logicalNodes: [
        logicalNode('LLN0', [], {
          dataSets: [{ name: 'Whole', members: [{ reference: 'RPTSCTRL/GGIO1.IntIn1', fc: 'ST' }] }],
          reportControlBlocks: [{ name: 'brcbWhole01', buffered: true, dataSet: 'Whole', confRev: 1 }],
        }),
        logicalNode('GGIO1', [input]),
      ],
    },
  ],
};

async function serve(): Promise<void> {
  const server = IedServer.fromModel(model, { port: Number(port), dataDir: folder, keepReportBuffers: true });
  server.on('error', (error) => console.error(error));
  await server.listen();
  process.stdout.write('listening\n');
  createInterface({ input: process.stdin }).on('line', (line) => {
    server.update([{ reference: 'RPTSCTRL/GGIO1.IntIn1[ST]', value: Number(line) }]);
    // At once, and not with the events that come in the next moment.
    const { parts } = (server as unknown as { core: { parts: unknown[] } }).core;
    for (const part of parts) if (part instanceof Reports) part.commit();
    process.stdout.write(`${line}\n`);
  });
}
void serve();
