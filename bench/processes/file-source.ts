/** A second process: a server of ours with one large file, and the same file over a bare TCP connection. */
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedServer, ROOT } from '../built.js';
import { serve } from '../child.js';

export const FILE = 'large.bin';
const BLOCK = 1 << 20;

let folder = '';
let peak = 0;

/** @returns ports of the server and of the bare TCP connection */
async function start({ megabytes }: { megabytes: number }): Promise<[mms: number, tcp: number]> {
  folder = await mkdtemp(path.join(tmpdir(), 'iec61850-bench-'));
  const file = path.join(folder, FILE);
  const handle = await open(file, 'w');
  for (let i = 0; i < megabytes; i++) await handle.write(Buffer.alloc(BLOCK, i));
  await handle.close();
  const server = await IedServer.fromScl(path.join(ROOT, 'examples', 'scl', 'bay.cid'), { port: 0, files: { folder } });
  const { port } = await server.listen();
  const bare = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    createReadStream(file).pipe(socket);
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20).unref();
  return [port, (bare.address() as AddressInfo).port];
}

/** Highest resident memory since the last call, in octets. */
function peakMemory(): number {
  const found = peak;
  peak = process.memoryUsage.rss();
  return found;
}

const operations = { start, peakMemory, clear: () => rm(folder, { recursive: true }) };
export type FileSourceOperations = typeof operations;
serve(operations);
