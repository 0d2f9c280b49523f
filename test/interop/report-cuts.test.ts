/**
 * Buffered events through cuts of the network and kills of the client's process: every event arrives, in order, and
 * repeats come around a cut only. `REPORT_CUTS` is the number of both together.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { needPeer, ROOT, startPeerServer, type Peer } from './peers/index.js';

const CUTS = Number(process.env.REPORT_CUTS ?? 10);
const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'reports.cfg');
const EVENT_MS = 20;

describe('Buffered reports through cuts and kills', function () {
  this.timeout(60_000 + CUTS * 10_000);
  let server: Peer;
  let relay: Server;
  let child: ChildProcess | undefined;
  let folder: string;
  const sockets = new Set<Socket>();
  const lines = new EventEmitter();
  /** What the client said, restarts of the process among it. */
  const said: string[] = [];

  before(async function () {
    needPeer(this, 'libiec61850');
    server = await startPeerServer('libiec61850', { model: MODEL });
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-cuts-'));
    relay = createServer((near) => {
      const far = connect(server.port, '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
  });
  after(async () => {
    child?.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
    relay?.close();
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  function start(): void {
    const script = path.join(__dirname, 'peers', 'report_client.ts');
    const { port } = relay.address() as AddressInfo;
    const args = ['--require', 'tsx/cjs', script, String(port), path.join(folder, 'points.json')];
    child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      said.push(line);
      lines.emit('line', line);
    });
  }

  /** The next line that is wanted; many may come at once. */
  function line(wanted: (line: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const listener = (text: string): void => {
        if (!wanted(text)) return;
        lines.off('line', listener);
        resolve();
      };
      lines.on('line', listener);
    });
  }

  const isEvent = (text: string): boolean => /^\d+ /.test(text);

  it(`every event arrives in order through ${CUTS} of them`, async () => {
    let produced = 0;
    const production = { goesOn: true };
    const producer = (async () => {
      while (production.goesOn) {
        await server.call('update', { values: [['RPTSCTRL/GGIO1.IntIn1.stVal', 'integer', ++produced]] });
        await pause(EVENT_MS);
      }
    })();
    start();
    await line(isEvent);
    for (let i = 0; i < CUTS; i++) {
      await pause(Math.random() * 150);
      const again = line(isEvent);
      if (i % 2 === 0) for (const socket of sockets) socket.destroy();
      else {
        const ended = once(child as ChildProcess, 'exit');
        child?.kill('SIGKILL');
        await ended;
        start();
      }
      await line((text) => text === 'armed');
      await again;
    }
    production.goesOn = false;
    await producer;
    while (!said.some((text) => text.startsWith(`${produced} `))) await line(isEvent);
    const numbers = said.filter(isEvent).map((text) => Number(text.split(' ')[0]));
    const seen = new Set(numbers);
    const missing = Array.from({ length: produced }, (_, i) => i + 1).filter((number) => !seen.has(number));
    assert.deepEqual(missing, []);
    // A step back is a repeat: at most one for each cut.
    const backward = numbers.filter((number, i) => i > 0 && number <= (numbers[i - 1] as number)).length;
    assert.ok(backward <= CUTS, `${backward} steps back`);
    const forward = numbers.filter((number, i) => i > 0 && number > (numbers[i - 1] as number) + 1);
    assert.deepEqual(forward, []);
    assert.deepEqual(
      said.filter((text) => text.startsWith('warning')),
      [],
    );
    console.log(`    ${produced} events, ${numbers.length - produced} repeats, ${CUTS} cuts`);
  });
});
