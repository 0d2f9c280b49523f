/** The terminal command as people run it: a process of its own. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { IedClient } from '../../src/index.js';

const ROOT = path.resolve(__dirname, '../..');
const BAY = path.join(ROOT, 'examples/scl/bay.cid');

class Sim {
  readonly child: ChildProcessWithoutNullStreams;
  out = '';
  errors = '';
  private readonly ended: Promise<unknown[]>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, ['--require', 'tsx/cjs', 'src/cli/iec61850-sim.ts', ...args], { cwd: ROOT });
    this.child.stdout.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.ended = once(this.child, 'close');
  }

  /** Resolves when the output has it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.out);
      if (found) return found;
      const next = await Promise.race([once(this.child.stdout, 'data'), this.ended.then(() => 'ended')]);
      if (next === 'ended' && !pattern.test(this.out)) throw new Error(`it ended: ${this.out}${this.errors}`);
    }
  }

  async port(): Promise<number> {
    const [, port] = await this.says(/listens on 127\.0\.0\.1:(\d+)/);
    return Number(port);
  }

  async exit(): Promise<unknown> {
    const [code] = await this.ended;
    return code;
  }

  /** As Ctrl-C does. */
  interrupt(): Promise<unknown> {
    this.child.kill('SIGINT');
    return this.exit();
  }
}

describe('iec61850-sim', function () {
  this.timeout(30_000);
  const running: Sim[] = [];
  const sim = (...args: string[]): Sim => {
    const made = new Sim(...args);
    running.push(made);
    return made;
  };
  afterEach(() => {
    for (const { child } of running.splice(0)) child.kill('SIGKILL');
  });

  it('is a command of the package', () => {
    const { bin } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    const file = bin['iec61850-sim']?.replace(/^dist\//, '').replace(/js$/, 'ts') ?? '';
    assert.ok(existsSync(path.join(ROOT, file)), file);
    assert.match(readFileSync(path.join(ROOT, file), 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });

  it('serves a file, moves its values, prints what clients do, and ends with Ctrl-C', async () => {
    const one = sim(BAY, '--port', '0', '--interval', '20');
    const client = new IedClient({ host: '127.0.0.1', port: await one.port(), timeout: 5000 });
    await client.connect();
    await one.says(/BAY1 127\.0\.0\.1:\d+ connect\n/);
    const reference = 'BAY1MEAS/MMXU1.TotW[MX]';
    const [first] = await client.read([reference]);
    assert.equal(first?.quality?.text, 'good');
    for (let value = first.value; value === first.value;)
      [{ value }] = (await client.read([reference])) as [typeof first];
    await client.write('BAY1CTRL/GGIO1.Ind1.d[DC]', 'gate');
    await one.says(/write BAY1CTRL\/GGIO1\.Ind1\.d\[DC\] = gate\n/);
    await client.close();
    await one.says(/disconnect\n/);
    assert.equal(await one.interrupt(), 0);
    assert.equal(one.errors, '');
  });

  for (const [what, args, code, message] of [
    ['a file that is not there', ['/nowhere.scd'], 1, /nowhere\.scd.*cannot be read/],
    ['an unknown option', [BAY, '--fast'], 2, /--fast/],
  ] as const) {
    it(`${what}: one line, exit code ${code}`, async () => {
      const one = sim(...args);
      assert.equal(await one.exit(), code);
      assert.match(one.errors, message);
      assert.equal(one.errors.trim().split('\n').length, 1, one.errors);
      assert.equal(one.out, '');
    });
  }

  it('prints its version', async () => {
    const version = sim('--version');
    assert.equal(await version.exit(), 0);
    assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
  });
});
