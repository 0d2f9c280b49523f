import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { type DemoPorts, demoPorts, mqttValues, Program, withModbus } from './programs.js';

const SCRIPT = path.resolve(__dirname, '..', '..', 'scripts', 'start.js');

describe('npm start', function () {
  this.timeout(120_000);
  let folder: string;
  let ports: DemoPorts;
  const programs: Program[] = [];

  function start(environment: Record<string, string | number> = {}, ...args: string[]): Program {
    const variables = Object.entries({ DEMO_DIRECTORY: folder, ...ports, ...environment });
    const env = { ...process.env, ...Object.fromEntries(variables.map(([name, value]) => [name, String(value)])) };
    const program = new Program(process.execPath, [SCRIPT, ...args], { env });
    programs.push(program);
    return program;
  }

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'iec61850-demo-'));
    ports = await demoPorts();
  });

  after(async () => {
    for (const program of programs) await program.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('when all is well', () => {
    let demo: Program;

    before(async () => {
      demo = start();
      await demo.says(/Ctrl-C ends it/);
    });

    it('prints where everything is', () => {
      for (const port of Object.values(ports))
        assert.match(demo.output, new RegExp(`127\\.0\\.0\\.1:${String(port)}\\b`));
      assert.match(demo.output, /Dashboard +http:/);
    });

    it('says nothing of errors or warnings', () => {
      assert.doesNotMatch(demo.output, /\[(error|warn|fatal)\]|telemetry/i);
    });

    it('serves the bay by Modbus: a position, and a voltage of a 110 kV line', async () => {
      await withModbus(ports.MODBUS_PORT, async (client) => {
        const position = await client.readInputRegisters(0, 1);
        assert.ok([0, 1, 2].includes(position.data[0] ?? -1), `position ${String(position.data[0])}`);
        const { buffer } = await client.readHoldingRegisters(2, 2);
        const kilovolts = buffer.readFloatBE(0);
        assert.ok(kilovolts > 60 && kilovolts < 67, `${kilovolts} kV in phase L2`);
      });
    });

    it('serves the bay by MQTT, with quality and status', async () => {
      const base = 'iec61850/BAY1/CTRL.XCBR1.Pos';
      await mqttValues(ports.MQTT_PORT, 'iec61850/#', {
        [`${base}/value`]: /^(Closed|Open|Intermediate)$/,
        [`${base}/quality`]: /^good$/,
        [`${base}/status`]: /^live$/,
        [`${base}/state`]: /"timestamp":"20\d\d-/,
        'iec61850/status': /^online$/,
      });
    });

    it('serves the editor and the dashboard', async () => {
      for (const page of ['/', '/dashboard/bay1']) {
        const answer = await fetch(`http://127.0.0.1:${ports.PORT}${page}`);
        assert.equal(answer.status, 200, page);
        await answer.text();
      }
    });

    it('names the ports that a second start finds in use, with the variables that change them', async () => {
      const second = start();
      assert.equal(await second.ends(), 1);
      for (const [variable, port] of Object.entries(ports)) {
        assert.match(second.output, new RegExp(`Port ${String(port)} .* is in use. ${variable} changes it`));
      }
    });

    it('ends cleanly on Ctrl-C within three seconds', async function () {
      // Windows has no signals that another process could send.
      if (process.platform === 'win32') this.skip();
      demo.signal('SIGINT');
      assert.equal(await demo.ends(3000), 0, demo.output);
    });

    it('starts again with the flows of the first start', async () => {
      await programs[0]?.kill();
      const again = start();
      await again.says(/Ctrl-C ends it/);
      await again.kill();
    });
  });

  describe('when something is wrong', () => {
    it('refuses a port that is none', async () => {
      const program = start({ MODBUS_PORT: '99999' });
      assert.equal(await program.ends(), 1);
      assert.match(program.output, /MODBUS_PORT=99999 is no port/);
    });

    it('refuses one port for two servers', async () => {
      const program = start({ MODBUS_PORT: ports.MQTT_PORT });
      assert.equal(await program.ends(), 1);
      assert.match(program.output, /MQTT_PORT and MODBUS_PORT are both/);
    });

    it('refuses an address that this machine does not have', async () => {
      const program = start({ HOST: '192.0.2.1' });
      assert.equal(await program.ends(), 1);
      assert.match(program.output, /HOST=192\.0\.2\.1 is no address of this machine/);
    });

    it('names a port that another program uses', async () => {
      const other: Server = createServer().listen(ports.MODBUS_PORT, '127.0.0.1');
      await once(other, 'listening');
      try {
        const program = start();
        assert.equal(await program.ends(), 1);
        assert.match(
          program.output,
          new RegExp(`Port ${ports.MODBUS_PORT} for the Modbus TCP server is in use\\. MODBUS_PORT`),
        );
      } finally {
        await once(other.close(), 'close');
      }
    });

    it('says plainly that Node.js is too old', async () => {
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.18.3' }); require(${JSON.stringify(SCRIPT)})`;
      const program = new Program(process.execPath, ['-e', pretend]);
      programs.push(program);
      assert.equal(await program.ends(), 1);
      assert.match(program.output, /needs Node\.js 20\.19 or later; here is 20\.18\.3/);
    });

    it('refuses what it does not know', async () => {
      const program = start({}, '--frsh');
      assert.equal(await program.ends(), 1);
      assert.match(program.output, /knows --fresh only, not --frsh/);
    });
  });
});
