import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { SclError } from '../errors.js';
import { MAX_SCL_QUEUE, MAX_SCL_WORKERS, SCL_TIMEOUT_MS, SCL_WORKER_HEAP_MB } from '../limits.js';
import type { IedModel, LogicalDevice } from '../model/ied-model.js';
import { createDocument, type SclDocument } from './document.js';
import type { WorkerReply, WorkerRequest, WorkerResult } from './worker-protocol.js';

let running = 0;
const waiting: Array<() => void> = [];

/** Reads a file in a worker thread of its own, which always ends with it. Few run at a time, the others wait. */
export async function readInWorker(request: WorkerRequest, timeout = SCL_TIMEOUT_MS): Promise<SclDocument> {
  await enter();
  try {
    const reply = await ask(request, timeout);
    if ('result' in reply) return toDocument(reply.result);
    const { code, message, line, column, hint } = reply.failure;
    throw new SclError(code, message, line, column, hint);
  } finally {
    leave();
  }
}

async function enter(): Promise<void> {
  if (running < MAX_SCL_WORKERS) {
    running += 1;
    return;
  }
  if (waiting.length >= MAX_SCL_QUEUE) {
    const hint = 'Read them one after the other.';
    throw new SclError('SCL_BUSY', `${MAX_SCL_QUEUE} SCL files wait to be read already.`, undefined, undefined, hint);
  }
  // The one that leaves hands its place over, so `running` stays.
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
  });
}

function leave(): void {
  const next = waiting.shift();
  if (next) next();
  else running -= 1;
}

async function ask(request: WorkerRequest, timeout: number): Promise<WorkerReply> {
  const worker = startWorker(request);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<WorkerReply>((resolve, reject) => {
      timer = setTimeout(() => reject(timedOut(timeout)), timeout);
      worker.once('message', resolve);
      worker.once('messageerror', (error) => reject(died(error)));
      worker.on('error', (error) => reject(died(error)));
      worker.once('exit', (status) => reject(died(new Error(`exit status ${status}`))));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function startWorker(request: WorkerRequest): Worker {
  const options = { workerData: request, resourceLimits: { maxOldGenerationSizeMb: SCL_WORKER_HEAP_MB } };
  // Run from its sources, as tests do, a worker needs the loader that its parent has.
  if (__filename.endsWith('.ts')) {
    return new Worker(join(__dirname, 'worker.ts'), {
      ...options,
      execArgv: ['--require', require.resolve('tsx/cjs')],
    });
  }
  return new Worker(join(__dirname, 'worker.js'), options);
}

function timedOut(timeout: number): SclError {
  const hint = 'Export a CID of the one IED from the SCD.';
  return new SclError(
    'SCL_TIMEOUT',
    `The SCL file was not read within ${timeout / 1000} s.`,
    undefined,
    undefined,
    hint,
  );
}

function died(error: Error & { code?: string }): SclError {
  const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new SclError(
    memory ? 'SCL_TOO_LARGE' : 'SCL_WORKER',
    memory
      ? `The SCL file needs more than ${SCL_WORKER_HEAP_MB} MB of memory.`
      : `Reading the SCL file failed: ${error.message}`,
    undefined,
    undefined,
    memory ? 'Export a CID of the one IED from the SCD.' : 'Report it with the file.',
    { cause: error },
  );
}

function toDocument({ summary, models, servers }: WorkerResult): SclDocument {
  const entries = new Map(models.map((entry) => [entry.key, entry]));
  const devices = new Map<number, LogicalDevice[]>();
  const unfolded = new Map<string, IedModel>();
  return createDocument(summary, (key) => {
    const known = unfolded.get(key);
    const entry = entries.get(key);
    const octets = entry && servers[entry.server];
    if (known || !octets) return known;
    const logicalDevices = devices.get(entry.server) ?? (deserialize(octets) as LogicalDevice[]);
    devices.set(entry.server, logicalDevices);
    const model: IedModel = { ...entry.ied, logicalDevices };
    unfolded.set(key, model);
    return model;
  });
}
