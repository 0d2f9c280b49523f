/** Part 3: a hundred IEDs polled by one Node-RED, one of them hanging and one refusing; and messages through a read node. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPart, BenchRow } from './bench-row.js';
import type { Child } from './child.js';
import { readFlow, type Reader } from './flows.js';
import { watchLoop, type LoopDelay } from './measure.js';
import { tags, type Shape } from './models.js';
import type { IedOperations } from './processes/ieds.js';
import type { NodeRedOperations, Seen } from './processes/node-red.js';
import { startIeds, startNodeRed } from './processes/start.js';

const IEDS = 100;
const TAGS = 500;
const INTERVAL_MS = 1000;
const CHANGING = 0.02;
/** The two that fail are the last ones. */
const HANGING = IEDS - 2;
const REFUSING = IEDS - 1;
const SETTLE_MS = 5000;
/** Time for the first values of all tags, in ms. */
const PATIENCE_MS = 60_000;
const WATCH_MS = 1000 * Number(process.env.BENCH_FLEET_SECONDS ?? 20);

const LIMITS = { cores: 0.5, delayP99: 20, late: 0 } as const;
/** Messages that the other 98 may miss or have in excess at the edges of the time that is watched. */
const SAME = 0.97;

const shape = (number: number, objects: number): Shape => ({ ied: `IED${number}`, devices: ['LD'], nodes: 1, objects });
const expected = IEDS * TAGS * CHANGING;

/** Node-RED with readers and a user directory of its own, for the time of some work. */
export function withNodeRed<T>(
  readers: readonly Reader[],
  work: (nodeRed: Child<NodeRedOperations>) => Promise<T>,
): Promise<T> {
  return withFlow(readFlow(readers), work);
}

/** The same with any flow. */
export async function withFlow<T>(
  flow: Record<string, unknown>[],
  work: (nodeRed: Child<NodeRedOperations>) => Promise<T>,
  port?: number,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-bench-'));
  const nodeRed = startNodeRed(folder, port);
  try {
    await nodeRed.call.start({ flow });
    return await work(nodeRed);
  } finally {
    await nodeRed.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until so many messages came since the last reset: each tag sends its first value. */
export async function untilMessages(nodeRed: Child<NodeRedOperations>, wanted: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await nodeRed.call.seen()).messages < wanted) {
    if (Date.now() > deadline) throw new Error(`${wanted} first values did not come within ${PATIENCE_MS} ms`);
    await sleep(100);
  }
}

interface Watched extends Seen {
  /** Event-loop delay of this process, which does nothing meanwhile: what the machine itself adds. */
  idle: LoopDelay;
}

async function watch(nodeRed: Child<NodeRedOperations>): Promise<Watched> {
  await sleep(SETTLE_MS);
  await nodeRed.call.reset();
  const idle = watchLoop();
  await sleep(WATCH_MS);
  return { ...(await nodeRed.call.seen()), idle: idle() };
}

/** Messages a second of the IEDs that stay healthy. */
function healthyRate({ byIed, seconds }: Seen): number {
  const failing = new Set([HANGING, REFUSING].map((number) => `IED${number}`));
  const healthy = Object.entries(byIed).filter(([ied]) => !failing.has(ied));
  return healthy.reduce((sum, [, count]) => sum + count, 0) / seconds;
}

/** IEDs that sent no message at all in the time that was watched. */
function silent(seen: Seen): string[] {
  return Array.from({ length: IEDS }, (_, i) => `IED${i}`).filter((ied) => !seen.byIed[ied]);
}

function loadRows(where: string, seen: Watched): BenchRow[] {
  const { cores, delay, idle, late, cycles, longestCycle, seconds } = seen;
  const tagsPerSecond = (cycles * TAGS) / seconds;
  return [
    {
      name: `${where}: processor of Node-RED`,
      figure: cores,
      unit: 'cores',
      atMost: LIMITS.cores,
      note: `${Math.round(tagsPerSecond)} tags/s, ${Math.round(seen.messages / seconds)} messages/s`,
    },
    {
      name: `${where}: event-loop delay, p99`,
      figure: delay.p99,
      unit: 'ms',
      atMost: LIMITS.delayP99,
      note: `longest ${delay.max.toFixed(1)} ms; an idle process beside it ${idle.p99.toFixed(1)} and ${idle.max.toFixed(1)} ms`,
    },
    {
      name: `${where}: late polls`,
      figure: late,
      unit: 'polls',
      atMost: LIMITS.late,
      note: `of ${cycles}; the longest took ${Math.round(longestCycle)} ms`,
    },
  ];
}

async function fleet(): Promise<BenchRow[]> {
  const shapes = Array.from({ length: IEDS }, (_, i) => shape(i, TAGS));
  const ieds: Child<IedOperations> = startIeds();
  try {
    const ports = await ieds.call.start({ shapes, changing: CHANGING, mayHang: HANGING });
    const readers = shapes.map((one, i): Reader => {
      return { ied: one.ied, port: ports[i] as number, tags: tags(one), interval: INTERVAL_MS, onChange: true };
    });
    return await withNodeRed(readers, async (nodeRed) => {
      await untilMessages(nodeRed, IEDS * TAGS);
      const { seconds: startSeconds } = await nodeRed.call.seen();
      const all = await watch(nodeRed);
      await ieds.call.hang();
      await ieds.call.refuse();
      const without = await watch(nodeRed);
      const quiet = silent(all);
      return [
        ...loadRows('100 IEDs × 500 tags/s', all),
        {
          name: '100 IEDs × 500 tags/s: until each tag gave its first value',
          figure: startSeconds,
          unit: 's',
          note: 'after the flows were started: associations, types and units included',
        },
        {
          name: '100 IEDs × 500 tags/s: messages of changed tags',
          figure: all.messages / all.seconds,
          unit: 'messages/s',
          atLeast: SAME * expected,
          note: `${expected} a second change${quiet.length > 0 ? `; nothing from ${quiet.join(', ')}` : ''}`,
        },
        ...loadRows('one hangs, one refuses', without),
        {
          name: 'one hangs, one refuses: messages of the other 98',
          figure: healthyRate(without),
          unit: 'messages/s',
          ratio: { value: healthyRate(without) / healthyRate(all), to: 'the same 98 before', atLeast: SAME },
        },
      ];
    });
  } finally {
    await ieds.stop();
  }
}

const WIRE_TAGS = 10_000;
/** The shortest interval there is, so that the node is never idle. */
const WIRE_INTERVAL_MS = 20;

/** One read node that sends every tag at every poll, as fast as it can. */
async function wireRate(): Promise<BenchRow> {
  const one = shape(0, WIRE_TAGS);
  const ieds = startIeds();
  try {
    const [port] = (await ieds.call.start({ shapes: [one] })) as [number];
    const reader = { ied: one.ied, port, tags: tags(one), interval: WIRE_INTERVAL_MS, onChange: false };
    return await withNodeRed([reader], async (nodeRed) => {
      const { messages, seconds, cores } = await watch(nodeRed);
      const cpuPerMessage = (cores * seconds * 1e6) / messages;
      return {
        name: 'messages through a read node to its wire',
        figure: messages / seconds,
        unit: 'messages/s',
        note: `${cores.toFixed(2)} of a core, ${cpuPerMessage.toFixed(1)} µs CPU a message`,
      };
    });
  } finally {
    await ieds.stop();
  }
}

async function run(): Promise<BenchRow[]> {
  return [...(await fleet()), await wireRate()];
}

export const part: BenchPart = { name: 'fleet', title: 'Node-RED with 100 IEDs of 500 tags each second', run };
