/**
 * A process with Node-RED in it, real and whole, with the nodes of this package as a user has them installed: linked
 * into a user directory, which the environment names as it does for `npm start`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PollCycle } from '../../src/gateway/tags/index.js';
import { ROOT, TagPoller } from '../built.js';
import { serve } from '../child.js';
import { watchLoop, type LoopDelay } from '../measure.js';

type Flow = Record<string, unknown>[];

interface Demo {
  startNodeRed(options: { userDir: string; secret: string; host: string; port: number }): Promise<() => Promise<void>>;
  prepareUserDirectory(fresh: boolean): { secret: string };
}

/** What was seen since the last `reset`. */
export interface Seen {
  seconds: number;
  /** Share of a core that the whole process took. */
  cores: number;
  /** Event-loop delay since the last `reset`, which is over with the first look at it. */
  delay: LoopDelay;
  messages: number;
  /** Messages by the IED that they came from. */
  byIed: Record<string, number>;
  cycles: number;
  late: number;
  /** Longest poll in ms. */
  longestCycle: number;
  /** Time in ms from the device time of a reported value to its message, of 99 in 100 and of half of them. */
  reportAge: { p99: number; median: number };
}

export interface Memory {
  rss: number;
  heapUsed: number;
  /** Typed arrays and buffers, outside of the heap. */
  external: number;
}

const COUNTER_NODE = `module.exports = (RED) => RED.nodes.registerType('bench-counter', function (config) {
  RED.nodes.createNode(this, config);
  this.on('input', (msg) => globalThis.benchCount(msg));
});
`;
const COUNTER_PAGE = `<script type="text/javascript">
RED.nodes.registerType('bench-counter', { category: 'function', defaults: {}, inputs: 1, outputs: 0 });
</script>
<script type="text/html" data-template-name="bench-counter"></script>
`;

/** Reported values whose age is remembered. */
const MAX_AGES = 100_000;

let messages = 0;
let ages: number[] = [];
let byIed = new Map<string, number>();
let cycles = 0;
let late = 0;
let longestCycle = 0;
let since = performance.now();
let cpu = process.cpuUsage();
let delayUntilNow: (() => LoopDelay) | undefined;

/** Called by the node that takes the read nodes' messages. */
function count(msg: { topic?: string; timestamp?: string; report?: object }): void {
  messages++;
  if (msg.report && ages.length < MAX_AGES) ages.push(Date.now() - Date.parse(msg.timestamp ?? ''));
  const ied = msg.topic?.slice(0, msg.topic.indexOf('/')) ?? '';
  byIed.set(ied, (byIed.get(ied) ?? 0) + 1);
}
Object.assign(globalThis, { benchCount: count });

/** The nodes show polls as status texts only; the pollers behind them tell each one. */
function watchPollers(): void {
  const emit = EventEmitter.prototype.emit;
  TagPoller.prototype.emit = function (this: EventEmitter, event: string, ...values: unknown[]): boolean {
    if (event === 'cycle') {
      const cycle = values[0] as PollCycle;
      cycles++;
      if (cycle.late) late++;
      longestCycle = Math.max(longestCycle, cycle.ms);
    }
    return emit.call(this, event, ...values);
  } as typeof TagPoller.prototype.emit;
}

async function start({ flow }: { flow: Flow }): Promise<void> {
  const userDir = process.env.DEMO_DIRECTORY as string;
  mkdirSync(path.join(userDir, 'nodes'), { recursive: true });
  writeFileSync(path.join(userDir, 'nodes', 'bench-counter.js'), COUNTER_NODE);
  writeFileSync(path.join(userDir, 'nodes', 'bench-counter.html'), COUNTER_PAGE);
  writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flow));
  const requireScript = createRequire(path.join(ROOT, 'scripts', 'demo', 'node-red.js'));
  const { prepareUserDirectory } = requireScript('./user-directory.js') as Demo;
  const { startNodeRed } = requireScript('./node-red.js') as Demo;
  watchPollers();
  const { secret } = prepareUserDirectory(false);
  await startNodeRed({ userDir, secret, host: '127.0.0.1', port: 0 });
  reset();
}

function reset(): void {
  messages = 0;
  ages = [];
  byIed = new Map();
  cycles = 0;
  late = 0;
  longestCycle = 0;
  delayUntilNow?.();
  delayUntilNow = watchLoop();
  since = performance.now();
  cpu = process.cpuUsage();
}

function seen(): Seen {
  const ms = performance.now() - since;
  const { user, system } = process.cpuUsage(cpu);
  ages.sort((a, b) => a - b);
  return {
    seconds: ms / 1000,
    cores: (user + system) / 1000 / ms,
    delay: delayUntilNow?.() ?? { p99: 0, max: 0 },
    messages,
    byIed: Object.fromEntries(byIed),
    cycles,
    late,
    longestCycle,
    reportAge: { p99: ages[Math.floor(ages.length * 0.99)] ?? 0, median: ages[ages.length >> 1] ?? 0 },
  };
}

/** Memory after everything that is garbage was collected, and time was given to hand free pages back. */
async function memory(): Promise<Memory> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await sleep(500);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}

const operations = { start, reset, seen, memory };
export type NodeRedOperations = typeof operations;
serve(operations);
