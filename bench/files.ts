/** Part: a large file from our server in a second process, beside the same file over bare TCP. */
import { connect } from 'node:net';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { BenchPart, BenchRow } from './bench-row.js';
import { IedClient } from './built.js';
import { Child } from './child.js';
import { medianBy } from './measure.js';
import type { FileSourceOperations } from './processes/file-source.js';

const MEGABYTES = 200;
const ROUNDS = 5;
/** What memory may grow by while a file is got: chunks on the way, and what is not yet collected of those that were. */
const GROWTH_MB = 80;
const MB = 1 << 20;

interface Transfer {
  seconds: number;
  cpuSeconds: number;
  /** Highest resident memory above that before, in octets. */
  growth: number;
}

async function timed(transfer: (took: (octets: number) => void) => Promise<void>): Promise<Transfer> {
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let peak = before;
  let octets = 0;
  await transfer((length) => {
    octets += length;
    peak = Math.max(peak, process.memoryUsage.rss());
  });
  if (octets !== MEGABYTES * MB) throw new Error(`${octets} octets came`);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, cpuSeconds: (user + system) / 1e6, growth: peak - before };
}

function bare(port: number): Promise<Transfer> {
  return timed(
    (took) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('data', (data: Buffer) => took(data.length));
        socket.on('error', reject);
        socket.on('end', () => resolve());
      }),
  );
}

async function run(): Promise<BenchRow[]> {
  const source = new Child<FileSourceOperations>(path.join(__dirname, 'processes', 'file-source.ts'));
  try {
    const [mms, tcp] = await source.call.start({ megabytes: MEGABYTES });
    const client = new IedClient({ host: '127.0.0.1', port: mms });
    await client.connect();
    const get = (): Promise<Transfer> =>
      timed(async (took) => {
        for await (const { data } of client.files.stream('large.bin')) took(data.length);
      });
    // Once to warm up, and for what a process takes with the first file.
    await get();
    await bare(tcp);
    const serverBefore = await source.call.peakMemory();
    const gets: Transfer[] = [];
    const bares: Transfer[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      gets.push(await get());
      bares.push(await bare(tcp));
    }
    const serverGrowth = (await source.call.peakMemory()) - serverBefore;
    await client.close();
    const middle = medianBy(gets, ({ seconds }) => seconds);
    const middleBare = medianBy(bares, ({ seconds }) => seconds);
    const growth = Math.max(...gets.map((one) => one.growth));
    return [
      {
        name: `file get of ${MEGABYTES} MB, from our server's disk to a consumer`,
        figure: MEGABYTES / middle.seconds,
        unit: 'MB/s',
        ratio: { value: middleBare.seconds / middle.seconds, to: 'bare TCP', atLeast: 0.5 },
        note: `bare TCP ${Math.round(MEGABYTES / middleBare.seconds)} MB/s; ${middle.cpuSeconds.toFixed(2)} s CPU in the client, ${middleBare.cpuSeconds.toFixed(2)} s bare`,
      },
      {
        name: `memory that a ${MEGABYTES} MB file takes`,
        figure: growth / MB,
        unit: 'MB',
        atMost: GROWTH_MB,
        note: `highest resident memory of the client above that before; server ${Math.round(serverGrowth / MB)} MB`,
      },
    ];
  } finally {
    await source.call.clear().catch(() => undefined);
    await source.stop();
  }
}

export const part: BenchPart = { name: 'files', title: 'Files', run };
