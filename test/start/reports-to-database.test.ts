/**
 * The example of reports in a database, as it is imported: every event is written, in order and once, although Node-RED and the
 * database are killed again and again, and answers of the database get lost.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { freePorts, Program } from './programs.js';

const ROOT = path.resolve(__dirname, '..', '..');
const EXAMPLE = path.join(ROOT, 'examples', 'reports-to-database.json');
const BAY = path.join(ROOT, 'examples', 'scl', 'bay.cid');
const POSITION = 'BAY1CTRL/XCBR1.Pos';
const TRIP = 'BAY1PROT/PTOC1.Op';

/** A database with the interface of InfluxDB: a point with series and time of another one takes its place. */
class FakeInflux {
  /** Points in the order of their first arrival. */
  readonly points = new Map<string, string>();
  requests = 0;
  /** Requests whose points are stored and whose answer gets lost. */
  swallowed = 0;
  private server: Server | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(readonly port: number) {}

  async up(): Promise<void> {
    this.server = createServer((request, response) => void this.take(request, response));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    if (server) await once(server.close(), 'close');
  }

  async holds(count: number): Promise<void> {
    while (this.points.size < count) await new Promise<void>((go) => this.waiting.add(go));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    try {
      for await (const chunk of request) body += String(chunk);
    } catch {
      // The client was killed in the middle.
      return;
    }
    this.requests++;
    for (const line of body.split('\n')) {
      const [, series, fields, time] = /^(\S+) (.*) (\d+)$/.exec(line) ?? assert.fail(`no line protocol: ${line}`);
      const key = `${String(series)} ${String(time)}`;
      this.points.set(key, this.points.get(key) ?? String(fields));
    }
    for (const go of this.waiting) go();
    this.waiting.clear();
    if (this.swallowed > 0) {
      this.swallowed--;
      request.socket.destroy();
    } else response.writeHead(204).end();
  }
}

describe('the example of reports in a database', function () {
  this.timeout(180_000);
  let folder: string;
  let bay: IedServer;
  let influx: FakeInflux;
  let red: Program | undefined;
  let environment: NodeJS.ProcessEnv;
  let told = 0;
  let closed = false;
  let tripped = false;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'iec61850-database-'));
    const [uiPort, influxPort] = (await freePorts(2)) as [number, number];
    influx = new FakeInflux(influxPort);
    bay = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    const { port } = await bay.listen();
    const scope = path.join(folder, 'node_modules', '@substation');
    mkdirSync(scope, { recursive: true });
    symlinkSync(ROOT, path.join(scope, 'node-red-iec61850'), 'junction');
    const flow = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as Record<string, unknown>[];
    const here = flow.map((one) => (one.type === 'iec61850-ied' ? { ...one, port: String(port) } : one));
    writeFileSync(path.join(folder, 'flows.json'), JSON.stringify(here));
    writeFileSync(
      path.join(folder, 'settings.js'),
      `module.exports = { uiHost: '127.0.0.1', uiPort: ${uiPort}, flowFile: 'flows.json', credentialSecret: false,
        telemetry: { enabled: false }, editorTheme: { tours: false } };`,
    );
    environment = { ...process.env, INFLUX_URL: `http://127.0.0.1:${influxPort}`, INFLUX_TOKEN: 'of the test' };
  });
  after(async () => {
    await red?.kill();
    await influx.down();
    await bay.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function startRed(): Promise<void> {
    const file = path.join(ROOT, 'node_modules', 'node-red', 'red.js');
    const args = [file, '-u', folder, '-s', path.join(folder, 'settings.js')];
    red = new Program(process.execPath, args, { cwd: folder, env: environment });
    await red.says(/Started flows/);
  }
  /** Positions and trips, each an event with a time of its own. */
  function happen(count: number): void {
    for (let i = 0; i < count; i++) {
      told++;
      const timestamp = new Date(Date.UTC(2026, 0, 1) + told).toISOString();
      // Each value is another one than the last of its point, or it would be no event.
      const trip = told % 5 === 0;
      if (trip) tripped = !tripped;
      else closed = !closed;
      const update = trip
        ? { reference: `${TRIP}.general[ST]`, value: tripped }
        : { reference: `${POSITION}.stVal[ST]`, value: closed ? 'on' : 'off' };
      const { errors } = bay.update([{ ...update, timestamp }]);
      assert.deepEqual(errors, []);
    }
  }

  it('holds each of them, in order and once, after kills of both and lost answers', async () => {
    happen(20);
    await influx.up();
    await startRed();
    happen(100);
    await influx.holds(60);
    // The database goes first, Node-RED follows, and events go on.
    await influx.down();
    happen(60);
    await red?.kill();
    happen(60);
    // Both come back, and the database stores without saying so.
    influx.swallowed = 2;
    await startRed();
    await influx.up();
    happen(60);
    await influx.holds(200);
    // Both at once.
    await Promise.all([red?.kill(), influx.down()]);
    happen(60);
    await influx.up();
    await startRed();
    happen(40);
    await influx.holds(told);

    const times = [...influx.points.keys()].map((key) => Math.floor(Number(key.slice(-19, -6)) - Date.UTC(2026, 0, 1)));
    assert.deepEqual(
      [...times].sort((a, b) => a - b),
      Array.from({ length: told }, (_, i) => i + 1),
    );
    for (const point of ['CTRL.XCBR1.Pos', 'PROT.PTOC1.Op']) {
      const own = [...influx.points.keys()]
        .filter((key) => key.includes(`point=${point},`))
        .map((key) => key.slice(-19));
      assert.deepEqual(own, [...own].sort(), `${point} in the order of its events`);
    }
    assert.ok([...influx.points.values()].every((fields) => /quality="good",entry="[0-9a-f]{16}"/.test(fields)));
  });
});
