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
/** Sends a value to `goose-out`, and takes from `goose-in` what became of it. */
const PAIR_NODE = `module.exports = (RED) => RED.nodes.registerType('bench-pair', function (config) {
  RED.nodes.createNode(this, config);
  const timer = setInterval(() => globalThis.benchSend((msg) => this.send(msg)), Number(config.interval));
  this.on('input', (msg) => globalThis.benchArrive(msg));
  this.on('close', () => clearInterval(timer));
});
`;
const page = (type: string): string => `<script type="text/javascript">
RED.nodes.registerType('${type}', { category: 'function', defaults: {}, inputs: 1, outputs: 1 });
</script>
<script type="text/html" data-template-name="${type}"></script>
`;

/** Reported values whose age is remembered, and changes over a pair. */
const MAX_AGES = 100_000;
/** After this a change over a pair is lost. */
const PAIR_PATIENCE_MS = 2000;

let messages = 0;
/** What a listener to the process bus told last of its streams and its interface. */
let statistics: unknown;
let pairTimes: number[] = [];
let pairLost = 0;
let ages: number[] = [];
let byIed = new Map<string, number>();
let cycles = 0;
let late = 0;
let longestCycle = 0;
let since = performance.now();
let cpu = process.cpuUsage();
let delayUntilNow: (() => LoopDelay) | undefined;

/** Called by the node that takes the read nodes' messages. */
function count(msg: { topic?: string; timestamp?: string; report?: object; payload?: unknown }): void {
  if (msg.topic === 'statistics') {
    statistics = msg.payload;
    return;
  }
  messages++;
  if (msg.report && ages.length < MAX_AGES) ages.push(Date.now() - Date.parse(msg.timestamp ?? ''));
  const ied = msg.topic?.slice(0, msg.topic.indexOf('/')) ?? '';
  byIed.set(ied, (byIed.get(ied) ?? 0) + 1);
}

/** A change that is on its way from one end of a pair to the other. */
let pending: { position: 'Open' | 'Closed'; at: number } | undefined;
let position: 'Open' | 'Closed' = 'Open';

function sendChange(send: (msg: object) => void): void {
  if (pending && performance.now() - pending.at < PAIR_PATIENCE_MS) return;
  if (pending) pairLost++;
  position = position === 'Open' ? 'Closed' : 'Open';
  pending = { position, at: performance.now() };
  send({ payload: position });
}

function arrive({ iec61850 }: { iec61850?: { text?: string } }): void {
  if (!pending || iec61850?.text !== pending.position) return;
  if (pairTimes.length < MAX_AGES) pairTimes.push(performance.now() - pending.at);
  pending = undefined;
}
Object.assign(globalThis, { benchCount: count, benchSend: sendChange, benchArrive: arrive });

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
  for (const [type, code] of [
    ['bench-counter', COUNTER_NODE],
    ['bench-pair', PAIR_NODE],
  ] as const) {
    writeFileSync(path.join(userDir, 'nodes', `${type}.js`), code);
    writeFileSync(path.join(userDir, 'nodes', `${type}.html`), page(type));
  }
  writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flow));
  const requireScript = createRequire(path.join(ROOT, 'scripts', 'demo', 'node-red.js'));
  const { prepareUserDirectory } = requireScript('./user-directory.js') as Demo;
  const { startNodeRed } = requireScript('./node-red.js') as Demo;
  watchPollers();
  const { secret } = prepareUserDirectory(false);
  await startNodeRed({ userDir, secret, host: '127.0.0.1', port: Number(process.env.BENCH_PORT ?? 0) });
  reset();
}

function reset(): void {
  messages = 0;
  pairTimes = [];
  pairLost = 0;
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

/** What the node that listens to the process bus told last. */
function bus(): unknown {
  return statistics;
}

/** ms from message to message over a pair since the last reset, and how many never came. */
function pair(): { times: number[]; lost: number } {
  return { times: pairTimes, lost: pairLost };
}

const operations = { start, reset, seen, memory, bus, pair };
export type NodeRedOperations = typeof operations;
serve(operations);
