/** Runs in a worker thread: reads one SCL file, answers once, and is terminated. */
import { readFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { SclError } from '../errors.js';
import type { LogicalDevice } from '../model/ied-model.js';
import { fileError, readScl } from './parse.js';
import type { WorkerModel, WorkerReply, WorkerRequest, WorkerResult } from './worker-protocol.js';

const { reply, transfer } = answer(workerData as WorkerRequest);
parentPort?.postMessage(reply, transfer);

function answer(request: WorkerRequest): { reply: WorkerReply; transfer: ArrayBuffer[] } {
  try {
    const result = read(request);
    return { reply: { result }, transfer: result.servers.map(({ buffer }) => buffer as ArrayBuffer) };
  } catch (error) {
    if (!(error instanceof SclError)) throw error;
    const { code, message, hint, line, column } = error;
    const place = line === undefined || column === undefined ? {} : { line, column };
    return { reply: { failure: { code, message, hint, ...place } }, transfer: [] };
  }
}

function read({ content, path, strict }: WorkerRequest): WorkerResult {
  const servers: Uint8Array[] = [];
  const models: WorkerModel[] = [];
  const known = new Map<LogicalDevice[], number>();
  const summary = readScl(contentOf(content, path), { strict }, (key, { logicalDevices, ...ied }) => {
    let server = known.get(logicalDevices);
    if (server === undefined) {
      // A copy, since the octets that `serialize` gives may lie in a larger buffer that cannot be transferred.
      server = servers.push(new Uint8Array(serialize(logicalDevices))) - 1;
      // Access points that share a server come together: no earlier one has to be remembered.
      known.clear();
      known.set(logicalDevices, server);
    }
    models.push({ key, ied, server });
  });
  return { summary, models, servers };
}

function contentOf(content: WorkerRequest['content'], path: string | undefined): Buffer | string {
  if (typeof content === 'string') return content;
  // A Buffer arrives as a plain Uint8Array.
  if (content !== undefined) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  try {
    return readFileSync(path ?? '');
  } catch (cause) {
    throw fileError(path ?? '', cause);
  }
}
