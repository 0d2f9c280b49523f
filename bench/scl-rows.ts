/** Part 6: a 3 MB SCD, as rows of the table. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPart, BenchRow } from './bench-row.js';
import { watchLoop } from './measure.js';
import { measureScl } from './scl.js';

const LOAD_LIMIT_MS = 1500;
const BLOCK_LIMIT_MS = 50;
const IDLE_MS = 5000;

async function run(): Promise<BenchRow[]> {
  // The same watch over a loop that does nothing tells what the machine itself adds.
  const idle = watchLoop();
  await sleep(IDLE_MS);
  const { max } = idle();
  const measurements = await measureScl();
  return measurements.flatMap(({ file, megabytes, loadMs, longestBlockMs, slowestModelMs, ieds }): BenchRow[] => [
    {
      name: `${file}: load`,
      figure: loadMs,
      unit: 'ms',
      atMost: LOAD_LIMIT_MS,
      note: `${megabytes.toFixed(1)} MB, ${ieds} IEDs`,
    },
    {
      name: `${file}: event loop blocked at the longest`,
      figure: longestBlockMs,
      unit: 'ms',
      atMost: BLOCK_LIMIT_MS,
      note: `in five loads; an idle loop before them ${max.toFixed(1)} ms`,
    },
    { name: `${file}: the slowest model of an IED`, figure: slowestModelMs, unit: 'ms', atMost: BLOCK_LIMIT_MS },
  ]);
}

export const part: BenchPart = { name: 'scl', title: 'SCL: files of 3 MB', run };
