/** Starts the benchmark's other processes. */
import path from 'node:path';
import { Child } from '../child.js';
import type { IedOperations } from './ieds.js';
import type { NodeRedOperations } from './node-red.js';
import type { SvSourceOperations } from './sv-source.js';

/** Simulated IEDs. */
export function startIeds(): Child<IedOperations> {
  return new Child<IedOperations>(path.join(__dirname, 'ieds.ts'));
}

/** A merging unit, or several. */
export function startSvSource(): Child<SvSourceOperations> {
  return new Child<SvSourceOperations>(path.join(__dirname, 'sv-source.ts'));
}

/** Node-RED, with a user directory of its own. @param port of its editor; any that is free when absent */
export function startNodeRed(userDirectory: string, port = 0): Child<NodeRedOperations> {
  return new Child<NodeRedOperations>(path.join(__dirname, 'node-red.ts'), {
    execArgv: ['--expose-gc'],
    env: { DEMO_DIRECTORY: userDirectory, BENCH_PORT: String(port) },
    // It logs the outages that the benchmark causes.
    quiet: true,
  });
}
