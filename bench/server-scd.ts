/** A whole station from one process: an SCD of 60 IEDs with 10,000 logical nodes, each IED on a port of its own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { IedServer as Server } from '../src/server/index.js';
import type { BenchPart, BenchRow } from './bench-row.js';
import { IedClient, IedServer, loadScl, ROOT } from './built.js';

const IEDS = 60;
/** How often each IED has the logical devices of the example bay, which have 25 logical nodes. */
const COPIES = 7;
const MB = 1 << 20;
const TIME_LIMIT_S = 10;
const MEMORY_LIMIT_MB = 1024;

/** The example bay's IED, with its logical devices several times, as many IEDs of one SCD. */
function stationScd(): string {
  const bay = readFileSync(path.join(ROOT, 'examples', 'scl', 'bay.cid'), 'utf8');
  const [ied = ''] = /<IED [\s\S]*<\/IED>/.exec(bay) ?? [];
  const [server = ''] = /<LDevice [\s\S]*<\/LDevice>/.exec(ied) ?? [];
  const copies = Array.from({ length: COPIES }, (_, copy) =>
    server.replace(/(<LDevice inst|ldInst)="(\w+)"/g, `$1="$2${copy + 1}"`),
  ).join('\n');
  const [templates = ''] = /<DataTypeTemplates>[\s\S]*<\/DataTypeTemplates>/.exec(bay) ?? [];
  const ieds = Array.from({ length: IEDS }, (_, i) =>
    ied.replace(server, () => copies).replace('name="BAY1"', `name="BAY${i + 1}"`),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4">
<Header id="station"/>
${ieds.join('\n')}
${templates}
</SCL>`;
}

async function run(): Promise<BenchRow[]> {
  const scd = Buffer.from(stationScd());
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const document = await loadScl(scd);
  const loaded = performance.now();
  const servers: Server[] = [];
  let port = 0;
  for (const { name } of document.ieds) {
    const server = await IedServer.fromScl(document, { ied: name, port: 0 });
    ({ port } = await server.listen());
    servers.push(server);
  }
  const seconds = (performance.now() - start) / 1000;
  const nodes = servers
    .flatMap(({ model }) => model.logicalDevices)
    .reduce((sum, { logicalNodes }) => sum + logicalNodes.length, 0);
  const rss = process.memoryUsage().rss / MB;
  // The last one answers as a device does.
  const client = new IedClient({ host: '127.0.0.1', port, timeout: 10_000 });
  await client.connect();
  const browsed = await client.browse();
  await client.close();
  await Promise.all(servers.map((server) => server.close()));
  const seen = browsed.logicalDevices.reduce((sum, { logicalNodes }) => sum + logicalNodes.length, 0);
  const size = `${servers.length} IEDs, ${nodes} logical nodes, ${(scd.length / MB).toFixed(0)} MB of SCL`;
  return [
    {
      name: 'a station from one SCD: until all IEDs listen',
      figure: seconds,
      unit: 's',
      atMost: TIME_LIMIT_S,
      note: `${size}; reading the file took ${((loaded - start) / 1000).toFixed(1)} s`,
    },
    {
      name: 'a station from one SCD: resident memory of the process',
      figure: rss,
      unit: 'MB',
      atMost: MEMORY_LIMIT_MB,
      note: `${Math.round(before / MB)} MB before it; the last IED shows ${seen} logical nodes to a client`,
    },
  ];
}

export const part: BenchPart = { name: 'server-scd', title: 'Server: a station of 60 IEDs', run };
