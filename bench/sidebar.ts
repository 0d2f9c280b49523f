/** The sidebar: what 10,000 tags cost Node-RED while it is closed, and while a panel is open; asked as the editor asks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../test/start/programs.js';
import type { BenchPart, BenchRow } from './bench-row.js';
import type { Child } from './child.js';
import { untilMessages, withFlow } from './fleet.js';
import { readFlow } from './flows.js';
import { tags, type Shape } from './models.js';
import type { NodeRedOperations } from './processes/node-red.js';
import { startIeds } from './processes/start.js';

const TAGS = 10_000;
const CHANGING = 0.02;
const INTERVAL_MS = 1000;
/** Rows that a tall window shows. */
const ROWS = 60;
/** How often the editor asks: rows in view, and all of them. */
const ASK_MS = 1000;
const ASK_ALL_MS = 2000;
const WATCH_MS = 1000 * Number(process.env.BENCH_SIDEBAR_SECONDS ?? 8);
/** Cores, closed, with the polls of all tags in it. */
const CLOSED = 0.05;

const shape: Shape = { ied: 'IED0', devices: ['LD'], nodes: 10, objects: TAGS / 10 };

interface Asked {
  cores: number;
  /** Octets of an answer, and ms until it was there. */
  octets: number;
  ms: number;
}

/** Asks again and again while Node-RED is watched. */
async function watch(nodeRed: Child<NodeRedOperations>, every: number, ask?: () => Promise<number>): Promise<Asked> {
  let asked = 0;
  let octets = 0;
  let ms = 0;
  await nodeRed.call.reset();
  const end = performance.now() + WATCH_MS;
  while (performance.now() < end) {
    const began = performance.now();
    if (ask) {
      octets += await ask();
      ms += performance.now() - began;
      asked++;
    }
    await sleep(every);
  }
  const { cores } = await nodeRed.call.seen();
  return { cores, octets: octets / Math.max(1, asked), ms: ms / Math.max(1, asked) };
}

async function run(): Promise<BenchRow[]> {
  const ieds = startIeds();
  try {
    const [iedPort] = (await ieds.call.start({ shapes: [shape], changing: CHANGING })) as [number];
    const [port] = (await freePorts(1)) as [number];
    const reader = { ied: shape.ied, port: iedPort, tags: tags(shape), interval: INTERVAL_MS, onChange: true };
    const monitor = async (path: string, body?: object): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}/iec61850/monitor/${path}`, {
        ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.text();
    };
    return await withFlow(
      readFlow([reader]),
      async (nodeRed) => {
        await untilMessages(nodeRed, TAGS);
        await sleep(1000);
        const closed = await watch(nodeRed, ASK_MS);
        const { revision } = JSON.parse(await monitor('tags')) as { revision: string };
        const values = (end: number) => async (): Promise<number> =>
          (await monitor('values', { revision, ranges: [[0, end]] })).length;
        const inView = await watch(nodeRed, ASK_MS, values(ROWS));
        const all = await watch(nodeRed, ASK_ALL_MS, values(TAGS));
        const overview = await watch(nodeRed, ASK_MS, async () => (await monitor('overview')).length);
        const row = (name: string, { cores, octets, ms }: Asked): BenchRow => ({
          name: `${name}: processor of Node-RED`,
          figure: cores,
          unit: 'cores',
          note: `${Math.round(octets / 1000)} kB an answer, after ${ms.toFixed(1)} ms`,
        });
        return [
          {
            name: 'closed: processor of Node-RED',
            figure: closed.cores,
            unit: 'cores',
            atMost: CLOSED,
            note: `${TAGS} tags polled each second, ${100 * CHANGING} % of them change`,
          },
          row(`panel Values, ${ROWS} rows each second`, inView),
          row('panel Values in the order of a column, all rows every 2 s', all),
          row('panel IEDs', overview),
        ];
      },
      port,
    );
  } finally {
    await ieds.stop();
  }
}

export const part: BenchPart = { name: 'sidebar', title: 'The sidebar with 10,000 tags', run };
