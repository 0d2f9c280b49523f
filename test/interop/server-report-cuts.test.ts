/**
 * Buffered events of our own server through cuts of the network, kills of the client, and kills of the server itself,
 * whose buffers are on disk: every event that was there arrives, in order, and repeats come around a cut only.
 * `REPORT_CUTS` is the number of all together.
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
import { freePort, ROOT } from './peers/index.js';

const CUTS = Number(process.env.REPORT_CUTS ?? 10);
const EVENT_MS = 20;

/** A script of ours as a process that says lines. */
class Script {
  readonly lines = new EventEmitter();
  private child: ChildProcess | undefined;

  constructor(
    private readonly name: string,
    private readonly args: string[],
    private readonly heard: (line: string) => void,
  ) {
    this.lines.setMaxListeners(0);
  }

  start(): void {
    const script = path.join(__dirname, 'peers', this.name);
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', script, ...this.args], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin?.on('error', () => undefined);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.heard(line);
      this.lines.emit('line', line);
    });
    this.child = child;
  }

  say(line: string): void {
    this.child?.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** The next line that is wanted; many may come at once. */
  line(wanted: (line: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const listener = (text: string): void => {
        if (!wanted(text)) return;
        this.lines.off('line', listener);
        resolve();
      };
      this.lines.on('line', listener);
    });
  }
}

describe('Buffered reports of our server through cuts and kills', function () {
  this.timeout(60_000 + CUTS * 20_000);
  let relay: Server;
  let server: Script;
  let client: Script;
  let folder: string;
  const sockets = new Set<Socket>();
  /** What the client said, restarts of the process among it. */
  const said: string[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-server-cuts-'));
    const port = await freePort();
    server = new Script('report_server.ts', [String(port), path.join(folder, 'server')], () => undefined);
    relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
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
    const { port: relayPort } = relay.address() as AddressInfo;
    client = new Script('report_client.ts', [String(relayPort), path.join(folder, 'points.json')], (line) => {
      said.push(line);
    });
  });
  after(async () => {
    await client.kill();
    await server.kill();
    for (const socket of sockets) socket.destroy();
    relay.close();
    rmSync(folder, { recursive: true });
  });

  const isEvent = (text: string): boolean => /^\d+ /.test(text);

  it(`every event arrives in order through ${CUTS} of them`, async () => {
    let produced = 0;
    const production = { goesOn: true };
    const startServer = async (): Promise<void> => {
      const listening = server.line((text) => text === 'listening');
      server.start();
      await listening;
    };
    let serves = startServer();
    let kill: () => void = () => undefined;
    const nextKill = (): Promise<boolean> => new Promise((resolve) => (kill = () => resolve(true)));
    let killed = nextKill();
    const produce = async (): Promise<void> => {
      while (production.goesOn) {
        await serves;
        const number = produced + 1;
        const kept = server.line((text) => text === String(number));
        server.say(String(number));
        // What a server took along before it was on disk is given to the next one again.
        if (!(await Promise.race([kept, killed]))) produced = number;
        await pause(EVENT_MS);
      }
    };
    const producer = produce();
    client.start();
    await client.line(isEvent);
    for (let i = 0; i < CUTS; i++) {
      await pause(Math.random() * 150);
      const again = client.line(isEvent);
      const armed = client.line((text) => text === 'armed');
      if (i % 3 === 0) {
        await server.kill();
        serves = startServer();
        kill();
        killed = nextKill();
        await serves;
      } else if (i % 3 === 1) {
        await client.kill();
        client.start();
      } else for (const socket of sockets) socket.destroy();
      await armed;
      await again;
    }
    production.goesOn = false;
    await producer;
    while (!said.some((text) => text.startsWith(`${produced} `))) await client.line(isEvent);
    const numbers = said.filter(isEvent).map((text) => Number(text.split(' ')[0]));
    const seen = new Set(numbers);
    const missing = Array.from({ length: produced }, (_, i) => i + 1).filter((number) => !seen.has(number));
    assert.deepEqual(missing, []);
    // A step back, or none, is a repeat: at most one for each cut, and one for what was given to two servers.
    const backward = numbers.filter((number, i) => i > 0 && number <= (numbers[i - 1] as number)).length;
    assert.ok(backward <= 2 * CUTS, `${backward} steps back`);
    const forward = numbers.filter((number, i) => i > 0 && number > (numbers[i - 1] as number) + 1);
    assert.deepEqual(forward, []);
    assert.deepEqual(
      said.filter((text) => text.startsWith('warning')),
      [],
    );
    console.log(`    ${produced} events, ${numbers.length - produced} repeats, ${CUTS} cuts`);
  });
});
