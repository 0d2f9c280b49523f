/** Part 4: what 100,000 tags of one IED take in Node-RED, above Node-RED without any. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPart, BenchRow } from './bench-row.js';
import { untilMessages, withNodeRed } from './fleet.js';
import { objectCount, tags, type Shape } from './models.js';
import type { Memory } from './processes/node-red.js';
import { startIeds } from './processes/start.js';

const SHAPE: Shape = { ied: 'IED', devices: ['LD1', 'LD2', 'LD3', 'LD4', 'LD5'], nodes: 20, objects: 1000 };
const LIMIT_MB = 200;
const INTERVAL_MS = 1000;
const WATCH_MS = 5000;

const MB = 1 << 20;

async function run(): Promise<BenchRow[]> {
  const wanted = objectCount(SHAPE);
  const bare = await withNodeRed([], async (nodeRed) => {
    await sleep(WATCH_MS);
    return nodeRed.call.memory();
  });
  const ieds = startIeds();
  try {
    const [port] = (await ieds.call.start({ shapes: [SHAPE] })) as [number];
    const reader = { ied: SHAPE.ied, port, tags: tags(SHAPE), interval: INTERVAL_MS, onChange: true };
    return await withNodeRed([reader], async (nodeRed) => {
      await untilMessages(nodeRed, wanted);
      await nodeRed.call.reset();
      await sleep(WATCH_MS);
      const { cores, late, cycles, longestCycle, messages } = await nodeRed.call.seen();
      const full = await nodeRed.call.memory();
      const above = (part: (memory: Memory) => number): number => (part(full) - part(bare)) / MB;
      return [
        {
          name: '100,000 tags: resident memory above bare Node-RED',
          figure: above(({ rss }) => rss),
          unit: 'MB',
          atMost: LIMIT_MB,
          note: `bare ${Math.round(bare.rss / MB)} MB, with them ${Math.round(full.rss / MB)} MB; polled each second, ${late} of ${cycles} polls late, the longest took ${Math.round(longestCycle)} ms`,
        },
        {
          name: '100,000 tags: heap and buffers above bare Node-RED',
          figure: above(({ heapUsed, external }) => heapUsed + external),
          unit: 'MB',
          note: `after a garbage collection; ${cores.toFixed(2)} of a core while polling them, ${messages} messages`,
        },
      ];
    });
  } finally {
    await ieds.stop();
  }
}

export const part: BenchPart = { name: 'memory', title: 'Memory of 100,000 tags', run };
