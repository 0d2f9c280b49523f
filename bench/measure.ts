/** Rounds of work by the clock and by the processor. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Length of one round in seconds; `BENCH_SECONDS` shortens it while a benchmark is being written. */
export const ROUND_SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
/** Rounds of which the median counts. */
export const ROUNDS = 3;

export interface Round {
  perSecond: number;
  /** Share of one core that this process took. */
  cores: number;
  /** Microseconds of processor time an item took in this process, which other processes hardly change. */
  cpuPerItem: number;
}

/** Repeats `work`, which tells how many items it did, for one round. */
export async function round(work: () => Promise<number>, seconds = ROUND_SECONDS): Promise<Round> {
  const before = process.cpuUsage();
  const start = performance.now();
  let items = 0;
  let elapsed = 0;
  while (elapsed < seconds * 1000) {
    items += await work();
    elapsed = performance.now() - start;
  }
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: (items / elapsed) * 1000,
    cores: (user + system) / 1000 / elapsed,
    cpuPerItem: (user + system) / items,
  };
}

/** Item in the middle of those sorted by a figure. */
export function medianBy<T>(items: readonly T[], figure: (item: T) => number): T {
  const sorted = [...items].sort((a, b) => figure(a) - figure(b));
  return sorted[sorted.length >> 1] as T;
}

/** Median round by items a second, after one that only warms up. */
export async function rounds(work: () => Promise<number>, count = ROUNDS): Promise<Round> {
  await round(work, ROUND_SECONDS / 2);
  const done: Round[] = [];
  for (let i = 0; i < count; i++) done.push(await round(work));
  return medianBy(done, ({ perSecond }) => perSecond);
}

/** What a row says beside its rate. */
export function cpuNote({ cores, cpuPerItem }: Round, item: string): string {
  return `${cores.toFixed(2)} of a core, ${cpuPerItem.toFixed(cpuPerItem < 10 ? 2 : 0)} µs CPU a ${item}`;
}

/** Timer of a delay measurement in ms; it counts as delay, and is taken off. */
const RESOLUTION_MS = 5;

export interface LoopDelay {
  p99: number;
  max: number;
}

/** How much later in ms than asked for timers of this process come, from now on until the function returned is called. */
export function watchLoop(): () => LoopDelay {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const inMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return () => {
    delay.disable();
    return { p99: inMs(delay.percentile(99)), max: inMs(delay.max) };
  };
}
